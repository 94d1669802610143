//! Serving in ticks: a teaching model of batching in which a step takes as long as a few numbers
//! say, and of which a published simulator exists (Muhtasham, llm-inference-simulator, version 0.1,
//! <https://github.com/Muhtasham/llm-inference-simulator>). [`run`] reproduces its numbers.
//!
//! Time passes in steps. In each of them every active request gets a chunk of its prefill or one
//! more token; the last chunk brings the first token. Requests wait in one queue, first come first
//! served, and are let into slots by a [`Batching`] strategy, or by two pools of slots if prefill and
//! decode are apart. There is no KV cache and no preemption. At the beginning of a step, in this
//! order: what the step before brought is counted, finished requests leave, new ones arrive (a
//! [`Load`]), some are admitted. Then the step's length is settled:
//!
//! - in one pool, the largest of the prefill chunks' times added up, the time of a token if anybody
//!   decodes, and one tick;
//! - with two pools, the largest of a chunk's time if anybody prefills, the time of a token if
//!   anybody decodes, and one tick: the pools keep step with each other.
//!
//! An arrival is dated to the beginning of the step that finds it, not to when it was due.
//!
//! # Steps without events
//!
//! How many steps a request stays is known when it is admitted, so the engines go from one step
//! with an event to the next and pass over the steps between, which differ in nothing but their
//! times. Their cost is one addition each, or none where times are whole.
//! A test holds this to an engine that takes every step by itself.
//!
//! # Samples
//!
//! [`Sampling`] listens to a run and tells a [`Recorder`](crate::Recorder) of its state at multiples of
//! an interval, a tick being a second. Pools of slots are instances, each with the queue before it:
//! where prefill and decode are apart, who waits for prefill and who waits for decode are told apart.
//! Both pools take every step.
//!
//! # Time is an `f64` here
//!
//! Everywhere else it is a whole number of nanoseconds. The model that this one reproduces adds
//! step lengths up in double precision and compares the sum with the end of the run and with
//! multiples of 1 / rate. Where step lengths are not whole (2.5 / 3 ticks, say), how many steps a
//! run has, and to which step a request is dated, depends on how those sums are rounded; only the
//! same sums give the same counts. Where they are whole nothing is rounded below 2^53, and the clock
//! counts in integers. Within this module, times are in ticks, from 0.

mod batching;
mod clock;
mod colocated;
mod config;
mod disaggregated;
mod lengths;
mod load;
mod pool;
mod quantile;
mod queue;
mod record;
mod sampling;
mod summary;
mod tally;

pub use batching::Batching;
pub use config::{Config, Load, System, TickError, Work};
pub use lengths::{GivenLengths, Lengths, NormalLengths, OutputLength};
pub use record::{FlowLog, Levels, Listener, Request, Steps, time};
pub use sampling::Sampling;
pub use summary::{Spread, Summary};

/// Runs a system until a step begins at or after the end of the time, and says what came of it.
///
/// Requests get the `lengths` in the order of their creation. O(events * log slots), plus an
/// addition per step where step lengths are not whole; memory O(requests created).
///
/// # Errors
/// A configuration that cannot run; lengths that end before the requests do.
pub fn run(
    config: &Config,
    lengths: &mut impl Lengths,
    listener: &mut impl Listener,
) -> Result<Summary, TickError> {
    config.validate()?;
    match config.system {
        System::Colocated { slots, batching } => {
            colocated::run(config, slots, batching, lengths, listener)
        }
        System::Disaggregated {
            prefill_slots,
            decode_slots,
        } => disaggregated::run(config, prefill_slots, decode_slots, lengths, listener),
    }
}

#[cfg(test)]
mod tests;
