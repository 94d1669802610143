//! Control variates: known means of what goes into a run correct what comes out.

mod regression;

#[cfg(test)]
mod tests;

use super::estimate::{Basis, Estimate, Method};
use super::level::Level;
use super::moments::assert_finite;
use super::replications::mean_estimate;
use regression::Regression;

/// A response and controls with known means, per independent replication or batch.
///
/// If customers arrived more closely than their law says, waiting times came out too long; how much
/// too long a regression tells. With responses y, controls c of means mu and the least-squares
/// coefficients b the estimate is mean(y) - b (mean(c) - mu), with variance
/// s^2 (1 / n + d' C^-1 d): s^2 the residual variance with n - q - 1 degrees of freedom for q
/// controls, d the deviation of the controls' means, C their matrix of sums of squares and products
/// (Lavenberg and Welch, "A Perspective on the Use of Control Variables to Increase the Efficiency
/// of Monte Carlo Simulations", Management Science 27, 1981; Law, Simulation Modeling and Analysis,
/// 5th edition, section 11.4). The interval is exact where responses and controls are jointly
/// normal.
///
/// Coefficients cost degrees of freedom: a control has to explain more of the variance than that.
///
/// # Memory usage
/// 8 bytes for each response and each control.
///
/// ```
/// use kendall_kernel::stats::{ControlVariates, Level};
///
/// // Mean waits, controlled by mean service times, whose law has the mean 1.
/// let mut waits = ControlVariates::new(&[1.0]);
/// for (wait, service) in [(3.1, 1.02), (2.6, 0.97), (3.9, 1.1), (2.8, 1.0), (2.5, 0.95), (3.4, 1.06)] {
///     waits.push(wait, &[service], 1_000);
/// }
/// let controlled = waits.estimate(Level::P95).expect("there are replications");
/// assert_eq!(controlled.fallback, None);
/// assert!(controlled.variance_reduction.expect("they vary") > 0.9);
/// assert!(controlled.estimate.half_width < controlled.plain.half_width);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ControlVariates {
    known_means: Vec<f64>,
    responses: Vec<f64>,
    /// By replication, then by control.
    controls: Vec<f64>,
    observations: u64,
}

/// An estimate with control variates, and what they did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Controlled {
    /// The better of the controlled and the plain estimate.
    pub estimate: Estimate,
    /// The plain mean of the responses.
    pub plain: Estimate,
    /// The regression coefficients, in units of the response per unit of the control; empty if
    /// there is no regression.
    pub coefficients: Vec<f64>,
    /// The share of the variance of the mean that the regression saves, estimated; negative if it
    /// does harm. `None` if there is no regression, or nothing varies.
    pub variance_reduction: Option<f64>,
    /// Why the estimate is the plain one, if it is.
    pub fallback: Option<Fallback>,
}

/// Why control variates are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fallback {
    /// There are no more groups than coefficients and one.
    #[error("{groups} groups are too few for {controls} controls, at least {needed} are needed")]
    TooFew {
        /// How many replications or batches there are.
        groups: usize,
        /// How many controls.
        controls: usize,
        /// How many groups are needed at least.
        needed: usize,
    },
    /// A control does not vary, or follows from the others.
    #[error("control {index} does not vary, or follows from the ones before it")]
    Redundant {
        /// Its place, from 0.
        index: usize,
    },
    /// The interval with controls is no narrower than without.
    #[error("the controls do not narrow the interval")]
    NoGain,
}

impl ControlVariates {
    /// No replications yet; one control for each of `known_means`, the exact expectations.
    ///
    /// # Panics
    /// If there are none, or one is not finite.
    #[must_use]
    pub fn new(known_means: &[f64]) -> ControlVariates {
        assert!(!known_means.is_empty(), "no control variates");
        for &mean in known_means {
            assert_finite("the mean of a control", mean);
        }
        ControlVariates {
            known_means: known_means.to_vec(),
            responses: Vec::new(),
            controls: Vec::new(),
            observations: 0,
        }
    }

    /// Adds the next replication or batch, over `observations` observations.
    ///
    /// # Panics
    /// If there are not as many controls as known means, a value is not finite, or there are more
    /// than 2^64 - 1 observations.
    pub fn push(&mut self, response: f64, controls: &[f64], observations: u64) {
        let expected = self.known_means.len();
        assert_eq!(controls.len(), expected, "number of controls");
        assert_finite("a response", response);
        for &control in controls {
            assert_finite("a control", control);
        }
        self.responses.push(response);
        self.controls.extend_from_slice(controls);
        self.count(observations);
    }

    /// Appends the replications of `next`, whose indices follow these.
    ///
    /// # Panics
    /// If the known means differ, or there are more than 2^64 - 1 observations.
    pub fn merge(&mut self, next: &ControlVariates) {
        assert_eq!(self.known_means, next.known_means, "means of the controls");
        self.responses.extend_from_slice(&next.responses);
        self.controls.extend_from_slice(&next.controls);
        self.count(next.observations);
    }

    /// The estimate with its interval; `None` without a replication. O(n q^2 + q^3).
    ///
    /// If the interval with controls is not narrower than without, the plain estimate is given and
    /// [`Controlled::fallback`] says why. Taking the narrower of two intervals costs a little
    /// coverage where controls are hardly correlated with the response; decide for or against
    /// them beforehand where that matters.
    #[must_use]
    pub fn estimate(&self, level: Level) -> Option<Controlled> {
        let n = self.responses.len();
        let plain = mean_estimate(
            &self.responses,
            self.observations,
            Method::Replications,
            level,
        )?;
        let fall_back = |reason| Controlled {
            estimate: plain,
            plain,
            coefficients: Vec::new(),
            variance_reduction: None,
            fallback: Some(reason),
        };
        let q = self.known_means.len();
        if n < q + 2 {
            return Some(fall_back(Fallback::TooFew {
                groups: n,
                controls: q,
                needed: q + 2,
            }));
        }
        let regression = match Regression::new(&self.responses, &self.controls, &self.known_means) {
            Ok(regression) => regression,
            Err(index) => return Some(fall_back(Fallback::Redundant { index })),
        };
        let basis = Basis {
            observations: self.observations,
            groups: n as u64,
            method: Method::ControlVariates,
        };
        let std_error = regression.variance.sqrt();
        let df = (n - q - 1) as f64;
        let controlled = basis.estimate(regression.value, std_error, Some(df), level);
        let gains = controlled.half_width < plain.half_width;
        let plain_variance = plain.std_error.map(|error| error * error);
        Some(Controlled {
            estimate: if gains { controlled } else { plain },
            plain,
            coefficients: regression.coefficients,
            variance_reduction: plain_variance
                .filter(|&variance| variance > 0.0)
                .map(|variance| 1.0 - regression.variance / variance),
            fallback: (!gains).then_some(Fallback::NoGain),
        })
    }

    fn count(&mut self, observations: u64) {
        let total = self.observations.checked_add(observations);
        self.observations = total.expect("2^64 observations");
    }
}
