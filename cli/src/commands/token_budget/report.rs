//! What is shown of trials.

use kendall_io::config::TokenBudgetScenario;
use kendall_io::config::token_budget::{NamedPoint, Sweep};
use kendall_kernel::{Estimate, Level};
use kendall_study::token_budget::{Figure, Trial, Trials};
use kendall_study::trials::{self, Difference};
use serde_json::{Map, Value, json};

use crate::commands::trials::{
    DIFFERENCE_TITLES, Wanted, difference_cells, difference_json, sd, with_width,
};
use crate::phrase;
use crate::summary_table::{figure, right_aligned, table, trimmed};

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
    pub(super) trials: &'a trials::Trials<Trial>,
    pub(super) level: Level,
    pub(super) wanted: &'a Wanted,
}

impl Report<'_> {
    fn estimate(&self, trials: &Trials, figure: Figure) -> Estimate {
        trials.estimate(figure, self.level)
    }

    /// Every point with its trials.
    fn results(&self) -> impl Iterator<Item = (&NamedPoint, Trials)> {
        let points = self.points.iter().enumerate();
        points.map(|(index, named)| (named, Trials::of(self.trials, index)))
    }

    /// The point of the first scheduler that a point is compared with, under the same requests: the
    /// one of the same value, or the only one if that scheduler has no such setting.
    fn baseline(&self, point: usize) -> Option<usize> {
        let named = &self.points[point];
        let first = &self.points[0].point.setting.config.scheduler;
        if named.point.setting.config.scheduler.name() == first.name() {
            return None;
        }
        let is_base = |other: &NamedPoint| {
            other.point.setting.config.scheduler.name() == first.name()
                && (other.value == named.value || other.value == NO_VALUE)
                && other.point.seed == named.point.seed
        };
        self.points.iter().position(is_base)
    }

    fn difference(&self, point: usize, figure: Figure) -> Option<Difference> {
        let base = self.baseline(point)?;
        let metric = Figure::ALL.iter().position(|&known| known == figure)?;
        self.trials.difference(point, base, metric, self.level)
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let mut text = self.heading();
        text += &match self.scenario.sweep {
            Sweep::None => self.figures_of_each(),
            _ => self.row_per_point(),
        };
        text += &self.differences();
        let names: Vec<String> = self.points.iter().map(name).collect();
        text += &self.wanted.notes(self.trials, self.level, &names);
        if self.trials.trials() == 1 {
            text += "\nnote: one trial has no interval; --trials 2 or more have one\n";
        }
        for (named, trials) in self.results() {
            if let Some((trial, ending)) = trials.blocked {
                let (blocked, all) = (trials.blocked_trials, self.trials.trials());
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
        let title = phrase::title(
            &scenario.name,
            &scenario.description,
            "systems under a token budget",
        );
        format!(
            "{title}\n{} requests/s over {} s, {}\n\n",
            load.rate_per_s,
            load.window_s,
            phrase::trials_with_intervals(self.trials.trials(), scenario.seed, self.level)
        )
    }

    /// A table of all figures for each scheduler.
    fn figures_of_each(&self) -> String {
        let mut text = String::new();
        for (named, trials) in self.results() {
            let scheduler = named.point.setting.config.scheduler.name();
            let mut rows = table(&[scheduler, "mean", "sd", "low", "high"]);
            for wanted in Figure::ALL {
                let estimate = self.estimate(&trials, wanted);
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

    /// How schedulers differ from the first: in several figures, or of a sweep in response times.
    fn differences(&self) -> String {
        let figures = match self.scenario.sweep {
            Sweep::None => &COLUMNS[..],
            _ => &[Figure::MeanRts],
        };
        let mut titles = vec!["less the first", "figure"];
        titles.extend(DIFFERENCE_TITLES);
        let mut rows = table(&titles);
        let mut any = false;
        for (index, named) in self.points.iter().enumerate() {
            for &wanted in figures {
                if let Some(difference) = self.difference(index, wanted) {
                    any = true;
                    let cells = [name(named), wanted.name().to_owned()].into_iter();
                    rows.add_row(cells.chain(difference_cells(&difference)));
                }
            }
        }
        if !any {
            return String::new();
        }
        let first = self.points[0].point.setting.config.scheduler.name();
        let rows = trimmed(&right_aligned(rows));
        format!("\ndifferences to {first}, trial by trial\n{rows}\n")
    }

    /// A row for each scheduler and value.
    fn row_per_point(&self) -> String {
        let names = COLUMNS.map(Figure::name);
        let header = [&["scheduler", self.scenario.sweep.name()][..], &names].concat();
        let mut rows = table(&header);
        for (named, trials) in self.results() {
            let scheduler = named.point.setting.config.scheduler.name().to_owned();
            let cells = COLUMNS.map(|wanted| with_width(&self.estimate(&trials, wanted)));
            let row = [scheduler, named.value.clone()].into_iter().chain(cells);
            rows.add_row(row);
        }
        trimmed(&right_aligned(rows)) + "\n"
    }

    /// For machines: every figure of every point, and of every trial.
    pub(super) fn json(&self) -> String {
        let points = self.results().enumerate();
        let points: Vec<Value> = points
            .map(|(index, (named, trials))| self.point(index, named, &trials))
            .collect();
        let whole = json!({
            "name": self.scenario.name,
            "seed": self.scenario.seed,
            "trials": self.trials.trials(),
            "level": self.scenario.level,
            "varied": self.scenario.sweep.name(),
            "precision": self.wanted.json(self.trials, self.level),
            "points": points,
            "config": self.scenario.to_toml(),
        });
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }

    fn point(&self, index: usize, named: &NamedPoint, trials: &Trials) -> Value {
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
        let differences = self.baseline(index).map(|_| {
            let of_figure = |wanted: Figure| {
                let difference = self.difference(index, wanted);
                (
                    wanted.name().to_owned(),
                    difference_json(difference.as_ref()),
                )
            };
            Figure::ALL
                .into_iter()
                .map(of_figure)
                .collect::<Map<_, _>>()
        });
        json!({
            "scheduler": named.point.setting.config.scheduler.name(),
            "value": named.value,
            "seed": named.point.seed,
            "figures": figures,
            "differences": differences,
            "blocked_trials": trials.blocked_trials,
            "blocked": trials.blocked.map(|(trial, ending)| json!({
                "trial": trial,
                "ending": ending.to_string(),
            })),
        })
    }
}

/// What the value of a point is called whose scheduler has no such setting.
const NO_VALUE: &str = "-";

/// For people.
pub(super) fn name(named: &NamedPoint) -> String {
    let scheduler = named.point.setting.config.scheduler.name();
    match &*named.value {
        "" => scheduler.to_owned(),
        value => format!("{scheduler} {value}"),
    }
}
