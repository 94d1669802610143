//! The classic results of queueing theory, one check each.
//!
//! The list of checks, and the accuracies called published, are those of the DES (Rust)
//! simulator's README. Figures with random errors are judged by the errors: within five standard
//! errors of theory, the errors small enough, and all independent scores of a check together by
//! chi-square. Laws that hold for every run (Little's, utilisation, response time) are judged as
//! equations between whole numbers that are counted independently of the engine. Deliberately
//! absent: percentages as tolerances, and accuracies that no run of such length can have.
//!
//! Invariant: a check is a function of nothing, its outcome is the same on every machine and with
//! any number of threads.

mod comparison;
mod finite;
mod jackson;
mod littles_law;
mod mm1;
mod mmk;
mod pk;
mod response_time;
mod scaling;
mod setting;
mod srpt;
mod systems;
mod utilization;
mod watch;

pub use finite::mmk_finite;
pub use jackson::jackson;
pub use littles_law::littles_law;
pub use mm1::mm1;
pub use mmk::mmk;
pub use pk::pk;
pub use response_time::response_time_law;
pub use scaling::scaling_with_servers;
pub use srpt::srpt;
pub use utilization::utilization;

/// Standard errors within which a figure agrees with theory: exceeded once in 1.7 million times.
const Z: f64 = 5.0;

/// Probability with which correct figures would fail the test of all scores together.
const SIGNIFICANCE: f64 = 1e-4;

/// Scores from which they are tested together.
const FEWEST_SCORES: usize = 5;

/// Relative standard error that figures must have; beyond a utilisation of [`BUSY`], the second.
const PRECISION: [f64; 2] = [0.005, 0.02];

/// Utilisation from which errors may be larger.
const BUSY: f64 = 0.95;
