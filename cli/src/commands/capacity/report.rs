//! What a search for capacities found, for people and for machines.

use comfy_table::Table;
use kendall_kernel::{Estimate, Level};
use kendall_study::capacity::{Metric, Probe};
use kendall_study::summary::SloTargets;
use kendall_study::token_budget::Verdicts;
use serde_json::{Value, json};

use super::{Found, Wanted};
use crate::phrase;
use crate::summary_table::{figure, right_aligned, table};

/// Everything that was found.
pub(super) struct Report<'a> {
    pub(super) title: &'a str,
    pub(super) workload: &'a str,
    pub(super) wanted: Option<Wanted>,
    /// By system.
    pub(super) found: &'a [Found<'a>],
}

impl Report<'_> {
    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.title, self.workload);
        if let Some(Wanted { slo, objective }) = self.wanted {
            let share = objective.attainment() * 100.0;
            text += &format!(
                "objectives: {} for {share} % of the requests\n",
                bounds(&slo)
            );
        }
        for found in self.found {
            text += &self.system(found);
        }
        text
    }

    fn system(&self, found: &Found<'_>) -> String {
        let stability = &found.stability;
        let grows = stability.first_to_grow.map_or("-", Metric::name);
        let mut text = format!(
            "\n{}\n  largest stable rate   {} requests/s\n  tried                 stable at {}, \
             requests pile up at {}\n  all at once           {} requests/s served\n  explodes first        \
             {grows}\n",
            found.name,
            with_interval(&stability.capacity),
            figure(Some(stability.stable_per_s)),
            figure(Some(stability.growing_per_s)),
            with_interval(&stability.flooded),
        );
        match &found.limit {
            None => {}
            Some(None) => text += "  objectives            met at no rate\n",
            Some(Some(limit)) => {
                let rate = limit
                    .crossing
                    .as_ref()
                    .map_or_else(|| figure(Some(limit.met_per_s)), with_interval);
                text += &format!(
                    "  objectives met to     {rate} requests/s\n  tried                 met at {}, \
                     missed at {}\n",
                    figure(Some(limit.met_per_s)),
                    figure(Some(limit.missed_per_s)),
                );
            }
        }
        text = text + "\n" + &self.probes(found.search.probes());
        if !found.verdicts.is_empty() {
            text = text + "\n" + &rule(&found.verdicts, found.search.settings().level);
        }
        text
    }

    /// The curve: a row for each rate that was tried.
    fn probes(&self, probes: &[Probe]) -> String {
        let judged = self.wanted.is_some();
        let mut header = vec!["requests/s", "leave/s", "pile up (%)"];
        if judged {
            header.extend(["attainment (%)", "goodput/s"]);
        }
        header.extend(["TTFT (s)", "TPOT (ms)", "E2E (s)"]);
        let mut rows = table(&header);
        for probe in probes {
            let mean = |of: fn(&kendall_study::capacity::Sample) -> f64| probe.estimate(of).value;
            let growth = mean(|sample| sample.growth) * 100.0;
            let mut cells = vec![
                figure(Some(probe.rate_per_s)),
                figure(Some(mean(|sample| sample.departures_per_s))),
                format!("{growth:.2}"),
            ];
            if judged {
                cells.push(format!("{:.2}", mean(|sample| sample.attainment) * 100.0));
                cells.push(figure(Some(mean(|sample| sample.goodput_per_s))));
            }
            for (metric, scale) in Metric::ALL.into_iter().zip([1.0, 1e3, 1.0]) {
                cells.push(figure(Some(mean_time_s(probe, metric) * scale)));
            }
            rows.add_row(cells);
        }
        trimmed(rows)
    }

    /// For machines.
    pub(super) fn json(&self, seed: u64, config: &str) -> String {
        let objectives = self.wanted.map(|wanted| {
            json!({
                "ttft_s": wanted.slo.ttft_s,
                "tpot_s": wanted.slo.tpot_s,
                "e2e_s": wanted.slo.e2e_s,
                "attainment": wanted.objective.attainment(),
            })
        });
        let systems: Vec<Value> = self.found.iter().map(system_json).collect();
        let whole = json!({
            "name": self.title,
            "workload": self.workload,
            "objectives": objectives,
            "systems": systems,
            "seed": seed,
            "config": config,
        });
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }
}

/// How often the published rule calls rates unstable.
fn rule(verdicts: &[Verdicts], level: Level) -> String {
    let mut rows = table(&["published rule at", "unstable", "seeds", "%", "low", "high"]);
    for verdict in verdicts {
        let (share, [low, high]) = verdict.probability(level);
        let percent = |share: f64| format!("{:.0}", share * 100.0);
        rows.add_row([
            figure(Some(verdict.rate_per_s)),
            verdict.unstable.to_string(),
            verdict.seeds.to_string(),
            percent(share),
            percent(low),
            percent(high),
        ]);
    }
    trimmed(rows)
}

/// Numbers to the right, no blanks at the ends of lines.
fn trimmed(rows: Table) -> String {
    let text = right_aligned(rows).to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn rule_json(verdict: &Verdicts, level: Level) -> Value {
    let (share, [low, high]) = verdict.probability(level);
    json!({
        "rate_per_s": verdict.rate_per_s,
        "unstable": verdict.unstable,
        "seeds": verdict.seeds,
        "probability": share,
        "low": low,
        "high": high,
    })
}

fn system_json(found: &Found<'_>) -> Value {
    let stability = &found.stability;
    let limit = found.limit.map(|limit| {
        limit.map(|limit| {
            json!({
                "met_per_s": limit.met_per_s,
                "missed_per_s": limit.missed_per_s,
                "rate_per_s": limit.crossing.as_ref().map(estimate_json),
            })
        })
    });
    let probes = found.search.probes().iter().map(|probe| {
        json!({
            "rate_per_s": probe.rate_per_s,
            "growth": estimate_json(&probe.estimate(|sample| sample.growth)),
            "departures_per_s": estimate_json(&probe.estimate(|sample| sample.departures_per_s)),
            "attainment": estimate_json(&probe.estimate(|sample| sample.attainment)),
            "goodput_per_s": estimate_json(&probe.estimate(|sample| sample.goodput_per_s)),
            "ttft_s": mean_time_s(probe, Metric::Ttft),
            "tpot_s": mean_time_s(probe, Metric::Tpot),
            "e2e_s": mean_time_s(probe, Metric::E2e),
        })
    });
    let level = found.search.settings().level;
    let verdicts = found
        .verdicts
        .iter()
        .map(|verdict| rule_json(verdict, level));
    json!({
        "system": found.name,
        "stable": {
            "capacity_per_s": estimate_json(&stability.capacity),
            "stable_per_s": stability.stable_per_s,
            "growing_per_s": stability.growing_per_s,
            "all_at_once_per_s": estimate_json(&stability.flooded),
            "explodes_first": stability.first_to_grow.map(Metric::name),
        },
        // Null without objectives, false if they are met at no rate.
        "met": limit.as_ref().map(Option::is_some),
        "objectives": limit.flatten(),
        "probes": probes.collect::<Vec<Value>>(),
        "published_rule": verdicts.collect::<Vec<Value>>(),
    })
}

fn estimate_json(estimate: &Estimate) -> Value {
    let interval = estimate.interval();
    json!({
        "value": estimate.value,
        "std_error": estimate.std_error,
        "low": interval.map(|(low, _)| low),
        "high": interval.map(|(_, high)| high),
    })
}

fn mean_time_s(probe: &Probe, metric: Metric) -> f64 {
    let blocks = probe.block_means_s(metric);
    blocks.iter().sum::<f64>() / blocks.len() as f64
}

fn with_interval(estimate: &Estimate) -> String {
    let value = figure(Some(estimate.value));
    match estimate.half_width {
        Some(half) => {
            let level = phrase::percent(estimate.level.probability());
            format!("{value} ± {} ({level} %)", figure(Some(half)))
        }
        None => value,
    }
}

fn bounds(slo: &SloTargets) -> String {
    let parts = [
        ("TTFT", slo.ttft_s),
        ("TPOT", slo.tpot_s),
        ("E2E", slo.e2e_s),
    ];
    let parts = parts
        .into_iter()
        .filter_map(|(name, bound)| bound.map(|bound| format!("{name} <= {bound} s")));
    parts.collect::<Vec<String>>().join(", ")
}
