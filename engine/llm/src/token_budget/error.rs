//! Why a run cannot start or go on.

use kendall_kernel::{LawError, TimeError};

use crate::sample::TooManySamples;

/// Why a system under a token budget cannot run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TokenBudgetError {
    /// A setting that must be positive is zero.
    #[error("`{field}` is 0, must be at least 1")]
    Zero {
        /// The setting.
        field: &'static str,
    },
    /// The share of the sequence limit that decodes get is none.
    #[error("`decode_share` is {value}, must lie in 0 to 1")]
    DecodeShare {
        /// Its value.
        value: f64,
    },
    /// A number that is out of its range.
    #[error("`{field}` is {value}, must be {must}")]
    OutOfRange {
        /// The setting.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// A duration that is none.
    #[error("`{field}` is no time: {source}")]
    NotATime {
        /// The setting.
        field: &'static str,
        /// Why.
        source: TimeError,
    },
    /// A law that cannot be drawn from.
    #[error("`{field}`: {source}")]
    Law {
        /// The setting.
        field: &'static str,
        /// Why.
        source: LawError,
    },
    /// A request without a prompt, which nobody would compute.
    #[error("request {request} has a prompt of 0 tokens, must be at least 1")]
    EmptyPrompt {
        /// Row of the workload, from 0.
        request: u32,
    },
    /// Arrivals that go backwards.
    #[error("request {request} arrives before the one in front of it")]
    Backwards {
        /// Row of the workload, from 0.
        request: u32,
    },
    /// Columns of different lengths.
    #[error("{arrivals} arrivals, {prompts} prompt and {outputs} output lengths: must be equal")]
    Columns {
        /// Entries of the column.
        arrivals: usize,
        /// Entries of the column.
        prompts: usize,
        /// Entries of the column.
        outputs: usize,
    },
    /// More requests than the engine can number.
    #[error("{count} requests, at most 4294967295 are supported")]
    TooMany {
        /// How many.
        count: u64,
    },
    /// A batch would end beyond 2^64 ns.
    #[error("simulated time passes 2^64 ns (about 584 years)")]
    TimeOverflow,
    /// Samples so close that there would be more rows than anybody reads.
    #[error(transparent)]
    TooManySamples(#[from] TooManySamples),
}
