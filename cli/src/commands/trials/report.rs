//! What trials came to, for people and for machines.

use kendall_kernel::stats::Level;
use kendall_study::trials::Trials;
use serde_json::{Map, Value, json};

use super::figures::{
    DIFFERENCE_TITLES, difference_cells, difference_json, estimate_json, sd, with_width,
};
use super::precision::Wanted;
use super::{Study, variants};
use crate::phrase;
use crate::summary_table::{figure, right_aligned, table, trimmed};

/// Variants, or metrics, that stand side by side; of more variants, each has a row.
const MOST_COLUMNS: usize = 4;

/// Trials of every variant of a study.
pub(super) struct Report<'a> {
    pub(super) study: &'a Study,
    pub(super) trials: &'a Trials<Vec<Option<f64>>>,
    pub(super) level: Level,
    pub(super) wanted: &'a Wanted,
}

impl Report<'_> {
    /// For people.
    pub(super) fn text(&self) -> String {
        let several = self.study.variants.len() > 1;
        let mut text = self.heading();
        text += &match self.study.variants.len() {
            1 => self.every_metric(),
            2..=MOST_COLUMNS => self.side_by_side(),
            _ => self.one_below_the_other(),
        };
        if several {
            text += &self.differences();
        }
        text += &self.wanted.notes(self.trials, self.level, &self.names());
        text += self.remark();
        text
    }

    fn heading(&self) -> String {
        let Study { title, seed, .. } = self.study;
        let percent = phrase::percent(self.level.probability());
        match self.trials.trials() {
            1 => format!("{title}\n1 trial under seed {seed}\n\n"),
            trials => format!(
                "{title}\n{trials} trials under seeds {seed} to {}, {percent} % intervals\n\n",
                self.study.seed(trials - 1)
            ),
        }
    }

    fn names(&self) -> Vec<String> {
        let variants = self.study.variants.iter();
        variants.map(|variant| variant.name.clone()).collect()
    }

    /// What a reader might be misled by.
    fn remark(&self) -> &'static str {
        if self.trials.trials() == 1 {
            return "note: one trial has no interval; --trials 2 or more have one\n";
        }
        let same = |variant| {
            let mut rows = self.trials.of(variant).map(|(_, row)| row);
            let first = rows.next();
            rows.all(|row| Some(row) == first)
        };
        match (0..self.trials.variants()).all(same) {
            true => "note: all trials are the same: nothing that matters is drawn\n",
            false => "",
        }
    }

    /// Metrics of tables that have no room for all, those with a wanted precision included.
    fn headline(&self) -> Vec<usize> {
        let wanted: Vec<&str> = self.wanted.names().collect();
        let metrics = self.study.metrics.iter().enumerate();
        let shown = metrics.filter(|(_, metric)| {
            let name = metric.name.as_str();
            self.study.headline.contains(&name) || wanted.contains(&name)
        });
        shown.map(|(index, _)| index).collect()
    }

    fn every_metric(&self) -> String {
        let all = u64::from(self.trials.trials());
        let metrics = 0..self.study.metrics.len();
        let estimates: Vec<_> = metrics
            .map(|metric| self.trials.estimate(0, metric, self.level))
            .collect();
        // Trials are told where some lack a metric.
        let some_lack = estimates.iter().flatten().any(|found| found.groups < all);
        let mut titles = vec!["metric", "mean", "sd", "low", "high"];
        titles.extend(some_lack.then_some("trials"));
        let mut rows = table(&titles);
        for (metric, estimate) in self.study.metrics.iter().zip(estimates) {
            let interval = estimate.and_then(|found| found.interval());
            let mut cells = vec![
                metric.name.clone(),
                figure(estimate.map(|found| found.value)),
                figure(estimate.as_ref().and_then(sd)),
                figure(interval.map(|(low, _)| low)),
                figure(interval.map(|(_, high)| high)),
            ];
            let groups = estimate.map_or(0, |found| found.groups);
            cells.extend(some_lack.then(|| groups.to_string()));
            rows.add_row(cells);
        }
        trimmed(&right_aligned(rows)) + "\n"
    }

    fn cell(&self, variant: usize, metric: usize) -> String {
        let estimate = self.trials.estimate(variant, metric, self.level);
        estimate.map_or_else(|| "-".to_owned(), |estimate| with_width(&estimate))
    }

    fn keys(&self) -> String {
        let columns = variants::columns(&self.study.variants);
        let keys: Vec<String> = columns.varied.into_iter().map(|(key, _)| key).collect();
        keys.join(", ")
    }

    fn side_by_side(&self) -> String {
        let keys = self.keys();
        let labels = self.study.variants.iter().map(|variant| &*variant.label);
        let titles: Vec<&str> = std::iter::once(&*keys).chain(labels).collect();
        let mut rows = table(&titles);
        for metric in self.headline() {
            let cells = (0..self.trials.variants()).map(|variant| self.cell(variant, metric));
            let name = self.study.metrics[metric].name.clone();
            rows.add_row(std::iter::once(name).chain(cells));
        }
        trimmed(&right_aligned(rows)) + "\n"
    }

    /// A row for each variant, in several tables, so that none is too wide to read.
    fn one_below_the_other(&self) -> String {
        let keys = self.keys();
        let of_some = |metrics: &[usize]| {
            let names = metrics.iter();
            let names = names.map(|&metric| &*self.study.metrics[metric].name);
            let titles: Vec<&str> = std::iter::once(&*keys).chain(names).collect();
            let mut rows = table(&titles);
            for (index, variant) in self.study.variants.iter().enumerate() {
                let cells = metrics.iter().map(|&metric| self.cell(index, metric));
                rows.add_row(std::iter::once(variant.label.clone()).chain(cells));
            }
            trimmed(&right_aligned(rows)) + "\n"
        };
        let headline = self.headline();
        let tables: Vec<String> = headline.chunks(MOST_COLUMNS).map(of_some).collect();
        tables.join("\n")
    }

    fn differences(&self) -> String {
        let mut titles = vec!["less the first", "metric"];
        titles.extend(DIFFERENCE_TITLES);
        let mut rows = table(&titles);
        for (index, variant) in self.study.variants.iter().enumerate().skip(1) {
            for metric in self.headline() {
                let difference = self.trials.difference(index, 0, metric, self.level);
                let Some(difference) = difference else {
                    continue;
                };
                let name = self.study.metrics[metric].name.clone();
                let cells = [variant.label.clone(), name].into_iter();
                rows.add_row(cells.chain(difference_cells(&difference)));
            }
        }
        format!(
            "\ndifferences to {}, trial by trial\n{}\n",
            self.study.variants[0].name,
            trimmed(&right_aligned(rows))
        )
    }

    /// For machines: every metric of every variant.
    pub(super) fn json(&self) -> String {
        let columns = variants::columns(&self.study.variants);
        let varied: Vec<&String> = columns.varied.iter().map(|(key, _)| key).collect();
        let variants: Vec<Value> = (0..self.trials.variants())
            .map(|variant| self.variant(variant))
            .collect();
        let whole = json!({
            "trials": self.trials.trials(),
            "level": self.level,
            "seed": self.study.seed,
            "varied": varied,
            "precision": self.wanted.json(self.trials, self.level),
            "variants": variants,
        });
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }

    fn variant(&self, index: usize) -> Value {
        let of_metrics = |value: &dyn Fn(usize) -> Value| -> Map<String, Value> {
            let metrics = self.study.metrics.iter().enumerate();
            metrics
                .map(|(metric, named)| (named.name.clone(), value(metric)))
                .collect()
        };
        let variant = &self.study.variants[index];
        let settings = variant.values.iter();
        let settings: Map<String, Value> = settings
            .map(|(key, text)| (key.clone(), json!(text)))
            .collect();
        let differences = (index > 0).then(|| {
            of_metrics(&|metric| {
                let difference = self.trials.difference(index, 0, metric, self.level);
                difference_json(difference.as_ref())
            })
        });
        json!({
            "variant": variant.name,
            "settings": settings,
            "metrics": of_metrics(&|metric| {
                estimate_json(self.trials.estimate(index, metric, self.level).as_ref())
            }),
            "differences": differences,
            "config": self.study.configs[index],
        })
    }
}
