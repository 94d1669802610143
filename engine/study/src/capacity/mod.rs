//! How much a system can take: the largest arrival rate at which it is stable, and the largest at
//! which objectives are met.
//!
//! A system is [`UnderLoad`] if it can be run at any rate; a run at another rate has the same
//! requests, arriving that much faster or slower. So all rates see the same random numbers, and what
//! differs between two probes is the rate alone. [`Search`] probes rates, all replications of a probe
//! in parallel with the feature `parallel`; results are functions of settings and seeds.
//!
//! # Stability
//!
//! A run has `n` requests and starts empty. Of its later half, [`Sample::growth`] is the share of
//! arrivals that were not matched by departures. A rate counts as too high if the mean of that share
//! over replications exceeds half the tolerance, and zero at 5 % by Student's test. Bisection
//! brackets the boundary.
//!
//! The [`capacity`](Stability::capacity) itself is estimated from departures under overload, where
//! queues never empty: requests per second served at two rates above the boundary, and the straight
//! line through them followed down to where as many leave as come. That matters where service
//! depends on how much comes: with prompts first, decodes get what arrivals leave of the time. Each
//! replication gives one such rate, hence the interval.
//!
//! A system whose queues are filled by what comes takes long to show that a rate is barely too
//! high. So runs have to be many times longer than what the system holds.
//!
//! Deliberately absent: proofs. A rate just below the capacity needs longer runs than any to settle.

mod error;
mod objectives;
mod sample;
mod search;
mod serving;
mod stability;
mod token_budget;

#[cfg(test)]
mod tests;

pub use error::{CapacityError, LoadError};
pub use objectives::{Objective, ObjectiveLimit};
pub use sample::{Metric, Sample};
pub use search::{Probe, Search, SearchSettings};
pub use serving::ServingLoad;
pub use stability::Stability;
pub use token_budget::TokenBudgetLoad;

use kendall_llm::RequestRecord;

use crate::trials::Watch;

/// A system that can be run at any arrival rate.
pub trait UnderLoad: Sync {
    /// Requests of one replication at a rate per second, positive and finite, in order of arrival.
    /// Other rates have the same requests at proportional times. A run that takes long asks now and
    /// then whether to go on.
    ///
    /// # Errors
    /// A rate that leads to times out of range, a watch that stops it, and whatever ends a run.
    fn requests(
        &self,
        rate_per_s: f64,
        replication: u32,
        watch: &dyn Watch,
    ) -> Result<Vec<RequestRecord>, LoadError>;
}
