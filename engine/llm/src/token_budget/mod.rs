//! Batch schedulers under a token budget, with queues shared by several GPUs and no KV cache.
//!
//! The model of the simulator `kh842-sudo/ORIE5580_FinalProject`: requests wait first in one queue
//! for the computation of their prompts (prefill), then in one for their output tokens (decode).
//! Whenever a GPU is idle, a [`Scheduler`] fills a batch for it from both queues, within a number
//! of tokens and of sequences; a batch takes [`Service`] time that depends on its tokens alone.
//!
//! [`run`] takes a [`Workload`] through the system and tells when each request's prompt was done,
//! its first token, and its last; [`Metrics`] makes means and percentiles of that. The faults of
//! the original, which loses requests in some settings, are there under [`Rules::Orie5580`] and
//! nowhere else; [`Ending`] says what was lost. [`run_recorded`] tells a
//! [`Recorder`](crate::Recorder) as well, which costs nothing where nobody listens.
//!
//! # How time passes
//!
//! Batches of decoding requests alone repeat unchanged until one of them finishes, a request
//! arrives that may join, or another GPU leaves something behind. Such a run of batches is one
//! event. Its end is a product of whole numbers (2^-32 ns), so it is where single steps would have
//! led to, to the last bit.
//!
//! At one instant arrivals come before ends of batches, and batches end in the order in which they
//! began.
//!
//! # Samples
//!
//! A sample shows a GPU as an instance: the batch under way and its totals. A request is `running` from
//! the first part of its prompt to its last token, as long as it would hold KV blocks, and `waiting`
//! before; who waits, and who runs and is in no batch at the moment, belongs to no GPU. A sample cuts
//! no run of batches; which of them it falls into is solved for.
//!
//! Deliberately absent: KV blocks (how many requests are present may be limited, how many tokens they
//! hold is not) and priorities.

mod batch;
mod config;
mod end;
mod error;
mod gpu;
mod metrics;
mod outcome;
mod queues;
mod record;
mod run;
mod scheduler;
mod service;
mod workload;

#[cfg(test)]
mod tests;

pub use config::{Config, Rules, Warning};
pub use error::TokenBudgetError;
pub use metrics::{Latency, Metrics};
pub use outcome::{Blocked, Ending, Outcome, Times};
pub use run::{run, run_recorded};
pub use scheduler::Scheduler;
pub use service::{Service, ServiceLaw};
pub use workload::{Load, TokenLaw, Workload};
