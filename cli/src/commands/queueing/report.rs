//! Estimates beside exact values.

use std::fmt::Write;

use kendall_kernel::stats::{Controlled, Estimate, LongRun, Precision};
use kendall_study::queueing::{Experiment, Intervals, Pilots, Plan};
use kendall_validate::queueing::{Model, expected};
use serde_json::{Value, json};

use super::figures::Row;
use super::method;
use crate::summary_table::{right_aligned, table};

/// What was run and what it tells.
pub(super) struct Measured<'a> {
    pub(super) name: &'a str,
    pub(super) plan: &'a Plan,
    pub(super) experiment: &'a Experiment,
    /// The network as theory knows it, if it does.
    pub(super) model: Option<Model>,
    /// When runs ended, if not after a number of customers.
    pub(super) until: Option<f64>,
    pub(super) intervals: Intervals,
    /// What pilot runs told of the warm-up.
    pub(super) pilots: Option<Pilots>,
    pub(super) rows: &'a [Row],
}

impl Measured<'_> {
    fn estimate(&self, row: &Row) -> Option<Estimate> {
        method::estimate(self.experiment, self.intervals, row.figure)
    }

    fn exact(&self, row: &Row) -> Option<f64> {
        let model = self.model.as_ref()?;
        expected(model, &row.metric)
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let percent = 100.0 * self.plan.level.probability();
        let interval = format!("± {percent:.4} %").replace(".0000", "");
        let mut rows = table(&["", "simulated", &interval, "std error", "exact", "off by"]);
        let mut exact_known = false;
        for row in self.rows {
            let Some(estimate) = self.estimate(row) else {
                continue;
            };
            let exact = self.exact(row);
            exact_known |= exact.is_some();
            rows.add_row([
                row.label.clone(),
                digits(estimate.value, estimate.std_error),
                error(estimate.half_width),
                error(estimate.std_error),
                exact.map_or_else(|| "-".to_owned(), |exact| format!("{exact:.7}")),
                exact.map_or_else(|| "-".to_owned(), |exact| off_by(&estimate, exact)),
            ]);
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.header(&mut text);
        let _ = writeln!(text, "\n{}", right_aligned(rows));
        let _ = self.footer(&mut text, exact_known);
        text
    }

    fn header(&self, text: &mut String) -> std::fmt::Result {
        let (plan, experiment) = (self.plan, self.experiment);
        let batches = experiment.batches().count();
        writeln!(text, "network    {}", self.name)?;
        if let Ok(load) = plan.network.load()
            && !plan.network.sources.is_empty()
        {
            let busiest = load
                .stations
                .iter()
                .map(|s| s.utilisation)
                .fold(0.0, f64::max);
            writeln!(
                text,
                "load       {busiest:.4} of what the busiest station can do"
            )?;
        }
        if let Some(until) = self.until {
            return writeln!(
                text,
                "run        {} replications from an empty start to time {until}; seed {}",
                plan.replications, plan.seed
            );
        }
        if self.intervals == Intervals::Regenerative {
            let (cycles, customers) = experiment.cycles();
            return writeln!(
                text,
                "run        {customers} customers in {} replications, {cycles} cycles between \
                 arrivals at the empty network, without a warm-up; seed {}",
                plan.replications, plan.seed
            );
        }
        writeln!(
            text,
            "run        {} customers in {} replications, {batches} batches; {} more warmed each up; seed {}",
            experiment.customers(),
            plan.replications,
            plan.warm_up,
            plan.seed
        )?;
        match &self.pilots {
            None => Ok(()),
            Some(pilots) => writeln!(
                text,
                "warm-up    found by MSER-5 in the {} of {} pilots of {} customers",
                self.rows.first().map_or("first figure", |row| &row.label),
                pilots.replications,
                pilots.customers
            ),
        }
    }

    fn footer(&self, text: &mut String, exact_known: bool) -> std::fmt::Result {
        if self.until.is_none()
            && self.intervals == Intervals::BatchMeans
            && let Some(controlled) = self.experiment.controlled()
            && let Some(reduction) = controlled.variance_reduction
            && controlled.fallback.is_none()
        {
            self.controlled(text, &controlled, reduction)?;
        }
        self.run_lengths(text)?;
        if let Some(saved) = self.experiment.saved_by_pairs() {
            writeln!(
                text,
                "antithetic pairs: {:.0} % less variance of the mean time in the network than as \
                 many independent replications",
                100.0 * saved
            )?;
        }
        if self.plan.wanted.quantiles {
            writeln!(
                text,
                "quantiles are of histograms: they may be off by 0.4 % besides"
            )?;
        }
        if self.until.is_some() {
            writeln!(
                text,
                "means are over the time from the start, or over the customers who left by its end"
            )?;
        } else if !exact_known {
            writeln!(
                text,
                "no exact values: theory has no formula for this network here"
            )?;
        }
        Ok(())
    }

    /// The mean sojourn time with control variates, where there are some.
    fn controlled_json(&self) -> Option<Value> {
        let batches = self.intervals == Intervals::BatchMeans;
        let controlled = self.experiment.controlled().filter(|_| batches)?;
        Some(json!({
            "estimate": controlled.estimate,
            "variance_reduction": controlled.variance_reduction,
        }))
    }

    /// How many customers it takes to know the first row well.
    fn run_lengths(&self, text: &mut String) -> std::fmt::Result {
        let estimate = self.rows.first().and_then(|row| self.estimate(row));
        let variance = estimate.and_then(|estimate| estimate.asymptotic_variance());
        let (Some(estimate), Some(variance), None) = (estimate, variance, self.until) else {
            return Ok(());
        };
        let series = LongRun {
            mean: estimate.value,
            asymptotic_variance: variance,
        };
        let needed = [(0.01, "1 %"), (0.001, "0.1 %"), (0.0001, "0.01 %")].map(|(share, name)| {
            let precision = Precision::new(share);
            precision.map(|p| (name, p.observations_needed(series, self.plan.level)))
        });
        let parts = needed
            .into_iter()
            .flatten()
            .filter(|(_, customers)| *customers > 1);
        let parts: Vec<String> = parts
            .map(|(name, customers)| format!("± {name} takes {:.1e} customers", customers as f64))
            .collect();
        if parts.is_empty() {
            return Ok(());
        }
        writeln!(text, "of the {}, {}", self.rows[0].label, parts.join(", "))
    }

    /// What control variates make of the first row.
    fn controlled(
        &self,
        text: &mut String,
        controlled: &Controlled,
        reduction: f64,
    ) -> std::fmt::Result {
        let estimate = &controlled.estimate;
        writeln!(
            text,
            "with the means of services and gaps as control variates, the sojourn time is {} ± {} \
             ({:.0} % less variance)",
            digits(estimate.value, estimate.std_error),
            error(estimate.half_width),
            100.0 * reduction
        )
    }

    /// For machines.
    pub(super) fn json(&self) -> String {
        let figures = self.rows.iter().filter_map(|row| {
            let estimate = self.estimate(row)?;
            let exact = self.exact(row);
            Some(json!({
                "figure": row.label,
                "metric": row.metric,
                "estimate": estimate,
                "exact": exact,
                "z_score": exact.and_then(|exact| estimate.z_score(exact)),
                "resolution": self.experiment.resolution(row.figure),
            }))
        });
        let regenerative = self.intervals == Intervals::Regenerative;
        let cycles = regenerative.then(|| self.experiment.cycles());
        let customers = cycles.map_or_else(|| self.experiment.customers(), |(_, all)| all);
        let pilots = self.pilots.map(|pilots| {
            json!({
                "rule": "mser-5",
                "figure": self.rows.first().map(|row| &row.metric),
                "replications": pilots.replications,
                "customers": pilots.customers,
                "customers_per_observation": pilots.per_observation,
            })
        });
        let document = json!({
            "network": self.name,
            "seed": self.plan.seed,
            "replications": self.plan.replications,
            "batches": self.experiment.batches().count(),
            "intervals": self.intervals.name(),
            "cycles": cycles.map(|(cycles, _)| cycles),
            "warm_up_customers": self.plan.warm_up,
            "warm_up_pilots": pilots,
            "until": self.until,
            "antithetic": self.plan.antithetic,
            "customers": customers,
            "events": self.experiment.events(),
            "figures": figures.collect::<Vec<Value>>(),
            "controlled": self.controlled_json(),
            "saved_by_pairs": self.experiment.saved_by_pairs(),
        });
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        format!("{text}\n")
    }
}

/// How far an estimate is from the truth: in standard errors, where there are any.
fn off_by(estimate: &Estimate, exact: f64) -> String {
    /// What rounding to nanoseconds and of doubles may come to.
    const ROUNDING: f64 = 1e-9;
    let off = (estimate.value - exact).abs();
    match estimate.std_error {
        Some(error) if error > ROUNDING * exact.abs() => match estimate.z_score(exact) {
            Some(score) => format!("{score:+.1} s.e."),
            None => "-".to_owned(),
        },
        Some(_) if off <= ROUNDING * exact.abs() => "nothing".to_owned(),
        Some(_) => format!("{:.1e}", estimate.value - exact),
        None => "unknown".to_owned(),
    }
}

/// A value to the second digit of its standard error.
fn digits(value: f64, error: Option<f64>) -> String {
    let places = match error {
        Some(error) if error > 0.0 => (1.0 - error.log10().floor()).clamp(0.0, 12.0) as usize,
        _ => 9,
    };
    format!("{value:.places$}")
}

/// Two significant digits of an error; what it means that there is none.
fn error(error: Option<f64>) -> String {
    match error {
        None => "unknown".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(error) => {
            let places = (1.0 - error.log10().floor()).clamp(0.0, 15.0) as usize;
            format!("{error:.places$}")
        }
    }
}
