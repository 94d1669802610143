//! Estimates against numbers by hand, and runs against what they promise.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

use kendall_kernel::stats::Level;
use kendall_kernel::{Law, Purpose, Streams};
use proptest::prelude::*;

use super::*;

type Rows = Trials<Vec<Option<f64>>>;

/// Trials of one metric, a column per variant.
fn columns(columns: &[&[Option<f64>]]) -> Rows {
    let plan = Plan::fixed(columns.len(), columns[0].len() as u32).unwrap();
    let Ok(trials) = run(&plan, &(), |variant, trial| {
        Ok::<_, Infallible>(Some(vec![columns[variant][trial as usize]]))
    });
    trials
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// Law, Simulation Modeling and Analysis, 5th edition, example 10.2, and its paired t at 90 %:
/// mean 4.98, variance of the mean 2.44, \[1.65, 8.31\]. The intervals of the columns by hand: means
/// 125.57 and 120.59, standard deviations 2.0002 and 1.9394, t of 4 degrees of freedom 2.132.
#[test]
fn intervals_are_those_of_student() {
    let first = some(&[126.97, 124.31, 126.68, 122.66, 127.23]);
    let second = some(&[118.21, 120.22, 122.45, 122.68, 119.40]);
    let trials = columns(&[&first, &second]);
    for (variant, mean, half) in [(0, 125.57, 1.9071), (1, 120.592, 1.8491)] {
        let estimate = trials.estimate(variant, 0, Level::P90).unwrap();
        assert!((estimate.value - mean).abs() < 1e-9, "{estimate:?}");
        assert!(
            (estimate.half_width.unwrap() - half).abs() < 5e-4,
            "{estimate:?}"
        );
        assert_eq!(estimate.groups, 5);
    }
    let difference = trials.difference(0, 1, 0, Level::P90).unwrap();
    let (low, high) = difference.mean.interval().unwrap();
    assert!((difference.mean.value - 4.978).abs() < 1e-9);
    assert!((low - 1.65).abs() < 0.005 && (high - 8.31).abs() < 0.005);
    // 4.978 / 120.592.
    assert!((difference.relative.unwrap() - 0.041_280).abs() < 5e-7);
}

#[test]
fn a_mean_says_how_many_trials_have_the_metric() {
    let trials = columns(&[
        &[Some(1.0), None, Some(3.0), Some(5.0)],
        &[Some(2.0), Some(9.0), None, Some(7.0)],
        &[None; 4],
    ]);
    let mean = trials.estimate(0, 0, Level::P95).unwrap();
    assert_eq!((mean.value, mean.groups), (3.0, 3));
    // Pairs are trials that have it in both.
    let difference = trials.difference(1, 0, 0, Level::P95).unwrap();
    assert_eq!((difference.mean.value, difference.mean.groups), (1.5, 2));
    assert_eq!(trials.estimate(2, 0, Level::P95), None);
    assert_eq!(trials.difference(2, 0, 0, Level::P95), None);
}

#[test]
fn one_trial_has_no_interval_and_none_are_refused() {
    let one = columns(&[&[Some(3.0)], &[Some(4.5)]]);
    let mean = one.estimate(1, 0, Level::P95).unwrap();
    assert_eq!((mean.value, mean.half_width), (4.5, None));
    let difference = one.difference(1, 0, 0, Level::P95).unwrap();
    assert_eq!(
        (difference.mean.value, difference.mean.half_width),
        (1.5, None)
    );
    assert_eq!(difference.relative, Some(0.5));
    assert_eq!(difference.correlation, None);
    assert_eq!(Plan::fixed(3, 0), Err(PlanError::NoTrials));
    assert_eq!(Plan::fixed(0, 3), Err(PlanError::NoVariants));
    let target = |width| vec![Target { metric: 0, width }];
    for width in [0.0, -1.0, 1.0, f64::NAN] {
        let width = target(Width::Relative(width));
        assert!(Plan::until_precise(1, 9, Level::P95, width).is_err());
    }
    for width in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let width = target(Width::Absolute(width));
        assert!(Plan::until_precise(1, 9, Level::P95, width).is_err());
    }
}

/// The mean waiting time of 400 customers of M/M/1 by Lindley's recursion, at two speeds of the
/// server. With streams in common the customers are the same.
fn wait(variant: usize, arrivals: Streams, services: Streams) -> f64 {
    let mut gaps = arrivals.stream(0, Purpose::Arrival);
    let mut sizes = services.stream(0, Purpose::Service);
    let gap = Law::Exponential { mean: 1.0 }.sampler().unwrap();
    let size = Law::Exponential { mean: 0.6 }.sampler().unwrap();
    let speed = [1.0, 1.1][variant];
    let (mut wait, mut total) = (0.0_f64, 0.0);
    for _ in 0..400 {
        total += wait;
        wait = (wait + size.sample(&mut sizes) / speed - gap.sample(&mut gaps)).max(0.0);
    }
    total / 400.0
}

/// Waits grow with both the gaps' shortness and the sizes in both variants, so that common random
/// numbers correlate them positively (Law, 5th edition, section 11.2.2) and paired differences vary
/// less than those of independent runs. By chance the estimate could be the other way round only if
/// a correlation that theory puts near one were negative in fifty pairs.
#[test]
fn common_random_numbers_narrow_differences() {
    let plan = Plan::fixed(2, 50).unwrap();
    let with = |common: bool| -> Rows {
        let seed = |variant: usize| if common { 1 } else { 1 + variant as u64 };
        let Ok(trials) = run(&plan, &(), |variant, trial| {
            let streams = Streams::new(seed(variant)).replication(u64::from(trial));
            Ok::<_, Infallible>(Some(vec![Some(wait(variant, streams, streams))]))
        });
        trials
    };
    let [common, apart] = [true, false].map(|common| {
        let trials = with(common);
        trials.difference(1, 0, 0, Level::P95).unwrap()
    });
    assert!(common.correlation.unwrap() > 0.5, "{common:?}");
    assert!(common.variance_reduction.unwrap() > 0.5, "{common:?}");
    // Independent: no more than chance, whose standard error is 1 / sqrt(50 - 1).
    assert!(apart.correlation.unwrap().abs() < 5.0 / 7.0, "{apart:?}");
    assert!(common.mean.std_error < apart.mean.std_error);
    assert!(
        common.mean.interval().unwrap().1 < 0.0,
        "the faster server waits less"
    );
}

/// A rule on normal values of known spread ends within the trials that theory says it takes.
#[test]
fn trials_go_on_until_every_interval_is_narrow() {
    let noise = |trial: u32| {
        let mut rng = Streams::new(3)
            .replication(u64::from(trial))
            .stream(0, Purpose::Service);
        let uniform = Law::Uniform {
            min: -1.0,
            max: 1.0,
        }
        .sampler()
        .unwrap();
        uniform.sample(&mut rng)
    };
    let made = |targets: Vec<Target>, most| -> Rows {
        let plan = Plan::until_precise(2, most, Level::P95, targets).unwrap();
        let Ok(trials) = run(&plan, &(), |variant, trial| {
            let scale = [1.0, 2.0][variant];
            Ok::<_, Infallible>(Some(vec![Some(10.0 + scale * noise(trial)), None]))
        });
        trials
    };
    let target = |width| Target { metric: 0, width };
    let met = |trials: &Rows, target: Target| {
        (0..2).all(|variant| target.is_met(trials, variant, Level::P95))
    };
    // The standard deviation of the wider is 2 / sqrt(3), so 0.1 to each side takes
    // (1.96 * 1.155 / 0.1)^2 = 512.
    for width in [Width::Absolute(0.1), Width::Relative(0.01)] {
        let trials = made(vec![target(width)], 10_000);
        assert!(met(&trials, target(width)));
        assert!(
            (300..1100).contains(&trials.trials()),
            "{}",
            trials.trials()
        );
        // Both variants have all of them, though one would do with a quarter.
        assert!(trials.is_complete());
    }
    let wide = made(vec![target(Width::Relative(0.5))], 10_000);
    assert_eq!(wide.trials(), Plan::LEAST);
    let capped = made(vec![target(Width::Absolute(0.1))], 64);
    assert_eq!(capped.trials(), 64);
    assert!(!met(&capped, target(Width::Absolute(0.1))));
    // What no trial has never becomes precise, and is not waited for.
    let absent = Target {
        metric: 1,
        width: Width::Relative(0.5),
    };
    let without = made(vec![absent], 25);
    assert_eq!(without.trials(), Plan::LEAST);
    assert!(!met(&without, absent));
    let beside = made(vec![target(Width::Absolute(0.1)), absent], 25);
    assert_eq!(beside.trials(), 25);
    assert_eq!(made(vec![target(Width::Relative(0.5))], 4).trials(), 4);
}

/// Ends a run after so many trials.
struct Patience(AtomicU32);

impl Watch for Patience {
    fn ran(&self, done: u64, planned: u64) {
        assert!(done <= planned && planned == 60, "{done} of {planned}");
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn stops(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

#[test]
fn a_watch_ends_a_run_early() {
    let plan = Plan::fixed(3, 20).unwrap();
    let watch = Patience(AtomicU32::new(7));
    let Ok(trials) = run(&plan, &watch, |_, trial| {
        Ok::<_, Infallible>((trial != 19).then(|| vec![Some(f64::from(trial))]))
    });
    assert!(!trials.is_complete());
    let done: usize = (0..3).map(|variant| trials.of(variant).count()).sum();
    // Trials that others began meanwhile end, too.
    assert!(done < 60, "{done}");
}

proptest! {
    /// Whoever fails first by index is told, whatever ran before it.
    #[test]
    fn the_first_failure_is_told(failing in prop::collection::vec(any::<bool>(), 1..40)) {
        let plan = Plan::fixed(1, failing.len() as u32).unwrap();
        let result: Result<Rows, u32> = run(&plan, &(), |_, trial| {
            if failing[trial as usize] { Err(trial) } else { Ok(Some(vec![])) }
        });
        let first = failing.iter().position(|&fails| fails);
        prop_assert_eq!(result.err(), first.map(|first| first as u32));
    }

    /// Rows are where they belong.
    #[test]
    fn trials_are_put_together_by_index(variants in 1..5_usize, count in 1..50_u32) {
        let plan = Plan::fixed(variants, count).unwrap();
        let Ok(trials) = run(&plan, &(), |variant, trial| {
            Ok::<_, Infallible>(Some(vec![Some(variant as f64), Some(f64::from(trial))]))
        });
        for variant in 0..variants {
            let numbers: Vec<u32> = trials.of(variant).map(|(trial, _)| trial).collect();
            prop_assert_eq!(numbers, (0..count).collect::<Vec<_>>());
            for (trial, row) in trials.of(variant) {
                prop_assert_eq!(row, &vec![Some(variant as f64), Some(f64::from(trial))]);
            }
        }
    }
}
