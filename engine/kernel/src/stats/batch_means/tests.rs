//! Batches against their definition, and the test of their independence.

use super::*;
use crate::rng::{Purpose, Streams};
use proptest::prelude::*;
use rand::distr::Distribution;
use rand_distr::StandardNormal;

fn all<S: Total>(observations: &[(S, u64)]) -> BatchMeans<S> {
    let mut batches = BatchMeans::with_k(32);
    for &(sum, count) in observations {
        batches.push(sum, count);
    }
    batches
}

proptest! {
    #[test]
    fn batches_are_runs_of_equally_many(
        observations in prop::collection::vec((0..1000_u32, 0..4_u64), 0..700),
    ) {
        let whole: Vec<(u128, u64)> = observations.iter().map(|&(y, n)| (y.into(), n)).collect();
        let batch_means = all(&whole);
        let batches = batch_means.batches();
        let size = batches.size() as usize;
        prop_assert!(size.is_power_of_two());
        prop_assert!(batches.len() < 64);
        prop_assert!(size == 1 || batches.len() >= 32);
        prop_assert_eq!(batches.len(), observations.len() / size);
        prop_assert_eq!(batch_means.pushed(), observations.len() as u64);
        for (pair, run) in batches.pairs.iter().zip(whole.chunks_exact(size)) {
            let sum: u128 = run.iter().map(|o| o.0).sum();
            let count: u64 = run.iter().map(|o| o.1).sum();
            prop_assert_eq!(*pair, (sum as f64, count as f64));
        }
        let count: u64 = whole.iter().map(|o| o.1).sum();
        let sum: u128 = whole.iter().map(|o| o.0).sum();
        match batch_means.estimate(Level::P95) {
            None => prop_assert_eq!(count, 0),
            Some(estimate) => {
                prop_assert_eq!(estimate.value, sum as f64 / count as f64);
                prop_assert_eq!(estimate.observations, count);
            }
        }
    }

    #[test]
    fn integers_and_floats_agree(
        observations in prop::collection::vec((0..1000_u32, 1..4_u64), 0..300),
    ) {
        let whole: Vec<(u128, u64)> = observations.iter().map(|&(y, n)| (y.into(), n)).collect();
        let floats: Vec<(f64, u64)> = observations.iter().map(|&(y, n)| (y.into(), n)).collect();
        prop_assert_eq!(all(&whole).batches(), all(&floats).batches());
    }

    #[test]
    fn equal_counts_give_the_error_of_the_mean_of_means(
        sums in prop::collection::vec(-100.0..100.0_f64, 2..60),
    ) {
        let observations: Vec<(f64, u64)> = sums.iter().map(|&sum| (sum, 5)).collect();
        let estimate = all(&observations).estimate(Level::P95).unwrap();
        let k = sums.len() as f64;
        let mean = sums.iter().sum::<f64>() / k;
        let variance = sums.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (k - 1.0);
        let expected = (variance / k).sqrt() / 5.0;
        prop_assert!((estimate.std_error.unwrap() - expected).abs() <= 1e-12 * (1.0 + expected));
        prop_assert_eq!(estimate.degrees_of_freedom, Some(k - 1.0));
    }
}

#[test]
fn one_observation_has_no_error() {
    let mut batches = BatchMeans::<u128>::default();
    assert_eq!(batches.estimate(Level::P95), None);
    assert!(batches.batches().is_empty());
    batches.push(5, 2);
    let estimate = batches.estimate(Level::P95).unwrap();
    assert_eq!((estimate.value, estimate.std_error), (2.5, None));
    let checked = batches.checked(Level::P95).unwrap();
    assert!(checked.suspicious(), "nothing tells that one is enough");
    assert_eq!(checked.independence, None);
}

#[test]
fn the_memory_does_not_grow() {
    let mut batches = BatchMeans::<u128>::new();
    let capacity = batches.complete.capacity();
    for i in 0..1_000_000 {
        batches.push(i, 1);
    }
    assert_eq!(batches.complete.capacity(), capacity);
    assert!((64..128).contains(&batches.batches().len()));
    assert_eq!(batches.estimate(Level::P95).unwrap().value, 499_999.5);
}

#[test]
fn coarser_batches_are_pairs() {
    let observations: Vec<(u128, u64)> = (0..21).map(|i| (i, 1)).collect();
    let coarser = all(&observations).batches().coarser();
    assert_eq!((coarser.len(), coarser.size()), (10, 2));
    assert_eq!(coarser.means().nth(3), Some(6.5));
    assert_eq!(coarser.estimate(Level::P95).unwrap().value, 10.0);
}

#[test]
fn an_alternating_series_is_known() {
    // z = +1, -1, ...: products sum to -(k - 1), squared differences to 4 (k - 1).
    let observations: Vec<(f64, u64)> = (0..32).map(|i| (f64::from(i % 2), 1)).collect();
    let test = all(&observations).batches().independence().unwrap();
    assert!((test.lag1 + 31.0 / 32.0).abs() < 1e-14);
    let c = 1.0 - 4.0 * 31.0 / 64.0;
    assert!((test.z_score - c / (30.0 / 1023.0_f64).sqrt()).abs() < 1e-13);
    assert!(!test.suspicious() && test.p_value > 0.999);
    let constant: Vec<(f64, u64)> = vec![(3.0, 1); 40];
    let checked = all(&constant).checked(Level::P95).unwrap();
    assert_eq!((checked.independence, checked.suspicious()), (None, false));
}

/// An autoregressive series with coefficient `phi` and innovations of variance 1, in its
/// stationary law from the start.
pub(in crate::stats) fn autoregression(replication: u64, phi: f64) -> impl Iterator<Item = f64> {
    let mut rng = Streams::new(11)
        .replication(replication)
        .stream(0, Purpose::Service);
    let first: f64 = StandardNormal.sample(&mut rng);
    let mut x = first / (1.0 - phi * phi).sqrt();
    std::iter::from_fn(move || {
        let innovation: f64 = StandardNormal.sample(&mut rng);
        let next = phi * x + innovation;
        Some(std::mem::replace(&mut x, next))
    })
}

/// Under independence the test refuses as often as it says. The statistic is symmetric, and the
/// first term of its Edgeworth expansion changes the tail at 1.645 by less than 0.001.
#[test]
fn independent_batches_are_rarely_suspected() {
    let runs = 2000;
    let suspected = (0..runs).filter(|&run| {
        let series = autoregression(run, 0.0).take(48).map(|x| (x, 1));
        let test = all(&series.collect::<Vec<_>>()).batches().independence();
        test.unwrap().suspicious()
    });
    let share = suspected.count() as f64 / runs as f64;
    let p = Independence::SUSPICIOUS;
    let allowed = 5.0 * (p * (1.0 - p) / runs as f64).sqrt() + 0.001;
    assert!((share - p).abs() <= allowed, "{share}");
}

/// With a lag-1 correlation of 0.9 and 48 batches C is about 0.9, 6 standard deviations.
#[test]
fn dependent_batches_are_merged() {
    for run in 0..20 {
        let series = autoregression(run, 0.9).take(48).map(|x| (x, 1));
        let short = all(&series.collect::<Vec<_>>());
        assert!(short.batches().independence().unwrap().suspicious());
        // Merged as far as it goes.
        assert_eq!(short.checked(Level::P95).unwrap().estimate.groups, 24);
        let naive = short.estimate(Level::P95).unwrap();
        let checked = short.checked(Level::P95).unwrap().estimate;
        assert!(checked.std_error > naive.std_error);
        assert_eq!(checked.value, naive.value);
    }
}

#[test]
#[should_panic(expected = "a sum of 2^128")]
fn sums_never_wrap() {
    let mut batches = BatchMeans::with_k(32);
    batches.push(u128::MAX, 1);
    (0..63).for_each(|_| batches.push(1, 1));
}

#[test]
#[should_panic(expected = "an observation is inf")]
fn observations_are_numbers() {
    BatchMeans::<f64>::new().push(f64::INFINITY, 1);
}

#[test]
#[should_panic(expected = "k is 8, must be from 32")]
fn batches_are_not_few() {
    let _ = BatchMeans::<u128>::with_k(8);
}
