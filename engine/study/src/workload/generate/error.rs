//! Why a workload cannot be generated.

use std::borrow::Cow;

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
    /// A setting of one element of a list out of its range.
    #[error("`{list}[{index}].{key}` is {value}, must be {must}")]
    ElementOutOfRange {
        /// Full name of the list.
        list: &'static str,
        /// The element, from 0.
        index: usize,
        /// Name of the setting.
        key: &'static str,
        /// As given.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// A list that is too short or too long.
    #[error("`{list}` has {found} elements, must have {must}")]
    Length {
        /// Full name of the list.
        list: &'static str,
        /// Its elements.
        found: usize,
        /// How many it must have.
        must: &'static str,
    },
    /// Weights of the next state that are too few or too many.
    #[error(
        "`workload.generate.arrivals.states[{state}].next` has {found} weights, must have {states}, one for each state"
    )]
    NextWeights {
        /// The state, from 0.
        state: usize,
        /// Its weights.
        found: usize,
        /// How many states there are.
        states: usize,
    },
    /// A state without a way to another.
    #[error(
        "`workload.generate.arrivals.states[{from}].next` never leads to state {to}, must do so sooner or later"
    )]
    Unreachable {
        /// The state, from 0.
        from: usize,
        /// The one that is not reached.
        to: usize,
    },
    /// States that change all the time.
    #[error(
        "`workload.generate.arrivals.states` change {changes_per_arrival:.3e} times from one arrival to the next, must change at most {most} times"
    )]
    StatesTooShort {
        /// Mean changes from one arrival to the next.
        changes_per_arrival: f64,
        /// Most of them.
        most: u32,
    },
    /// Modulation of what has no rate.
    #[error(
        "`{field}` changes the rate of arrivals, which those of the process at-once do not have"
    )]
    NoRate {
        /// Full name of the setting.
        field: &'static str,
    },
    /// Spikes between which nobody arrives.
    #[error(
        "`workload.generate.spikes` begin or end {changes} times from one arrival to the next, must let one arrive earlier"
    )]
    SpikesTooShort {
        /// Beginnings and ends without any arrival.
        changes: u32,
    },
    /// A law without an inverse distribution function.
    #[error(
        "`{field}` is of the law {law}, must be of one with an inverse distribution function for `workload.generate.length_correlation`"
    )]
    NoInverse {
        /// Full name of the setting.
        field: &'static str,
        /// Name of the law.
        law: &'static str,
    },
    /// Two settings that say the same thing, or one that has no effect beside another.
    #[error("`{one}` has no effect beside `{other}`, must be left out")]
    NoEffect {
        /// Full name of the one.
        one: &'static str,
        /// Full name of the other.
        other: &'static str,
    },
    /// Gaps of a trace that is not named.
    #[error(
        "`workload.generate.arrivals.process` is from-trace, must have a trace in `workload.generate.from_trace`"
    )]
    NoTrace,
    /// A trace that nobody has read.
    #[error("`workload.generate.from_trace.trace` is {trace}, which must have been read before")]
    NotRead {
        /// The trace as it was named.
        trace: String,
    },
    /// A trace that has too few rows, or no time between them.
    #[error(
        "`workload.generate.from_trace.trace` is {trace}, which has {rows} rows in {span_s} s, must have {must}"
    )]
    TooFewRows {
        /// The trace as it was named.
        trace: String,
        /// Its rows.
        rows: usize,
        /// From the first to the last, in seconds.
        span_s: f64,
        /// What it must have.
        must: &'static str,
    },
    /// Blocks of more gaps than there are.
    #[error(
        "`workload.generate.arrivals.gap_block` is {gap_block}, must be from 1 to {gaps}, the gaps of the trace"
    )]
    GapBlock {
        /// As given.
        gap_block: u32,
        /// Gaps of the trace.
        gaps: usize,
    },
    /// A tenant without a name of its own.
    #[error("`workload.generate.tenants[{index}].name` is `{name}`, must be {must}")]
    TenantName {
        /// The tenant, from 0.
        index: usize,
        /// As given.
        name: String,
        /// What it must be.
        must: &'static str,
    },
    /// A tenant's workload that cannot be generated.
    #[error("tenant `{name}`: {source}")]
    Tenant {
        /// The tenant, from 0.
        index: usize,
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: Box<GenerateError>,
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

impl GenerateError {
    /// Full name of the setting that it is about, elements of lists by their numbers
    /// (`workload.generate.spikes.0.factor`). Of a tenant's, the name that it has where all share it.
    #[must_use]
    pub fn setting(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            GenerateError::ElementOutOfRange {
                list, index, key, ..
            } => return Cow::Owned(format!("{list}.{index}.{key}")),
            GenerateError::TenantName { index, .. } => {
                return Cow::Owned(format!("workload.generate.tenants.{index}.name"));
            }
            GenerateError::NextWeights { state, .. } => {
                return Cow::Owned(format!("workload.generate.arrivals.states.{state}.next"));
            }
            GenerateError::Unreachable { from, .. } => {
                return Cow::Owned(format!("workload.generate.arrivals.states.{from}"));
            }
            GenerateError::OutOfRange { field, .. }
            | GenerateError::Law { field, .. }
            | GenerateError::NotATime { field, .. }
            | GenerateError::NoRate { field }
            | GenerateError::NoInverse { field, .. }
            | GenerateError::NoEffect { one: field, .. }
            | GenerateError::Length { list: field, .. } => field,
            GenerateError::PrefixTooLong { .. } => "workload.generate.prefix.tokens",
            GenerateError::TooFewArrivals { .. } => "workload.generate.arrivals",
            GenerateError::StatesTooShort { .. } => "workload.generate.arrivals.states",
            GenerateError::SpikesTooShort { .. } => "workload.generate.spikes",
            GenerateError::NoTrace => "workload.generate.arrivals.process",
            GenerateError::NotRead { .. } | GenerateError::TooFewRows { .. } => {
                "workload.generate.from_trace.trace"
            }
            GenerateError::GapBlock { .. } => "workload.generate.arrivals.gap_block",
            GenerateError::Tenant { source, .. } => return source.setting(),
        })
    }
}

/// What draws from the law of a setting.
pub(super) fn sampler(field: &'static str, law: &Law) -> Result<Sampler, GenerateError> {
    law.sampler()
        .map_err(|source| GenerateError::Law { field, source })
}
