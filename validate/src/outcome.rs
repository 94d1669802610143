//! What a check found.

use serde::Serialize;

use crate::table::Table;

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
    /// Name of the recording, or what is claimed.
    pub name: String,
    /// How it went.
    pub verdict: Verdict,
    /// The worst or first difference, what was measured, or why it was skipped.
    pub detail: String,
}

/// All cases of a check.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// What was measured, where a check measures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// What was compared.
    pub cases: Vec<Case>,
}

impl Report {
    /// Adds a case that passes if `holds`.
    pub fn judge(&mut self, name: impl Into<String>, holds: bool, detail: impl Into<String>) {
        self.cases.push(Case {
            name: name.into(),
            verdict: if holds {
                Verdict::Passed
            } else {
                Verdict::Failed
            },
            detail: detail.into(),
        });
    }

    /// Appends another report.
    pub fn extend(&mut self, other: Report) {
        self.tables.extend(other.tables);
        self.cases.extend(other.cases);
    }

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
