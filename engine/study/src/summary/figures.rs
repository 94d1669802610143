//! A figure of many requests: every value while they are few, counts from then on.
//!
//! Invariant: count, mean and maximum are exact, whatever is kept, and do not depend on the order
//! of the values; figures merged are the figures of all their values.

use std::cmp::Ordering;

use kendall_kernel::FineHistogram;
use kendall_kernel::time::NANOS_PER_SEC;

use super::quantile::{Position, Spread, quantile};

/// Values that are kept; 16 MiB of them. More are counted.
const MOST_KEPT: usize = 1 << 21;

/// A figure in nanoseconds, integer or not; never negative.
pub(super) trait Sample: Copy {
    /// Parts of a nanosecond that [`Sample::parts`] counts.
    const PARTS_PER_NS: f64;

    /// Parts of a nanosecond that [`Sample::coarse_parts`] counts.
    const COARSE_PARTS_PER_NS: f64;

    /// A total order.
    fn order(a: &Self, b: &Self) -> Ordering;

    /// The sample, rounded to nearest.
    fn value(self) -> f64;

    /// The sample as an integer, fine enough for sums: no run has so many requests that they
    /// overflow.
    fn parts(self) -> u128;

    /// The sample as an integer, fine enough for a histogram.
    fn coarse_parts(self) -> u64;
}

impl Sample for u64 {
    const PARTS_PER_NS: f64 = 1.0;
    const COARSE_PARTS_PER_NS: f64 = 1.0;

    fn order(a: &u64, b: &u64) -> Ordering {
        a.cmp(b)
    }
    fn value(self) -> f64 {
        self as f64
    }
    fn parts(self) -> u128 {
        u128::from(self)
    }
    fn coarse_parts(self) -> u64 {
        self
    }
}

/// A sum counts 2^-32 ns. From 2^20 ns (about a millisecond) on, that is no coarser than a double;
/// and 2^32 values of 2^64 ns, more than any run has, add up to 2^128. A histogram counts
/// 2^-10 ns, and takes what exceeds 2^54 ns (208 days) for that.
impl Sample for f64 {
    const PARTS_PER_NS: f64 = (1_u64 << 32) as f64;
    const COARSE_PARTS_PER_NS: f64 = 1024.0;

    fn order(a: &f64, b: &f64) -> Ordering {
        a.total_cmp(b)
    }
    fn value(self) -> f64 {
        self
    }
    fn parts(self) -> u128 {
        (self * Self::PARTS_PER_NS).round() as u128
    }
    fn coarse_parts(self) -> u64 {
        (self * Self::COARSE_PARTS_PER_NS).round() as u64
    }
}

/// Values of one figure.
#[derive(Clone, Debug)]
pub(super) struct Figures<T> {
    /// All values, unless there are more than `most_kept`; none then.
    kept: Vec<T>,
    /// Their coarse parts otherwise.
    counted: FineHistogram,
    most_kept: usize,
    count: u64,
    sum_parts: u128,
    max: Option<T>,
}

impl<T: Sample> Figures<T> {
    /// The most that a percentile may be off, relative to its value, when values are counted.
    pub(super) const PERCENTILE_ERROR: f64 = FineHistogram::RELATIVE_RESOLUTION / 2.0;

    /// No values yet.
    pub(super) fn new() -> Figures<T> {
        Figures::keeping(MOST_KEPT)
    }

    /// No values yet; so many are kept.
    fn keeping(most_kept: usize) -> Figures<T> {
        Figures {
            kept: Vec::new(),
            counted: FineHistogram::new(),
            most_kept,
            count: 0,
            sum_parts: 0,
            max: None,
        }
    }

    /// Whether percentiles are exact.
    pub(super) fn is_exact(&self) -> bool {
        self.counted.is_empty()
    }

    pub(super) fn push(&mut self, value: T) {
        self.count += 1;
        self.sum_parts += value.parts();
        self.raise(value);
        if self.counted.is_empty() && self.kept.len() < self.most_kept {
            self.kept.push(value);
        } else {
            self.stop_keeping();
            self.counted.record(value.coarse_parts());
        }
    }

    /// Adds the values of others. O(values kept, or buckets).
    pub(super) fn merge(&mut self, other: Figures<T>) {
        self.count += other.count;
        self.sum_parts += other.sum_parts;
        if let Some(max) = other.max {
            self.raise(max);
        }
        let exact = self.is_exact() && other.is_exact();
        if exact && self.kept.len() + other.kept.len() <= self.most_kept {
            self.kept.extend(other.kept);
            return;
        }
        self.stop_keeping();
        for value in other.kept {
            self.counted.record(value.coarse_parts());
        }
        self.counted.merge(&other.counted);
    }

    fn raise(&mut self, value: T) {
        if self.max.is_none_or(|max| T::order(&max, &value).is_lt()) {
            self.max = Some(value);
        }
    }

    fn stop_keeping(&mut self) {
        for value in std::mem::take(&mut self.kept) {
            self.counted.record(value.coarse_parts());
        }
    }

    /// How the values are spread. O(values kept, or buckets).
    pub(super) fn spread(&mut self) -> Spread {
        let mean_ns = self.sum_parts as f64 / T::PARTS_PER_NS / self.count as f64;
        let mut quantile = |q| match self.counted.is_empty() {
            true => quantile(&mut self.kept, q, T::order, T::value),
            false => Some(self.counted_quantile(q)),
        };
        Spread {
            p50: quantile(0.50),
            p90: quantile(0.90),
            p95: quantile(0.95),
            p99: quantile(0.99),
            mean: (self.count > 0).then_some(mean_ns),
            max: self.max.map(T::value),
        }
        .map(|ns| ns / NANOS_PER_SEC as f64)
    }

    /// Interpolated between the closest ranks, as it is between values. The figure of each is off
    /// by at most `PERCENTILE_ERROR`, so that what lies between them is too.
    fn counted_quantile(&self, q: f64) -> f64 {
        let count = self.counted.count();
        let Position { below, weight } = Position::of(q, count as usize - 1);
        let at = |rank: u64| self.counted.value_at(rank.min(count)) as f64;
        let below = below as u64 + 1;
        weight.between(at(below), at(below + 1)) / T::COARSE_PARTS_PER_NS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures<T: Sample>(most_kept: usize, values: &[T]) -> Figures<T> {
        let mut figures = Figures::keeping(most_kept);
        values.iter().for_each(|&value| figures.push(value));
        figures
    }

    /// Magnitudes from 1 ns to 50 s.
    fn values(count: u64) -> Vec<u64> {
        let value = |n: u64| n.pow(3) * 7919 % 50_000_000_017 / (1 + n % 5 * 1000) + 1;
        (1..=count).map(value).collect()
    }

    fn percentiles(spread: Spread) -> [f64; 4] {
        [spread.p50, spread.p90, spread.p95, spread.p99].map(Option::unwrap)
    }

    /// Everything but the percentiles is the same; these are off by no more than they say.
    fn compare<T: Sample + std::fmt::Debug>(values: &[T]) {
        let exact = figures(values.len(), values);
        let counted = figures(values.len() - 1, values);
        assert!(exact.is_exact() && !counted.is_exact());
        let (mut exact, mut counted) = (exact, counted);
        let (exact, counted) = (exact.spread(), counted.spread());
        assert_eq!((exact.mean, exact.max), (counted.mean, counted.max));
        for (exact, counted) in percentiles(exact).into_iter().zip(percentiles(counted)) {
            let error = (counted / exact - 1.0).abs();
            // Half a part of the integer that is counted on top.
            let most = Figures::<T>::PERCENTILE_ERROR + 0.5e-9 / exact;
            assert!(error <= most, "{counted} for {exact}");
        }
    }

    #[test]
    fn what_is_counted_is_close_to_what_is_kept() {
        let integers = values(3001);
        compare(&integers);
        let doubles: Vec<f64> = integers.iter().map(|&value| value as f64 / 7.0).collect();
        compare(&doubles);
        // Two modes with nothing between: the median lies in the middle.
        compare(&[1_000_000, 1_000_000, 9_000_000_000, 9_000_000_000_u64]);
    }

    #[test]
    fn merged_figures_are_those_of_all_values() {
        let values = values(1000);
        for (cut, most_kept) in [(0, 1000), (400, 1000), (400, 700), (400, 500), (400, 10)] {
            let (one, other) = values.split_at(cut);
            let mut merged = figures(most_kept, one);
            merged.merge(figures(most_kept, other));
            let mut all = figures(most_kept, &values);
            assert_eq!(merged.is_exact(), all.is_exact(), "{cut} {most_kept}");
            assert_eq!(merged.spread(), all.spread(), "{cut} {most_kept}");
        }
    }

    #[test]
    fn means_are_exact() {
        let spread = figures(9, &[u64::MAX, u64::MAX, 1]).spread();
        let expected = (2 * u128::from(u64::MAX) + 1) as f64 / 3.0 / 1e9;
        assert_eq!(spread.mean, Some(expected));
        // A sum of doubles loses the small one beside the large.
        let doubles = [2_f64.powi(60), 1.0, -0.0, 2_f64.powi(-32)];
        let figures = figures(1, &doubles);
        assert_eq!(figures.sum_parts, (1 << 92) + (1 << 32) + 1);
        assert_eq!(figures.max, Some(2_f64.powi(60)));
    }

    #[test]
    fn nothing_has_no_spread() {
        assert_eq!(Figures::<f64>::new().spread(), Spread::default());
        assert_eq!(Figures::<u64>::new().spread(), Spread::default());
    }
}
