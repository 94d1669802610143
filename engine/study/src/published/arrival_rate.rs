//! Where arrival rates stop being stable by the published rule, under several seeds.

use kendall_kernel::{Estimate, Level};
use kendall_llm::Control;
use kendall_llm::token_budget::Scheduler;

use super::cases::{Case, rows};
use super::demo::Base;
use super::row::{Metric, Row};
use crate::token_budget::{
    Boundary, Growth, Point, RuleRuns, Trials, TrialsError, Verdicts, boundary, first_to_grow,
    rates,
};
use crate::trials::{PlanError, estimate};

/// Rates of one scheduler of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct RateGrid<'a> {
    /// The scenario.
    pub base: &'a Base,
    /// The scheduler.
    pub scheduler: Scheduler,
    /// Arrivals per second, positive.
    pub rates_per_s: &'a [f64],
}

/// What the rule says of one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateVerdict {
    /// How many seeds call it unstable.
    pub verdicts: Verdicts,
    /// By seed.
    pub growths: Vec<Growth>,
    /// What runs in the longest window.
    pub case: Case,
    /// Its trials, of all seeds.
    pub trials: Trials,
}

/// Which mean grows most at the lowest rate that a seed calls unstable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Explosion {
    /// Seeds under which that is the time to the first token.
    pub ttft: u32,
    /// Under which it is the time per token.
    pub tbt: u32,
    /// Under which it is the response time.
    pub rts: u32,
}

/// What the rule says of all rates.
#[derive(Clone, Debug, PartialEq)]
pub struct RateStudy {
    /// By rate.
    pub rates: Vec<RateVerdict>,
    /// By seed.
    pub boundaries: Vec<Boundary>,
    /// What explodes first.
    pub explosion: Explosion,
}

impl Explosion {
    /// The metrics with how many seeds name each, most first.
    #[must_use]
    pub fn ranked(self) -> [(&'static str, u32); 3] {
        let mut ranked = [("TTFT", self.ttft), ("TBT", self.tbt), ("RTS", self.rts)];
        ranked.sort_by_key(|&(_, seeds)| std::cmp::Reverse(seeds));
        ranked
    }
}

impl RateVerdict {
    /// The share of seeds that call it unstable, with Wilson's interval of its probability, and the
    /// figures of the longest window.
    #[must_use]
    pub fn rows(&self, level: Level) -> Vec<Row> {
        let flags = self.growths.iter();
        let flags = flags.map(|growth| f64::from(u8::from(growth.rts.is_unstable())));
        let (_, [low, high]) = self.verdicts.probability(level);
        let share = estimate(flags, level).map(|estimate| Row {
            value: self.case.value,
            interval: Some((low, high)),
            ..Row::new(self.case.scenario, self.case.system(), UNSTABLE, estimate)
        });
        let figures = rows(&self.case, &self.trials, level);
        share.into_iter().chain(figures).collect()
    }
}

impl RateStudy {
    /// The rule's boundary over the seeds that have one; `None` if none has.
    #[must_use]
    pub fn boundary_row(&self, level: Level) -> Option<Row> {
        let case = &self.rates.first()?.case;
        let middles = self.boundaries.iter().filter_map(Boundary::rate_per_s);
        let estimate = estimate(middles.map(|(middle, _)| middle), level)?;
        Some(Row::new(case.scenario, case.system(), BOUNDARY, estimate))
    }

    /// A capacity, found by other means, as a row beside the others.
    #[must_use]
    pub fn capacity_row(&self, capacity: Estimate) -> Option<Row> {
        let case = &self.rates.first()?.case;
        Some(Row::new(case.scenario, case.system(), CAPACITY, capacity))
    }
}

const UNSTABLE: Metric = Metric {
    name: "unstable_share",
    unit: "1",
};
const BOUNDARY: Metric = Metric {
    name: "rule_boundary_per_s",
    unit: "requests/s",
};
const CAPACITY: Metric = Metric {
    name: "capacity_per_s",
    unit: "requests/s",
};

/// Asks the rule about every rate under every seed; rates see the same random numbers, seed i those
/// from `seed` + i times the windows on. After each rate and seed `watch` learns that one more is
/// done and may end the study: then `None` is returned.
///
/// # Errors
/// No rates or seeds, fewer than ten windows, no trials, settings out of their range, and time
/// beyond 2^64 ns.
pub fn arrival_rate(
    grid: &RateGrid<'_>,
    runs: RuleRuns,
    seed: u64,
    mut watch: impl FnMut() -> Control,
) -> Result<Option<RateStudy>, TrialsError> {
    at_least("rates", grid.rates_per_s.len() as f64, 1.0, "at least 1")?;
    at_least("seeds", f64::from(runs.seeds), 1.0, "at least 1")?;
    let setting = grid.base.under(grid.scheduler);
    let points = rates(&setting, grid.rates_per_s, seed);
    for point in &points {
        point.setting.validate()?;
    }
    let mut found = Vec::with_capacity(points.len());
    for point in points {
        let mut growths = Vec::with_capacity(runs.seeds as usize);
        let mut together: Option<Trials> = None;
        for index in 0..runs.seeds {
            let RuleRuns {
                longest_s,
                windows,
                trials,
                ..
            } = runs;
            let own = runs.seed_of(seed, index);
            let (growth, trials) =
                Growth::with_longest(&point.setting, longest_s, windows, trials, own)?;
            growths.push(growth);
            match &mut together {
                None => together = Some(trials),
                Some(all) => append(all, trials),
            }
            if watch() == Control::Stop {
                return Ok(None);
            }
        }
        let unstable = growths.iter().filter(|growth| growth.rts.is_unstable());
        let verdicts = Verdicts {
            rate_per_s: point.setting.load.rate_per_s,
            unstable: unstable.count() as u32,
            seeds: runs.seeds,
        };
        let trials = together.ok_or(PlanError::NoTrials)?;
        found.push(RateVerdict {
            case: case(grid, point, runs),
            verdicts,
            growths,
            trials,
        });
    }
    let boundaries = (0..runs.seeds as usize).filter_map(|seed| boundary(&flags(&found, seed)));
    Ok(Some(RateStudy {
        boundaries: boundaries.collect(),
        explosion: explosion(&found, runs.seeds as usize),
        rates: found,
    }))
}

fn append(all: &mut Trials, more: Trials) {
    let before = all.metrics.len() as u32;
    let moved = more.blocked.map(|(trial, ending)| (before + trial, ending));
    all.blocked = all.blocked.or(moved);
    all.blocked_trials += more.blocked_trials;
    all.metrics.extend(more.metrics);
}

fn case(grid: &RateGrid<'_>, point: Point, runs: RuleRuns) -> Case {
    let rate_per_s = point.setting.load.rate_per_s;
    let mut case = Case::new(grid.base, Some(rate_per_s), point);
    case.point.setting.load.window_s = runs.longest_s;
    case
}

/// Each rate, and whether that seed calls it unstable.
fn flags(found: &[RateVerdict], seed: usize) -> Vec<(f64, bool)> {
    let flag = |rate: &RateVerdict| {
        let unstable = rate.growths[seed].rts.is_unstable();
        (rate.verdicts.rate_per_s, unstable)
    };
    found.iter().map(flag).collect()
}

fn explosion(found: &[RateVerdict], seeds: usize) -> Explosion {
    let mut explosion = Explosion::default();
    for seed in 0..seeds {
        let unstable = found
            .iter()
            .filter(|rate| rate.growths[seed].rts.is_unstable());
        let lowest =
            unstable.min_by(|a, b| a.verdicts.rate_per_s.total_cmp(&b.verdicts.rate_per_s));
        let Some(lowest) = lowest else { continue };
        let Growth { ttft, tbt, rts } = lowest.growths[seed];
        match first_to_grow(&[ttft, tbt, rts]) {
            Some(0) => explosion.ttft += 1,
            Some(1) => explosion.tbt += 1,
            _ => explosion.rts += 1,
        }
    }
    explosion
}

fn at_least(
    field: &'static str,
    value: f64,
    least: f64,
    must: &'static str,
) -> Result<(), TrialsError> {
    if value >= least {
        return Ok(());
    }
    Err(TrialsError::OutOfRange { field, value, must })
}

#[cfg(test)]
mod tests {
    use super::super::demo::{Demo, SCHEDULERS};
    use super::*;

    const RUNS: RuleRuns = RuleRuns {
        longest_s: 40.0,
        windows: 20,
        trials: 2,
        seeds: 3,
    };

    #[test]
    fn verdicts_are_those_of_the_rule() {
        let base = Base::of(Demo::Demo2);
        let grid = RateGrid {
            base: &base,
            scheduler: SCHEDULERS[0],
            rates_per_s: &[20.0, 40.0],
        };
        let mut asked = 0;
        let study = arrival_rate(&grid, RUNS, 1, || {
            asked += 1;
            Control::Continue
        });
        let study = study.unwrap().unwrap();
        assert_eq!(asked, 6);
        let setting = base.under(SCHEDULERS[0]);
        let expected = Verdicts::of(&setting, grid.rates_per_s, RUNS, 1).unwrap();
        let ours: Vec<Verdicts> = study.rates.iter().map(|rate| rate.verdicts).collect();
        assert_eq!(ours, expected);
        // A flood is unstable under every seed; response times are TTFT and decodes, which do not
        // grow as much.
        assert_eq!((ours[0].unstable, ours[1].unstable), (3, 3));
        assert_eq!(study.explosion.ranked()[0], ("TTFT", 3));
        assert_eq!(study.boundaries, [Boundary::AllUnstable; 3]);
        assert_eq!(study.rates[0].trials.metrics.len(), 6);
        assert_eq!(study.rates[1].case.value, Some(40.0));
        let rows = study.rates[1].rows(Level::P95);
        assert_eq!(
            (rows[0].metric.name, rows[0].estimate.value),
            ("unstable_share", 1.0)
        );
        // Wilson's interval of three in three ends at n / (n + z^2).
        let (low, high) = rows[0].interval.unwrap();
        assert!((low - 3.0 / (3.0 + 1.96_f64.powi(2))).abs() < 1e-3 && high == 1.0);
        assert_eq!(study.boundary_row(Level::P95), None, "no rate was stable");
    }

    #[test]
    fn nothing_to_ask_is_an_error() {
        let base = Base::of(Demo::Demo2);
        let grid = RateGrid {
            base: &base,
            scheduler: SCHEDULERS[0],
            rates_per_s: &[],
        };
        assert!(arrival_rate(&grid, RUNS, 1, || Control::Continue).is_err());
        let grid = RateGrid {
            rates_per_s: &[1.0],
            ..grid
        };
        for runs in [
            RuleRuns { seeds: 0, ..RUNS },
            RuleRuns { windows: 9, ..RUNS },
            RuleRuns { trials: 0, ..RUNS },
        ] {
            assert!(arrival_rate(&grid, runs, 1, || Control::Continue).is_err());
        }
        assert_eq!(arrival_rate(&grid, RUNS, 1, || Control::Stop), Ok(None));
    }
}
