//! Antithetic pairs of replications.

use super::estimate::{Estimate, Method};
use super::level::Level;
use super::pairs::Pairs;
use super::replications::mean_estimate;

/// Pairs of replications, the second of which draws 1 - u wherever the first draws u.
///
/// Where the response is monotone in every draw, the two are negatively correlated and their
/// average varies less than that of two independent ones. The averages are independent of each
/// other, the two of a pair are not: so the interval is that of the averages, with one degree of
/// freedom less than there are pairs (Law, Simulation Modeling and Analysis, 5th edition, section
/// 11.3; Asmussen and Glynn, Stochastic Simulation, 2007, section V.3).
///
/// [`Inverse`](crate::sampler::Inverse) draws antithetically.
///
/// ```
/// use kendall_kernel::sampler::Side;
/// use kendall_kernel::stats::{AntitheticPairs, Level};
/// use kendall_kernel::{Law, Purpose, Streams};
///
/// let service = Law::Exponential { mean: 2.0 }.inverse()?;
/// let mut pairs = AntitheticPairs::new();
/// for replication in 0..100 {
///     let streams = Streams::new(7).replication(replication);
///     let run = |side| {
///         let mut rng = streams.stream(0, Purpose::Service);
///         (0..10).map(|_| service.sample(&mut rng, side)).sum::<f64>() / 10.0
///     };
///     pairs.push([run(Side::Plain), run(Side::Mirrored)]);
/// }
/// let mean = pairs.estimate(Level::P99).expect("there are pairs");
/// assert_eq!(mean.covers(2.0), Some(true));
/// assert!(pairs.variance_reduction().expect("they vary") > 0.3);
/// # Ok::<(), kendall_kernel::LawError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AntitheticPairs(Pairs);

impl AntitheticPairs {
    /// No pairs yet.
    #[must_use]
    pub const fn new() -> AntitheticPairs {
        AntitheticPairs(Pairs::new())
    }

    /// Adds the responses of the next pair.
    ///
    /// # Panics
    /// If either is not finite.
    pub fn push(&mut self, pair: [f64; 2]) {
        self.0.push(pair);
    }

    /// Appends the pairs of `next`, whose indices follow these.
    pub fn merge(&mut self, next: &AntitheticPairs) {
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

    /// The mean with Student's interval over the averages; `None` without a pair. A replication
    /// counts as an observation, so there are two per pair.
    #[must_use]
    pub fn estimate(&self, level: Level) -> Option<Estimate> {
        let observations = 2 * self.0.len() as u64;
        mean_estimate(
            &self.averages(),
            observations,
            Method::AntitheticPairs,
            level,
        )
    }

    /// The share of the variance that pairing saved, compared with twice as many independent
    /// replications, as far as the pairs tell: minus the correlation where both vary alike,
    /// negative if pairing did harm. `None` for fewer than two pairs, or if nothing varies.
    #[must_use]
    pub fn variance_reduction(&self) -> Option<f64> {
        self.0.variance_reduction(&self.averages(), 0.25)
    }

    /// The correlation within pairs; `None` where either side does not vary.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        self.0.correlation()
    }

    fn averages(&self) -> Vec<f64> {
        self.0.each(|first, second| first / 2.0 + second / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_antithesis_leaves_no_variance() {
        let mut pairs = AntitheticPairs::new();
        for u in [0.25, 0.5, 0.875] {
            pairs.push([u, 1.0 - u]);
        }
        let estimate = pairs.estimate(Level::P95).unwrap();
        assert_eq!((estimate.value, estimate.std_error), (0.5, Some(0.0)));
        assert_eq!((estimate.groups, estimate.observations), (3, 6));
        assert_eq!(pairs.variance_reduction(), Some(1.0));
        assert_eq!(pairs.correlation(), Some(-1.0));
    }

    #[test]
    fn alike_pairs_are_harm_that_is_told() {
        let mut pairs = AntitheticPairs::new();
        for x in [1.0, 2.0, 6.0] {
            pairs.push([x, x]);
        }
        assert_eq!(pairs.variance_reduction(), Some(-1.0));
        // The error is that of 3 values, not of 6.
        let error = pairs.estimate(Level::P95).unwrap().std_error.unwrap();
        assert!((error - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn one_pair_has_no_error() {
        let mut pairs = AntitheticPairs::new();
        assert!(pairs.is_empty() && pairs.estimate(Level::P95).is_none());
        pairs.push([1.0, 2.0]);
        assert_eq!(pairs.estimate(Level::P95).unwrap().std_error, None);
        assert_eq!(pairs.variance_reduction(), None);
    }

    #[test]
    fn merging_is_pushing_on() {
        let (mut a, mut b, mut whole) = Default::default();
        for (i, x) in [0.1, 0.7, 0.3, 0.9].into_iter().enumerate() {
            let part: &mut AntitheticPairs = if i < 1 { &mut a } else { &mut b };
            part.push([x, x * x]);
            AntitheticPairs::push(&mut whole, [x, x * x]);
        }
        a.merge(&b);
        assert_eq!((a.len(), &a), (4, &whole));
    }
}
