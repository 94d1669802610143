//! Whether batches may be taken to be independent.

use crate::stats::distribution::normal;
use crate::stats::moments::sum;

/// How far neighbouring batches depend on each other.
///
/// With deviations z_1, ..., z_k of the batches, whose sum is 0, the statistic of von Neumann
/// ("Distribution of the Ratio of the Mean Square Successive Difference to the Variance", Annals of
/// Mathematical Statistics 12, 1941) in the form
///
/// C = 1 - sum (z_j - z_(j+1))^2 / (2 sum z_j^2)
///
/// has mean 0 and variance (k - 2) / (k^2 - 1) for independent normal batches, and is nearly normal
/// from k = 8 on (Fishman, "Grouping Observations in Digital Simulation", Management Science 24,
/// 1978). It is the lag-1 autocorrelation but for the two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Independence {
    /// How many batches there were.
    pub batches: u64,
    /// The lag-1 autocorrelation, sum z_j z_(j+1) / sum z_j^2. Law (Simulation Modeling and
    /// Analysis, 5th edition, section 9.5.3) warns that estimates from few batches are biased
    /// towards negative values, by about -1/k for independent ones.
    pub lag1: f64,
    /// C over its standard deviation: standard normal for independent batches, positive if
    /// neighbours are alike, as in queues.
    pub z_score: f64,
    /// The probability of a z-score as large or larger if they were independent.
    pub p_value: f64,
}

impl Independence {
    /// The p-value below which batches are suspected to depend on each other.
    pub const SUSPICIOUS: f64 = 0.05;

    /// The fewest batches that are tested.
    pub const LEAST: usize = 8;

    /// `None` below [`LEAST`](Independence::LEAST) deviations, and where all are 0.
    pub(super) fn of(deviations: &[f64]) -> Option<Independence> {
        let k = deviations.len();
        let squares = sum(deviations.iter().map(|z| z * z));
        if k < Independence::LEAST || squares == 0.0 {
            return None;
        }
        let neighbours = || deviations.iter().zip(&deviations[1..]);
        let products = sum(neighbours().map(|(a, b)| a * b));
        let differences = sum(neighbours().map(|(a, b)| (a - b) * (a - b)));
        let c = 1.0 - differences / (2.0 * squares);
        let k = k as f64;
        let z_score = c / ((k - 2.0) / (k * k - 1.0)).sqrt();
        Some(Independence {
            batches: deviations.len() as u64,
            lag1: products / squares,
            z_score,
            p_value: normal::survival(z_score),
        })
    }

    /// Whether the batches are so alike to their neighbours that the interval is likely too narrow:
    /// the remedy is a longer run, or fewer batches.
    #[must_use]
    pub fn suspicious(&self) -> bool {
        self.p_value < Independence::SUSPICIOUS
    }
}
