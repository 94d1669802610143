//! Cases against theory and simulation.

use std::path::Path;

use kendall_kernel::stats::ChiSquareVerdict;

use super::by_simulation::{Answer, EXACT, simulate};
use super::case::{Figure, QueueCase, read_cases};
use super::expected;
use super::model::Model;
use crate::outcome::{Case, Report, Verdict};
use crate::{ValidateError, files};

/// Relative difference that theory may have.
const THEORY: f64 = 1e-6;

/// Standard errors that a simulated figure may be off.
const STANDARD_ERRORS: f64 = 5.0;

/// Probability with which correct figures would fail the test of all scores together.
const SIGNIFICANCE: f64 = 1e-4;

/// Checks every case of a file, or of all CSV files of a folder, by theory and by simulation; each
/// is handed to `done` when it is known.
///
/// # Errors
/// Files that cannot be read or are not in the format; a folder without any.
pub fn check(path: &Path, mut done: impl FnMut(&Case)) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut scores = Vec::new();
    for file in csv_files(path)? {
        for case in read_cases(&file)? {
            let (outcome, score) = check_case(&case);
            done(&outcome);
            report.cases.push(outcome);
            scores.extend(score);
        }
    }
    if report.cases.is_empty() {
        let (path, check) = (path.to_owned(), "queueing");
        return Err(ValidateError::NothingRecognised { path, check });
    }
    if let Some(verdict) = all_scores(&scores) {
        done(&verdict);
        report.cases.push(verdict);
    }
    Ok(report)
}

fn csv_files(path: &Path) -> Result<Vec<std::path::PathBuf>, ValidateError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = files::entries(path)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    Ok(files)
}

/// The outcome of a case, and the score of its first figure that has one. Figures of one case
/// depend on each other, so only one of them counts.
fn check_case(case: &QueueCase) -> (Case, Option<f64>) {
    let outcome = |verdict, detail: String| Case {
        name: case.name.clone(),
        verdict,
        detail,
    };
    let model = match &case.model {
        Ok(model) => model,
        Err(reason) => return (outcome(Verdict::Skipped, reason.to_string()), None),
    };
    let answers = match simulate(model, &case.figures, seed(&case.name)) {
        Ok(answers) => answers,
        Err(error) => return (outcome(Verdict::Failed, error.to_string()), None),
    };
    let mut tally = Tally::default();
    for (figure, answer) in case.figures.iter().zip(&answers) {
        tally.theory(model, figure);
        tally.simulation(figure, answer);
    }
    let verdict = match () {
        () if !tally.faults.is_empty() => Verdict::Failed,
        () if tally.by_theory + tally.simulated == 0 => Verdict::Skipped,
        () => Verdict::Passed,
    };
    let score = tally.first_score;
    (outcome(verdict, tally.detail()), score)
}

/// The seed of a case: FNV-1a of its name (Fowler, Noll and Vo), so that cases do not share
/// random numbers and a case has the same ones in every file.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What the figures of a case came to.
#[derive(Default)]
struct Tally {
    by_theory: usize,
    worst_theory: f64,
    simulated: usize,
    worst_score: (f64, String),
    worst_error: f64,
    customers: u64,
    first_score: Option<f64>,
    faults: Vec<String>,
    unknown: Vec<String>,
}

impl Tally {
    fn theory(&mut self, model: &Model, figure: &Figure) {
        let Some(value) = expected(model, &figure.metric) else {
            return;
        };
        let off = relative(value, figure.expected);
        self.by_theory += 1;
        self.worst_theory = self.worst_theory.max(off);
        if off.is_nan() || off > THEORY + figure.rounding() {
            let Figure {
                metric, expected, ..
            } = figure;
            self.faults.push(format!(
                "{metric} by theory {value:.10}, expected {expected}"
            ));
        }
    }

    fn simulation(&mut self, figure: &Figure, answer: &Answer) {
        let (estimate, resolution, allowed) = match answer {
            Answer::Estimate {
                estimate,
                resolution,
                allowed,
            } => (estimate, *resolution, *allowed),
            Answer::TheoryAlone => return,
            Answer::Unknown => return self.unknown.push(figure.metric.clone()),
        };
        self.simulated += 1;
        self.customers = self.customers.max(estimate.observations);
        let off = (estimate.value - figure.expected).abs();
        let error = estimate.std_error.unwrap_or(f64::INFINITY);
        if error <= EXACT * figure.expected.abs() {
            // Nothing varies: the figure is exact, or it is wrong.
            if off > EXACT * figure.expected.abs().max(f64::MIN_POSITIVE) {
                let (value, expected) = (estimate.value, figure.expected);
                self.faults.push(format!(
                    "{} is {value:.12}, expected {expected}",
                    figure.metric
                ));
            }
            return;
        }
        let score = estimate.z_score(figure.expected).unwrap_or(f64::INFINITY);
        if resolution == 0.0 && self.first_score.is_none() {
            self.first_score = Some(score);
        }
        if score.abs() >= self.worst_score.0.abs() {
            self.worst_score = (score, figure.metric.clone());
        }
        let relative_error = error / figure.expected.abs();
        self.worst_error = self.worst_error.max(relative_error);
        if score.is_nan() || score.abs() > STANDARD_ERRORS && off > resolution {
            self.faults.push(format!(
                "{} is {:.6} with standard error {error:.6}, expected {}: {score:.1} standard errors off",
                figure.metric, estimate.value, figure.expected
            ));
        }
        if figure.expected != 0.0 && relative_error > allowed {
            self.faults.push(format!(
                "{} has a standard error of {:.2} %, allowed are {:.1} %",
                figure.metric,
                100.0 * relative_error,
                100.0 * allowed
            ));
        }
    }

    fn detail(&self) -> String {
        let mut parts = self.faults.clone();
        if self.by_theory > 0 {
            let (count, worst) = (self.by_theory, self.worst_theory);
            parts.push(format!("{count} figures by theory within {worst:.0e}"));
        }
        if self.simulated > 0 {
            let (count, customers) = (self.simulated, self.customers);
            let mut part = format!("{count} simulated, {customers} customers");
            if !self.worst_score.1.is_empty() {
                let (score, metric) = &self.worst_score;
                let error = 100.0 * self.worst_error;
                part += &format!(
                    ", standard errors up to {error:.2} %, {metric} {score:+.1} of them off"
                );
            }
            parts.push(part);
        }
        if !self.unknown.is_empty() {
            parts.push(format!("not simulated: {}", self.unknown.join(", ")));
        }
        parts.join("; ")
    }
}

fn relative(value: f64, expected: f64) -> f64 {
    if value == expected {
        return 0.0;
    }
    (value - expected).abs() / expected.abs()
}

/// All scores together: a small bias everywhere makes their sum of squares too large, errors that
/// are estimated too large make it too small.
fn all_scores(scores: &[f64]) -> Option<Case> {
    let verdict = ChiSquareVerdict::of(scores)?;
    let passed = verdict.passes(SIGNIFICANCE);
    let detail = format!(
        "chi-square of {} independent scores: p = {:.3}, must be above {SIGNIFICANCE}",
        scores.len(),
        verdict.p_value
    );
    Some(Case {
        name: "all cases together".to_owned(),
        verdict: if passed {
            Verdict::Passed
        } else {
            Verdict::Failed
        },
        detail,
    })
}
