//! Independent replications.

use super::estimate::{Basis, Estimate, Method};
use super::level::Level;
use super::moments::{assert_finite, mean_and_variance};

/// One value per independent replication, in the order of their index.
///
/// With R values of mean m and variance s^2 the interval is m ± t s / sqrt(R), t with R - 1 degrees
/// of freedom (Law, Simulation Modeling and Analysis, 5th edition, section 9.4.1); exact where the
/// values are normal, as means over long runs nearly are.
///
/// Each value counts the same, however many observations it rests on.
///
/// Merging appends, so that parts of a study merged in the order of their indices give the same
/// bits as one part, however it was split.
///
/// # Memory usage
/// 8 bytes per replication.
///
/// ```
/// use kendall_kernel::stats::{Level, Replications};
///
/// let mut waits_s = Replications::new();
/// for wait_s in [1.05, 0.98, 1.1, 0.99, 1.03] {
///     waits_s.push(wait_s, 10_000);
/// }
/// let mean = waits_s.estimate(Level::P95).expect("there are replications");
/// assert_eq!(mean.observations, 50_000);
/// assert_eq!(mean.degrees_of_freedom, Some(4.0));
/// assert!(mean.covers(1.0).expect("two replications have an error"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replications {
    values: Vec<f64>,
    observations: u64,
}

impl Replications {
    /// No replications yet.
    #[must_use]
    pub const fn new() -> Replications {
        Replications {
            values: Vec::new(),
            observations: 0,
        }
    }

    /// Adds the value of the next replication, which rests on `observations` observations.
    ///
    /// # Panics
    /// If the value is not finite, or there are more than 2^64 - 1 observations.
    pub fn push(&mut self, value: f64, observations: u64) {
        assert_finite("a replication's value", value);
        self.values.push(value);
        self.count(observations);
    }

    /// Appends the replications of `next`, whose indices follow these.
    ///
    /// # Panics
    /// If there are more than 2^64 - 1 observations.
    pub fn merge(&mut self, next: &Replications) {
        self.values.extend_from_slice(&next.values);
        self.count(next.observations);
    }

    /// The values in the order of their index.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean; `None` without a replication.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.values.is_empty()).then(|| mean_and_variance(&self.values).0)
    }

    /// The unbiased variance between replications; `None` for fewer than two.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        mean_and_variance(&self.values).1
    }

    /// The mean with its interval; `None` without a replication, without an error for one.
    #[must_use]
    pub fn estimate(&self, level: Level) -> Option<Estimate> {
        mean_estimate(&self.values, self.observations, Method::Replications, level)
    }

    fn count(&mut self, observations: u64) {
        let total = self.observations.checked_add(observations);
        self.observations = total.expect("2^64 observations");
    }
}

/// The mean of independent values with the interval of Student; `None` without a value.
pub(super) fn mean_estimate(
    values: &[f64],
    observations: u64,
    method: Method,
    level: Level,
) -> Option<Estimate> {
    if values.is_empty() {
        return None;
    }
    let groups = values.len() as u64;
    let basis = Basis {
        observations,
        groups,
        method,
    };
    let (mean, variance) = mean_and_variance(values);
    Some(match variance {
        Some(variance) => {
            let std_error = (variance / groups as f64).sqrt();
            basis.estimate(mean, std_error, Some((groups - 1) as f64), level)
        }
        None => basis.bare(mean, level),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn replications(values: &[f64]) -> Replications {
        let mut all = Replications::new();
        values.iter().for_each(|&value| all.push(value, 10));
        all
    }

    /// Law, 5th edition, example 4.27: ten observations, mean 1.34, variance 0.17, and
    /// 1.34 ± 0.24 at 90 %.
    #[test]
    fn the_example_of_the_book() {
        let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let estimate = replications(&values).estimate(Level::P90).unwrap();
        assert!((estimate.value - 1.34).abs() < 0.005);
        assert!((estimate.half_width.unwrap() - 0.24).abs() < 0.005);
        assert_eq!((estimate.groups, estimate.observations), (10, 100));
    }

    #[test]
    fn one_replication_has_no_error() {
        assert_eq!(Replications::new().estimate(Level::P95), None);
        assert_eq!(Replications::new().mean(), None);
        let one = replications(&[3.5]);
        assert_eq!(one.variance(), None);
        let estimate = one.estimate(Level::P95).unwrap();
        assert_eq!(estimate.value, 3.5);
        assert_eq!(estimate.std_error, None);
        assert_eq!(estimate.degrees_of_freedom, None);
    }

    #[test]
    #[should_panic(expected = "a replication's value is NaN")]
    fn values_are_numbers() {
        Replications::new().push(f64::NAN, 1);
    }

    proptest! {
        #[test]
        fn however_split_the_bits_are_the_same(
            values in prop::collection::vec(-1e9..1e9_f64, 0..40),
            cuts in (0..41_usize, 0..41_usize),
        ) {
            let (a, b) = (cuts.0.min(cuts.1).min(values.len()), cuts.0.max(cuts.1).min(values.len()));
            let parts = [&values[..a], &values[a..b], &values[b..]].map(replications);
            let mut left = parts[0].clone();
            left.merge(&parts[1]);
            left.merge(&parts[2]);
            let mut tail = parts[1].clone();
            tail.merge(&parts[2]);
            let mut right = parts[0].clone();
            right.merge(&tail);
            let whole = replications(&values);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&right, &whole);
            prop_assert_eq!(left.estimate(Level::P95), whole.estimate(Level::P95));
        }
    }
}
