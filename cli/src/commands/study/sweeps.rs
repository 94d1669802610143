//! Sweeps of systems under a token budget.

use kendall_study::published::{
    Case, Demo, Row, Study, chunk_sizes, hybrid_ratios, rows, saturation as saturated, time_windows,
};
use kendall_study::token_budget::Trials;
use serde_json::{Value, json};

use super::base::Bases;
use super::charts::{self, Spread};
use super::table::{self, Line};
use super::{Context, Results};
use crate::failure::Failure;
use crate::phrase;

/// Lines of a table for each scheduler, of more points than that.
const MOST_LINES: usize = 10;

/// Both scenarios of the original's sweeps.
const BOTH: [Demo; 2] = [Demo::Demo2, Demo::Demo3];

/// Figures against the window of arrivals: 100 windows up to 5000 s, 50 trials.
pub(super) fn time_window(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let bases = Bases::of(context, &BOTH[..1], 5000.0)?;
    let points = context.args.points.unwrap_or(100);
    let trials = context.args.trials.unwrap_or(50);
    let mut cases = Vec::new();
    for (base, schedulers) in bases.each() {
        let longest_s = base.setting.load.window_s;
        cases.extend(time_windows(
            base,
            schedulers,
            longest_s,
            points,
            context.seed,
        )?);
    }
    let every = (points as usize).div_ceil(MOST_LINES);
    // Counted from the longest, which tells most.
    let kept = move |index: usize| (points as usize - 1 - index).is_multiple_of(every);
    let mut note = String::new();
    if every > 1 {
        note =
            format!("one window in {every} is shown, study.parquet and --json have all {points}\n");
    }
    let sweep = Sweep {
        cases,
        trials,
        kept: &|index| kept(index % points as usize),
        note,
        spread: Spread::Linear("window of arrivals (s)"),
    };
    sweep.run(context, &bases)
}

/// Figures against the size of chunks: none, 8 to 512, 5000 s, 100 trials.
pub(super) fn chunk_size(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let bases = Bases::of(context, &BOTH[..1], 5000.0)?;
    let published = [8, 16, 32, 64, 128, 256, 512].map(Some);
    let own = || published.into_iter().chain([None]).collect();
    let sizes = context.args.chunks.clone().map_or_else(own, |list| list.0);
    let of_base = |(base, schedulers)| chunk_sizes(base, schedulers, &sizes, context.seed);
    let sweep = Sweep {
        cases: bases.each().flat_map(of_base).collect(),
        trials: context.args.trials.unwrap_or(100),
        kept: &|_| true,
        note: String::new(),
        spread: Spread::Named("chunk (tokens)"),
    };
    sweep.run(context, &bases)
}

/// Figures against the share of decodes: 0.1 to 0.9, 1000 s, 50 trials; and small sequence limits.
pub(super) fn hybrid_ratio(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let bases = Bases::of(context, &BOTH, 1000.0)?;
    let args = context.args;
    let tenths = || (1..10).map(|tenths| f64::from(tenths) / 10.0).collect();
    let ratios: Vec<f64> = args.ratios.clone().map_or_else(tenths, |list| list.0);
    let limits = || vec![1000, 64, 32, 16, 8];
    let limits = args
        .max_sequences
        .clone()
        .map_or_else(limits, |list| list.0);
    let of_base = |(base, _)| hybrid_ratios(base, &limits, &ratios, context.seed);
    let sweep = Sweep {
        cases: bases.each().flat_map(of_base).collect(),
        trials: args.trials.unwrap_or(50),
        kept: &|_| true,
        note: String::new(),
        spread: Spread::Linear("share of decodes"),
    };
    sweep.run(context, &bases)
}

/// Everybody at once, by number of GPUs.
pub(super) fn saturation(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let bases = Bases::of(context, &BOTH, 200.0)?;
    let gpus = context.args.gpus.clone();
    let gpus = gpus.map_or_else(|| vec![1, 2, 4], |list| list.0);
    let of_base = |(base, schedulers)| saturated(base, schedulers, &gpus, context.seed);
    let sweep = Sweep {
        cases: bases.each().flat_map(of_base).collect(),
        trials: context.args.trials.unwrap_or(20),
        kept: &|_| true,
        note: String::new(),
        spread: Spread::Named("GPUs"),
    };
    sweep.run(context, &bases)
}

/// Cases of one study and how they are shown.
struct Sweep<'a> {
    cases: Vec<Case>,
    trials: u32,
    /// Whether the table has the case at that position.
    kept: &'a dyn Fn(usize) -> bool,
    note: String,
    spread: Spread,
}

impl Sweep<'_> {
    fn run(self, context: &mut Context<'_>, bases: &Bases) -> Result<Option<Results>, Failure> {
        let Some(all) = context.measure(&self.cases, self.trials)? else {
            return Ok(None);
        };
        let level = context.level();
        let of_case = |(case, trials): (&Case, &Trials)| rows(case, trials, level);
        let rows: Vec<Vec<Row>> = self.cases.iter().zip(&all).map(of_case).collect();
        let mut text = String::new();
        for base in &bases.bases {
            let scenario = base.demo.name();
            let load = &self.heading(scenario).unwrap_or_default();
            text += &format!(
                "{scenario}: {load}, {}\n{}\n",
                phrase::trials_with_intervals(self.trials, context.seed, level),
                self.note
            );
            let lines = self.lines(context.study, scenario, &rows, &all);
            text += &table::figures(context.study.varied(), &lines);
            text += &table::originals(context.study.varied(), &lines);
            text += "\n";
        }
        text += &table::blocked(self.cases.iter().zip(&all));
        let rows: Vec<Row> = rows.into_iter().flatten().collect();
        let figures = bases.bases.iter().map(|base| {
            let scenario = base.demo.name();
            let figure = charts::sweep(context.study, scenario, &rows, self.spread);
            (scenario, figure)
        });
        Ok(Some(Results {
            text: text.trim_end().to_owned() + "\n",
            figures: figures.collect(),
            rows,
            more: vec![("blocked", self.blocked(&all))],
            trials: self.trials,
            config: bases.config.clone(),
        }))
    }

    /// The load of a scenario's last case.
    fn heading(&self, scenario: &str) -> Option<String> {
        let mut cases = self.cases.iter().rev();
        let last = cases.find(|case| case.scenario == scenario)?;
        let load = &last.point.setting.load;
        Some(format!(
            "{} requests/s over {} s",
            load.rate_per_s, load.window_s
        ))
    }

    /// Lines of a scenario's table; neighbouring shares that do not differ in anything have one.
    fn lines(&self, study: Study, scenario: &str, rows: &[Vec<Row>], all: &[Trials]) -> Vec<Line> {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        for (index, case) in self.cases.iter().enumerate() {
            if case.scenario != scenario || !(self.kept)(index) {
                continue;
            }
            let label = label(case);
            let shares = study == Study::HybridRatio;
            let system = if shares {
                case.variant.clone()
            } else {
                case.system().to_owned()
            };
            match lines.last_mut() {
                Some((first, line))
                    if shares && line.system == system && all[*first] == all[index] =>
                {
                    let from = line.label.split(" to ").next().unwrap_or_default();
                    line.label = format!("{from} to {label}");
                }
                _ => {
                    let rows = rows[index].clone();
                    lines.push((
                        index,
                        Line {
                            system,
                            label,
                            rows,
                        },
                    ));
                }
            }
        }
        lines.into_iter().map(|(_, line)| line).collect()
    }

    fn blocked(&self, all: &[Trials]) -> Value {
        let points = self.cases.iter().zip(all).filter_map(|(case, trials)| {
            let (trial, ending) = trials.blocked?;
            Some(json!({
                "scenario": case.scenario,
                "system": case.system(),
                "variant": case.variant,
                "value": case.value,
                "trials": trials.blocked_trials,
                "first": { "trial": trial, "ending": ending.to_string() },
            }))
        });
        points.collect()
    }
}

/// The value of what is varied; whole numbers as they are, others to six digits.
fn label(case: &Case) -> String {
    match case.value {
        None => "none".to_owned(),
        Some(value) if value.fract() == 0.0 => value.to_string(),
        Some(value) => {
            let rounded = format!("{value:.5e}").parse::<f64>();
            rounded.unwrap_or(value).to_string()
        }
    }
}
