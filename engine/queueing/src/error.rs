//! Why a network cannot be simulated.

use kendall_kernel::LawError;

use crate::model::ModelError;

/// Why a run cannot start or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The description of the network is at fault.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A law is at fault.
    #[error(transparent)]
    Law(#[from] LawError),
    /// Something would happen beyond the end of time.
    #[error("simulated time passes 2^61 ns (about 73 years); a time unit is {unit_s} s")]
    TimeOverflow {
        /// Seconds in a time unit of the model.
        unit_s: f64,
    },
    /// Gaps between arrivals are lost in rounding to nanoseconds: time would stand still.
    #[error(
        "gaps between arrivals of {mean_ns:.1e} ns on average round to nothing; a time unit is {unit_s} s"
    )]
    GapsTooShort {
        /// Their mean, in ns.
        mean_ns: f64,
        /// Seconds in a time unit of the model.
        unit_s: f64,
    },
    /// Servers wait for each other.
    #[error("deadlock at {time_s} s: every busy server of {} holds a customer that waits for another", stations.join(", "))]
    Deadlock {
        /// When, in seconds of simulated time.
        time_s: f64,
        /// The stations that block each other.
        stations: Vec<String>,
    },
    /// More customers are present than can be numbered.
    #[error("more than 2^32 - 2 customers are present")]
    TooManyCustomers,
}
