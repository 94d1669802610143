//! A number with its error.

use std::fmt;

use serde::Serialize;

use super::distribution::{normal, student_t};
use super::level::Level;

/// An estimate, with how far it may be off.
///
/// A value that rests on a single group of observations has no error; `std_error` and everything
/// that follows from it is then `None`, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The estimate, in the unit of what is estimated.
    pub value: f64,
    /// The estimated standard deviation of the value, in its unit.
    pub std_error: Option<f64>,
    /// Half the width of the confidence interval around the value, in its unit.
    pub half_width: Option<f64>,
    /// The level of that interval.
    pub level: Level,
    /// How many observations (customers, requests, nanoseconds) the value rests on.
    pub observations: u64,
    /// How many groups of them (replications, batches, cycles, pairs) the error rests on; they are
    /// taken to be independent.
    pub groups: u64,
    /// Degrees of freedom of Student's t law; `None` where the normal law is used, and where there
    /// is no error.
    pub degrees_of_freedom: Option<f64>,
    /// Where the error comes from.
    pub method: Method,
}

/// Where the error of an [`Estimate`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// The variance between independent replications.
    Replications,
    /// The variance between batches of one run.
    BatchMeans,
    /// The variance between regenerative cycles, normal law.
    Regenerative,
    /// The jackknife over regenerative cycles.
    Jackknife,
    /// The jackknife over replications or batches.
    GroupJackknife,
    /// The residual variance of a regression on control variates.
    ControlVariates,
    /// The variance between the averages of antithetic pairs.
    AntitheticPairs,
    /// The variance between paired differences.
    PairedDifferences,
    /// The deviations of the sections' quantiles from that of all.
    Sectioning,
}

impl Method {
    /// What its groups are called.
    #[must_use]
    pub fn groups(self) -> &'static str {
        match self {
            Method::Replications | Method::Sectioning => "replications",
            Method::BatchMeans | Method::GroupJackknife => "batches",
            Method::Regenerative | Method::Jackknife => "cycles",
            Method::ControlVariates => "controlled groups",
            Method::AntitheticPairs | Method::PairedDifferences => "pairs",
        }
    }
}

/// What an [`Estimate`] rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis {
    pub(super) observations: u64,
    pub(super) groups: u64,
    pub(super) method: Method,
}

impl Basis {
    /// An estimate with its standard error, whose law is Student's t with that many degrees of
    /// freedom, or normal.
    pub(super) fn estimate(
        self,
        value: f64,
        std_error: f64,
        degrees_of_freedom: Option<f64>,
        level: Level,
    ) -> Estimate {
        Estimate {
            value,
            std_error: Some(std_error),
            half_width: Some(level.critical(degrees_of_freedom) * std_error),
            level,
            observations: self.observations,
            groups: self.groups,
            degrees_of_freedom,
            method: self.method,
        }
    }

    /// An estimate whose error nothing tells.
    pub(super) fn bare(self, value: f64, level: Level) -> Estimate {
        Estimate {
            value,
            std_error: None,
            half_width: None,
            level,
            observations: self.observations,
            groups: self.groups,
            degrees_of_freedom: None,
            method: self.method,
        }
    }
}

impl Estimate {
    /// The ends of the confidence interval.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        let half_width = self.half_width?;
        Some((self.value - half_width, self.value + half_width))
    }

    /// The standard error over the absolute value; `None` also where the value is 0.
    #[must_use]
    pub fn relative_std_error(&self) -> Option<f64> {
        self.relative(self.std_error?)
    }

    /// Half the width of the interval over the absolute value; `None` also where the value is 0.
    #[must_use]
    pub fn relative_half_width(&self) -> Option<f64> {
        self.relative(self.half_width?)
    }

    /// Whether the interval contains `truth`.
    #[must_use]
    pub fn covers(&self, truth: f64) -> Option<bool> {
        let half_width = self.half_width?;
        Some((self.value - truth).abs() <= half_width)
    }

    /// How surprising the value would be if `truth` were true, as a standard normal variable:
    /// positive if the value is too large.
    ///
    /// The deviation in standard errors follows Student's t law; what is returned has the same
    /// probability beyond it under the normal law. Infinite where the error is 0 and the value
    /// is another.
    #[must_use]
    pub fn z_score(&self, truth: f64) -> Option<f64> {
        let std_error = self.std_error?;
        let deviation = self.value - truth;
        if deviation == 0.0 {
            return Some(0.0);
        }
        let t = deviation.abs() / std_error;
        let z = match self.degrees_of_freedom {
            Some(df) => normal::upper_quantile(student_t::survival(t, df)),
            None => t,
        };
        Some(z.copysign(deviation))
    }

    /// The variance of the value times the number of observations: what a single one would
    /// contribute if they were independent, in the squared unit of the value.
    ///
    /// The variance parameter of the central limit theorem for correlated series (Asmussen and
    /// Glynn, Stochastic Simulation, 2007, chapter IV), from which
    /// [`Precision::observations_needed`](super::Precision::observations_needed) derives run
    /// lengths.
    #[must_use]
    pub fn asymptotic_variance(&self) -> Option<f64> {
        let std_error = self.std_error?;
        Some(std_error * std_error * self.observations as f64)
    }

    /// The same estimate with an interval of another level.
    #[must_use]
    pub fn at_level(self, level: Level) -> Estimate {
        let critical = self
            .std_error
            .map(|_| level.critical(self.degrees_of_freedom));
        Estimate {
            level,
            half_width: critical.zip(self.std_error).map(|(c, error)| c * error),
            ..self
        }
    }

    fn relative(&self, error: f64) -> Option<f64> {
        (self.value != 0.0).then(|| error / self.value.abs())
    }
}

impl fmt::Display for Estimate {
    /// Such as `12.50 ± 0.25 (95 %, batches: 64)`, to two digits of the half width, or
    /// `12.5 (no error known, batches: 1)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, groups, of) = (self.value, self.groups, self.method.groups());
        let Some(half_width) = self.half_width else {
            return write!(f, "{value} (no error known, {of}: {groups})");
        };
        // The level is a decimal such as 0.95, its double times 100 need not be.
        let percent = (self.level.probability() * 1e6).round() / 1e4;
        let error = half_width.log10();
        let digits = if error.is_finite() {
            (1.0 - error.floor()).clamp(0.0, 99.0) as usize
        } else {
            1
        };
        write!(
            f,
            "{value:.digits$} ± {half_width:.digits$} ({percent} %, {of}: {groups})"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis() -> Basis {
        Basis {
            observations: 640,
            groups: 10,
            method: Method::BatchMeans,
        }
    }

    #[test]
    fn an_interval_reaches_as_far_as_t_says() {
        let estimate = basis().estimate(-8.0, 0.5, Some(9.0), Level::P95);
        let (low, high) = estimate.interval().unwrap();
        let reach = 2.262157162798205 * 0.5;
        assert!((low - (-8.0 - reach)).abs() < 1e-12 && (high - (-8.0 + reach)).abs() < 1e-12);
        assert_eq!(estimate.relative_std_error(), Some(0.0625));
        assert_eq!(estimate.covers(-7.0), Some(true));
        assert_eq!(estimate.covers(-6.8), Some(false));
        assert_eq!(estimate.asymptotic_variance(), Some(160.0));
        assert!(estimate.at_level(Level::P99).covers(-6.8).unwrap());
    }

    #[test]
    fn without_an_error_nothing_is_claimed() {
        let bare = basis().bare(3.0, Level::P95);
        assert_eq!(bare.interval(), None);
        assert_eq!(bare.covers(3.0), None);
        assert_eq!(bare.z_score(3.0), None);
        assert_eq!(bare.relative_half_width(), None);
        assert_eq!(bare.at_level(Level::P90).half_width, None);
        assert!(bare.to_string().contains("no error known"));
    }

    #[test]
    fn zero_has_no_relative_error() {
        let estimate = basis().estimate(0.0, 0.5, None, Level::P95);
        assert_eq!(estimate.relative_std_error(), None);
        assert_eq!(estimate.covers(0.5), Some(true));
    }

    #[test]
    fn a_score_has_the_probability_of_its_deviation() {
        let estimate = basis().estimate(5.0, 1.0, Some(4.0), Level::P95);
        let t = Level::P95.critical(Some(4.0));
        let z = Level::P95.critical(None);
        assert!((estimate.z_score(5.0 - t).unwrap() - z).abs() < 1e-10);
        assert!((estimate.z_score(5.0 + t).unwrap() + z).abs() < 1e-10);
        for df in [4.0, 4000.0] {
            let exact = basis().estimate(5.0, 0.0, Some(df), Level::P95);
            assert_eq!(exact.z_score(5.0), Some(0.0));
            assert_eq!(exact.z_score(4.0), Some(f64::INFINITY));
        }
    }

    #[test]
    fn it_is_written_under_its_names() {
        let bare = basis().bare(3.0, Level::P95);
        let expected = "value = 3.0\nlevel = 0.95\nobservations = 640\ngroups = 10\n\
                        method = \"batch_means\"\n";
        assert_eq!(toml::to_string(&bare).unwrap(), expected);
        let estimate = basis().estimate(3.0, 0.5, Some(9.0), Level::P95);
        let written = toml::to_string(&estimate).unwrap();
        assert!(written.contains("\nstd_error = 0.5\n"), "{written}");
    }

    #[test]
    fn it_says_what_it_is() {
        let estimate = basis().estimate(12.5, 0.25, None, Level::new(0.999).unwrap());
        let text = |half_width| {
            let half_width = Some(half_width);
            Estimate {
                half_width,
                ..estimate
            }
            .to_string()
        };
        assert_eq!(text(0.4987), "12.50 ± 0.50 (99.9 %, batches: 10)");
        assert_eq!(text(0.0041), "12.5000 ± 0.0041 (99.9 %, batches: 10)");
        assert_eq!(text(377.7), "12 ± 378 (99.9 %, batches: 10)");
        assert_eq!(text(0.0), "12.5 ± 0.0 (99.9 %, batches: 10)");
    }
}
