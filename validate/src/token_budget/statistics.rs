//! Recorded means over trials, each with a 95 % interval, against trials of ours.

use kendall_kernel::Level;
use kendall_study::token_budget::{Figure, Setting, Trials, trials};

use super::rows::Row;
use super::score::{Mean, STANDARD_ERRORS, Scores, welch};
use super::{case, judged, setting};
use crate::ValidateError;
use crate::outcome::{Case, Verdict};

/// Standard errors that the recorded intervals reach to each side.
const REACH: f64 = 1.96;

/// Runs as many trials of a row's setting as the row rests on.
///
/// # Errors
/// A row that is not in its format.
pub(super) fn check(row: &Row<'_>, scores: &mut Scores) -> Result<Case, ValidateError> {
    let name = name(*row)?;
    let setting = match of_row(*row)? {
        Ok(setting) => setting,
        Err(reason) => return Ok(case(name, Verdict::Skipped, reason)),
    };
    let count = row.count("n_trials")?;
    let ours = match trials(&setting, count, setting::seed(&name)) {
        Ok(trials) => trials,
        Err(error) => return Ok(case(name, Verdict::Failed, error.to_string())),
    };
    let mut faults = Vec::new();
    let (mut figures, mut worst) = (0, (0.0_f64, ""));
    for figure in Figure::ALL.into_iter().filter(|f| row.has(f.name())) {
        let Some((ours, theirs)) = means(*row, figure, &ours, count)? else {
            return Ok(case(name, Verdict::Skipped, "fewer than two trials"));
        };
        let score = welch(ours, theirs);
        scores.add(score, || format!("{} of {name}", figure.name()));
        figures += 1;
        if score.abs() >= worst.0.abs() {
            worst = (score, figure.name());
        }
        if score.is_nan() || score.abs() > STANDARD_ERRORS {
            faults.push(format!(
                "{} is {:.6} ± {:.6}, recorded {:.6} ± {:.6} (standard errors)",
                figure.name(),
                ours.value,
                ours.std_error,
                theirs.value,
                theirs.std_error
            ));
        }
    }
    let mut agreement = format!(
        "{figures} figures over {count} trials, {} {:+.1} standard errors off",
        worst.1, worst.0
    );
    if let Some((_, ending)) = ours.blocked {
        let blocked = ours.blocked_trials;
        agreement += &format!("; {blocked} trials {ending} in the first of them");
    }
    Ok(judged(name, faults, agreement))
}

fn name(row: Row<'_>) -> Result<String, ValidateError> {
    let text = |name| row.text(name);
    let mut name = format!(
        "{} {} {}",
        text("tag")?,
        text("scenario")?,
        text("scheduler")?
    );
    for (column, label) in [
        ("ratio", "share"),
        ("lam", "rate"),
        ("t_max", "window"),
        ("max_sequences", "sequences"),
        ("num_gpus", "GPUs"),
        ("chunk_size", "chunk"),
    ] {
        if let Some(value) = row.optional(column)? {
            name += &format!(" {label} {value}");
        }
    }
    Ok(name)
}

fn of_row(row: Row<'_>) -> Result<Result<Setting, String>, ValidateError> {
    let config = match setting::config(row)? {
        Ok(config) => config,
        Err(reason) => return Ok(Err(reason)),
    };
    let scenario = row.text("scenario")?;
    let Some(mut setting) = setting::scenario(scenario, config.scheduler) else {
        return Ok(Err(format!("the scenario `{scenario}` is not known")));
    };
    setting.config = config;
    setting.load.rate_per_s = row.number("lam")?;
    setting.load.window_s = row.number("t_max")?;
    Ok(Ok(setting))
}

/// Our mean and the recorded one; `None` without errors.
fn means(
    row: Row<'_>,
    figure: Figure,
    ours: &Trials,
    count: u32,
) -> Result<Option<(Mean, Mean)>, ValidateError> {
    let name = figure.name();
    let low = row.number(&format!("{name}_ci_lo"))?;
    let high = row.number(&format!("{name}_ci_hi"))?;
    let degrees_of_freedom = f64::from(count) - 1.0;
    let theirs = Mean {
        value: row.number(name)?,
        std_error: (high - low) / 2.0 / REACH,
        degrees_of_freedom,
    };
    let estimate = ours.estimate(figure, Level::P95);
    Ok(estimate.std_error.map(|std_error| {
        let ours = Mean {
            value: estimate.value,
            std_error,
            degrees_of_freedom,
        };
        (ours, theirs)
    }))
}
