//! Quantiles of dependent observations, from replications or batches.

use super::assert_share;
use crate::stats::estimate::{Basis, Estimate, Method};
use crate::stats::histogram::{Histogram, nearest_rank};
use crate::stats::level::Level;
use crate::stats::moments::sum;

/// A quantile with its sampling error, and the resolution of the histograms it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SectionedQuantile {
    /// The quantile of all values together, with Student's interval.
    pub estimate: Estimate,
    /// How far the value may be off from the nearest-rank quantile of what was recorded, because
    /// values are counted in buckets: half the width of its bucket, in the unit of the values. Not
    /// part of the interval.
    pub resolution: f64,
}

impl SectionedQuantile {
    /// The interval, widened to each side by the resolution.
    #[must_use]
    pub fn interval_with_resolution(&self) -> Option<(f64, f64)> {
        let (low, high) = self.estimate.interval()?;
        Some((low - self.resolution, high + self.resolution))
    }
}

/// The quantile `q` from the histograms of independent replications, or of long batches of one
/// run, in the order of their index; `None` if all are empty.
///
/// The value is the quantile of all together, whose bias is less than that of the mean of the
/// sections' quantiles. With Q this one, Q_i those of the R sections, the standard error is
/// sqrt(sum (Q_i - Q)^2 / (R (R - 1))), with R - 1 degrees of freedom (sectioning; Asmussen and
/// Glynn, Stochastic Simulation, 2007, section III.5; Nakayama, "Confidence Intervals for
/// Quantiles Using Sectioning When Applying Variance-Reduction Techniques", ACM TOMACS 24, 2014).
///
/// The sections shall hold about equally many values, and each enough of them beyond the quantile:
/// a section of n values needs n (1 - q) well above 1. Empty ones are left out, and there is no
/// error unless two are left.
///
/// # Panics
/// If `q` does not lie between 0 and 1, or there are more than 2^64 - 1 values.
#[must_use]
pub fn sectioned_quantile(
    sections: &[Histogram],
    q: f64,
    level: Level,
) -> Option<SectionedQuantile> {
    assert_share(q);
    let mut all = Histogram::new();
    sections.iter().for_each(|section| all.merge(section));
    let value = all.quantile(q)?;
    let quantiles = sections.iter().filter_map(|section| section.quantile(q));
    // Exact: differences of integers, then rounded once.
    let deviations: Vec<f64> = quantiles.map(|own| own.abs_diff(value) as f64).collect();
    let groups = deviations.len() as u64;
    let basis = Basis {
        observations: all.count(),
        groups,
        method: Method::Sectioning,
    };
    let estimate = if groups < 2 {
        basis.bare(value as f64, level)
    } else {
        let df = (groups - 1) as f64;
        let squares = sum(deviations.iter().map(|d| d * d));
        let std_error = (squares / (groups as f64 * df)).sqrt();
        basis.estimate(value as f64, std_error, Some(df), level)
    };
    let (low, high) = all.bounds_at(nearest_rank(q, all.count()));
    Some(SectionedQuantile {
        estimate,
        resolution: (high - low) as f64 / 2.0,
    })
}
