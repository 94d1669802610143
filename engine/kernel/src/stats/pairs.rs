//! Two values per replication.

use super::moments::{assert_finite, correlation, mean_and_variance};

/// Pairs of values, in the order of their index.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pairs {
    pub(super) first: Vec<f64>,
    pub(super) second: Vec<f64>,
}

impl Pairs {
    pub(super) const fn new() -> Pairs {
        Pairs {
            first: Vec::new(),
            second: Vec::new(),
        }
    }

    /// # Panics
    /// If either value is not finite.
    pub(super) fn push(&mut self, [first, second]: [f64; 2]) {
        assert_finite("the first of a pair", first);
        assert_finite("the second of a pair", second);
        self.first.push(first);
        self.second.push(second);
    }

    pub(super) fn merge(&mut self, next: &Pairs) {
        self.first.extend_from_slice(&next.first);
        self.second.extend_from_slice(&next.second);
    }

    pub(super) fn len(&self) -> usize {
        self.first.len()
    }

    /// What `of` makes of each pair.
    pub(super) fn each(&self, of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let pairs = self.first.iter().zip(&self.second);
        pairs.map(|(&first, &second)| of(first, second)).collect()
    }

    /// The variance that `combined`, one value per pair, has less than it would have if the two of
    /// a pair were independent, where it would be `weight` times the sum of their variances: a
    /// share of the latter, negative if it has more. `None` for fewer than two pairs, or if neither
    /// varies.
    pub(super) fn variance_reduction(&self, combined: &[f64], weight: f64) -> Option<f64> {
        let variance = |values: &[f64]| mean_and_variance(values).1;
        let independent = weight * (variance(&self.first)? + variance(&self.second)?);
        (independent > 0.0).then_some(1.0 - variance(combined)? / independent)
    }

    pub(super) fn correlation(&self) -> Option<f64> {
        correlation(&self.first, &self.second)
    }
}
