//! Statistics that are exact, or that say how inexact they are.
//!
//! # What is accumulated during a run
//!
//! [`Histogram`] and [`TimeWeighted`] hold integers, so that two runs, merged in any order, give the
//! same bytes. [`BatchMeans`] and [`Regenerative`] hold what the error of a single run follows
//! from; [`CycleSums`] is the latter in constant memory.
//!
//! # What is made of it
//!
//! | wanted | from | is |
//! |---|---|---|
//! | a mean | independent runs | [`Replications`] |
//! | a mean, or a ratio of means | one long run | [`BatchMeans`], [`Regenerative`], [`CycleSums`] |
//! | a quantile | independent values | [`RankInterval`] |
//! | a quantile | runs, or stretches of one | [`sectioned_quantile`] |
//! | the difference of two systems | the same random numbers | [`PairedDifferences`] |
//! | a smaller error | inputs of known mean | [`ControlVariates`] |
//! | a smaller error | mirrored draws | [`AntitheticPairs`] |
//! | where the beginning ends | a series | [`mser5`], [`Deletion`] |
//! | when to stop | an estimate | [`Precision`] |
//! | one verdict on many checks | their scores | [`ChiSquareVerdict`] |
//!
//! A result is an [`Estimate`]: a value with its standard error, interval and what these rest on.
//! Where nothing tells the error, as with a single replication, there is none; it is never zero for
//! want of better knowledge.
//!
//! ```
//! use kendall_kernel::stats::{BatchMeans, Decision, Deletion, Level, Precision};
//! use kendall_kernel::{Law, Purpose, Streams};
//!
//! // Waiting times of M/M/1 at utilisation one half, by Lindley's recursion.
//! let mut rng = Streams::new(1).stream(0, Purpose::Service);
//! let between = Law::Exponential { mean: 2.0 }.sampler()?;
//! let service = Law::Exponential { mean: 1.0 }.sampler()?;
//! let rule = Precision::new(0.05)?.at_least(20)?;
//!
//! let mut waits = BatchMeans::<f64>::new();
//! let mut warm_up = Deletion::of(1_000);
//! let (mut wait, mut more) = (0.0_f64, 10_000);
//! let mean = loop {
//!     for _ in 0..more {
//!         wait = (wait + service.sample(&mut rng) - between.sample(&mut rng)).max(0.0);
//!         if warm_up.keeps() {
//!             waits.push(wait, 1);
//!         }
//!     }
//!     let checked = waits.checked(Level::P95).expect("customers waited");
//!     match rule.decide_checked(&checked) {
//!         Decision::More { observations } => more = observations,
//!         Decision::Stop | Decision::LimitReached => break checked.estimate,
//!     }
//! };
//! assert!(mean.relative_half_width().expect("not zero") <= 0.05);
//! // Theory says 1. Five standard errors are rarely exceeded.
//! assert!(mean.z_score(1.0).expect("there is an error").abs() < 5.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//!
//! Floating point appears only in what is read out, and in observations that are floats. Every
//! result is a function of the observations in their order: parts that are merged in the order of
//! their index give the same bits as one whole ([`Replications`], [`Regenerative`], pairs and
//! controls append). [`CycleSums`] are merged up to rounding, the same way every time, and
//! [`BatchMeans`] belongs to one run and is not merged. What is not a
//! number is refused with a panic, for it is a fault of the model and would poison every
//! result; settings that a user may get wrong are refused with a [`StatsError`].

mod antithetic;
mod batch_means;
mod control;
mod cycle_sums;
pub mod distribution;
mod error;
mod estimate;
mod histogram;
mod jackknife;
mod level;
mod moments;
mod paired;
mod pairs;
mod precision;
mod quantile;
mod ratio;
mod regenerative;
mod replications;
mod time_weighted;
mod verdict;
mod warm_up;

#[cfg(test)]
mod coverage;

pub use antithetic::AntitheticPairs;
pub use batch_means::{BatchMeans, Batches, Checked, Independence, Total};
pub use control::{ControlVariates, Controlled, Fallback};
pub use cycle_sums::CycleSums;
pub use error::StatsError;
pub use estimate::{Estimate, Method};
pub use histogram::{Bucket, FineHistogram, Histogram, HistogramOf, Spread};
pub use jackknife::jackknife;
pub use level::Level;
pub use paired::PairedDifferences;
pub use precision::{Decision, LongRun, Precision};
pub use quantile::{RankInterval, Ranks, SectionedQuantile, order_ranks, sectioned_quantile};
pub use regenerative::Regenerative;
pub use replications::Replications;
pub use time_weighted::TimeWeighted;
pub use verdict::ChiSquareVerdict;
pub use warm_up::{Deletion, MSER_BATCH, Truncation, ensemble_mean, mser5, without_first};
