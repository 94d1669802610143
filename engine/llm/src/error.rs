//! Why a run cannot go on.

use crate::config::ConfigError;
use crate::sample::TooManySamples;

/// Why a run cannot start or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// The configuration cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A step would end beyond 2^64 ns.
    #[error("simulated time passes 2^64 ns (about 584 years)")]
    TimeOverflow,
    /// Nothing runs, and the head of the queue can never be admitted.
    #[error("instance {instance} cannot move: {waiting} requests wait and none can be admitted")]
    Stalled {
        /// The instance.
        instance: u16,
        /// Requests in its queue.
        waiting: u32,
    },
    /// Requests preempt each other for ever.
    #[error(
        "instance {instance} makes no progress: {steps} steps without an output token, while \
         {running} running and {waiting} waiting requests preempt each other"
    )]
    NoProgress {
        /// The instance.
        instance: u16,
        /// Steps since the latest output, arrival or withdrawal.
        steps: u64,
        /// Requests that hold KV blocks.
        running: u32,
        /// Requests in its queue.
        waiting: u32,
    },
    /// Samples so close that there would be more rows than anybody reads.
    #[error(transparent)]
    TooManySamples(#[from] TooManySamples),
    /// More instances or requests than the engine can number.
    #[error("{count} {what}, at most {limit} are supported")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: u64,
        /// The limit.
        limit: u64,
    },
}
