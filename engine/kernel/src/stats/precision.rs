//! When to stop, and how long to run.

use super::batch_means::Checked;
use super::error::StatsError;
use super::estimate::Estimate;
use super::level::Level;
use super::moments::assert_finite;

/// A wanted relative precision, as a rule for when a run is long enough.
///
/// Asked after each stretch of a run, the rule says stop, or how much longer (Law, Simulation
/// Modeling and Analysis, 5th edition, sections 9.4.1 and 9.5.3). Rules like this one tend to
/// stop where the error happens to look small; a minimum of batches keeps the loss of coverage
/// small.
///
/// ```
/// use kendall_kernel::stats::{Decision, Level, Precision, Replications};
///
/// let rule = Precision::new(0.01)?.at_least(10)?.at_most(1_000_000)?;
/// let mut means = Replications::new();
/// for value in [4.9, 5.0, 5.1, 4.95, 5.05, 5.0, 4.9, 5.1, 5.0, 5.0] {
///     means.push(value, 1_000);
/// }
/// let mean = means.estimate(Level::P95).expect("there are replications");
/// // The interval reaches 1.01 % of the mean to each side, so a little more will do.
/// assert!(matches!(rule.decide(&mean), Decision::More { observations: 200..=300 }));
/// # Ok::<(), kendall_kernel::stats::StatsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    relative: f64,
    min_groups: u64,
    growth: f64,
    max_observations: u64,
}

/// What a rule says about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The estimate is as precise as wanted.
    Stop,
    /// It is not; so many more observations are likely to do, or to tell more.
    More {
        /// How many more, at least 1.
        observations: u64,
    },
    /// It is not, and the limit of observations is reached.
    LimitReached,
}

/// What the central limit theorem says of the mean of a long series, from theory or from a pilot
/// run: nearly normal, with a variance that falls with the length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongRun {
    /// The mean, in the unit of the observations.
    pub mean: f64,
    /// The limit of the variance of the mean times the number of observations, in their squared
    /// unit; not negative. The variance of one of them if they are independent, far more in a busy
    /// queue (Whitt, "Planning Queueing Simulations", Management Science 35, 1989).
    pub asymptotic_variance: f64,
}

impl Precision {
    /// The fewest groups that a rule may ask for.
    pub const LEAST_GROUPS: u64 = 5;

    /// Stops when half the width of the interval is at most `relative` of the absolute value. At
    /// least 10 groups, growth by at most a factor of 4 at a time, no limit.
    ///
    /// # Errors
    /// If `relative` does not lie between 0 and 1.
    pub fn new(relative: f64) -> Result<Precision, StatsError> {
        if !(relative > 0.0 && relative < 1.0) {
            return Err(StatsError::RelativePrecision { relative });
        }
        Ok(Precision {
            relative,
            min_groups: 10,
            growth: 4.0,
            max_observations: u64::MAX,
        })
    }

    /// Stops when the estimate is off by at most `error` of the true value, with the probability of
    /// the interval's level: relative to the estimate the interval has to be narrower, error / (1 +
    /// error) (Law, section 9.4.1).
    ///
    /// # Errors
    /// If `error` does not lie between 0 and 1.
    pub fn of_error(error: f64) -> Result<Precision, StatsError> {
        let precision = Precision::new(error)?;
        Ok(Precision {
            relative: error / (1.0 + error),
            ..precision
        })
    }

    /// Does not stop before there are `groups` batches, replications or cycles. Batches are never
    /// more than [`BatchMeans`](super::BatchMeans) keeps, so it cannot stop if this is above 2k - 1
    /// of theirs.
    ///
    /// # Errors
    /// If that is fewer than [`LEAST_GROUPS`](Precision::LEAST_GROUPS).
    pub fn at_least(self, groups: u64) -> Result<Precision, StatsError> {
        if groups < Precision::LEAST_GROUPS {
            return Err(StatsError::TooFewBatches {
                batches: groups,
                least: Precision::LEAST_GROUPS,
            });
        }
        Ok(Precision {
            min_groups: groups,
            ..self
        })
    }

    /// Never asks for a run of more than `factor` times its length, since a variance from a short
    /// run may be far off.
    ///
    /// # Errors
    /// If `factor` is not finite and above 1.
    pub fn growing_by(self, factor: f64) -> Result<Precision, StatsError> {
        if !(factor > 1.0 && factor.is_finite()) {
            return Err(StatsError::Growth { factor });
        }
        Ok(Precision {
            growth: factor,
            ..self
        })
    }

    /// Never asks for a run of more than `observations` in total.
    ///
    /// # Errors
    /// If that is 0.
    pub fn at_most(self, observations: u64) -> Result<Precision, StatsError> {
        if observations == 0 {
            return Err(StatsError::NoObservations);
        }
        Ok(Precision {
            max_observations: observations,
            ..self
        })
    }

    /// The wanted half width, relative to the absolute value.
    #[must_use]
    pub fn relative(&self) -> f64 {
        self.relative
    }

    /// The same for an estimate whose batches were tested: while these are
    /// [suspicious](Checked::suspicious) the run goes on, to at least twice its length (or to what
    /// growth and limit allow), however narrow the interval looks.
    #[must_use]
    pub fn decide_checked(&self, checked: &Checked) -> Decision {
        if !checked.suspicious() {
            return self.decide(&checked.estimate);
        }
        self.longer(&checked.estimate, 2.0)
    }

    /// Whether `estimate` is precise enough, at the level of its interval.
    ///
    /// Since a half width falls with the square root of the length, the length aimed at is that of
    /// the run times the square of the half width over the wanted one. An estimate without an
    /// error, or of 0, for which no interval but one of width 0 is narrow enough, grows by the
    /// greatest factor.
    #[must_use]
    pub fn decide(&self, estimate: &Estimate) -> Decision {
        let enough_groups = estimate.groups >= self.min_groups;
        let wanted = self.relative * estimate.value.abs();
        let precise = estimate.half_width.is_some_and(|half| half <= wanted);
        if enough_groups && precise {
            return Decision::Stop;
        }
        self.longer(estimate, 1.0)
    }

    /// How many observations a run needs to become precise enough at `level`: the least integer that
    /// is not below (z s / (relative * mean))^2, s^2 the asymptotic variance (Asmussen and Glynn,
    /// Stochastic Simulation, 2007, section III.1).
    ///
    /// At least 1; 2^64 - 1 if the mean is 0 and the variance is not.
    ///
    /// # Panics
    /// If the mean is not finite, or the variance is negative or not a number.
    #[must_use]
    pub fn observations_needed(&self, series: LongRun, level: Level) -> u64 {
        let LongRun {
            mean,
            asymptotic_variance,
        } = series;
        assert_finite("a mean", mean);
        assert!(
            asymptotic_variance >= 0.0,
            "an asymptotic variance is {asymptotic_variance}, must not be negative"
        );
        if asymptotic_variance == 0.0 {
            return 1;
        }
        let z = level.critical(None);
        let wanted = self.relative * mean.abs();
        let needed = (z * asymptotic_variance.sqrt() / wanted).powi(2).ceil();
        // Saturates beyond 2^64.
        (needed as u64).max(1)
    }

    /// What a run needs beyond what it has, at least `factor` times its length.
    fn longer(&self, estimate: &Estimate, factor: f64) -> Decision {
        let have = estimate.observations;
        if have >= self.max_observations {
            return Decision::LimitReached;
        }
        let wanted = self.relative * estimate.value.abs();
        let for_precision = match estimate.half_width {
            Some(half_width) => (half_width / wanted).powi(2),
            None => self.growth,
        };
        let for_groups = self.min_groups as f64 / estimate.groups.max(1) as f64;
        // NaN where both widths are 0; `max` takes the other.
        let factor = for_precision.max(for_groups).max(factor).min(self.growth);
        let aim = (have.max(1) as f64 * factor).ceil();
        // Saturates beyond 2^64.
        let aim = (aim as u64).clamp(have + 1, self.max_observations);
        Decision::More {
            observations: aim - have,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::batch_means::BatchMeans;
    use crate::stats::estimate::{Basis, Method};

    fn estimate(value: f64, half_width: f64, observations: u64, groups: u64) -> Estimate {
        let basis = Basis {
            observations,
            groups,
            method: Method::BatchMeans,
        };
        let std_error = half_width / Level::P95.critical(None);
        let estimate = basis.estimate(value, std_error, None, Level::P95);
        Estimate {
            half_width: Some(half_width),
            ..estimate
        }
    }

    fn more(observations: u64) -> Decision {
        Decision::More { observations }
    }

    #[test]
    fn it_stops_when_the_interval_is_narrow() {
        let rule = Precision::new(0.25).unwrap();
        assert_eq!(rule.decide(&estimate(-8.0, 2.0, 100, 10)), Decision::Stop);
        // Half again as wide needs 2.25 times the run.
        assert_eq!(rule.decide(&estimate(-8.0, 3.0, 100, 10)), more(125));
    }

    #[test]
    fn it_waits_for_enough_groups() {
        let rule = Precision::new(0.25).unwrap().at_least(20).unwrap();
        assert_eq!(rule.decide(&estimate(8.0, 0.5, 100, 10)), more(100));
        assert_eq!(rule.decide(&estimate(0.0, 0.0, 100, 10)), more(100));
        assert_eq!(rule.decide(&estimate(8.0, 0.5, 100, 20)), Decision::Stop);
    }

    #[test]
    fn it_grows_within_bounds() {
        let rule = Precision::new(0.01).unwrap().growing_by(2.5).unwrap();
        assert_eq!(rule.decide(&estimate(1.0, 1.0, 100, 10)), more(150));
        // Nothing is relative to zero.
        assert_eq!(rule.decide(&estimate(0.0, 1.0, 100, 10)), more(150));
        let bare = Estimate {
            half_width: None,
            std_error: None,
            ..estimate(1.0, 1.0, 100, 1)
        };
        assert_eq!(rule.decide(&bare), more(150));
        let limited = rule.at_most(120).unwrap();
        assert_eq!(limited.decide(&bare), more(20));
        let full = estimate(1.0, 1.0, 120, 10);
        assert_eq!(limited.decide(&full), Decision::LimitReached);
        // However near, it asks for something.
        let near = estimate(1.0, 0.010000001, 3, 10);
        assert_eq!(rule.decide(&near), more(1));
        let huge = estimate(1.0, 1.0, u64::MAX - 1, 10);
        assert_eq!(rule.decide(&huge), more(1));
    }

    #[test]
    fn it_does_not_trust_dependent_batches() {
        let rule = Precision::new(0.5).unwrap();
        let mut batches = BatchMeans::with_k(32);
        // A slow wave around a mean that is far off zero.
        (0..64).for_each(|i| batches.push(100.0 + (f64::from(i) / 20.0).sin(), 1));
        let checked = batches.checked(Level::P95).unwrap();
        assert!(checked.suspicious());
        assert_eq!(rule.decide(&checked.estimate), Decision::Stop);
        assert_eq!(rule.decide_checked(&checked), more(64));
        let slower = rule.growing_by(1.5).unwrap();
        assert_eq!(slower.decide_checked(&checked), more(32));
        let limited = rule.at_most(64).unwrap();
        assert_eq!(limited.decide_checked(&checked), Decision::LimitReached);
        let mut alternating = BatchMeans::with_k(32);
        (0..64).for_each(|i| alternating.push(100.0 + f64::from(i % 2), 1));
        let checked = alternating.checked(Level::P95).unwrap();
        assert_eq!(rule.decide_checked(&checked), Decision::Stop);
    }

    #[test]
    fn the_error_of_the_truth_needs_a_narrower_interval() {
        let rule = Precision::of_error(0.25).unwrap();
        assert_eq!(rule.relative(), 0.2);
    }

    #[test]
    fn settings_are_checked() {
        for relative in [0.0, 1.0, -1.0, f64::NAN] {
            assert!(Precision::new(relative).is_err());
        }
        let rule = Precision::new(0.1).unwrap();
        assert!(
            rule.at_least(4)
                .unwrap_err()
                .to_string()
                .contains("5 or more")
        );
        assert!(rule.growing_by(1.0).is_err() && rule.growing_by(f64::INFINITY).is_err());
        assert_eq!(rule.at_most(0), Err(StatsError::NoObservations));
    }

    /// M/M/1: the asymptotic variance of the mean number in the system over time is
    /// 2 rho (1 + rho) / (1 - rho)^4 at a service rate of 1 (Whitt 1989), so at 0.5 it
    /// is 24 and 5 % at 95 % take (1.95996 / 0.05)^2 * 24 = 36,878.005 service times.
    #[test]
    fn run_lengths_follow_from_the_variance() {
        let precision = Precision::new(0.05).unwrap();
        let rho = 0.5_f64;
        let needed = |mean, asymptotic_variance| {
            let series = LongRun {
                mean,
                asymptotic_variance,
            };
            precision.observations_needed(series, Level::P95)
        };
        let variance = 2.0 * rho * (1.0 + rho) / (1.0 - rho).powi(4);
        assert_eq!(needed(1.0, variance), 36_879);
        assert_eq!(needed(-1.0, variance), 36_879);
        assert_eq!(needed(3.0, 0.0), 1);
        assert_eq!(needed(0.0, 1.0), u64::MAX);
    }

    /// What is needed is what makes the half width as wanted.
    #[test]
    fn run_lengths_and_decisions_agree() {
        let precision = Precision::new(0.1).unwrap().growing_by(1e6).unwrap();
        let mean = estimate(4.0, 2.5, 1000, 10);
        let series = LongRun {
            mean: 4.0,
            asymptotic_variance: mean.asymptotic_variance().unwrap(),
        };
        let needed = precision.observations_needed(series, Level::P95);
        let Decision::More { observations } = precision.decide(&mean) else {
            panic!("the interval is too wide");
        };
        // Rounded up twice.
        assert!((1000 + observations).abs_diff(needed) <= 1);
    }
}
