//! Step for step against schedules recorded from vLLM's own scheduler.

mod golden;
mod merged;
mod replay;

use std::path::Path;

use crate::files;
use crate::outcome::{Case, Report, Verdict};
use crate::{ValidateError, vllm::golden::Golden};

/// How the engine runs the recordings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Walk the running list in order in every step instead of taking the shortcut.
    pub in_order_only: bool,
    /// Drive the run by a heap instead of the tournament tree.
    pub heap: bool,
    /// Besides the detailed comparison, which looks at every step, replay with steps merged and
    /// compare what that tells.
    pub merge_steps: bool,
}

/// Replays every recording in a folder.
///
/// # Errors
/// Files that cannot be read or are no recordings; a folder without any.
pub fn check(path: &Path, options: Options) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    for file in files::entries(path)? {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(stem) = name
            .strip_suffix(".jsonl.gz")
            .or_else(|| name.strip_suffix(".jsonl"))
        else {
            continue;
        };
        report.cases.push(check_file(&file, stem, options)?);
    }
    if report.cases.is_empty() {
        return Err(ValidateError::NothingRecognised {
            path: path.to_owned(),
            check: "vllm",
        });
    }
    Ok(report)
}

fn check_file(file: &Path, name: &str, options: Options) -> Result<Case, ValidateError> {
    let golden = Golden::read(file)?;
    let case = |verdict, detail| Case {
        name: name.to_owned(),
        verdict,
        detail,
    };
    if golden.config.async_scheduling {
        return Ok(case(
            Verdict::Skipped,
            "asynchronous scheduling is not supported".to_owned(),
        ));
    }
    Ok(match replay::replay(&golden, options) {
        Ok(steps) => case(Verdict::Passed, format!("{steps} steps equal")),
        Err(difference) => case(Verdict::Failed, difference),
    })
}
