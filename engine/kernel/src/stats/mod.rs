//! Statistics that are exact, or that say how inexact they are.
//!
//! Invariants: what is accumulated during a run is an integer, so that two runs, merged in any
//! order, give the same bytes. Values of replications are kept in order; merged in the order of
//! their index, parts give the same bits as one whole.

mod antithetic;
mod batch_means;
mod control;
pub mod distribution;
mod error;
mod estimate;
mod histogram;
mod level;
mod moments;
mod paired;
mod pairs;
mod quantile;
mod ratio;
mod regenerative;
mod replications;
mod time_weighted;
mod warm_up;

pub use antithetic::AntitheticPairs;
pub use batch_means::{BatchMeans, Batches, Checked, Independence, Total};
pub use control::{ControlVariates, Controlled, Fallback};
pub use error::StatsError;
pub use estimate::{Estimate, Method};
pub use histogram::{Bucket, Histogram};
pub use level::Level;
pub use paired::PairedDifferences;
pub use quantile::{RankInterval, Ranks, SectionedQuantile, order_ranks, sectioned_quantile};
pub use regenerative::Regenerative;
pub use replications::Replications;
pub use time_weighted::TimeWeighted;
pub use warm_up::{Deletion, MSER_BATCH, Truncation, ensemble_mean, mser5, without_first};
