//! Request for request against runs of the simulator inference-lab: step times by its roofline,
//! scheduling by its rules.

mod recording;

use std::path::Path;

use kendall_llm::{Control, Recorder, RequestRecord, Trace, fleet};

use self::recording::{Measured, Recording};
use crate::outcome::{Case, Report, Verdict};
use crate::{ValidateError, files};

/// Largest relative difference of TTFT and E2E that agrees.
const TOLERANCE: f64 = 1e-6;

/// Reruns every recording in a folder (or the one that the folder is).
///
/// # Errors
/// Files that cannot be read or are no recordings; a folder without any.
pub fn check(path: &Path) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    if Recording::is_at(path) {
        report.cases.push(check_folder(path)?);
    } else {
        for folder in files::entries(path)?
            .iter()
            .filter(|folder| Recording::is_at(folder))
        {
            report.cases.push(check_folder(folder)?);
        }
    }
    if report.cases.is_empty() {
        let check = "inference-lab";
        return Err(ValidateError::NothingRecognised {
            path: path.to_owned(),
            check,
        });
    }
    Ok(report)
}

fn check_folder(folder: &Path) -> Result<Case, ValidateError> {
    let recording = Recording::read(folder)?;
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let case = |verdict, detail| Case {
        name: name.clone(),
        verdict,
        detail,
    };
    if let Some(reason) = recording.unsupported() {
        return Ok(case(Verdict::Skipped, reason.to_owned()));
    }
    Ok(match compare(&recording) {
        Ok(agreement) => case(Verdict::Passed, agreement),
        Err(difference) => case(Verdict::Failed, difference),
    })
}

/// Reruns a recording; says how close it is, or what differs.
fn compare(recording: &Recording) -> Result<String, String> {
    let trace = recording.trace()?;
    let config = recording.fleet()?;
    let mut times = Times::new(&trace);
    let stats = fleet::run(&trace, &config, &mut times, &mut |_| Control::Continue)
        .map_err(|error| error.to_string())?;
    let iterations: u64 = stats
        .instances
        .iter()
        .map(|instance| instance.iterations)
        .sum();
    if iterations != recording.iterations() {
        return Err(format!(
            "{iterations} iterations, recorded {}",
            recording.iterations()
        ));
    }
    let mut worst: f64 = 0.0;
    for (row, measured) in recording.measured()?.iter().enumerate() {
        let Some(measured) = measured else {
            return Err(format!("request {row} is not in the recorded results"));
        };
        let Some(record) = times.records[row] else {
            return Err(format!("request {row} did not finish"));
        };
        let difference = relative_difference(&record, measured);
        if difference.is_nan() || difference > TOLERANCE {
            return Err(format!(
                "request {row}: ttft {:?}, e2e {:?}, recorded {} s and {} s",
                record.ttft(),
                record.e2e(),
                measured.ttft,
                measured.e2e
            ));
        }
        worst = worst.max(difference);
    }
    Ok(format!(
        "{iterations} iterations equal, times within {worst:.1e} relative"
    ))
}

fn relative_difference(record: &RequestRecord, measured: &Measured) -> f64 {
    let part = |ours: Option<kendall_kernel::Dur>, theirs: f64| {
        ours.map_or(f64::NAN, |ours| {
            (ours.as_secs_f64() - theirs).abs() / theirs
        })
    };
    let (ttft, e2e) = (
        part(record.ttft(), measured.ttft),
        part(record.e2e(), measured.e2e),
    );
    if ttft.is_nan() || e2e.is_nan() {
        f64::NAN
    } else {
        ttft.max(e2e)
    }
}

/// Keeps the records of finished requests by row.
struct Times {
    records: Vec<Option<RequestRecord>>,
}

impl Times {
    fn new(trace: &Trace) -> Times {
        Times {
            records: vec![None; trace.len()],
        }
    }
}

impl Recorder for Times {
    fn request(&mut self, record: &RequestRecord) {
        if record.finish.is_some() {
            self.records[record.request_id as usize] = Some(*record);
        }
    }
}
