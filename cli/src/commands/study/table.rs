//! Rows as tables.

use comfy_table::Table;
use kendall_study::published::{Case, Row};
use kendall_study::token_budget::Trials;

use crate::commands::trials::with_width;
use crate::summary_table::{self, figure, right_aligned, table};

/// Figures that have a column in the table of a sweep.
const COLUMNS: [&str; 6] = [
    "throughput_qps",
    "mean_ttft_s",
    "mean_tbt_s",
    "mean_rts_s",
    "p95_rts_s",
    "n_completed",
];

/// Notes about blocked trials, at most.
const MOST_NOTES: usize = 6;

/// What one line of a table shows.
pub(super) struct Line {
    /// What is compared.
    pub(super) system: String,
    /// The value of what is varied.
    pub(super) label: String,
    pub(super) rows: Vec<Row>,
}

impl Line {
    fn row(&self, metric: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.metric.name == metric)
    }

    /// Whether anybody was served; otherwise there are no times.
    fn served(&self) -> bool {
        let completed = self.row("n_completed");
        completed.is_none_or(|row| row.estimate.value > 0.0)
    }

    /// A figure with its interval; `-` for times of nobody.
    fn cell(&self, metric: &str) -> String {
        match self.row(metric) {
            Some(row) if row.metric.unit == "s" && !self.served() => "-".to_owned(),
            Some(row) => cell(row),
            None => String::new(),
        }
    }
}

/// A line for each value, with intervals.
pub(super) fn figures(varied: &str, lines: &[Line]) -> String {
    let mut rows = table(&[&["", varied][..], &COLUMNS].concat());
    for line in lines {
        let cells = COLUMNS.map(|metric| line.cell(metric));
        rows.add_row(
            [line.system.clone(), line.label.clone()]
                .into_iter()
                .chain(cells),
        );
    }
    trimmed(rows)
}

/// The original's figures beside ours where there are any: theirs, and by how many standard errors
/// of the difference ours are above; empty without any.
pub(super) fn originals(varied: &str, lines: &[Line]) -> String {
    let compared = |line: &Line| line.rows.iter().any(|row| row.original.is_some());
    let lines: Vec<&Line> = lines.iter().filter(|line| compared(line)).collect();
    let has = |metric: &&str| {
        let mut rows = lines.iter().filter_map(|line| line.row(metric));
        rows.any(|row| row.original.is_some())
    };
    let metrics: Vec<&str> = COLUMNS.into_iter().filter(has).collect();
    if metrics.is_empty() {
        return String::new();
    }
    let mut header = vec!["the original's", varied];
    for metric in &metrics {
        header.extend([*metric, "z"]);
    }
    let mut rows = table(&header);
    let mut scores = Vec::new();
    for line in &lines {
        let mut cells = vec![line.system.clone(), line.label.clone()];
        for row in metrics.iter().map(|metric| line.row(metric)) {
            let score = row.and_then(Row::score);
            scores.extend(score);
            let original = row.and_then(|row| row.original);
            cells.push(figure(original.map(|original| original.value)));
            cells.push(z(score));
        }
        rows.add_row(cells);
    }
    format!("\n{}{}", trimmed(rows), worst(&scores))
}

/// How far the scores are from zero, all together.
fn worst(scores: &[f64]) -> String {
    let count = scores.len();
    let Some(most) = scores.iter().map(|score| score.abs()).reduce(f64::max) else {
        return "z: no errors from a single trial\n".to_owned();
    };
    let within = scores.iter().filter(|score| score.abs() <= 2.0).count();
    format!(
        "z: our mean less the original's, in standard errors of the difference; {within} of {count} \
         within 2, at most {most:.1}\n"
    )
}

/// A number of standard errors; `-` for nothing.
pub(super) fn z(score: Option<f64>) -> String {
    match score {
        // Not -0.0.
        Some(score) if score.abs() < 0.05 => "0.0".to_owned(),
        // Infinite where nothing varies and figures differ all the same.
        Some(score) => format!("{score:+.1}"),
        None => "-".to_owned(),
    }
}

/// A mean with half its interval.
pub(super) fn cell(row: &Row) -> String {
    with_width(&row.estimate)
}

/// Notes about trials that ended with requests left.
pub(super) fn blocked<'a>(cases: impl Iterator<Item = (&'a Case, &'a Trials)>) -> String {
    let notes = cases.filter_map(|(case, trials)| {
        let (trial, ending) = trials.blocked?;
        let value = case.value.map(|value| format!(" {value}"));
        let parts = [case.scenario, case.system(), &case.variant];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Some(format!(
            "note: {}{}: {} of {} trials ended with requests left; trial {trial} {ending}\n",
            parts.join(" "),
            value.unwrap_or_default(),
            trials.blocked_trials,
            trials.metrics.len()
        ))
    });
    let notes: Vec<String> = notes.collect();
    let mut text = notes[..notes.len().min(MOST_NOTES)].concat();
    if notes.len() > MOST_NOTES {
        let more = notes.len() - MOST_NOTES;
        text += &format!("note: and so at {more} more points, see --json\n");
    }
    text
}

/// Numbers to the right, no blanks at the ends of lines.
pub(super) fn trimmed(rows: Table) -> String {
    summary_table::trimmed(&right_aligned(rows)) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_shown_with_their_sign() {
        let shown = [Some(-0.04), Some(1.26), Some(-2.0), None].map(z);
        assert_eq!(shown, ["0.0", "+1.3", "-2.0", "-"]);
        // The worst of all must not look like none.
        assert_eq!(z(Some(f64::INFINITY)), "+inf");
        assert_eq!(z(Some(f64::NEG_INFINITY)), "-inf");
    }
}
