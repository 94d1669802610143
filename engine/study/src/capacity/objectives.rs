//! The largest rate at which objectives are met.

use kendall_kernel::Estimate;

use super::CapacityError;
use super::search::{Probe, Search, estimate};

/// Halvings of the rate before objectives count as out of reach, and doublings before the search
/// gives up.
const MAX_DOUBLINGS: u32 = 16;

/// Probes of the bisection, enough for a factor of two and the smallest tolerance.
const MAX_STEPS: u32 = 40;

/// How many times a rate probes are away from it between which attainment is taken for a line:
/// closer ones show more noise than slope.
const SPREAD: f64 = 1.05;

/// Share of the requests that must meet their targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective(f64);

/// Where objectives stop being met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObjectiveLimit {
    /// The largest rate tried at which they are met, per second.
    pub met_per_s: f64,
    /// The smallest rate above it at which they are not.
    pub missed_per_s: f64,
    /// The rate at which they stop being met: for each replication `met_per_s`, shifted by how far
    /// its attainment is from the share over the slope of the mean attainment there; `None` if
    /// attainment does not fall around it.
    pub crossing: Option<Estimate>,
}

impl Objective {
    /// A share above 0 and up to 1.
    ///
    /// # Errors
    /// A share out of its range.
    pub fn new(attainment: f64) -> Result<Objective, CapacityError> {
        if attainment > 0.0 && attainment <= 1.0 {
            return Ok(Objective(attainment));
        }
        Err(CapacityError::OutOfRange {
            field: "attainment",
            value: attainment,
            must: "above 0 and at most 1",
        })
    }

    /// The share.
    #[must_use]
    pub const fn attainment(self) -> f64 {
        self.0
    }

    /// Whether the mean over replications reaches it.
    #[must_use]
    pub fn is_met(self, probe: &Probe) -> bool {
        probe.estimate(|sample| sample.attainment).value >= self.0
    }
}

impl Search<'_> {
    /// Finds where the objective stops being met, from `from_per_s` on; `None` if it is met at none
    /// of the rates down to 2^-16 of that.
    ///
    /// # Errors
    /// Runs that fail, and objectives that are met at every rate up to 2^16 times the first.
    pub fn limit(
        &mut self,
        objective: Objective,
        from_per_s: f64,
    ) -> Result<Option<ObjectiveLimit>, CapacityError> {
        let mut rate = from_per_s;
        let start_met = objective.is_met(self.probe(rate)?);
        let mut bracket = None;
        for _ in 0..MAX_DOUBLINGS {
            let next = if start_met { rate * 2.0 } else { rate / 2.0 };
            if objective.is_met(self.probe(next)?) != start_met {
                bracket = Some((rate.min(next), rate.max(next)));
                break;
            }
            rate = next;
        }
        let (mut low, mut high) = match bracket {
            Some(bracket) => bracket,
            None if start_met => return Err(CapacityError::NeverGrows { rate_per_s: rate }),
            None => return Ok(None),
        };
        for _ in 0..MAX_STEPS {
            if high <= low * (1.0 + self.settings().tolerance) {
                break;
            }
            let rate = (low * high).sqrt();
            if objective.is_met(self.probe(rate)?) {
                low = rate;
            } else {
                high = rate;
            }
        }
        let level = self.settings().level;
        let crossings = crossings(self.probes(), low, objective.0);
        Ok(Some(ObjectiveLimit {
            met_per_s: low,
            missed_per_s: high,
            crossing: crossings.map(|rates| estimate(rates.into_iter(), level)),
        }))
    }
}

/// The rate at which each replication by itself would attain the share, on a line with the slope of
/// the means between the nearest probes that are at least [`SPREAD`] away from `rate_per_s`.
fn crossings(probes: &[Probe], rate_per_s: f64, share: f64) -> Option<Vec<f64>> {
    let mean = |probe: &Probe| probe.estimate(|sample| sample.attainment).value;
    let at = probes.iter().find(|probe| probe.rate_per_s == rate_per_s)?;
    let mut below = probes.iter().rev();
    let below = below.find(|probe| probe.rate_per_s * SPREAD <= rate_per_s)?;
    let mut above = probes.iter();
    let above = above.find(|probe| probe.rate_per_s >= rate_per_s * SPREAD)?;
    let slope = (mean(below) - mean(above)) / (above.rate_per_s - below.rate_per_s);
    let shifted = |attainment: f64| rate_per_s + (attainment - share) / slope;
    let attainments = at.samples.iter().map(|sample| sample.attainment);
    (slope > 0.0).then(|| attainments.map(shifted).collect())
}
