//! Means and percentiles.

use std::cmp::Ordering;

use kendall_kernel::Histogram;
use kendall_kernel::time::NANOS_PER_SEC;
use serde::Serialize;

/// How a figure is spread, in seconds; every member is `None` when there is no sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Largest sample.
    pub max: Option<f64>,
}

impl Spread {
    /// The spread of counted samples in nanoseconds, percentiles to the histogram's resolution.
    pub(super) fn of_histogram_ns(samples: &Histogram) -> Spread {
        let quantile = |q| samples.quantile(q).map(|ns| ns as f64);
        Spread {
            mean: samples.mean(),
            p50: quantile(0.50),
            p90: quantile(0.90),
            p95: quantile(0.95),
            p99: quantile(0.99),
            max: samples.max().map(|ns| ns as f64),
        }
        .map(|ns| ns / NANOS_PER_SEC as f64)
    }

    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Spread {
        Spread {
            mean: self.mean.map(&f),
            p50: self.p50.map(&f),
            p90: self.p90.map(&f),
            p95: self.p95.map(&f),
            p99: self.p99.map(&f),
            max: self.max.map(&f),
        }
    }
}

/// Where a quantile lies among sorted samples: definition 7 of Hyndman and Fan (Sample Quantiles in
/// Statistical Packages, 1996), numpy's default.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// Index of the sample at or below it.
    pub(super) below: usize,
    /// How far it is on the way to the next.
    pub(super) weight: Weight,
}

/// A share, from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight(f64);

impl Position {
    /// Of the `q`-quantile, 0 <= q <= 1; `last` is the index of the last sample.
    pub(super) fn of(q: f64, last: usize) -> Position {
        let rank = last as f64 * q;
        let below = (rank as usize).min(last);
        let weight = Weight(rank - below as f64);
        Position { below, weight }
    }
}

impl Weight {
    /// Linear interpolation; from the nearer end, as numpy does, so that the result never leaves
    /// the interval.
    pub(super) fn between(self, low: f64, high: f64) -> f64 {
        if self.0 < 0.5 {
            low + (high - low) * self.0
        } else {
            high - (high - low) * (1.0 - self.0)
        }
    }
}

/// The `q`-quantile, 0 <= q <= 1, with linear interpolation between the closest ranks. Reorders
/// the samples. O(samples).
pub(super) fn quantile<T: Copy>(
    samples: &mut [T],
    q: f64,
    order: impl Fn(&T, &T) -> Ordering,
    value: impl Fn(T) -> f64,
) -> Option<f64> {
    let last = samples.len().checked_sub(1)?;
    let Position { below, weight } = Position::of(q, last);
    let (_, low, rest) = samples.select_nth_unstable_by(below, &order);
    let low = value(*low);
    let high = rest.iter().copied().min_by(&order).map_or(low, value);
    Some(weight.between(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: &mut [u64], q: f64) -> Option<f64> {
        quantile(samples, q, u64::cmp, |value| value as f64)
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([3, 1, 10, 7], [0, .5, .9, .95, .99, 1])
        let mut samples = [3_u64, 1, 10, 7];
        let close = |q, expected: f64| {
            let value = of(&mut samples.clone(), q).unwrap();
            assert!((value - expected).abs() < 1e-12, "{q}: {value}");
        };
        close(0.0, 1.0);
        close(0.5, 5.0);
        close(0.9, 9.1);
        close(0.95, 9.55);
        close(0.99, 9.91);
        assert_eq!(of(&mut samples, 1.0), Some(10.0));
        assert_eq!(of(&mut [4], 0.3), Some(4.0));
        assert_eq!(of(&mut [], 0.5), None);
    }

    #[test]
    fn quantiles_agree_with_a_sorted_vector() {
        let samples: Vec<u64> = (0..1001_u64).map(|n| n * n * 7919 % 100_003).collect();
        let mut sorted = samples.clone();
        sorted.sort_unstable();
        for percent in 0..=100 {
            // With 1001 samples each percentile is one of them.
            let expected = sorted[percent * 10] as f64;
            let value = of(&mut samples.clone(), percent as f64 / 100.0).unwrap();
            assert!(
                (value - expected).abs() <= 1e-9 * expected,
                "{percent}: {value}"
            );
        }
    }

    #[test]
    fn a_histogram_is_spread_to_its_resolution() {
        let mut histogram = Histogram::new();
        assert_eq!(Spread::of_histogram_ns(&histogram), Spread::default());
        histogram.record_n(20_000_000, 98);
        histogram.record_n(500_000_000, 2);
        let spread = Spread::of_histogram_ns(&histogram);
        let close = |value: Option<f64>, expected: f64| {
            let error = (value.unwrap() / expected - 1.0).abs();
            assert!(error <= Histogram::RELATIVE_RESOLUTION, "{value:?}");
        };
        close(spread.p50, 0.02);
        close(spread.p95, 0.02);
        close(spread.p99, 0.5);
        assert_eq!(spread.max, Some(0.5));
        assert!((spread.mean.unwrap() - 0.0296).abs() < 1e-12);
    }
}
