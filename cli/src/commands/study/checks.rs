//! Checks of the original's model: M/M/1, and its faults.

use kendall_io::figures::{Figure, Point, Series, Shape};
use kendall_study::published::{
    Case, FaultCase, MM1_WARM_UP_S, Row, faults, mm1_cases, mm1_rows, rows,
};
use kendall_study::token_budget::Trials;
use serde_json::{Value, json};

use super::base::config_of;
use super::charts;
use super::table::{self, cell};
use super::{Context, Results};
use crate::failure::Failure;
use crate::phrase;
use crate::summary_table;

/// M/M/1: the original's utilisation of 0.01, and some at which there is something to see.
pub(super) fn mm1(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let args = context.args;
    let own = || vec![0.01, 0.5, 0.8, 0.9, 0.95];
    let utilisations = args.utilisations.clone().map_or_else(own, |list| list.0);
    let window_s = args.window.unwrap_or(5000.0);
    if window_s <= MM1_WARM_UP_S {
        return Err(Failure::usage(
            format!("--window is {window_s}, must exceed {MM1_WARM_UP_S} here"),
            format!("requests of the first {MM1_WARM_UP_S} s do not count, as in the original"),
        ));
    }
    let trials = args.trials.unwrap_or(20);
    let cases = mm1_cases(&utilisations, window_s, context.seed);
    let Some(all) = context.measure(&cases, trials)? else {
        return Ok(None);
    };
    let level = context.level();
    let both = cases.iter().zip(&all);
    let found: Vec<(Row, f64)> = both
        .flat_map(|(case, trials)| mm1_rows(case, trials, level))
        .collect();
    let header = [
        "utilisation",
        "figure",
        "simulated",
        "exact",
        "z",
        "error of one trial (%)",
        "original",
        "its error (%)",
    ];
    let mut lines = summary_table::table(&header);
    for (row, exact) in &found {
        let number = |value| summary_table::figure(Some(value));
        let error = row.estimate.std_error;
        let z = error.map(|error| (row.estimate.value - exact) / error);
        let percent = |value: f64| format!("{:.2}", 100.0 * value);
        let original = row.original.map(|original| original.value);
        lines.add_row([
            row.value
                .map_or_else(String::new, |value| value.to_string()),
            row.metric.name.to_owned(),
            cell(row),
            number(*exact),
            table::z(z),
            row.sd()
                .map_or_else(|| "-".to_owned(), |sd| percent(sd / exact)),
            summary_table::figure(original),
            original.map_or_else(|| "-".to_owned(), |own| percent(own / exact - 1.0)),
        ]);
    }
    let text = format!(
        "M/M/1: services of 10 ms on average, {window_s} s, {}\n\n{}",
        phrase::trials_with_intervals(trials, context.seed, level),
        table::trimmed(lines)
    );
    let exact: Vec<Value> = found
        .iter()
        .map(|(row, exact)| exact_json(row, *exact))
        .collect();
    Ok(Some(Results {
        text,
        figures: vec![("mm1", mm1_figure(&found))],
        rows: found.into_iter().map(|(row, _)| row).collect(),
        more: vec![("exact", json!(exact))],
        trials,
        config: config_of(context, &cases),
    }))
}

fn exact_json(row: &Row, exact: f64) -> Value {
    let error = row.estimate.std_error;
    json!({
        "value": row.value,
        "metric": row.metric.name,
        "exact": exact,
        "score": error.map(|error| (row.estimate.value - exact) / error),
    })
}

fn mm1_figure(found: &[(Row, f64)]) -> Figure {
    let panel = |metric: &str, title: &str, label: &str| {
        let own: Vec<&(Row, f64)> = found
            .iter()
            .filter(|own| own.0.metric.name == metric)
            .collect();
        let names: Vec<String> = own
            .iter()
            .filter_map(|own| own.0.value)
            .map(|v| v.to_string())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ours = own.iter().enumerate();
        let ours = ours
            .map(|(index, own)| charts::point(index as f64, &own.0))
            .collect();
        let exact = own.iter().enumerate();
        let exact = exact
            .map(|(index, own)| Point::bare(index as f64, own.1))
            .collect();
        let dots = |name: &str, points| Series {
            name: name.to_owned(),
            points,
            shape: Shape::Dots,
        };
        let series = vec![dots("simulated", ours), dots("exact", exact)];
        charts::side_by_side(title, label, "utilisation", &names, series)
    };
    Figure {
        title: "Response times of M/M/1".to_owned(),
        panels: vec![
            panel("mean_rts_s", "Mean", "mean RTS (s)"),
            panel("p95_rts_s", "95th percentile", "P95 RTS (s)"),
        ],
    }
}

/// What the original's faults do, beside corrected rules.
pub(super) fn rules(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let trials = context.args.trials.unwrap_or(20);
    let faults = faults(context.seed);
    let cases: Vec<Case> = faults
        .iter()
        .flat_map(|fault| fault.cases.clone())
        .collect();
    let Some(all) = context.measure(&cases, trials)? else {
        return Ok(None);
    };
    let level = context.level();
    let header = [
        "fault",
        "scenario",
        "scheduler",
        "rules",
        "arrived",
        "served",
        "%",
        "blocked trials",
        "original",
    ];
    let mut lines = summary_table::table(&header);
    let mut every = Vec::new();
    let mut endings = Vec::new();
    let measured = all.chunks(2);
    for (
        FaultCase {
            fault,
            cases,
            served,
        },
        pair,
    ) in faults.iter().zip(measured)
    {
        for (index, (case, trials)) in cases.iter().zip(pair).enumerate() {
            let mut rows = rows(case, trials, level);
            if index == 0 {
                let completed = rows.iter_mut().find(|row| row.metric.name == "n_completed");
                completed.into_iter().for_each(|row| row.original = *served);
            }
            let mean = |metric: &str| {
                let row = rows.iter().find(|row| row.metric.name == metric);
                row.map_or(f64::NAN, |row| row.estimate.value)
            };
            let (came, left) = (mean("n_arrived"), mean("n_completed"));
            lines.add_row([
                (*fault).to_owned(),
                case.scenario.to_owned(),
                case.system().to_owned(),
                case.variant.trim_start_matches("rules=").to_owned(),
                format!("{came:.1}"),
                format!("{left:.1}"),
                format!("{:.2}", 100.0 * left / came),
                format!("{} of {}", trials.blocked_trials, trials.metrics.len()),
                (index == 0)
                    .then_some(*served)
                    .flatten()
                    .map_or_else(|| "-".to_owned(), |served| format!("{:.1}", served.value)),
            ]);
            endings.push(ending(case, trials));
            every.extend(rows);
        }
    }
    let text = format!(
        "faults of the original: {} under seed {}, requests on average\n\n{}\n{}",
        phrase::trials(trials),
        context.seed,
        table::trimmed(lines),
        table::blocked(cases.iter().zip(&all))
    );
    Ok(Some(Results {
        text,
        figures: Vec::new(),
        rows: every,
        more: vec![("endings", json!(endings))],
        trials,
        config: config_of(context, &cases),
    }))
}

fn ending(case: &Case, trials: &Trials) -> Value {
    json!({
        "scenario": case.scenario,
        "system": case.system(),
        "variant": case.variant,
        "blocked_trials": trials.blocked_trials,
        "first": trials.blocked.map(|(trial, ending)| json!({
            "trial": trial,
            "ending": ending.to_string(),
        })),
    })
}
