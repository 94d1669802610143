//! Means and exact percentiles.

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

/// A figure in nanoseconds, integer or not.
pub(super) trait Sample: Copy {
    /// A total order.
    fn order(a: &Self, b: &Self) -> Ordering;

    /// The sample, rounded to nearest.
    fn value(self) -> f64;

    /// The sum of all samples.
    fn sum(samples: &[Self]) -> f64;
}

impl Sample for u64 {
    fn order(a: &u64, b: &u64) -> Ordering {
        a.cmp(b)
    }
    fn value(self) -> f64 {
        self as f64
    }
    fn sum(samples: &[u64]) -> f64 {
        samples
            .iter()
            .map(|&sample| u128::from(sample))
            .sum::<u128>() as f64
    }
}

impl Sample for f64 {
    fn order(a: &f64, b: &f64) -> Ordering {
        a.total_cmp(b)
    }
    fn value(self) -> f64 {
        self
    }
    fn sum(samples: &[f64]) -> f64 {
        samples.iter().sum()
    }
}

impl Spread {
    /// The exact spread of samples in nanoseconds. O(samples).
    pub(super) fn of_ns<T: Sample>(mut samples: Vec<T>) -> Spread {
        let count = samples.len() as f64;
        let mean = (!samples.is_empty()).then(|| T::sum(&samples) / count);
        let mut quantile = |q| quantile(&mut samples, q);
        Spread {
            mean,
            p50: quantile(0.50),
            p90: quantile(0.90),
            p95: quantile(0.95),
            p99: quantile(0.99),
            max: quantile(1.0),
        }
        .map(|ns| ns / NANOS_PER_SEC as f64)
    }

    /// The spread of counted samples in nanoseconds, percentiles to the histogram's resolution.
    pub(super) fn of_histogram_ns(samples: &Histogram) -> Spread {
        let quantile = |q| samples.quantile(q).map(u64::value);
        Spread {
            mean: samples.mean(),
            p50: quantile(0.50),
            p90: quantile(0.90),
            p95: quantile(0.95),
            p99: quantile(0.99),
            max: samples.max().map(u64::value),
        }
        .map(|ns| ns / NANOS_PER_SEC as f64)
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Spread {
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

/// The `q`-quantile, 0 <= q <= 1, with linear interpolation between the closest ranks: definition
/// 7 of Hyndman and Fan (Sample Quantiles in Statistical Packages, 1996), numpy's default.
/// Reorders the samples. O(samples).
fn quantile<T: Sample>(samples: &mut [T], q: f64) -> Option<f64> {
    let last = samples.len().checked_sub(1)?;
    let rank = last as f64 * q;
    let below = (rank as usize).min(last);
    let (_, low, rest) = samples.select_nth_unstable_by(below, T::order);
    let low = low.value();
    let high = rest.iter().copied().min_by(T::order).map_or(low, T::value);
    let weight = rank - below as f64;
    // From the nearer end, as numpy does, so that the result never leaves the interval.
    Some(if weight < 0.5 {
        low + (high - low) * weight
    } else {
        high - (high - low) * (1.0 - weight)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([3, 1, 10, 7], [0, .5, .9, .95, .99, 1])
        let mut samples = [3_u64, 1, 10, 7];
        let close = |q, expected: f64| {
            let value = quantile(&mut samples.clone(), q).unwrap();
            assert!((value - expected).abs() < 1e-12, "{q}: {value}");
        };
        close(0.0, 1.0);
        close(0.5, 5.0);
        close(0.9, 9.1);
        close(0.95, 9.55);
        close(0.99, 9.91);
        assert_eq!(quantile(&mut samples, 1.0), Some(10.0));
        assert_eq!(quantile(&mut [4.5], 0.3), Some(4.5));
        assert_eq!(quantile::<u64>(&mut [], 0.5), None);
    }

    #[test]
    fn quantiles_agree_with_a_sorted_vector() {
        let samples: Vec<u64> = (0..1001_u64).map(|n| n * n * 7919 % 100_003).collect();
        let mut sorted = samples.clone();
        sorted.sort_unstable();
        for percent in 0..=100 {
            // With 1001 samples each percentile is one of them.
            let expected = sorted[percent * 10] as f64;
            let value = quantile(&mut samples.clone(), percent as f64 / 100.0).unwrap();
            assert!(
                (value - expected).abs() <= 1e-9 * expected,
                "{percent}: {value}"
            );
        }
    }

    #[test]
    fn the_mean_of_integers_is_exact() {
        let spread = Spread::of_ns(vec![u64::MAX, u64::MAX, 1]);
        let expected = (2 * u128::from(u64::MAX) + 1) as f64 / 3.0 / 1e9;
        assert_eq!(spread.mean, Some(expected));
        assert_eq!(Spread::of_ns(Vec::<f64>::new()), Spread::default());
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
