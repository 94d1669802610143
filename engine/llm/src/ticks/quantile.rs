//! Sums and quantiles of what a run collects.
//!
//! The quantile of probability `p` lies between the two order statistics about `p * (n - 1)`,
//! counted from 0, in proportion (Hyndman and Fan, Sample Quantiles in Statistical Packages, The
//! American Statistician 50, 1996, definition 7).

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

/// Between which order statistics a quantile lies: the lower one, and how far it is to the next.
fn place(count: u64, p: f64) -> (u64, f64) {
    let place = p * (count - 1) as f64;
    let below = place.floor();
    (below as u64, place - below)
}

fn between(low: f64, high: f64, share: f64) -> f64 {
    low + (high - low) * share
}

/// Quantiles of a list that is not empty, for falling probabilities; reorders the list. O(n).
pub(super) fn of_values<const N: usize>(values: &mut [f64], falling: [f64; N]) -> [f64; N] {
    let count = values.len() as u64;
    // What lies beyond the quantile before need not be looked at again.
    let mut end = values.len();
    falling.map(|p| {
        let (below, share) = place(count, p);
        let below = below as usize;
        let (_, &mut low, above) = values[..end].select_nth_unstable_by(below, f64::total_cmp);
        let next = (0..above.len()).min_by(|&a, &b| above[a].total_cmp(&above[b]));
        let Some(next) = next else {
            return low;
        };
        above.swap(0, next);
        let high = above[0];
        end = below + 2;
        between(low, high, share)
    })
}

/// Quantiles of (value, how many times), which are in order and not empty. O(n).
pub(super) fn of_weighted<const N: usize>(values: &[(f64, u64)], p: [f64; N]) -> [f64; N] {
    let count = values.iter().map(|&(_, times)| times).sum();
    let order_statistic = |place: u64| {
        let mut before = 0;
        let holds = |&&(_, times): &&(f64, u64)| {
            before += times;
            before > place
        };
        let found = values.iter().find(holds).or(values.last());
        found.map_or(f64::NAN, |&(value, _)| value)
    };
    p.map(|p| {
        let (below, share) = place(count, p);
        between(order_statistic(below), order_statistic(below + 1), share)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_lie_between_order_statistics() {
        let mut values = [40.0, 10.0, 30.0, 20.0];
        let quantiles = of_values(&mut values, [1.0, 0.75, 0.5, 0.0]);
        assert_eq!(quantiles, [40.0, 32.5, 25.0, 10.0]);
        assert_eq!(of_values(&mut [7.0], [0.9, 0.5]), [7.0, 7.0]);
    }

    proptest! {
        #[test]
        fn selection_is_sorting(
            values in proptest::collection::vec((0..50_u32).prop_map(f64::from), 1..80),
        ) {
            const P: [f64; 5] = [1.0, 0.99, 0.9, 0.5, 0.005];
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let expected = P.map(|p| {
                let (below, share) = place(sorted.len() as u64, p);
                let next = sorted.get(below as usize + 1).or(sorted.last());
                between(sorted[below as usize], *next.unwrap(), share)
            });
            prop_assert_eq!(of_values(&mut values.clone(), P), expected);
            let single: Vec<(f64, u64)> = sorted.iter().map(|&value| (value, 1)).collect();
            prop_assert_eq!(of_weighted(&single, P), expected);
        }
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
