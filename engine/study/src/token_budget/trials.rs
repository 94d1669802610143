//! Independent trials.

use kendall_kernel::{Estimate, Level, Streams};
use kendall_llm::token_budget::{Ending, Metrics, TokenBudgetError};

use super::figure::Figure;
use super::setting::Setting;
use crate::trials::{self, Measured, Plan, PlanError, Watch};

/// Why a study cannot run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrialsError {
    /// How many trials there are to be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A sweep without points, or over nothing.
    #[error("`{field}` is {value}, must be {must}")]
    OutOfRange {
        /// The setting.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// A system or its load.
    #[error(transparent)]
    System(#[from] TokenBudgetError),
}

/// A point of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What runs.
    pub setting: Setting,
    /// Seed of its random streams; points under one seed see the same requests.
    pub seed: u64,
}

/// What one trial came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Its figures.
    pub metrics: Metrics,
    /// How it ended.
    pub ending: Ending,
}

impl Measured for Trial {
    /// By its position in [`Figure::ALL`].
    fn metric(&self, metric: usize) -> Option<f64> {
        Figure::ALL
            .get(metric)
            .map(|figure| figure.of(&self.metrics))
    }
}

/// The figures of independent runs of one setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Trials {
    /// By trial; never empty.
    pub metrics: Vec<Metrics>,
    /// The first trial that ended with requests left, if any, and how.
    pub blocked: Option<(u32, Ending)>,
    /// Trials that ended with requests left.
    pub blocked_trials: u32,
}

impl Trials {
    /// Those of one of several points.
    #[must_use]
    pub fn of(all: &trials::Trials<Trial>, point: usize) -> Trials {
        let blocked = |&(_, trial): &(u32, &Trial)| trial.ending != Ending::Drained;
        let first = all.of(point).find(blocked);
        Trials {
            metrics: all.of(point).map(|(_, trial)| trial.metrics).collect(),
            blocked: first.map(|(number, trial)| (number, trial.ending)),
            blocked_trials: all.of(point).filter(blocked).count() as u32,
        }
    }

    /// The mean of a figure over the trials, with the interval of Student; without an error for a
    /// single trial.
    ///
    /// # Panics
    /// Without trials, which [`trials()`] never returns.
    #[must_use]
    pub fn estimate(&self, figure: Figure, level: Level) -> Estimate {
        let values = self.metrics.iter().map(|metrics| figure.of(metrics));
        trials::estimate(values, level).expect("there are trials")
    }
}

/// Runs a setting so many times, trial k under replication k of the seed.
///
/// # Errors
/// No trials, settings out of their range, and time beyond 2^64 ns.
pub fn trials(setting: &Setting, trials: u32, seed: u64) -> Result<Trials, TrialsError> {
    let setting = setting.clone();
    let mut all = sweep(&[Point { setting, seed }], trials)?;
    Ok(all.remove(0))
}

/// Runs each point so many times; in the order of the points.
///
/// # Errors
/// No trials, settings out of their range, and time beyond 2^64 ns.
pub fn sweep(points: &[Point], trials: u32) -> Result<Vec<Trials>, TrialsError> {
    if points.is_empty() {
        return Ok(Vec::new());
    }
    let all = run(points, &Plan::fixed(points.len(), trials)?, &())?;
    Ok((0..points.len())
        .map(|point| Trials::of(&all, point))
        .collect())
}

/// Runs points, which are the variants of the plan, trial k of each under replication k of its seed.
///
/// # Errors
/// Settings out of their range, and time beyond 2^64 ns.
///
/// # Panics
/// If the plan is one for another number of variants.
pub fn run(
    points: &[Point],
    plan: &Plan,
    watch: &dyn Watch,
) -> Result<trials::Trials<Trial>, TrialsError> {
    assert_eq!(plan.variants(), points.len(), "a plan for other points");
    for point in points {
        point.setting.validate()?;
    }
    trials::run(plan, watch, |point, trial| {
        let Point { setting, seed } = &points[point];
        let streams = Streams::new(*seed).replication(u64::from(trial));
        let (metrics, outcome) = setting.measure(streams)?;
        let ending = outcome.ending;
        Ok(Some(Trial { metrics, ending }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kendall_llm::token_budget::{Rules, Scheduler};

    fn short(scheduler: Scheduler) -> Setting {
        let mut setting = Setting::demo2(scheduler);
        setting.load.window_s = 30.0;
        setting
    }

    #[test]
    fn one_trial_has_no_interval_and_none_is_refused() {
        let setting = short(Scheduler::PrefillPrioritizing);
        assert_eq!(trials(&setting, 0, 1), Err(PlanError::NoTrials.into()));
        let one = trials(&setting, 1, 1).unwrap();
        let estimate = one.estimate(Figure::MeanRts, Level::P95);
        assert_eq!((estimate.half_width, estimate.groups), (None, 1));
        let two = trials(&setting, 2, 1).unwrap();
        assert!(
            two.estimate(Figure::MeanRts, Level::P95)
                .half_width
                .is_some()
        );
        assert_eq!(two.metrics[0], one.metrics[0]);
    }

    #[test]
    fn schedulers_under_one_seed_see_the_same_requests() {
        let schedulers = [
            Scheduler::DecodePrioritizing,
            Scheduler::PrefillPrioritizing,
            Scheduler::Hybrid { decode_share: 0.5 },
        ];
        let points = schedulers.map(|scheduler| Point {
            setting: short(scheduler),
            seed: 5,
        });
        let runs = sweep(&points, 3).unwrap();
        let arrived =
            |trials: &Trials| trials.metrics.iter().map(|m| m.arrived).collect::<Vec<_>>();
        assert_eq!(arrived(&runs[0]), arrived(&runs[1]));
        assert_eq!(arrived(&runs[0]), arrived(&runs[2]));
        assert_ne!(runs[0].metrics[0].arrived, runs[0].metrics[1].arrived);
        // Decodes that come first keep prompts waiting.
        assert!(runs[0].metrics[0].ttft.mean_s > runs[1].metrics[0].ttft.mean_s);
    }

    #[test]
    fn blocked_trials_are_counted() {
        let mut setting = short(Scheduler::Hybrid { decode_share: 0.1 });
        setting.config.max_sequences = 8;
        setting.config.rules = Rules::Orie5580;
        let starved = trials(&setting, 4, 1).unwrap();
        assert_eq!(starved.blocked_trials, 4);
        assert!(matches!(starved.blocked, Some((0, Ending::Blocked { .. }))));
        assert_eq!(starved.estimate(Figure::Completed, Level::P95).value, 0.0);
        setting.config.rules = Rules::Corrected;
        assert_eq!(trials(&setting, 4, 1).unwrap().blocked, None);
    }

    #[test]
    fn the_warm_up_leaves_requests_out() {
        let mut setting = short(Scheduler::PrefillPrioritizing);
        let all = trials(&setting, 1, 2).unwrap().metrics[0];
        setting.warm_up_s = 10.0;
        let later = trials(&setting, 1, 2).unwrap().metrics[0];
        assert!(later.arrived < all.arrived && later.arrived > 0);
        assert_eq!(later.batches, all.batches);
    }
}
