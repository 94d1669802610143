//! The regenerative method in constant memory.

use super::estimate::{Basis, Estimate, Method};
use super::level::Level;
use super::moments::{Sum, assert_finite};

/// Sums over the cycles of a regenerative process: what
/// [`Regenerative::classical`](super::Regenerative::classical) needs, without the cycles.
///
/// Kept are sums of lengths, of deviations reward - reference * length, and of their squares and
/// products. The reference is the ratio of the first cycle that has a length, near which the ratio
/// of all is: so little is lost where squares of rewards and of lengths nearly cancel, and nothing
/// where every cycle has the same ratio.
///
/// Merging is exact but for rounding; merged in order, parts give the same bits every time.
///
/// ```
/// use kendall_kernel::stats::{CycleSums, Level};
///
/// let mut waits = CycleSums::new();
/// for (wait_s, customers) in [(0.0, 1.0), (3.0, 4.0), (1.0, 2.0), (0.0, 1.0)] {
///     waits.push(wait_s, customers);
/// }
/// let mean = waits.classical(8, Level::P95).expect("there are customers");
/// assert_eq!((mean.value, mean.groups, mean.observations), (0.5, 4, 8));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CycleSums {
    cycles: u64,
    /// 0 until a cycle has a length.
    reference: f64,
    lengths: Sum,
    length_squares: Sum,
    deviations: Sum,
    deviation_squares: Sum,
    products: Sum,
}

impl CycleSums {
    /// No cycles yet.
    #[must_use]
    pub fn new() -> CycleSums {
        CycleSums::default()
    }

    /// Adds the next complete cycle. The cycle that the end of the run cuts off does not belong
    /// here.
    ///
    /// # Panics
    /// If the reward is not finite, or the length is not finite or negative.
    #[inline]
    pub fn push(&mut self, reward: f64, length: f64) {
        assert_finite("a cycle's reward", reward);
        assert!(
            length.is_finite() && length >= 0.0,
            "a cycle's length is {length}, must be finite and not negative"
        );
        if self.lengths.value() == 0.0 && length > 0.0 {
            self.refer_to(reward / length);
        }
        self.cycles += 1;
        let deviation = reward - self.reference * length;
        self.lengths.add(length);
        self.length_squares.add(length * length);
        self.deviations.add(deviation);
        self.deviation_squares.add(deviation * deviation);
        self.products.add(deviation * length);
    }

    /// Takes another reference, with which deviations are smaller or larger by a multiple of the
    /// lengths.
    fn refer_to(&mut self, reference: f64) {
        let shift = self.reference - reference;
        self.reference = reference;
        let (products, squares) = (self.products.value(), self.length_squares.value());
        self.deviation_squares.add(2.0 * shift * products);
        self.deviation_squares.add(shift * shift * squares);
        self.products.add(shift * squares);
        self.deviations.add(shift * self.lengths.value());
    }

    /// Adds the cycles of `next`, which follow these.
    pub fn merge(&mut self, next: &CycleSums) {
        let mut next = *next;
        if self.lengths.value() == 0.0 {
            self.refer_to(next.reference);
        } else {
            next.refer_to(self.reference);
        }
        self.cycles += next.cycles;
        self.lengths.add(next.lengths.value());
        self.length_squares.add(next.length_squares.value());
        self.deviations.add(next.deviations.value());
        self.deviation_squares.add(next.deviation_squares.value());
        self.products.add(next.products.value());
    }

    /// How many cycles there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.cycles
    }

    /// Whether there is no cycle.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cycles == 0
    }

    /// The ratio of the sums with the classical interval, see
    /// [`Regenerative::classical`](super::Regenerative::classical); no error from a single cycle.
    /// `observations` are the customers of all cycles, which lengths in time do not tell. `None`
    /// if no cycle has a length.
    #[must_use]
    pub fn classical(&self, observations: u64, level: Level) -> Option<Estimate> {
        let total = self.lengths.value();
        if total == 0.0 {
            return None;
        }
        let apart = self.deviations.value() / total;
        let value = self.reference + apart;
        let basis = Basis {
            observations,
            groups: self.cycles,
            method: Method::Regenerative,
        };
        if self.cycles < 2 {
            return Some(basis.bare(value, level));
        }
        let n = self.cycles as f64;
        let mut squares = self.deviation_squares;
        squares.add(-2.0 * apart * self.products.value());
        squares.add(apart * apart * self.length_squares.value());
        // Zero may come out as slightly less.
        let variance = squares.value().max(0.0) / (n - 1.0);
        let error = (variance / n).sqrt() / (total / n);
        Some(basis.estimate(value, error, None, level))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Regenerative;
    use super::*;
    use proptest::prelude::*;

    fn all(cycles: &[(f64, f64)]) -> CycleSums {
        let mut all = CycleSums::new();
        for &(reward, length) in cycles {
            all.push(reward, length);
        }
        all
    }

    /// Rewards and lengths below 100 lose to rounding at most some 1e-13 of their squares.
    fn assert_same(sums: &CycleSums, cycles: &[(f64, f64)]) {
        let mut whole = Regenerative::new();
        for &(reward, length) in cycles {
            whole.push(reward, length);
        }
        let customers = whole
            .classical(Level::P95)
            .map_or(0, |all| all.observations);
        let estimates = sums
            .classical(customers, Level::P95)
            .zip(whole.classical(Level::P95));
        let Some((mine, theirs)) = estimates else {
            return assert_eq!(whole.classical(Level::P95), None);
        };
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        assert!(close(mine.value, theirs.value), "{mine:?} {theirs:?}");
        match (mine.std_error, theirs.std_error) {
            (Some(a), Some(b)) => assert!(close(a, b), "{a} {b}"),
            (a, b) => assert_eq!(a, b),
        }
        assert_eq!(
            (mine.groups, mine.method),
            (theirs.groups, Method::Regenerative)
        );
    }

    /// As for the cycles themselves: the ratio is 12/6, the variance of the residuals 3.
    #[test]
    fn the_interval_is_known() {
        let estimate = all(&[(3.0, 1.0), (2.0, 2.0), (7.0, 3.0)])
            .classical(6, Level::P95)
            .unwrap();
        assert_eq!(estimate.value, 2.0);
        let expected = 3.0_f64.sqrt() / (2.0 * 3.0_f64.sqrt());
        assert!((estimate.std_error.unwrap() - expected).abs() < 1e-15);
        assert_eq!((estimate.groups, estimate.observations), (3, 6));
    }

    #[test]
    fn equal_ratios_leave_no_error() {
        // Squares of 1e9 and their sums are beyond the digits of a double.
        let equal: Vec<_> = (1..1000)
            .map(|k| (f64::from(k) * 3e9, f64::from(k) * 1e9))
            .collect();
        let estimate = all(&equal).classical(999, Level::P95).unwrap();
        assert_eq!((estimate.value, estimate.std_error), (3.0, Some(0.0)));
    }

    #[test]
    fn little_tells_no_error() {
        assert!(CycleSums::new().is_empty());
        assert_eq!(CycleSums::new().classical(0, Level::P95), None);
        assert_eq!(all(&[(1.0, 0.0)]).classical(1, Level::P95), None);
        let one = all(&[(3.0, 2.0)]).classical(2, Level::P95).unwrap();
        assert_eq!((one.value, one.std_error), (1.5, None));
    }

    #[test]
    #[should_panic(expected = "a cycle's length is NaN")]
    fn lengths_are_numbers() {
        all(&[(0.0, f64::NAN)]);
    }

    proptest! {
        #[test]
        fn sums_tell_what_cycles_do(
            cycles in prop::collection::vec((-9.0..9.0_f64, prop_oneof![Just(0.0), 0.1..9.0_f64]), 0..40),
            cut in 0..40_usize,
        ) {
            assert_same(&all(&cycles), &cycles);
            let cut = cut.min(cycles.len());
            let mut merged = all(&cycles[..cut]);
            merged.merge(&all(&cycles[cut..]));
            assert_same(&merged, &cycles);
            prop_assert_eq!(merged.len(), cycles.len() as u64);
        }
    }
}
