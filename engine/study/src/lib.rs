//! Scenario to result: workloads, runs and summaries.

pub mod summary;
