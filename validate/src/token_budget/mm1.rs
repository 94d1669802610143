//! M/M/1 as the original validates itself: single trials, and the formula.

use kendall_kernel::Level;
use kendall_study::token_budget::{Figure, Setting, trials};

use super::rows::Row;
use super::score::{Mean, STANDARD_ERRORS, Scores, welch};
use super::{case, judged, setting};
use crate::ValidateError;
use crate::outcome::{Case, Verdict};

/// Trials of ours.
const TRIALS: u32 = 20;

/// Compares the mean and the 95th percentile of response times with the exact ones, and the
/// recorded trial with the spread of ours.
///
/// # Errors
/// A row that is not in its format.
pub(super) fn check(row: &Row<'_>, scores: &mut Scores) -> Result<Case, ValidateError> {
    let (lam, mu) = (row.number("lam")?, row.number("mu")?);
    let name = format!(
        "M/M/1 at {} % load, seed {}",
        100.0 * lam / mu,
        row.text("seed")?
    );
    let mut setting = Setting::mm1(lam);
    setting.config.service.c_ms = 1e3 / mu;
    setting.load.window_s = row.number("window")?;
    setting.warm_up_s = row.number("warmup_time")?;
    let ours = match trials(&setting, TRIALS, setting::seed(&name)) {
        Ok(trials) => trials,
        Err(error) => return Ok(case(name, Verdict::Failed, error.to_string())),
    };
    // The sojourn time is exponential with rate mu - lambda (Kleinrock, Queueing Systems, volume 1,
    // 1975, section 5.6), so that its 95th percentile is ln 20 times the mean.
    let mean_s = 1.0 / (mu - lam);
    let exact = [
        (Figure::MeanRts, mean_s),
        (Figure::P95Rts, 20_f64.ln() * mean_s),
    ];
    let mut faults = Vec::new();
    let mut parts = Vec::new();
    for (figure, exact) in exact {
        let estimate = ours.estimate(figure, Level::P95);
        let std_error = estimate.std_error.unwrap_or(0.0);
        let degrees_of_freedom = f64::from(TRIALS) - 1.0;
        let mean = Mean {
            value: estimate.value,
            std_error,
            degrees_of_freedom,
        };
        // A single trial varies as one of ours does.
        let one = Mean {
            value: row.number(figure.name())?,
            std_error: std_error * f64::from(TRIALS).sqrt(),
            degrees_of_freedom,
        };
        for (other, of) in [(Mean::exact(exact), "theory"), (one, "recorded")] {
            let score = welch(mean, other);
            scores.add(score, || format!("{} of {name}", figure.name()));
            let part = format!(
                "{} {:.6}, {of} {:.6}, {score:+.1} standard errors",
                figure.name(),
                mean.value,
                other.value
            );
            if score.abs() > STANDARD_ERRORS {
                faults.push(part.clone());
            }
            parts.push(part);
        }
    }
    Ok(judged(name, faults, parts.join("; ")))
}
