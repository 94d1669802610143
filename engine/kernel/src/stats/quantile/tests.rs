//! Ranks against the binomial law, sections against their definition.

use super::*;
use crate::stats::histogram::Histogram;
use crate::stats::level::Level;
use proptest::prelude::*;

/// Binomial probabilities by their recurrence, upwards from (1 - q)^n.
fn binomial(n: u64, q: f64) -> Vec<f64> {
    let mut probability = (1.0 - q).powi(n as i32);
    let mut all = vec![probability];
    for k in 0..n {
        probability *= (n - k) as f64 / (k + 1) as f64 * q / (1.0 - q);
        all.push(probability);
    }
    all
}

#[test]
fn intervals_of_the_median_are_those_of_tables() {
    // The sign test: values 2 and 9 of 10, 6 and 15 of 20, 40 and 61 of 100.
    for (count, low, high, coverage) in [
        (10, 2, 9, 0.9785),
        (20, 6, 15, 0.9586),
        (100, 40, 61, 0.9648),
    ] {
        let ranks = order_ranks(count, 0.5, Level::P95).unwrap();
        assert_eq!((ranks.low, ranks.high), (Some(low), Some(high)));
        assert!((ranks.coverage - coverage).abs() < 5e-5);
    }
}

#[test]
fn few_values_have_no_upper_end() {
    assert_eq!(order_ranks(0, 0.5, Level::P95), None);
    for (q, enough) in [(0.99, 368), (0.999, 3688)] {
        let short = order_ranks(enough - 1, q, Level::P95).unwrap();
        assert_eq!(short.high, None);
        assert!(short.low.is_some() && short.coverage >= 0.95);
        let ranks = order_ranks(enough, q, Level::P95).unwrap();
        assert_eq!(ranks.high, Some(enough));
    }
    let low = order_ranks(367, 0.01, Level::P95).unwrap();
    assert_eq!((low.low, low.high.is_some()), (None, true));
}

#[test]
fn many_values_narrow_the_interval() {
    let n = 1_000_000_000;
    let ranks = order_ranks(n, 0.99, Level::P95).unwrap();
    let reach = 1.959964 * (n as f64 * 0.99 * 0.01).sqrt();
    for (rank, expected) in [
        (ranks.low.unwrap(), 0.99 * n as f64 - reach),
        (ranks.high.unwrap(), 0.99 * n as f64 + reach),
    ] {
        // The normal approximation is off by a few places: its skewness term is (z^2 - 1) / 6.
        assert!((rank as f64 - expected).abs() < 4.0, "{rank} or {expected}");
    }
    assert!((ranks.coverage - 0.95).abs() < 1e-4);
}

proptest! {
    #[test]
    fn ranks_are_the_narrowest_that_cover(
        count in 1..200_u64,
        per_mille in 1..1000_u32,
        level in 0.5..0.999_f64,
    ) {
        let q = f64::from(per_mille) / 1000.0;
        let level = Level::new(level).unwrap();
        let ranks = order_ranks(count, q, level).unwrap();
        let probabilities = binomial(count, q);
        // A recurrence that starts from a subnormal number has few places.
        prop_assume!(probabilities[0] >= f64::MIN_POSITIVE);
        let below = |k: u64| probabilities[..k as usize].iter().sum::<f64>();
        let above = |k: u64| probabilities[k as usize..].iter().sum::<f64>();
        let (tail, slack) = (level.tail(), 1e-12);
        if let Some(low) = ranks.low {
            prop_assert!(below(low) <= tail + slack);
        }
        prop_assert!(below(ranks.low.unwrap_or(0) + 1) > tail - slack);
        if let Some(high) = ranks.high {
            prop_assert!(above(high) <= tail + slack);
            prop_assert!(above(high - 1) > tail - slack);
        } else {
            prop_assert!(above(count) > tail - slack);
        }
        prop_assert!(ranks.coverage >= level.probability() - slack);
    }

    #[test]
    fn a_histogram_encloses_what_the_values_do(
        mut values in prop::collection::vec(1..1_000_000_u64, 1..300),
        percent in 1..100_u32,
    ) {
        let q = f64::from(percent) / 100.0;
        let mut histogram = Histogram::new();
        values.iter().for_each(|&value| histogram.record(value));
        values.sort_unstable();
        let floats: Vec<f64> = values.iter().map(|&value| value as f64).collect();
        let exact = RankInterval::of_sorted(&floats, q, Level::P95).unwrap();
        let counted = RankInterval::of_histogram(&histogram, q, Level::P95).unwrap();
        prop_assert_eq!(exact.ranks, counted.ranks);
        prop_assert_eq!(exact.low.is_some(), counted.low.is_some());
        let width = 1.0 + Histogram::RELATIVE_RESOLUTION;
        if let (Some(fine), Some(coarse)) = (exact.low, counted.low) {
            prop_assert!(coarse as f64 <= fine && fine <= coarse as f64 * width);
        }
        if let (Some(fine), Some(coarse)) = (exact.high, counted.high) {
            prop_assert!(coarse as f64 >= fine && coarse as f64 <= fine * width);
        }
    }
}

#[test]
#[should_panic(expected = "not in ascending order")]
fn order_is_checked() {
    let _ = RankInterval::of_sorted(&[2.0, 1.0], 0.5, Level::P95);
}

#[test]
#[should_panic(expected = "quantile 1 does not lie between 0 and 1")]
fn the_maximum_is_no_quantile() {
    let _ = order_ranks(10, 1.0, Level::P95);
}

fn histogram(values: impl IntoIterator<Item = u64>) -> Histogram {
    let mut histogram = Histogram::new();
    values.into_iter().for_each(|value| histogram.record(value));
    histogram
}

#[test]
fn sections_deviate_from_the_quantile_of_all() {
    // Medians 10, 20, 60 and, of all nine, 20; small enough to be counted exactly.
    let sections = [[9, 10, 11], [19, 20, 21], [59, 60, 61]].map(histogram);
    let median = sectioned_quantile(&sections, 0.5, Level::P95).unwrap();
    assert_eq!(median.estimate.value, 20.0);
    let expected = ((100.0 + 1600.0) / 6.0_f64).sqrt();
    assert!((median.estimate.std_error.unwrap() - expected).abs() < 1e-13);
    assert_eq!(median.estimate.degrees_of_freedom, Some(2.0));
    assert_eq!((median.resolution, median.estimate.observations), (0.0, 9));
}

#[test]
fn resolution_is_stated() {
    // Between 2^20 and 2^21 buckets are 2^13 wide.
    let sections = [0, 1, 2].map(|i| histogram((0..99).map(|j| (1 << 20) + i + 7 * j)));
    let median = sectioned_quantile(&sections, 0.5, Level::P95).unwrap();
    assert_eq!(median.resolution, 8191.0 / 2.0);
    let (low, high) = median.estimate.interval().unwrap();
    let (lower, higher) = median.interval_with_resolution().unwrap();
    assert_eq!((low - lower, higher - high), (4095.5, 4095.5));
    assert!(lower <= (1 << 20) as f64 && higher >= (1 << 20) as f64);
}

#[test]
fn one_section_has_no_error() {
    let one = [histogram([1, 2, 3]), Histogram::new()];
    let median = sectioned_quantile(&one, 0.5, Level::P95).unwrap();
    assert_eq!(
        (median.estimate.value, median.estimate.std_error),
        (2.0, None)
    );
    assert_eq!(median.interval_with_resolution(), None);
    assert_eq!(
        sectioned_quantile(&[Histogram::new()], 0.5, Level::P95),
        None
    );
}
