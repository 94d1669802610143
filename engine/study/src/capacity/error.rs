//! What can go wrong in a search.

use kendall_llm::EngineError;
use kendall_llm::token_budget::TokenBudgetError;

use crate::workload::ScaleError;

/// Why a system cannot be run at a rate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// A system under a token budget.
    #[error(transparent)]
    TokenBudget(#[from] TokenBudgetError),
    /// Arrival times beyond 2^64 ns.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// A serving system.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A [`Watch`](crate::trials::Watch) ended the search.
    #[error("the search was stopped")]
    Stopped,
    /// Requests that arrive at one instant, or none.
    #[error("the workload has no rate to scale: {requests} requests that arrive at once")]
    NoRate {
        /// How many there are.
        requests: u64,
    },
}

/// Why a search ended without a rate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CapacityError {
    /// A setting of the search.
    #[error("`{field}` is {value}, must be {must}")]
    OutOfRange {
        /// The setting.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// Requests pile up however few come.
    #[error("requests pile up even at {rate_per_s} per second")]
    AlwaysGrows {
        /// The lowest rate probed.
        rate_per_s: f64,
    },
    /// Nothing piles up however many come.
    #[error("nothing piles up even at {rate_per_s} per second")]
    NeverGrows {
        /// The highest rate probed.
        rate_per_s: f64,
    },
    /// A run.
    #[error(transparent)]
    Run(#[from] LoadError),
}
