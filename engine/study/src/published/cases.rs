//! Cases of systems under a token budget, and their measurement.

use kendall_kernel::Level;
use kendall_llm::token_budget::Scheduler;

use super::demo::Base;
use super::originals::original;
use super::row::{Metric, Row};
use crate::token_budget::{self, Figure, Point, Trials, TrialsError};
use crate::trials::{Plan, Watch};

/// A system with its load at a value of what a study varies.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The scenario.
    pub scenario: &'static str,
    /// What else is set, such as `max_sequences=8`; empty for nothing.
    pub variant: String,
    /// The value of what is varied; `None` if nothing is.
    pub value: Option<f64>,
    /// What runs.
    pub point: Point,
}

/// Rate at which requests come at about once, per second, and for how many seconds, as in the
/// original's runs of it.
const SATURATION: (f64, f64) = (40.0, 200.0);

impl Case {
    pub(super) fn new(base: &Base, value: Option<f64>, point: Point) -> Case {
        Case {
            scenario: base.demo.name(),
            variant: String::new(),
            value,
            point,
        }
    }

    /// Its scheduler's name.
    #[must_use]
    pub fn system(&self) -> &'static str {
        self.point.setting.config.scheduler.name()
    }
}

/// Windows of arrivals of equal distance up to `longest_s`, for each scheduler; window i under seed
/// `seed` + i.
///
/// # Errors
/// No windows, or a longest one that is not positive.
pub fn time_windows(
    base: &Base,
    schedulers: &[Scheduler],
    longest_s: f64,
    windows: u32,
    seed: u64,
) -> Result<Vec<Case>, TrialsError> {
    let mut cases = Vec::new();
    for &scheduler in schedulers {
        let points = token_budget::windows(&base.under(scheduler), longest_s, windows, seed)?;
        let case = |point: Point| Case::new(base, Some(point.setting.load.window_s), point);
        cases.extend(points.into_iter().map(case));
    }
    Ok(cases)
}

/// Sizes of chunks, for each scheduler; `None` computes prompts whole and has no value. All under
/// one seed, so that they see the same requests.
#[must_use]
pub fn chunk_sizes(
    base: &Base,
    schedulers: &[Scheduler],
    sizes: &[Option<u32>],
    seed: u64,
) -> Vec<Case> {
    let of_scheduler = |&scheduler: &Scheduler| {
        let points = token_budget::chunk_sizes(&base.under(scheduler), sizes, seed);
        let case = |point: Point| {
            let size = point.setting.config.chunk_tokens;
            Case::new(base, size.map(f64::from), point)
        };
        points.into_iter().map(case).collect::<Vec<Case>>()
    };
    schedulers.iter().flat_map(of_scheduler).collect()
}

/// Shares of decodes of the hybrid scheduler, for each sequence limit, all under one seed.
#[must_use]
pub fn hybrid_ratios(base: &Base, limits: &[u32], ratios: &[f64], seed: u64) -> Vec<Case> {
    let of_limit = |&limit: &u32| {
        let mut setting = base.setting.clone();
        setting.config.max_sequences = limit;
        let points = token_budget::decode_shares(&setting, ratios, seed);
        let case = |(point, &ratio): (Point, &f64)| Case {
            variant: format!("max_sequences={limit}"),
            ..Case::new(base, Some(ratio), point)
        };
        points
            .into_iter()
            .zip(ratios)
            .map(case)
            .collect::<Vec<Case>>()
    };
    limits.iter().flat_map(of_limit).collect()
}

/// All requests at about once, 40 per second for 200 s, for each scheduler and number of GPUs.
#[must_use]
pub fn saturation(base: &Base, schedulers: &[Scheduler], gpus: &[u16], seed: u64) -> Vec<Case> {
    let of_scheduler = |&scheduler: &Scheduler| {
        let case = move |&gpus: &u16| {
            let mut setting = base.under(scheduler);
            setting.config.gpus = gpus;
            (setting.load.rate_per_s, setting.load.window_s) = SATURATION;
            Case::new(base, Some(f64::from(gpus)), Point { setting, seed })
        };
        gpus.iter().map(case)
    };
    schedulers.iter().flat_map(of_scheduler).collect()
}

/// Measures cases, in so many trials each; `None` if `watch` ends it.
///
/// # Errors
/// No cases or trials, settings out of their range, and time beyond 2^64 ns.
pub fn measure(
    cases: &[Case],
    trials: u32,
    watch: &dyn Watch,
) -> Result<Option<Vec<Trials>>, TrialsError> {
    let points: Vec<Point> = cases.iter().map(|case| case.point.clone()).collect();
    let plan = Plan::fixed(points.len(), trials)?;
    let all = token_budget::run(&points, &plan, watch)?;
    let of_case = |case| Trials::of(&all, case);
    Ok(all
        .is_complete()
        .then(|| (0..cases.len()).map(of_case).collect()))
}

/// A row for each figure of a case.
#[must_use]
pub fn rows(case: &Case, trials: &Trials, level: Level) -> Vec<Row> {
    let row = |figure: Figure| Row {
        variant: case.variant.clone(),
        value: case.value,
        original: original(&case.point.setting, figure),
        ..Row::new(
            case.scenario,
            case.system(),
            metric(figure),
            trials.estimate(figure, level),
        )
    };
    Figure::ALL.into_iter().map(row).collect()
}

/// The figure as rows have it.
pub(super) const fn metric(figure: Figure) -> Metric {
    let unit = match figure {
        Figure::Throughput => "requests/s",
        Figure::Arrived | Figure::Completed => "requests",
        Figure::Batches => "1",
        _ => "s",
    };
    Metric {
        name: figure.name(),
        unit,
    }
}

#[cfg(test)]
mod tests {
    use super::super::demo::{Demo, SCHEDULERS};
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::trials::PlanError;

    #[test]
    fn cases_are_the_originals_grids() {
        let base = Base::of(Demo::Demo2);
        let windows = time_windows(&base, &SCHEDULERS, 5000.0, 100, 0).unwrap();
        assert_eq!(windows.len(), 300);
        assert_eq!(windows[299].point.setting.load.window_s, 5000.0);
        assert_eq!(windows[100].value, Some(50.0));
        assert!(time_windows(&base, &SCHEDULERS, 0.0, 100, 0).is_err());
        let sizes = chunk_sizes(&base, &SCHEDULERS[..1], &[None, Some(8)], 1);
        assert_eq!((sizes[0].value, sizes[1].value), (None, Some(8.0)));
        let ratios = hybrid_ratios(&base, &[8, 1000], &[0.25, 0.5], 1);
        assert_eq!(ratios[1].variant, "max_sequences=8");
        assert_eq!(ratios[2].point.setting.config.max_sequences, 1000);
    }

    #[test]
    fn whoever_watches_may_stop() {
        let base = Base::of(Demo::Demo2);
        let cases = time_windows(&base, &SCHEDULERS, 20.0, 2, 0).unwrap();
        let stopped = measure(&cases, 2, &After(AtomicU64::new(0)));
        assert_eq!(stopped, Ok(None));
        let nothing = measure(&cases, 0, &());
        assert_eq!(nothing, Err(PlanError::NoTrials.into()));
    }

    /// Begins nothing more after five runs.
    struct After(AtomicU64);

    impl Watch for After {
        fn ran(&self, done: u64, _planned: u64) {
            self.0.fetch_max(done, Ordering::Relaxed);
        }

        fn stops(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= 5
        }
    }

    #[test]
    fn shares_do_not_matter_where_no_limit_binds() {
        let mut base = Base::of(Demo::Demo2);
        base.setting.load.window_s = 30.0;
        let cases = hybrid_ratios(&base, &[1000, 8], &[0.2, 0.8], 3);
        let all = measure(&cases, 2, &()).unwrap().unwrap();
        assert_eq!(all[0], all[1]);
        assert_ne!(all[2], all[3]);
    }
}
