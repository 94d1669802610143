//! How a trace departs from independent arrivals and independent lengths.

use std::f64::consts::PI;

use kendall_kernel::Time;

/// Requests in a window in the mean.
const PER_WINDOW: u128 = 100;

/// Fewest windows that tell how much counts vary.
const FEWEST_WINDOWS: usize = 10;

/// Standard deviation of the gaps between arrivals over their mean; `None` for fewer than two gaps
/// or none longer than 0. O(rows).
pub(super) fn gap_cv(arrival: &[Time]) -> Option<f64> {
    let gaps = arrival.len().checked_sub(1).filter(|&gaps| gaps > 1)? as f64;
    let mean = (arrival[arrival.len() - 1] - arrival[0]).as_secs_f64() / gaps;
    let squares = arrival.windows(2).map(|pair| {
        let gap = (pair[1] - pair[0]).as_secs_f64();
        (gap - mean).powi(2)
    });
    let variance = squares.sum::<f64>() / (gaps - 1.0);
    (mean > 0.0).then(|| variance.sqrt() / mean)
}

/// Counts in windows of one length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dispersion {
    /// Length of a window in seconds.
    pub(super) window_s: f64,
    /// Variance of the counts over their mean (Cox and Lewis, The Statistical Analysis of Series of
    /// Events, 1966, section 4.5).
    pub(super) index: f64,
}

/// Index of dispersion of counts in windows of 100 mean gaps; `None` for fewer than ten windows.
/// O(rows).
pub(super) fn dispersion(arrival: &[Time]) -> Option<Dispersion> {
    let (&first, &last) = (arrival.first()?, arrival.last()?);
    let span_ns = u128::from((last - first).as_ns());
    let gaps = arrival.len() as u128 - 1;
    let window_ns = (span_ns * PER_WINDOW).checked_div(gaps)?;
    let windows = usize::try_from(span_ns.checked_div(window_ns)?).ok()?;
    if windows < FEWEST_WINDOWS {
        return None;
    }
    let mut counts = vec![0.0; windows];
    for &time in arrival {
        let at = u128::from((time - first).as_ns()) / window_ns;
        if let Some(count) = counts.get_mut(at as usize) {
            *count += 1.0;
        }
    }
    let mean = counts.iter().sum::<f64>() / windows as f64;
    let squares: f64 = counts.iter().map(|count| (count - mean).powi(2)).sum();
    Some(Dispersion {
        window_s: window_ns as f64 / 1e9,
        index: squares / (windows - 1) as f64 / mean,
    })
}

/// Spearman's rank correlation, equal lengths sharing the mean of their ranks; `None` for fewer
/// than three rows, or if all lengths of either kind are equal. O(n log n).
pub(super) fn rank_correlation(prompts: &[u32], outputs: &[u32]) -> Option<f64> {
    if prompts.len() < 3 {
        return None;
    }
    let (prompts, outputs) = (ranks(prompts), ranks(outputs));
    let mean = (prompts.len() - 1) as f64 / 2.0;
    let sum = |a: &[f64], b: &[f64]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean));
        products.sum()
    };
    let spread = sum(&prompts, &prompts) * sum(&outputs, &outputs);
    (spread > 0.0).then(|| sum(&prompts, &outputs) / spread.sqrt())
}

/// The correlation of normal variables whose rank correlation is this (Kruskal, "Ordinal Measures of
/// Association", JASA 53, 1958).
pub(super) fn normal_correlation(rank_correlation: f64) -> f64 {
    2.0 * (PI / 6.0 * rank_correlation).sin()
}

/// Ranks from 0.
fn ranks(lengths: &[u32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_unstable_by_key(|&row| lengths[row]);
    let mut ranks = vec![0.0; lengths.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| lengths[a] == lengths[b]) {
        let middle = before as f64 + (equal.len() - 1) as f64 / 2.0;
        for &row in equal {
            ranks[row] = middle;
        }
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(times: impl IntoIterator<Item = u64>) -> Vec<Time> {
        let time = |s: u64| Time::from_ns(s * 1_000_000_000);
        times.into_iter().map(time).collect()
    }

    #[test]
    fn gaps_by_hand() {
        // Gaps of 1 and 3 s: the standard deviation is sqrt(2), the mean 2.
        let cv = gap_cv(&seconds([5, 6, 9])).unwrap();
        assert!((cv - 0.5_f64.sqrt()).abs() < 1e-15);
        assert_eq!(gap_cv(&seconds([0, 2, 4, 6])), Some(0.0));
        assert_eq!(gap_cv(&seconds([3, 3, 3])), None);
        assert_eq!(gap_cv(&seconds([3, 4])), None);
        assert_eq!(gap_cv(&[]), None);
    }

    #[test]
    fn dispersion_by_hand() {
        // Every window of 100 s has 100.
        let even = dispersion(&seconds(0..=2000)).unwrap();
        assert_eq!((even.window_s, even.index), (100.0, 0.0));
        // Pairs: 200 in a window and the next empty, from one begin to the next 200 s.
        let twice = |k: u64| 200 * (k / 200) + k % 200 / 2;
        let paired = dispersion(&seconds((0..2000).map(twice).chain([2000]))).unwrap();
        assert_eq!(paired.window_s, 100.0);
        // Twenty counts that are 100 from their mean of 100.
        assert!(
            (paired.index - 100.0 * 20.0 / 19.0).abs() < 1e-12,
            "{}",
            paired.index
        );
        assert_eq!(dispersion(&seconds(0..900)), None);
        assert_eq!(dispersion(&seconds(vec![7; 3000])), None);
        assert_eq!(dispersion(&[]), None);
    }

    #[test]
    fn ranks_by_hand() {
        assert_eq!(ranks(&[30, 10, 30, 20]), [2.5, 0.0, 2.5, 1.0]);
        assert_eq!(rank_correlation(&[1, 2, 3], &[10, 20, 9000]), Some(1.0));
        assert_eq!(rank_correlation(&[1, 2, 3], &[3, 2, 1]), Some(-1.0));
        // 1 - 6 (1 + 1) / (3 (9 - 1)).
        let some = rank_correlation(&[1, 2, 3], &[1, 3, 2]).unwrap();
        assert!((some - 0.5).abs() < 1e-15);
        assert_eq!(rank_correlation(&[1, 2, 3], &[4, 4, 4]), None);
        assert_eq!(rank_correlation(&[1, 2], &[1, 2]), None);
    }

    #[test]
    fn whole_correlations_are_whole_either_way() {
        for r in [-1.0, 0.0, 1.0] {
            assert!((normal_correlation(r) - r).abs() < 1e-15);
        }
    }
}
