//! Why a workload cannot be generated.

use kendall_kernel::{Law, LawError, Sampler, TimeError};

/// Why a workload cannot be generated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GenerateError {
    /// A setting out of its range.
    #[error("`{field}` is {value}, must be {must}")]
    OutOfRange {
        /// Full name of the setting.
        field: &'static str,
        /// As given.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// A setting that is not a valid law.
    #[error("`{field}`: {source}")]
    Law {
        /// Full name of the setting.
        field: &'static str,
        /// What is wrong with it.
        source: LawError,
    },
    /// A setting, or a value drawn for it, that is not a time.
    #[error("`{field}` must give times: {source}")]
    NotATime {
        /// Full name of the setting.
        field: &'static str,
        /// What is wrong with the value.
        source: TimeError,
    },
    /// A prefix that leaves no room for a prompt.
    #[error(
        "`workload.generate.prefix.tokens` is {tokens} for prefix {group}, must be less than `workload.generate.max_prompt_tokens`, which is {max_prompt_tokens}"
    )]
    PrefixTooLong {
        /// The prefix, from 0, the most popular.
        group: u32,
        /// Its tokens as drawn.
        tokens: u32,
        /// Longest prompt.
        max_prompt_tokens: u32,
    },
    /// Time ends first.
    #[error(
        "`workload.generate.arrivals` gives {rows} of {requests} requests before time ends at 2^64 ns (about 584 years), must give all"
    )]
    TooFewArrivals {
        /// Requests that arrive in time.
        rows: u64,
        /// Requests that are wanted.
        requests: u64,
    },
}

/// What draws from the law of a setting.
pub(super) fn sampler(field: &'static str, law: &Law) -> Result<Sampler, GenerateError> {
    law.sampler()
        .map_err(|source| GenerateError::Law { field, source })
}
