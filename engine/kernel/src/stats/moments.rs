//! Sums, means and variances that lose little to rounding and do not depend on how values were
//! gathered, only on their order.

/// A sum in the order given, with the rounding errors added back (Neumaier,
/// "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    #[inline]
    pub(super) fn add(&mut self, value: f64) {
        let next = self.total + value;
        self.lost += if self.total.abs() >= value.abs() {
            (self.total - next) + value
        } else {
            (value - next) + self.total
        };
        self.total = next;
    }

    #[inline]
    pub(super) fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// The [`Sum`] of some values.
pub(super) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    values.into_iter().for_each(|value| sum.add(value));
    sum.value()
}

/// The mean; not a number if there are no values.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / values.len() as f64
}

/// The mean, and the sum of squared deviations from it (the corrected two-pass algorithm of Chan,
/// Golub and LeVeque, "Algorithms for Computing the Sample Variance", The American Statistician
/// 37, 1983).
pub(super) fn deviations(values: &[f64]) -> (f64, f64) {
    let mean = mean(values);
    let squares = sum(values.iter().map(|x| (x - mean) * (x - mean)));
    // Zero but for the rounding of the mean.
    let rest = sum(values.iter().map(|x| x - mean));
    (mean, (squares - rest * rest / values.len() as f64).max(0.0))
}

/// The mean and the unbiased variance; no variance of fewer than two values.
pub(super) fn mean_and_variance(values: &[f64]) -> (f64, Option<f64>) {
    let (mean, squares) = deviations(values);
    let variance = (values.len() > 1).then(|| squares / (values.len() - 1) as f64);
    (mean, variance)
}

/// The correlation of values in pairs; `None` where either does not vary.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let ((mean_a, squares_a), (mean_b, squares_b)) = (deviations(a), deviations(b));
    let products = sum(a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)));
    let scale = squares_a.sqrt() * squares_b.sqrt();
    (scale > 0.0).then(|| (products / scale).clamp(-1.0, 1.0))
}

/// Demands a number.
///
/// # Panics
/// If `value` is infinite or not a number.
pub(super) fn assert_finite(what: &str, value: f64) {
    assert!(value.is_finite(), "{what} is {value}, must be finite");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_errors_are_added_back() {
        assert_eq!(sum([1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum(std::iter::repeat_n(0.1, 1_000_000)), 100_000.0);
        assert_eq!(sum([]), 0.0);
    }

    #[test]
    fn a_small_variance_on_a_large_mean_is_exact() {
        let values = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert_eq!(mean_and_variance(&values), (1e9 + 10.0, Some(30.0)));
        assert_eq!(mean_and_variance(&[5.0]), (5.0, None));
    }

    #[test]
    fn correlation_needs_variation() {
        assert_eq!(correlation(&[1.0, 2.0], &[5.0, 5.0]), None);
        let opposite = correlation(&[1.0, 2.0, 4.0], &[-2.0, -4.0, -8.0]).unwrap();
        assert!((opposite + 1.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn sums_of_integers_are_exact(values in prop::collection::vec(-1_000_000..1_000_000_i32, 0..99)) {
            let exact: i64 = values.iter().map(|&v| i64::from(v)).sum();
            // Thirds are not representable; their sum is within an ulp.
            let thirds = sum(values.iter().map(|&v| f64::from(v) / 3.0));
            prop_assert!((thirds - exact as f64 / 3.0).abs() <= 1e-15 * (1e6 * 99.0));
            prop_assert_eq!(sum(values.iter().map(|&v| f64::from(v))), exact as f64);
        }
    }
}
