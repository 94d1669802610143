//! The built-in checks: every claim holds.

mod classics;
mod studies;

use kendall_validate::{Report, ValidateError, Verdict};

/// Runs a check whose tables have so many rows at least.
fn holds(check: fn() -> Result<Report, ValidateError>, rows: usize) {
    let report = check().unwrap();
    let failed: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Passed)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.cases.len() >= 5, "{report:#?}");
    assert!(
        report.tables.iter().all(|table| table.rows.len() >= rows),
        "{report:#?}"
    );
}
