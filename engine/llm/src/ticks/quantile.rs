//! Means and quantiles of what a run collects.

/// Sums of at most so many numbers are taken one by one.
const PAIRWISE: usize = 64;

/// The sum by halves, whose error grows with the logarithm of the number (Higham, Accuracy and
/// Stability of Numerical Algorithms, 2nd edition, section 4.2).
pub(super) fn sum(values: &[f64]) -> f64 {
    if values.len() <= PAIRWISE {
        return values.iter().sum();
    }
    let (left, right) = values.split_at(values.len() / 2);
    sum(left) + sum(right)
}

/// The quantile of probability `p`: between the two order statistics about `p * (n - 1)`, counted
/// from 0, in proportion (Hyndman and Fan, Sample Quantiles in Statistical Packages, The American
/// Statistician 50, 1996, definition 7). `order` gives an order statistic.
pub(super) fn interpolated(count: u64, p: f64, mut order: impl FnMut(u64) -> f64) -> Option<f64> {
    let last = count.checked_sub(1)?;
    let place = p * last as f64;
    let below = place.floor();
    let low = order(below as u64);
    let share = place - below;
    if share == 0.0 {
        return Some(low);
    }
    let high = order((below as u64 + 1).min(last));
    Some(low + (high - low) * share)
}

/// An order statistic of a list, counted from 0, which may reorder it. O(n).
pub(super) fn order_statistic(values: &mut [f64], place: u64) -> f64 {
    let (_, value, _) = values.select_nth_unstable_by(place as usize, f64::total_cmp);
    *value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_order_statistics() {
        let mut values = [40.0, 10.0, 30.0, 20.0];
        let quantile = |p| {
            let mut scratch = values;
            interpolated(4, p, |place| order_statistic(&mut scratch, place))
        };
        assert_eq!(quantile(0.0), Some(10.0));
        assert_eq!(quantile(0.5), Some(25.0));
        assert_eq!(quantile(0.75), Some(32.5));
        assert_eq!(quantile(1.0), Some(40.0));
        values.sort_by(f64::total_cmp);
        assert_eq!(order_statistic(&mut values, 3), 40.0);
        assert_eq!(interpolated(0, 0.5, |_| 0.0), None);
    }

    #[test]
    fn long_sums_are_taken_by_halves() {
        // One by one, the small numbers would all be lost.
        let mut values = vec![1.0; 1 << 12];
        values[0] = 1e16;
        assert_eq!(sum(&values[1..]), 4095.0);
        assert!((sum(&values) - 1e16 - 4095.0).abs() <= 64.0);
        assert_eq!(values.iter().sum::<f64>() - 1e16, 0.0);
    }
}
