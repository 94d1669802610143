//! Configuration for configuration, request for request and step for step against runs of a
//! simulator in ticks (Muhtasham, llm-inference-simulator).
//!
//! A tick counts as a second. Output lengths come from the recordings, in the order in which
//! requests were created, so that nothing is random.

mod compare;
mod flow;
mod found;
mod recording;
mod requests;

use std::path::Path;

use kendall_llm::ticks::{Config, GivenLengths};

use self::compare::Agreement;
use self::found::{FLOW, Found};
use self::recording::Entry;
use self::requests::Row;
use crate::ValidateError;
use crate::outcome::{Case, Report, Verdict};

/// Reruns every configuration of `summary.json` in a folder, with the requests of `requests.csv`
/// (or `.csv.gz`) and the flow logs beside it. A file stands for itself and what it needs of its
/// neighbours, a flow log for its configuration alone.
///
/// # Errors
/// Files that cannot be read or are not in their format; a folder without any.
pub fn check(path: &Path) -> Result<Report, ValidateError> {
    let found = Found::at(path)?;
    let mut report = Report::default();
    let mut add = |name: String, outcome| report.cases.push(case(name, outcome));
    for entry in &found.entries {
        let name = &entry.config;
        let rows = found.rows_of(name);
        if !found.logs_only {
            add(name.clone(), check_requests(entry, rows));
        }
        if let Some(log) = found.log_of(name) {
            add(format!("{name}{FLOW}"), check_flow(entry, rows, log)?);
        }
    }
    for name in found.unconfigured() {
        let reason = "its configuration is not in summary.json";
        add(name, Outcome::Skipped(reason.to_owned()));
    }
    if report.cases.is_empty() {
        let (path, check) = (path.to_owned(), "ticks");
        return Err(ValidateError::NothingRecognised { path, check });
    }
    Ok(report)
}

/// How a case went.
enum Outcome {
    Passed(String),
    Failed(String),
    Skipped(String),
}

fn case(name: String, outcome: Outcome) -> Case {
    let (verdict, detail) = match outcome {
        Outcome::Passed(detail) => (Verdict::Passed, detail),
        Outcome::Failed(detail) => (Verdict::Failed, detail),
        Outcome::Skipped(detail) => (Verdict::Skipped, detail),
    };
    Case {
        name,
        verdict,
        detail,
    }
}

/// Figures and requests of a configuration.
fn check_requests(entry: &Entry, rows: Option<&[Row]>) -> Outcome {
    judge(entry, rows, |config, lengths| {
        compare::figures_and_requests(entry, rows, config, lengths)
    })
}

/// Every line of a flow log.
fn check_flow(entry: &Entry, rows: Option<&[Row]>, log: &Path) -> Result<Outcome, ValidateError> {
    let lines = flow::read(log)?;
    Ok(judge(entry, rows, |config, lengths| {
        flow::compare(&lines, config, lengths)
    }))
}

fn judge(
    entry: &Entry,
    rows: Option<&[Row]>,
    compare: impl FnOnce(&Config, GivenLengths<'_>) -> Result<Agreement, String>,
) -> Outcome {
    let config = match entry.config() {
        Ok(config) => config,
        Err(reason) => return Outcome::Skipped(reason),
    };
    let Some(lengths) = entry.lengths(rows) else {
        return Outcome::Skipped("its output lengths are not in requests.csv".to_owned());
    };
    match compare(&config, GivenLengths::new(&lengths)) {
        Ok(agreement) => Outcome::Passed(agreement.to_string()),
        Err(difference) => Outcome::Failed(difference),
    }
}
