//! What is shown of trials.

use kendall_io::config::TokenBudgetScenario;
use kendall_io::config::token_budget::{NamedPoint, Sweep};
use kendall_kernel::{Estimate, Level};
use kendall_study::token_budget::{Figure, Trials};
use serde_json::{Map, Value, json};

use crate::summary_table::{figure, right_aligned, table};

/// Figures that have a column of their own in the table of a sweep.
const COLUMNS: [Figure; 6] = [
    Figure::Throughput,
    Figure::MeanTtft,
    Figure::MeanTbt,
    Figure::MeanRts,
    Figure::P95Rts,
    Figure::Completed,
];

/// Trials of every point.
pub(super) struct Report<'a> {
    pub(super) scenario: &'a TokenBudgetScenario,
    pub(super) points: &'a [NamedPoint],
    /// By point.
    pub(super) results: &'a [Trials],
}

impl Report<'_> {
    fn level(&self) -> Level {
        Level::new(self.scenario.level).unwrap_or_default()
    }

    fn estimate(&self, trials: &Trials, figure: Figure) -> Estimate {
        trials.estimate(figure, self.level())
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let mut text = self.heading();
        text += &match self.scenario.sweep {
            Sweep::None => self.figures_of_each(),
            _ => self.row_per_point(),
        };
        if self.scenario.trials == 1 {
            text += "\nnote: one trial has no interval; --trials 2 or more have one\n";
        }
        for (named, trials) in self.points.iter().zip(self.results) {
            if let Some((trial, ending)) = trials.blocked {
                let (blocked, all) = (trials.blocked_trials, self.scenario.trials);
                let of = name(named);
                text += &format!(
                    "note: {of}: {blocked} of {all} trials ended with requests left; trial {trial} \
                     {ending}\n"
                );
            }
        }
        text
    }

    fn heading(&self) -> String {
        let scenario = self.scenario;
        let load = &scenario.setting.load;
        let title = match (&*scenario.name, &*scenario.description) {
            ("", "") => "systems under a token budget".to_owned(),
            (name, "") => name.to_owned(),
            ("", description) => description.to_owned(),
            (name, description) => format!("{name}: {description}"),
        };
        format!(
            "{title}\n{} requests/s over {} s, {} trials under seed {}, {} % intervals\n\n",
            load.rate_per_s,
            load.window_s,
            scenario.trials,
            scenario.seed,
            scenario.level * 100.0
        )
    }

    /// A table of all figures for each scheduler.
    fn figures_of_each(&self) -> String {
        let mut text = String::new();
        for (named, trials) in self.points.iter().zip(self.results) {
            let scheduler = named.point.setting.config.scheduler.name();
            let mut rows = table(&[scheduler, "mean", "sd", "low", "high"]);
            for wanted in Figure::ALL {
                let estimate = self.estimate(trials, wanted);
                let interval = estimate.interval();
                rows.add_row([
                    wanted.name().to_owned(),
                    figure(Some(estimate.value)),
                    figure(sd(&estimate)),
                    figure(interval.map(|(low, _)| low)),
                    figure(interval.map(|(_, high)| high)),
                ]);
            }
            text += &format!("{}\n\n", trimmed(&right_aligned(rows)));
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }

    /// A row for each scheduler and value.
    fn row_per_point(&self) -> String {
        let names = COLUMNS.map(Figure::name);
        let header = [&["scheduler", self.scenario.sweep.name()][..], &names].concat();
        let mut rows = table(&header);
        for (named, trials) in self.points.iter().zip(self.results) {
            let scheduler = named.point.setting.config.scheduler.name().to_owned();
            let cells = COLUMNS.map(|wanted| {
                let estimate = self.estimate(trials, wanted);
                match estimate.half_width {
                    Some(half) => {
                        format!("{} ± {}", figure(Some(estimate.value)), figure(Some(half)))
                    }
                    None => figure(Some(estimate.value)),
                }
            });
            let row = [scheduler, named.value.clone()].into_iter().chain(cells);
            rows.add_row(row);
        }
        trimmed(&right_aligned(rows)) + "\n"
    }

    /// For machines: every figure of every point, and of every trial.
    pub(super) fn json(&self) -> String {
        let points = self.points.iter().zip(self.results);
        let points: Vec<Value> = points
            .map(|(named, trials)| self.point(named, trials))
            .collect();
        let whole = json!({
            "name": self.scenario.name,
            "seed": self.scenario.seed,
            "trials": self.scenario.trials,
            "level": self.scenario.level,
            "varied": self.scenario.sweep.name(),
            "points": points,
            "config": self.scenario.to_toml(),
        });
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }

    fn point(&self, named: &NamedPoint, trials: &Trials) -> Value {
        let of_figure = |wanted: Figure| {
            let estimate = self.estimate(trials, wanted);
            let values: Vec<f64> = trials.metrics.iter().map(|m| wanted.of(m)).collect();
            let interval = estimate.interval();
            let value = json!({
                "mean": estimate.value,
                "sd": sd(&estimate),
                "std_error": estimate.std_error,
                "low": interval.map(|(low, _)| low),
                "high": interval.map(|(_, high)| high),
                "trials": values,
            });
            (wanted.name().to_owned(), value)
        };
        let figures: Map<String, Value> = Figure::ALL.into_iter().map(of_figure).collect();
        json!({
            "scheduler": named.point.setting.config.scheduler.name(),
            "value": named.value,
            "seed": named.point.seed,
            "figures": figures,
            "blocked_trials": trials.blocked_trials,
            "blocked": trials.blocked.map(|(trial, ending)| json!({
                "trial": trial,
                "ending": ending.to_string(),
            })),
        })
    }
}

/// The standard deviation between trials.
fn sd(estimate: &Estimate) -> Option<f64> {
    let error = estimate.std_error?;
    Some(error * (estimate.groups as f64).sqrt())
}

fn name(named: &NamedPoint) -> String {
    let scheduler = named.point.setting.config.scheduler.name();
    match &*named.value {
        "" => scheduler.to_owned(),
        value => format!("{scheduler} {value}"),
    }
}

/// Without blanks at the ends of lines.
fn trimmed(table: &comfy_table::Table) -> String {
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
