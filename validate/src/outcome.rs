//! What a check found.

use serde::Serialize;

/// How a case went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything agrees.
    Passed,
    /// Something differs.
    Failed,
    /// Of a kind that is not supported.
    Skipped,
}

impl Verdict {
    /// The word used in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Skipped => "skipped",
        }
    }
}

/// One case of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Name of the recording.
    pub name: String,
    /// How it went.
    pub verdict: Verdict,
    /// The worst or first difference, or why it was skipped.
    pub detail: String,
}

/// All cases of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In order of their names.
    pub cases: Vec<Case>,
}

impl Report {
    /// Number of cases with this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases
            .iter()
            .filter(|case| case.verdict == verdict)
            .count()
    }

    /// The closing line: `N passed, N failed, N skipped`.
    #[must_use]
    pub fn summary(&self) -> String {
        format!(
            "{} passed, {} failed, {} skipped",
            self.count(Verdict::Passed),
            self.count(Verdict::Failed),
            self.count(Verdict::Skipped)
        )
    }
}
