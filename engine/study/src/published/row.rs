//! Results as rows.

use kendall_kernel::Estimate;

/// A number of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name, with the unit last.
    pub name: &'static str,
    /// Its unit; `1` for a plain number.
    pub unit: &'static str,
}

/// The figure of the original at the same settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Original {
    /// The figure.
    pub value: f64,
    /// Its standard error over the original's trials; `None` for a single run.
    pub std_error: Option<f64>,
}

/// A figure of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The scenario.
    pub scenario: String,
    /// What is compared: a scheduler, a way of batching, a load.
    pub system: String,
    /// What else is set, such as `max_sequences=8`; empty for nothing.
    pub variant: String,
    /// The value of what the study varies; `None` if it varies nothing.
    pub value: Option<f64>,
    /// Which figure.
    pub metric: Metric,
    /// Its mean over trials.
    pub estimate: Estimate,
    /// The ends of its interval; `None` for a single trial.
    pub interval: Option<(f64, f64)>,
    /// The original's.
    pub original: Option<Original>,
}

impl Row {
    /// A row of what has neither variant nor value nor original; with the interval of the estimate.
    pub(super) fn new(scenario: &str, system: &str, metric: Metric, estimate: Estimate) -> Row {
        Row {
            scenario: scenario.to_owned(),
            system: system.to_owned(),
            variant: String::new(),
            value: None,
            metric,
            estimate,
            interval: estimate.interval(),
            original: None,
        }
    }

    /// The standard deviation between trials; `None` for a single one.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        let error = self.estimate.std_error?;
        Some(error * (self.estimate.groups as f64).sqrt())
    }

    /// By how many standard errors of the difference the mean exceeds the original's; a single run
    /// of the original varies as one of the trials does. `None` without an original or an error.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        let original = self.original?;
        let theirs = original.std_error.or(self.sd())?;
        let error = self.estimate.std_error?.hypot(theirs);
        let difference = self.estimate.value - original.value;
        // What does not vary has to be the same.
        Some(if difference == 0.0 {
            0.0
        } else {
            difference / error
        })
    }

    /// Where one more trial lies, with the probability of the level, if trials are normal (Hahn and
    /// Meeker, Statistical Intervals, 1991, chapter 4); `None` for a single trial.
    #[must_use]
    pub fn prediction(&self) -> Option<(f64, f64)> {
        let half = self.estimate.half_width?;
        // A mean of n has the n-th part of the variance of a single one.
        let wider = half * (self.estimate.groups as f64 + 1.0).sqrt();
        let value = self.estimate.value;
        Some((value - wider, value + wider))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kendall_kernel::{Level, Replications};

    fn row(values: &[f64], original: Option<Original>) -> Row {
        let mut all = Replications::new();
        for &value in values {
            all.push(value, 1);
        }
        let metric = Metric {
            name: "mean_rts_s",
            unit: "s",
        };
        let estimate = all.estimate(Level::P95).unwrap();
        Row {
            original,
            ..Row::new("demo2", "hybrid", metric, estimate)
        }
    }

    #[test]
    fn scores_are_differences_over_their_errors() {
        let values = [4.0, 6.0, 8.0, 3.0, 6.0];
        let sd = row(&values, None).sd().unwrap();
        let mean = values.iter().sum::<f64>() / 5.0;
        let of_mean = Original {
            value: mean - 3.0,
            std_error: Some(0.25),
        };
        let score = row(&values, Some(of_mean)).score().unwrap();
        let error = (sd * sd / 5.0 + 0.0625).sqrt();
        assert!((score - 3.0 / error).abs() < 1e-12);
        let single = Original {
            value: mean + 3.0,
            std_error: None,
        };
        let score = row(&values, Some(single)).score().unwrap();
        let error = sd * (1.0_f64 + 0.2).sqrt();
        assert!((score + 3.0 / error).abs() < 1e-12);
        assert_eq!(row(&[1.0], Some(single)).score(), None);
        assert_eq!(row(&values, None).score(), None);
    }

    #[test]
    fn predictions_are_for_single_trials() {
        let two = row(&[1.0, 3.0], None);
        let (low, high) = two.prediction().unwrap();
        // Student's t for one degree of freedom is 12.706; 12.706 * sqrt(2) * sqrt(1.5).
        assert!((high - low - 2.0 * 12.7062 * 3.0_f64.sqrt()).abs() < 1e-3);
        assert_eq!(row(&[1.0], None).prediction(), None);
    }

    #[test]
    fn what_does_not_vary_has_to_agree() {
        let same = Original {
            value: 1.0,
            std_error: None,
        };
        assert_eq!(row(&[1.0, 1.0], Some(same)).score(), Some(0.0));
        assert_eq!(row(&[2.0, 2.0], Some(same)).score(), Some(f64::INFINITY));
    }
}
