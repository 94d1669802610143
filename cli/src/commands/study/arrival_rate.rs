//! Where arrival rates stop being stable: by the published rule, and in truth.

use kendall_kernel::{Estimate, Level};
use kendall_llm::Control;
use kendall_llm::token_budget::Scheduler;
use kendall_study::capacity::{CapacityError, Search, SearchSettings, TokenBudgetLoad};
use kendall_study::published::{
    Base, Demo, RateGrid, RateStudy, Row, arrival_rate, original_boundary, original_rates,
    time_windows,
};
use kendall_study::summary::SloTargets;
use kendall_study::token_budget::{Boundary, RuleRuns};
use serde_json::{Value, json};

use super::base::Bases;
use super::charts::{self, Limits};
use super::table::{self, cell, trimmed};
use super::{Context, Results};
use crate::failure::Failure;
use crate::interrupt::{self, UntilInterrupt};
use crate::phrase;
use crate::progress::Bar;
use crate::summary_table::{self, figure};

/// Trials of a window, as in the original.
const TRIALS: u32 = 80;

/// Replications of a rate in the search for the capacity.
const REPLICATIONS: u32 = 16;

/// A scheduler of a scenario, and what was found.
struct Found {
    demo: Demo,
    scheduler: Scheduler,
    study: RateStudy,
    capacity: Result<Estimate, CapacityError>,
    is_original: bool,
}

pub(super) fn run(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let args = context.args;
    let requests = args.requests.unwrap_or(20_000);
    if requests < 100 {
        return Err(Failure::usage(
            format!("--requests is {requests}, must be at least 100"),
            "runs have to be many times longer than what the system holds, for example 20k",
        ));
    }
    let seeds = args.seeds.unwrap_or(5);
    let runs = RuleRuns {
        trials: args.trials.unwrap_or(TRIALS),
        ..RuleRuns::published(seeds)
    };
    let bases = Bases::of(context, &[Demo::Demo2], runs.longest_s)?;
    let rates = |demo, scheduler| match &args.rates {
        Some(list) => list.0.clone(),
        None => original_rates(demo, scheduler),
    };
    let grids: Vec<(&Base, Scheduler, Vec<f64>)> = bases
        .each()
        .flat_map(|(base, schedulers)| {
            let grid = move |&scheduler: &Scheduler| (base, scheduler, rates(base.demo, scheduler));
            schedulers.iter().map(grid).collect::<Vec<_>>()
        })
        .collect();
    for (base, scheduler, _) in &grids {
        let window = time_windows(base, &[*scheduler], runs.longest_s, 1, context.seed)?;
        context.tell_warnings(&window)?;
    }
    context.begin()?;
    let a_seed = u64::from(runs.windows) * u64::from(runs.trials);
    let rates: u64 = grids.iter().map(|grid| grid.2.len() as u64).sum();
    let mut bar = Bar::of_trials(rates * u64::from(seeds) * a_seed, args.quiet);
    let mut done = 0;
    let mut found = Vec::with_capacity(grids.len());
    for (base, scheduler, rates_per_s) in &grids {
        let grid = RateGrid {
            base,
            scheduler: *scheduler,
            rates_per_s,
        };
        let study = arrival_rate(&grid, runs, context.seed, || {
            done += a_seed;
            bar.at(done);
            interrupt::go_on()
        })?;
        let Some(study) = study else {
            return Ok(None);
        };
        let mut setting = base.setting.clone();
        setting.config.scheduler = *scheduler;
        found.push(Found {
            demo: base.demo,
            scheduler: *scheduler,
            capacity: capacity(context, setting, requests),
            study,
            is_original: args.rates.is_none() && base.is_original(),
        });
        if interrupt::go_on() == Control::Stop {
            return Ok(None);
        }
    }
    Ok(Some(results(context, &bases, &found, runs)))
}

/// The capacity, from a search under the same seed.
fn capacity(
    context: &Context<'_>,
    setting: kendall_study::token_budget::Setting,
    requests: u64,
) -> Result<Estimate, CapacityError> {
    let settings = SearchSettings {
        start_per_s: setting.load.rate_per_s,
        replications: REPLICATIONS,
        tolerance: 0.01,
        level: context.level(),
        slo: SloTargets::default(),
    };
    let load = TokenBudgetLoad {
        setting,
        requests: requests as f64,
        seed: context.seed,
    };
    let mut search = Search::new(&load, settings)?.watched(&UntilInterrupt);
    Ok(search.stability()?.capacity)
}

fn results(context: &Context<'_>, bases: &Bases, found: &[Found], runs: RuleRuns) -> Results {
    let level = context.level();
    let mut text = format!(
        "the published rule: {} windows up to {} s, {} trials each; {} seeds from {}, {} % intervals\n",
        runs.windows,
        runs.longest_s,
        runs.trials,
        runs.seeds,
        context.seed,
        phrase::percent(level.probability())
    );
    let mut rows = Vec::new();
    for own in found {
        text += &own.text(level, runs);
        rows.extend(own.rows(level));
    }
    let of_rates = found.iter().flat_map(|own| &own.study.rates);
    let blocked = table::blocked(of_rates.map(|rate| (&rate.case, &rate.trials)));
    if !blocked.is_empty() {
        text += &format!("\n{blocked}");
    }
    let figures = bases.bases.iter().map(|base| {
        let of_demo = found.iter().filter(|own| own.demo == base.demo);
        let limits: Vec<Limits> = of_demo.map(Found::limits).collect();
        (
            base.demo.name(),
            charts::rates(base.demo.name(), &rows, &limits),
        )
    });
    Results {
        text,
        figures: figures.collect(),
        more: vec![("stability", found.iter().map(Found::json).collect())],
        trials: runs.trials,
        config: bases.config.clone(),
        rows,
    }
}

impl Found {
    fn rows(&self, level: Level) -> Vec<Row> {
        let of_rates = self.study.rates.iter().flat_map(|rate| rate.rows(level));
        let capacity = self.capacity.as_ref().ok();
        let capacity = capacity.and_then(|capacity| self.study.capacity_row(*capacity));
        let boundary = self.study.boundary_row(level);
        of_rates.chain(boundary).chain(capacity).collect()
    }

    fn limits(&self) -> Limits {
        let first = self.study.boundaries.first().and_then(Boundary::rate_per_s);
        Limits {
            system: self.scheduler.name().to_owned(),
            rule_per_s: first.map(|(middle, _)| middle),
            capacity_per_s: self.capacity.as_ref().ok().map(|capacity| capacity.value),
        }
    }

    fn text(&self, level: Level, runs: RuleRuns) -> String {
        let metrics = [
            "throughput_qps",
            "mean_ttft_s",
            "mean_tbt_s",
            "mean_rts_s",
            "p95_rts_s",
        ];
        let header = ["requests/s", "unstable", "%", "low", "high"];
        let mut lines = summary_table::table(&[&header[..], &metrics].concat());
        for rate in &self.study.rates {
            let (share, [low, high]) = rate.verdicts.probability(level);
            let percent = |share: f64| format!("{:.0}", share * 100.0);
            let rows = rate.rows(level);
            let mut cells = vec![
                rate.verdicts.rate_per_s.to_string(),
                format!("{} of {}", rate.verdicts.unstable, rate.verdicts.seeds),
                percent(share),
                percent(low),
                percent(high),
            ];
            cells.extend(metrics.iter().map(|metric| {
                let row = rows.iter().find(|row| row.metric.name == *metric);
                row.map_or_else(String::new, cell)
            }));
            lines.add_row(cells);
        }
        format!(
            "\n{}, {}\n{}\n{}",
            self.demo.name(),
            self.scheduler.name(),
            trimmed(lines),
            self.verdict(runs)
        )
    }

    /// What the rule finds, what explodes first, and the truth.
    fn verdict(&self, runs: RuleRuns) -> String {
        let original = if self.is_original {
            let boundary = original_boundary(self.demo, self.scheduler);
            format!("; the original {}", shown(boundary))
        } else {
            String::new()
        };
        let middles = self
            .study
            .boundaries
            .iter()
            .filter_map(Boundary::rate_per_s);
        let middles: Vec<f64> = middles.map(|(middle, _)| middle).collect();
        let least = middles.iter().copied().reduce(f64::min);
        let most = middles.iter().copied().reduce(f64::max);
        let range = match least.zip(most) {
            Some((least, most)) => format!(
                "; from {} to {} over {} of {} seeds",
                figure(Some(least)),
                figure(Some(most)),
                middles.len(),
                runs.seeds
            ),
            None => format!(" under all of {} seeds", runs.seeds),
        };
        let first = self.study.boundaries.first().and_then(Boundary::rate_per_s);
        let exploded = self.study.explosion.ranked();
        let exploded = exploded.iter().filter(|(_, seeds)| *seeds > 0);
        let exploded: Vec<String> = exploded
            .map(|(metric, seeds)| format!("{metric} under {seeds} of {} seeds", runs.seeds))
            .collect();
        let explosion = match &exploded[..] {
            [] => "nothing, no rate is called unstable".to_owned(),
            exploded => exploded.join(", "),
        };
        let capacity = match &self.capacity {
            Ok(capacity) => {
                let half = capacity
                    .half_width
                    .map(|half| format!(" ± {}", figure(Some(half))));
                let value = figure(Some(capacity.value));
                format!("{value}{} requests/s", half.unwrap_or_default())
            }
            Err(error) => format!("not found: {error}"),
        };
        format!(
            "  rule's boundary       {}{range}{original}\n  explodes first        {explosion}\n  \
             largest stable rate   {capacity}\n",
            shown(first)
        )
    }

    fn json(&self) -> Value {
        let boundaries = self.study.boundaries.iter().map(|own| own.rate_per_s());
        let capacity = match &self.capacity {
            Ok(capacity) => {
                let interval = capacity.interval();
                json!({
                    "value": capacity.value,
                    "low": interval.map(|(low, _)| low),
                    "high": interval.map(|(_, high)| high),
                })
            }
            Err(error) => json!({ "error": error.to_string() }),
        };
        let original = original_boundary(self.demo, self.scheduler);
        json!({
            "scenario": self.demo.name(),
            "system": self.scheduler.name(),
            "rule_boundaries_per_s": boundaries.collect::<Vec<_>>(),
            "original_boundary_per_s": self.is_original.then_some(original),
            "explodes_first": self.study.explosion.ranked(),
            "capacity_per_s": capacity,
        })
    }
}

/// The middle of a boundary and half its width.
fn shown(boundary: Option<(f64, f64)>) -> String {
    match boundary {
        Some((middle, half)) => format!("{middle} ± {half} requests/s"),
        None => "none, every rate is called unstable".to_owned(),
    }
}
