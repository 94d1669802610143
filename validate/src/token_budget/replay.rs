//! Recorded runs over given requests: `manifest.csv` with a row per run, beside it for each case
//! the requests and for each run the times of every request.

use std::path::{Path, PathBuf};

use kendall_kernel::{Streams, Time};
use kendall_llm::token_budget::{Config, Ending, Metrics, Outcome, Rules, Times, Workload, run};
use kendall_study::token_budget::Figure;

use super::rows::{Row, Rows};
use super::{case, judged, setting};
use crate::outcome::{Case, Verdict};
use crate::{ValidateError, files};

/// A time may be off by this and a share of itself.
const ABSOLUTE_S: f64 = 2e-9;
const RELATIVE: f64 = 1e-9;

/// A recorded run.
pub(super) struct Recording {
    name: String,
    config: Result<Config, String>,
    trace: PathBuf,
    times: PathBuf,
    batches: u64,
    /// Those that the manifest has.
    figures: Vec<(Figure, f64)>,
}

/// The recorded runs of a manifest whose files are there.
pub(super) fn recordings(manifest: &Path) -> Result<Vec<Recording>, ValidateError> {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let rows = Rows::read(manifest)?;
    let mut recordings = Vec::new();
    for row in rows.iter() {
        let (name, scheduler) = (row.text("case")?, row.text("scheduler")?);
        let trace = files::either(folder, &format!("{name}_trace.csv"));
        let times = files::either(folder, &format!("{name}_{scheduler}.csv"));
        if trace.is_file() && times.is_file() {
            recordings.push(Recording {
                name: format!("replay {name} {scheduler}"),
                config: setting::config(row)?,
                trace,
                times,
                batches: u64::from(row.count("batches")?),
                figures: figures(row)?,
            });
        }
    }
    Ok(recordings)
}

fn figures(row: Row<'_>) -> Result<Vec<(Figure, f64)>, ValidateError> {
    let with_value = |figure: Figure| Ok((figure, row.number(figure.name())?));
    let named = Figure::ALL
        .into_iter()
        .filter(|figure| row.has(figure.name()));
    named.map(with_value).collect()
}

/// Repeats a recorded run.
///
/// # Errors
/// Files that cannot be read or are not in their format.
pub(super) fn check(recording: &Recording) -> Result<Case, ValidateError> {
    let name = recording.name.clone();
    let config = match &recording.config {
        Ok(config) => config,
        Err(reason) => return Ok(case(name, Verdict::Skipped, reason)),
    };
    let workload = requests(&recording.trace)?;
    let recorded = times(&recording.times)?;
    if recorded.len() != workload.len() {
        let (times, requests) = (recorded.len(), workload.len());
        let detail = format!("times of {times} requests, there are {requests}");
        return Ok(case(name, Verdict::Failed, detail));
    }
    let streams = Streams::new(0);
    let both = run(&workload, config, streams).and_then(|outcome| {
        let rules = Rules::Corrected;
        let corrected = run(&workload, &Config { rules, ..*config }, streams)?;
        Ok((outcome, corrected))
    });
    let (outcome, corrected) = match both {
        Ok(both) => both,
        Err(error) => return Ok(case(name, Verdict::Failed, error.to_string())),
    };
    let mut faults = Vec::new();
    let worst_ns = 1e9 * compare_times(&outcome, &recorded, &mut faults);
    compare_figures(recording, &workload, &outcome, &mut faults);
    let by_corrected = corrected_rules(&outcome, &corrected, &mut faults);
    let agreement = format!(
        "{} requests within {worst_ns:.1} ns, {} batches, {by_corrected}",
        workload.len(),
        outcome.batches
    );
    Ok(judged(name, faults, agreement))
}

/// The largest difference of a time, in seconds; the first one that is too large is a fault.
fn compare_times(
    outcome: &Outcome,
    recorded: &[[Option<f64>; 3]],
    faults: &mut Vec<String>,
) -> f64 {
    let mut worst = 0.0_f64;
    for (request, (times, recorded)) in outcome.times.iter().zip(recorded).enumerate() {
        let Times {
            prefill_done,
            first_token,
            done,
            ..
        } = *times;
        let ours = [prefill_done, first_token, done];
        let names = ["prefill done", "first token", "done"];
        for ((ours, theirs), what) in ours.into_iter().zip(recorded).zip(names) {
            let ours = (ours != Time::MAX).then(|| ours.as_secs_f64());
            let off = match (ours, theirs) {
                (None, None) => 0.0,
                (Some(ours), Some(theirs)) => (ours - theirs).abs(),
                _ => f64::INFINITY,
            };
            let allowed = ABSOLUTE_S + RELATIVE * theirs.unwrap_or(0.0);
            if off > allowed && faults.is_empty() {
                let shown =
                    |time: Option<f64>| time.map_or("never".to_owned(), |s| format!("{s} s"));
                faults.push(format!(
                    "request {request}: {what} {}, recorded {}",
                    shown(ours),
                    shown(*theirs)
                ));
            }
            worst = worst.max(off);
        }
    }
    worst
}

fn compare_figures(
    recording: &Recording,
    workload: &Workload,
    outcome: &Outcome,
    faults: &mut Vec<String>,
) {
    if outcome.batches != recording.batches {
        let (ours, theirs) = (outcome.batches, recording.batches);
        faults.push(format!("{ours} batches, recorded {theirs}"));
    }
    let metrics = Metrics::of(workload, outcome, Time::ZERO);
    for &(figure, theirs) in &recording.figures {
        let ours = figure.of(&metrics);
        if (ours - theirs).abs() > ABSOLUTE_S + RELATIVE * theirs {
            faults.push(format!("{} is {ours}, recorded {theirs}", figure.name()));
        }
    }
}

/// What corrected rules do to the same requests: the same where nobody is lost, and they serve
/// everybody where somebody is.
fn corrected_rules(outcome: &Outcome, corrected: &Outcome, faults: &mut Vec<String>) -> String {
    if corrected.ending != Ending::Drained {
        faults.push(format!("corrected rules: {}", corrected.ending));
    }
    match outcome.ending {
        Ending::Drained => {
            if outcome != corrected {
                faults.push("corrected rules give other times".to_owned());
            }
            "the same by corrected rules".to_owned()
        }
        ending => format!("{ending}; by corrected rules everybody is served"),
    }
}

fn requests(path: &Path) -> Result<Workload, ValidateError> {
    let rows = Rows::read(path)?;
    let mut workload = Workload::default();
    for row in rows.iter() {
        workload.arrival.push(row.time("arrival_s")?);
        workload.prompt_tokens.push(row.count("prompt_tokens")?);
        workload.output_tokens.push(row.count("output_tokens")?);
    }
    Ok(workload)
}

/// Times of each request, in the order of the rows; `None` for what did not happen.
fn times(path: &Path) -> Result<Vec<[Option<f64>; 3]>, ValidateError> {
    let rows = Rows::read(path)?;
    let of_row = |row: Row<'_>| {
        Ok([
            row.optional("prefill_done_s")?,
            row.optional("first_decode_done_s")?,
            row.optional("done_s")?,
        ])
    };
    rows.iter().map(of_row).collect()
}
