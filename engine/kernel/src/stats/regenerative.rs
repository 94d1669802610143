//! The regenerative method: independent cycles instead of batches.

use super::estimate::{Basis, Estimate, Method};
use super::level::Level;
use super::moments::{assert_finite, deviations, sum};
use super::ratio::Ratio;

/// Cycles of a regenerative process, in order: what each earned and how long it was.
///
/// A cycle goes from one regeneration, such as an arrival at an empty system, to the next. The
/// long-run average is E\[reward\] / E\[length\], whatever the dependence within a cycle. Length is
/// in customers or in time.
///
/// The ratio of sums is biased by O(1 / n); the jackknife takes the first term of that away and is
/// preferable for few cycles (Law, Simulation Modeling and Analysis, 5th edition, section 9.5.3;
/// Asmussen and Glynn, Stochastic Simulation, 2007, sections III.5 and IV.4).
///
/// Merging appends; merged in order, parts give the same bits as one whole.
///
/// # Memory usage
/// 16 bytes per cycle; [`CycleSums`](super::CycleSums) do without, but for the jackknife.
///
/// ```
/// use kendall_kernel::stats::{Level, Regenerative};
///
/// let mut waits = Regenerative::new();
/// for (wait_s, customers) in [(0.0, 1.0), (3.0, 4.0), (1.0, 2.0), (0.0, 1.0)] {
///     waits.push(wait_s, customers);
/// }
/// let mean = waits.classical(Level::P95).expect("there are customers");
/// assert_eq!(mean.value, 0.5);
/// assert_eq!((mean.groups, mean.observations), (4, 8));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regenerative {
    /// Reward and length.
    cycles: Vec<(f64, f64)>,
}

impl Regenerative {
    /// No cycles yet.
    #[must_use]
    pub const fn new() -> Regenerative {
        Regenerative { cycles: Vec::new() }
    }

    /// Adds the next complete cycle. The cycle that the end of the run cuts off does not belong
    /// here.
    ///
    /// # Panics
    /// If the reward is not finite, or the length is not finite or negative.
    pub fn push(&mut self, reward: f64, length: f64) {
        assert_finite("a cycle's reward", reward);
        assert!(
            length.is_finite() && length >= 0.0,
            "a cycle's length is {length}, must be finite and not negative"
        );
        self.cycles.push((reward, length));
    }

    /// Appends the cycles of `next`, which follow these.
    pub fn merge(&mut self, next: &Regenerative) {
        self.cycles.extend_from_slice(&next.cycles);
    }

    /// How many cycles there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cycles.len()
    }

    /// Whether there is no cycle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cycles.is_empty()
    }

    /// The ratio of the sums with the classical interval (Crane and Iglehart, "Simulating Stable
    /// Stochastic Systems III", Operations Research 23, 1975): s / (mean length sqrt(n)) times the
    /// normal quantile, s^2 the variance of reward - ratio * length. `None` if no cycle has a
    /// length.
    #[must_use]
    pub fn classical(&self, level: Level) -> Option<Estimate> {
        let ratio = Ratio::new(&self.cycles)?;
        let basis = self.basis(Method::Regenerative);
        Some(match ratio.std_error() {
            Some(error) => basis.estimate(ratio.value, error, None, level),
            None => basis.bare(ratio.value, level),
        })
    }

    /// The jackknife estimate with its interval (Iglehart, "Simulating Stable Stochastic Systems
    /// V", Naval Research Logistics Quarterly 22, 1975): the mean and variance of the pseudovalues
    /// n R - (n - 1) R_i, where R_i is the ratio without cycle i. `None` if without some cycle no
    /// length is left.
    #[must_use]
    pub fn jackknife(&self, level: Level) -> Option<Estimate> {
        let n = self.cycles.len() as f64;
        let rewards = sum(self.cycles.iter().map(|cycle| cycle.0));
        let lengths = sum(self.cycles.iter().map(|cycle| cycle.1));
        let ratio = rewards / lengths;
        let pseudovalue = |&(reward, length): &(f64, f64)| {
            let without = (rewards - reward) / (lengths - length);
            n * ratio - (n - 1.0) * without
        };
        let pseudovalues: Vec<f64> = self.cycles.iter().map(pseudovalue).collect();
        let finite = pseudovalues.iter().all(|value| value.is_finite());
        if pseudovalues.len() < 2 || !finite {
            return None;
        }
        let (mean, squares) = deviations(&pseudovalues);
        let error = (squares / (n - 1.0) / n).sqrt();
        let basis = self.basis(Method::Jackknife);
        Some(basis.estimate(mean, error, None, level))
    }

    fn basis(&self, method: Method) -> Basis {
        let length = sum(self.cycles.iter().map(|cycle| cycle.1));
        Basis {
            observations: length.round() as u64,
            groups: self.cycles.len() as u64,
            method,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(cycles: &[(f64, f64)]) -> Regenerative {
        let mut all = Regenerative::new();
        for &(reward, length) in cycles {
            all.push(reward, length);
        }
        all
    }

    /// Three cycles by hand: the ratio is 12/6, the residuals 1, -2 and 1, their variance 3.
    #[test]
    fn the_classical_interval_is_known() {
        let estimate = all(&[(3.0, 1.0), (2.0, 2.0), (7.0, 3.0)])
            .classical(Level::P95)
            .unwrap();
        assert_eq!(estimate.value, 2.0);
        let expected = 3.0_f64.sqrt() / (2.0 * 3.0_f64.sqrt());
        assert!((estimate.std_error.unwrap() - expected).abs() < 1e-15);
        assert_eq!(estimate.degrees_of_freedom, None);
        assert_eq!((estimate.groups, estimate.observations), (3, 6));
    }

    /// Without each cycle the ratios are 9/5, 10/4 and 5/3.
    #[test]
    fn the_jackknife_is_known() {
        let estimate = all(&[(3.0, 1.0), (2.0, 2.0), (7.0, 3.0)])
            .jackknife(Level::P95)
            .unwrap();
        let pseudo = [1.8, 2.5, 5.0 / 3.0].map(|without| 3.0 * 2.0 - 2.0 * without);
        let mean = pseudo.iter().sum::<f64>() / 3.0;
        let variance = pseudo.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2.0;
        assert!((estimate.value - mean).abs() < 1e-14);
        assert!((estimate.std_error.unwrap() - (variance / 3.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn one_cycle_has_no_error() {
        assert_eq!(Regenerative::new().classical(Level::P95), None);
        assert!(Regenerative::new().is_empty());
        let one = all(&[(3.0, 2.0)]);
        assert_eq!(one.classical(Level::P95).unwrap().std_error, None);
        assert_eq!(one.jackknife(Level::P95), None);
        // Without the first, no length is left.
        assert_eq!(all(&[(3.0, 2.0), (0.0, 0.0)]).jackknife(Level::P95), None);
    }

    #[test]
    #[should_panic(expected = "a cycle's length is -1")]
    fn lengths_are_not_negative() {
        all(&[(0.0, -1.0)]);
    }

    proptest! {
        #[test]
        fn equal_lengths_make_both_the_mean(
            rewards in prop::collection::vec(-9.0..9.0_f64, 3..40),
        ) {
            let cycles: Vec<(f64, f64)> = rewards.iter().map(|&reward| (reward, 2.0)).collect();
            let classical = all(&cycles).classical(Level::P95).unwrap();
            let jackknife = all(&cycles).jackknife(Level::P95).unwrap();
            prop_assert!((classical.value - jackknife.value).abs() < 1e-11);
            let (a, b) = (classical.std_error.unwrap(), jackknife.std_error.unwrap());
            prop_assert!((a - b).abs() < 1e-11);
        }

        #[test]
        fn merging_is_pushing_on(
            cycles in prop::collection::vec((-9.0..9.0_f64, 0.1..9.0_f64), 2..40),
            cut in 0..40_usize,
        ) {
            let cut = cut.min(cycles.len());
            let mut merged = all(&cycles[..cut]);
            merged.merge(&all(&cycles[cut..]));
            prop_assert_eq!(merged, all(&cycles));
        }
    }
}
