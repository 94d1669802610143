//! Systems under a token budget against recorded results of the simulator
//! `kh842-sudo/ORIE5580_FinalProject`.
//!
//! - `replay`: given requests, every time of every request and every figure of the run;
//! - `statistics`: means over trials of fresh requests of ours, with their standard errors;
//! - `stability`: the rule that tells whether a rate is too high, on its series and on ours;
//! - `mm1`: M/M/1 against its formula.
//!
//! Everything runs under the original's rules, faults included; where these lose nothing, corrected
//! rules have to give the same.

mod mm1;
mod replay;
mod rows;
mod score;
mod setting;
mod stability;
mod statistics;

use std::path::{Path, PathBuf};

use crate::outcome::{Case, Report, Verdict};
use crate::{ValidateError, files};

use self::rows::Rows;
use self::score::Scores;

/// Checks every recording in a folder and in its folder `replay`, or in one file; each case is
/// handed to `done` when it is known.
///
/// # Errors
/// Files that cannot be read or are not in their format; a folder without any recording.
pub fn check(path: &Path, mut done: impl FnMut(&Case)) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut add = |report: &mut Report, case: Case| {
        done(&case);
        report.cases.push(case);
    };
    let folder = Recordings::of(path)?;
    if let Some(manifest) = folder.find("manifest.csv") {
        for case in replay::recordings(manifest)? {
            add(&mut report, replay::check(&case)?);
        }
    }
    let mut scores = Scores::default();
    if let Some(file) = folder.find("mm1.csv") {
        for row in Rows::read(file)?.iter() {
            add(&mut report, mm1::check(&row, &mut scores)?);
        }
    }
    for name in ["scenarios.csv", "chunk_sizes.csv", "hybrid_ratio.csv"] {
        if let Some(file) = folder.find(name) {
            for row in Rows::read(file)?.iter() {
                add(&mut report, statistics::check(&row, &mut scores)?);
            }
        }
    }
    if let Some(points) = folder.find("stability_points.csv") {
        let flags = folder.find("stability.csv");
        for series in stability::series(points, flags)? {
            add(&mut report, stability::check(&series, &mut scores));
        }
    }
    if let (Some(flags), Some(file)) = (
        folder.find("stability.csv"),
        folder.find("stability_boundary.csv"),
    ) {
        for case in stability::boundaries(flags, file)? {
            add(&mut report, case);
        }
    }
    if report.cases.is_empty() {
        let (path, check) = (path.to_owned(), "token-budget");
        return Err(ValidateError::NothingRecognised { path, check });
    }
    if let Some(joint) = scores.joint() {
        add(&mut report, joint);
    }
    Ok(report)
}

fn case(name: impl Into<String>, verdict: Verdict, detail: impl Into<String>) -> Case {
    Case {
        name: name.into(),
        verdict,
        detail: detail.into(),
    }
}

/// The verdict that nothing is wrong, or what is.
fn judged(name: String, faults: Vec<String>, agreement: String) -> Case {
    if faults.is_empty() {
        case(name, Verdict::Passed, agreement)
    } else {
        case(name, Verdict::Failed, faults.join("; "))
    }
}

/// Files that may be recordings.
struct Recordings {
    files: Vec<PathBuf>,
}

impl Recordings {
    fn of(path: &Path) -> Result<Recordings, ValidateError> {
        let mut found = files::entries(path)?;
        let replays = path.join("replay");
        if replays.is_dir() {
            found.extend(files::entries(&replays)?);
        }
        Ok(Recordings { files: found })
    }

    /// The file of that name, compressed or not.
    fn find(&self, name: &str) -> Option<&Path> {
        let named = |file: &&PathBuf| {
            let own = file.file_name().unwrap_or_default().to_string_lossy();
            own.strip_suffix(".gz").unwrap_or(&own) == name
        };
        self.files.iter().find(named).map(PathBuf::as_path)
    }
}
