//! Differences under common random numbers.

use super::estimate::{Estimate, Method};
use super::level::Level;
use super::pairs::Pairs;
use super::replications::mean_estimate;

/// Replications of two systems, the two of a pair under the same random numbers.
///
/// What both systems owe to the same arrivals and sizes cancels in the difference. The interval is
/// that of the differences, whose variance takes whatever correlation there is into account
/// (paired t; Law, Simulation Modeling and Analysis, 5th edition, sections 10.2.1 and 11.2).
///
/// ```
/// use kendall_kernel::stats::{Level, PairedDifferences};
///
/// let mut waits_s = PairedDifferences::new();
/// for pair in [[5.1, 4.2], [9.8, 8.8], [2.0, 1.1], [7.4, 6.3]] {
///     waits_s.push(pair);
/// }
/// let saved = waits_s.estimate(Level::P95).expect("there are pairs");
/// // The systems differ, though each by far less than one replication from the next.
/// assert_eq!(saved.covers(0.0), Some(false));
/// assert!(waits_s.variance_reduction().expect("they vary") > 0.99);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedDifferences(Pairs);

impl PairedDifferences {
    /// No pairs yet.
    #[must_use]
    pub const fn new() -> PairedDifferences {
        PairedDifferences(Pairs::new())
    }

    /// Adds the responses of both systems in the next replication.
    ///
    /// # Panics
    /// If either is not finite.
    pub fn push(&mut self, pair: [f64; 2]) {
        self.0.push(pair);
    }

    /// Appends the pairs of `next`, whose indices follow these.
    pub fn merge(&mut self, next: &PairedDifferences) {
        self.0.merge(&next.0);
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// The mean of first minus second with Student's interval; `None` without a pair. A pair counts
    /// as one observation.
    #[must_use]
    pub fn estimate(&self, level: Level) -> Option<Estimate> {
        let observations = self.0.len() as u64;
        mean_estimate(
            &self.differences(),
            observations,
            Method::PairedDifferences,
            level,
        )
    }

    /// The share of the variance of the difference that common random numbers saved, compared with
    /// independent ones, as far as the pairs tell; negative if they did harm. `None` for fewer than
    /// two pairs, or if nothing varies.
    #[must_use]
    pub fn variance_reduction(&self) -> Option<f64> {
        self.0.variance_reduction(&self.differences(), 1.0)
    }

    /// The correlation within pairs; `None` where either system does not vary.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        self.0.correlation()
    }

    fn differences(&self) -> Vec<f64> {
        self.0.each(|first, second| first - second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Law, 5th edition, example 10.2: five differences of two inventory policies, mean 4.98,
    /// variance of the mean 2.44, and \[1.65, 8.31\] at 90 %.
    #[test]
    fn the_example_of_the_book() {
        let mut pairs = PairedDifferences::new();
        for pair in [
            [126.97, 118.21],
            [124.31, 120.22],
            [126.68, 122.45],
            [122.66, 122.68],
            [127.23, 119.40],
        ] {
            pairs.push(pair);
        }
        let estimate = pairs.estimate(Level::P90).unwrap();
        assert!((estimate.value - 4.98).abs() < 0.005);
        assert!((estimate.std_error.unwrap().powi(2) - 2.44).abs() < 0.005);
        let (low, high) = estimate.interval().unwrap();
        assert!((low - 1.65).abs() < 0.005 && (high - 8.31).abs() < 0.005);
    }

    #[test]
    fn a_constant_shift_has_no_variance() {
        let mut pairs = PairedDifferences::new();
        for x in [1.0, 5.0, 2.0] {
            pairs.push([x + 0.5, x]);
        }
        assert_eq!(pairs.estimate(Level::P95).unwrap().std_error, Some(0.0));
        assert_eq!(pairs.variance_reduction(), Some(1.0));
        assert_eq!(pairs.correlation(), Some(1.0));
    }

    #[test]
    fn independent_variances_add_up() {
        // A full factorial design, uncorrelated exactly.
        let mut pairs = PairedDifferences::new();
        for pair in [[1.0, 10.0], [1.0, 20.0], [3.0, 10.0], [3.0, 20.0]] {
            pairs.push(pair);
        }
        assert_eq!(pairs.correlation(), Some(0.0));
        assert!(pairs.variance_reduction().unwrap().abs() < 1e-15);
    }
}
