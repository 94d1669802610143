//! Measured beside exact: tables, verdicts, and all scores together.

use kendall_kernel::stats::{self, ChiSquareVerdict};
use kendall_queueing::RunError;
use kendall_study::queueing::Experiment;

use super::setting::{Known, Setting};
use super::{FEWEST_SCORES, SIGNIFICANCE, Z};
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// Columns of a table of figures.
const COLUMNS: [(&str, &str); 6] = [
    ("simulated", ""),
    ("exact", ""),
    ("off", "%"),
    ("95 % interval", "± %"),
    ("z", ""),
    ("customers", ""),
];

/// A check under way.
pub(super) struct Comparison {
    report: Report,
    table: Table,
    scores: Vec<f64>,
}

impl Comparison {
    /// Nothing compared yet.
    pub(super) fn new(title: impl Into<String>) -> Comparison {
        Comparison {
            report: Report::default(),
            table: Table::new(title, &COLUMNS),
            scores: Vec::new(),
        }
    }

    /// Runs a setting, shows its figures and judges them.
    ///
    /// # Errors
    /// A run that cannot go on.
    pub(super) fn run(&mut self, setting: &Setting) -> Result<Experiment, RunError> {
        let experiment = setting.run()?;
        let mut verdict = Judgement::new(setting.precision);
        for (index, known) in setting.known.iter().enumerate() {
            let estimate = experiment.estimate(known.figure);
            self.row(&setting.name, known, estimate.as_ref());
            let score = verdict.figure(known, estimate.as_ref());
            // Figures of one run depend on each other: one of them counts.
            if index == 0 {
                self.scores.push(score);
            }
        }
        let (holds, detail) = verdict.close(experiment.customers());
        self.report.judge(&setting.name, holds, detail);
        Ok(experiment)
    }

    /// Adds a score that is independent of the others.
    pub(super) fn score(&mut self, score: f64) {
        self.scores.push(score);
    }

    /// The verdicts, to add others.
    pub(super) fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// The table, to add notes.
    pub(super) fn table(&mut self) -> &mut Table {
        &mut self.table
    }

    /// Closes with the verdict on all scores; `others` are tables that follow.
    pub(super) fn close(mut self, others: Vec<Table>) -> Report {
        self.report.tables.push(self.table);
        self.report.tables.extend(others);
        let verdict = ChiSquareVerdict::of(&self.scores);
        if let Some(verdict) = verdict.filter(|_| self.scores.len() >= FEWEST_SCORES) {
            self.report.judge(
                "all settings together",
                verdict.passes(SIGNIFICANCE),
                format!(
                    "chi-square of {} independent scores: {:.1}, p = {:.3}, must be above {SIGNIFICANCE}",
                    self.scores.len(),
                    verdict.statistic,
                    verdict.p_value
                ),
            );
        }
        self.report
    }

    fn row(&mut self, setting: &str, known: &Known, estimate: Option<&stats::Estimate>) {
        let name = format!("{setting}: {}", known.name);
        let exact = Cell::Number(known.exact);
        let Some(estimate) = estimate else {
            let absent = || Cell::Absent;
            let cells = [absent(), exact, absent(), absent(), absent(), absent()];
            return self.table.row(name, cells);
        };
        let percent = |share: f64| Cell::Number(100.0 * share);
        let width = estimate.half_width.map(|width| width / known.exact.abs());
        let z = known.score(estimate);
        self.table.row(
            name,
            [
                measured(estimate),
                exact,
                percent(estimate.value / known.exact - 1.0),
                width.map_or(Cell::Absent, percent),
                z.map_or(Cell::Absent, Cell::Number),
                Cell::Count(estimate.observations),
            ],
        );
    }
}

/// An estimate as a cell of a table.
pub(super) fn measured(estimate: &stats::Estimate) -> Cell {
    match estimate.std_error {
        None => Cell::Number(estimate.value),
        Some(standard_error) => Cell::Estimate(crate::table::Estimate {
            mean: estimate.value,
            standard_error,
        }),
    }
}

/// The verdict on the figures of one setting.
struct Judgement {
    precision: f64,
    figures: usize,
    worst: (f64, &'static str),
    error: f64,
    faults: Vec<String>,
}

impl Judgement {
    fn new(precision: f64) -> Judgement {
        Judgement {
            precision,
            figures: 0,
            worst: (0.0, ""),
            error: 0.0,
            faults: Vec::new(),
        }
    }

    /// Takes a figure in and returns its score; infinite if nothing tells it.
    fn figure(&mut self, known: &Known, estimate: Option<&stats::Estimate>) -> f64 {
        self.figures += 1;
        let score = estimate.and_then(|estimate| known.score(estimate));
        let error = estimate.and_then(|estimate| estimate.std_error);
        let (Some(score), Some(error)) = (score, error) else {
            self.faults.push(format!("{} has no estimate", known.name));
            return f64::INFINITY;
        };
        let error = error / known.exact.abs();
        self.error = self.error.max(error);
        if score.abs() >= self.worst.0.abs() {
            self.worst = (score, known.name);
        }
        if score.abs() > Z {
            let name = known.name;
            self.faults
                .push(format!("{name} is {score:+.1} standard errors off"));
        }
        if error > self.precision {
            self.faults.push(format!(
                "{} has a standard error of {:.2} %, allowed are {:.1} %",
                known.name,
                100.0 * error,
                100.0 * self.precision
            ));
        }
        score
    }

    fn close(self, customers: u64) -> (bool, String) {
        let holds = self.faults.is_empty();
        let mut parts = self.faults;
        let (score, name) = self.worst;
        parts.push(format!(
            "{} figure{}, {customers} customers, standard errors up to {:.2} %, {name} {score:+.1} of them off, at most {Z}",
            self.figures,
            if self.figures == 1 { "" } else { "s" },
            100.0 * self.error
        ));
        (holds, parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use kendall_kernel::Law;
    use kendall_study::queueing::{At, Figure};

    use super::super::setting::{Setting, known, poisson_queue};
    use super::*;
    use crate::outcome::Verdict;

    /// M/M/1 at half load, where a mean wait of 1 is right.
    fn setting(exact: f64) -> Setting {
        let network = poisson_queue(0.5, Law::Exponential { mean: 1.0 }, 1);
        let figures = vec![known("E_W", Figure::Waiting(At::station(0)), exact)];
        let setting = Setting::new("test".to_owned(), network, 0.5, figures).unwrap();
        Setting {
            precision: 0.02,
            ..setting
        }
    }

    fn verdicts(exact: f64, others: &[f64]) -> Vec<Verdict> {
        let mut comparison = Comparison::new("test");
        comparison.run(&setting(exact)).unwrap();
        others.iter().for_each(|score| comparison.score(*score));
        let report = comparison.close(Vec::new());
        assert_eq!(report.tables[0].rows.len(), 1);
        report.cases.iter().map(|case| case.verdict).collect()
    }

    #[test]
    fn a_figure_passes_if_it_is_right_and_fails_if_not() {
        assert_eq!(verdicts(1.0, &[]), [Verdict::Passed]);
        // Beyond five of the two percent that the error may be.
        assert_eq!(verdicts(1.2, &[]), [Verdict::Failed]);
    }

    #[test]
    fn scores_are_judged_together_if_there_are_enough() {
        let usual = [0.5, -1.0, 1.5, -0.3];
        assert_eq!(verdicts(1.0, &usual), [Verdict::Passed; 2]);
        let biased = [2.9, 3.1, 2.8, 3.0];
        let expected = [Verdict::Passed, Verdict::Failed];
        assert_eq!(verdicts(1.0, &biased), expected);
    }

    #[test]
    fn a_figure_that_theory_does_not_tell_fails() {
        assert_eq!(verdicts(f64::NAN, &[]), [Verdict::Failed]);
    }

    #[test]
    fn an_error_that_is_too_large_fails() {
        let mut judgement = Judgement::new(1e-6);
        let setting = setting(1.0);
        let experiment = setting.run().unwrap();
        let estimate = experiment.estimate(setting.known[0].figure);
        judgement.figure(&setting.known[0], estimate.as_ref());
        let (holds, detail) = judgement.close(experiment.customers());
        assert!(!holds);
        assert!(detail.contains("allowed are"), "{detail}");
    }
}
