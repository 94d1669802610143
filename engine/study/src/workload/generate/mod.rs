//! Traces made from laws or drawn from a trace: arrivals, bursts, times of day, lengths, shared
//! prefixes, conversations, tenants.
//!
//! Everything is a session; without [`SessionSpec`](super::SessionSpec) it has one turn. The
//! process has no end, and a trace is its first rows by arrival (ties by tenant, then session, then
//! turn), so that a shorter trace is the beginning of a longer one.
//!
//! Rows are made in that order, so that a workload of any length can be had a stretch at a time
//! ([`Generator`]): a session is unfolded turn by turn, and forgotten with its last one.
//!
//! Invariants: every draw comes from a stream named by its purpose and its session, and its tenant's
//! name if there are tenants, so that changing one law leaves what the others draw alone, and a
//! further tenant what the others send; memory follows the sessions under way.
//!
//! Deliberately absent: closed loops (a turn comes when its time has come, answered or not); output
//! tokens in the cache: a later turn repeats an answer under block ids of its own, as in Mooncake's
//! traces; prefixes shared between tenants; sessions and prefixes drawn from a trace, of which only
//! gaps and lengths are; and reading files, which is the caller's.

mod blocks;
mod error;
mod gaps;
mod generator;
mod intensity;
mod lengths;
mod mmpp;
mod modulation;
mod resample;
mod rows;
mod sessions;
mod starts;
mod tenant;

#[cfg(test)]
mod tests;

use kendall_kernel::{Dur, Time};
use kendall_llm::Trace;

pub use self::error::GenerateError;
pub use self::generator::Generator;
use super::GenerateSpec;

/// Most requests of a trace; sessions have to fit into 32 bits, and [`Trace::NO_SESSION`] is none.
const MAX_REQUESTS: u64 = u32::MAX as u64 - 1;

/// Tokens under one block id: Mooncake's.
const BLOCK_TOKENS: u32 = 512;

/// Makes a trace. The same specification and seed give the same trace.
///
/// A prompt is its shared prefix, all earlier prompts and outputs of its session, and its own new
/// tokens. Blocks of 512 tokens that lie wholly in a shared prefix are those of the prefix; other
/// full blocks are those of the session; the last, partly filled one is like no other, since a
/// session only ever grows. Ids count up from 0 in order of first appearance. The session column
/// is filled if there are sessions, the class, a tenant's number, if there are tenants, and the
/// priority if any is not 0.
///
/// O(n log s) time in requests n and sessions under way s; memory in proportion to the trace.
///
/// # Errors
/// Settings out of their range, laws that draw what is no time, a prefix as long as the longest
/// prompt, and arrivals that pass 2^64 ns before there are enough.
///
/// # Examples
/// ```
/// use kendall_study::workload::{GenerateSpec, generate};
///
/// let trace = generate(&GenerateSpec::default(), 42)?;
/// assert_eq!(trace.len(), 1000);
/// # Ok::<(), kendall_study::workload::GenerateError>(())
/// ```
pub fn generate(spec: &GenerateSpec, seed: u64) -> Result<Trace, GenerateError> {
    Generator::new(spec, seed)?.rest()
}

fn check_requests(requests: u64) -> Result<u32, GenerateError> {
    match u32::try_from(requests) {
        Ok(checked) if (1..=MAX_REQUESTS).contains(&requests) => Ok(checked),
        _ => Err(GenerateError::OutOfRange {
            field: "workload.generate.requests",
            value: requests as f64,
            must: "from 1 to 4294967294",
        }),
    }
}

/// What arrival times are multiples of.
#[derive(Clone, Copy, Debug)]
struct Grid {
    step_ns: u64,
}

impl Grid {
    fn new(resolution_s: f64) -> Result<Grid, GenerateError> {
        let step = Dur::from_secs_f64(resolution_s).map_err(|source| GenerateError::NotATime {
            field: "workload.generate.arrival_resolution_s",
            source,
        })?;
        let step_ns = step.as_ns().max(1);
        Ok(Grid { step_ns })
    }

    /// The last multiple that is not later, which is how a log stamps what it sees.
    fn floor(self, time: Time) -> Time {
        let ns = time.as_ns();
        Time::from_ns(ns - ns % self.step_ns)
    }
}
