//! How reports are printed.

use kendall_validate::{Case, Cell, Estimate, Report, Table, Verdict};

use super::checks::{Check, Kind};
use crate::summary_table::{figure, right_aligned, table};

/// Most characters of a case's detail.
const DETAIL_CHARS: usize = 400;

/// What a check measured, and a line per case.
pub(super) fn report(report: &Report) -> String {
    let mut text: String = report.tables.iter().map(measured).collect();
    text.push_str(&lines(&report.cases));
    text
}

/// A row per check; below, the cases that failed.
pub(super) fn overview(reports: &[(&Check, Option<Report>)]) -> String {
    let mut overview = table(&["check", "passed", "failed", "skipped", "what"]);
    let mut failed = Vec::new();
    for (check, report) in reports {
        let Some(report) = report else {
            let why = match check.kind {
                Kind::Long(_) => "left out, it takes a minute or two: name it",
                _ => "no recordings here: run it in a clone, or name a folder by --oracles",
            };
            overview.add_row([check.name, "-", "-", "-", why]);
            continue;
        };
        overview.add_row([
            check.name.to_owned(),
            report.count(Verdict::Passed).to_string(),
            report.count(Verdict::Failed).to_string(),
            report.count(Verdict::Skipped).to_string(),
            check.about.to_owned(),
        ]);
        let cases = report.cases.iter();
        let of_check = |case: &Case| Case {
            name: format!("{}: {}", check.name, case.name),
            ..case.clone()
        };
        let cases = cases.filter(|case| case.verdict == Verdict::Failed);
        failed.extend(cases.map(of_check));
    }
    for column in overview.column_iter_mut().skip(1).take(3) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    let mut text = format!("{}\n\n", trimmed(&overview));
    if !failed.is_empty() {
        text.push_str(&lines(&failed));
        text.push('\n');
    }
    text
}

fn lines(cases: &[Case]) -> String {
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    let line = |case: &Case| {
        let detail: String = case.detail.chars().take(DETAIL_CHARS).collect();
        let verdict = case.verdict.name();
        format!("{:width$}  {verdict:7}  {detail}\n", case.name)
    };
    cases.iter().map(line).collect()
}

fn measured(measured: &Table) -> String {
    let header = |column: &kendall_validate::Column| match column.unit {
        "" => column.name.to_owned(),
        unit => format!("{} ({unit})", column.name),
    };
    let columns: Vec<String> = measured.columns.iter().map(header).collect();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut rows = table(&[&[""], &names[..]].concat());
    for (name, cells) in &measured.rows {
        rows.add_row(std::iter::once(name.clone()).chain(cells.iter().map(cell)));
    }
    let rows = trimmed(&right_aligned(rows));
    let mut text = format!("{}\n\n{rows}\n\n", measured.title);
    for note in &measured.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    if !measured.notes.is_empty() {
        text.push('\n');
    }
    text
}

/// Without blanks at the ends of lines.
fn trimmed(table: &comfy_table::Table) -> String {
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Estimate(estimate) => with_error(*estimate),
        Cell::Number(value) => figure(Some(*value)),
        Cell::Count(count) => count.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Absent => "-".to_owned(),
    }
}

/// The mean to the place of the second digit of its standard error.
fn with_error(estimate: Estimate) -> String {
    let Estimate {
        mean,
        standard_error,
    } = estimate;
    // Below a millionth of the mean an error is that of the arithmetic.
    if standard_error <= mean.abs() * 1e-6 || !standard_error.is_finite() {
        return figure(Some(mean));
    }
    let places = (1 - standard_error.log10().floor() as i32).clamp(0, 6) as usize;
    format!("{mean:.places$} ± {standard_error:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_decide_how_many_digits_are_shown() {
        let shown = |mean, standard_error| {
            with_error(Estimate {
                mean,
                standard_error,
            })
        };
        assert_eq!(shown(1.98813, 0.00583), "1.9881 ± 0.0058");
        assert_eq!(shown(607.1566, 7.4538), "607.2 ± 7.5");
        assert_eq!(shown(2031.9, 123.0), "2032 ± 123");
        assert_eq!(shown(20.1, 0.0), "20.10");
    }
}
