//! Scenario to result: workloads, runs and summaries.

pub mod capacity;
mod parallel;
pub mod published;
pub mod queueing;
pub mod run;
pub mod scenario;
pub mod summary;
pub mod token_budget;
pub mod trials;
pub mod warnings;
pub mod workload;

pub use run::{Outcome, RunError, run, run_streamed};
pub use scenario::{Catalog, Resolved, Scenario, ScenarioError};
