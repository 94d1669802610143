//! How far two means with errors are apart.

use kendall_kernel::stats::distribution::{normal, student_t};

use crate::outcome::{Case, Verdict};

/// Standard deviations, of the normal law, that a figure may be off.
pub(super) const STANDARD_ERRORS: f64 = 5.0;

/// A mean with its standard error and the degrees of freedom of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    pub(super) value: f64,
    pub(super) std_error: f64,
    pub(super) degrees_of_freedom: f64,
}

impl Mean {
    /// A number without an error.
    pub(super) fn exact(value: f64) -> Mean {
        Mean {
            value,
            std_error: 0.0,
            degrees_of_freedom: 1.0,
        }
    }
}

/// The score of the difference of two independent means: Welch's t with the degrees of freedom of
/// Satterthwaite (Law, Simulation Modeling and Analysis, 5th edition, section 10.2.2), turned into
/// the normal variable that is as improbable. Infinite where nothing varies and the values are not
/// the same to twelve digits.
pub(super) fn welch(ours: Mean, theirs: Mean) -> f64 {
    let difference = ours.value - theirs.value;
    let variances = [ours, theirs].map(|mean| mean.std_error * mean.std_error);
    let variance = variances[0] + variances[1];
    let scale = ours.value.abs().max(theirs.value.abs());
    if difference.abs() <= 1e-12 * scale {
        return 0.0;
    }
    if variance == 0.0 {
        return f64::INFINITY.copysign(difference);
    }
    let parts = [ours, theirs].map(|mean| mean.std_error.powi(4) / mean.degrees_of_freedom);
    let degrees = variance * variance / (parts[0] + parts[1]);
    let t = difference.abs() / variance.sqrt();
    let tail = student_t::survival(t, degrees);
    let z = if tail > 0.0 {
        normal::upper_quantile(tail)
    } else {
        f64::INFINITY
    };
    z.copysign(difference)
}

/// The scores of all figures of a check.
#[derive(Debug, Default)]
pub(super) struct Scores {
    figures: u32,
    worst: f64,
    worst_of: String,
}

impl Scores {
    pub(super) fn add(&mut self, score: f64, of: impl FnOnce() -> String) {
        self.figures += 1;
        if score.abs() >= self.worst.abs() || score.is_nan() {
            self.worst = score;
            self.worst_of = of();
        }
    }

    /// What all figures together mean: how probable it is that any of so many correct ones fails,
    /// by Bonferroni's inequality.
    pub(super) fn joint(&self) -> Option<Case> {
        let Scores {
            figures,
            worst,
            worst_of,
        } = self;
        let level = 2.0 * normal::survival(STANDARD_ERRORS) * f64::from(*figures);
        if *figures == 0 {
            return None;
        }
        let verdict = if worst.abs() <= STANDARD_ERRORS {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        Some(Case {
            name: "all figures together".to_owned(),
            verdict,
            detail: format!(
                "{figures} figures, {STANDARD_ERRORS} standard errors allowed each, the worst \
                 {worst:+.1} ({worst_of}); if all are right, one fails with a probability of at \
                 most {level:.1e}"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(value: f64, std_error: f64, degrees_of_freedom: f64) -> Mean {
        Mean {
            value,
            std_error,
            degrees_of_freedom,
        }
    }

    #[test]
    fn a_score_is_as_improbable_as_the_difference() {
        // With many degrees of freedom, the difference in standard errors.
        let z = welch(mean(10.0, 0.3, 1e9), mean(9.5, 0.4, 1e9));
        assert!((z - 1.0).abs() < 1e-6);
        // With equal errors, the degrees of freedom add up.
        let z = welch(mean(1.0, 1.0, 5.0), mean(5.0, 1.0, 5.0));
        let t = 4.0 / 2.0_f64.sqrt();
        let tail = student_t::survival(t, 10.0);
        assert!((normal::survival(-z) - tail).abs() < 1e-12 && z < 0.0);
    }

    #[test]
    fn without_errors_figures_are_the_same_or_not() {
        assert_eq!(welch(Mean::exact(3.0), Mean::exact(3.0)), 0.0);
        assert_eq!(welch(Mean::exact(3.1), Mean::exact(3.0)), f64::INFINITY);
        assert_eq!(welch(Mean::exact(0.0), Mean::exact(3.0)), f64::NEG_INFINITY);
    }
}
