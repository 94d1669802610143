//! The largest rate at which objectives are met.

use kendall_kernel::Estimate;

use super::CapacityError;
use super::search::{Probe, Search, estimate};

/// Halvings of the rate before objectives count as out of reach, and doublings before the search
/// gives up.
const MAX_DOUBLINGS: u32 = 16;

/// Probes of the bisection, enough for a factor of two and the smallest tolerance.
const MAX_STEPS: u32 = 40;

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
    /// The rate at which each replication by itself stops meeting them, interpolated between
    /// probes; `None` if one of them does at none or all of the rates tried.
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
        let count = self.settings().replications as usize;
        let crossings: Option<Vec<f64>> = (0..count)
            .map(|index| crossing(self.probes(), index, objective.0))
            .collect();
        let level = self.settings().level;
        Ok(Some(ObjectiveLimit {
            met_per_s: low,
            missed_per_s: high,
            crossing: crossings.map(|rates| estimate(rates.into_iter(), level)),
        }))
    }
}

/// The first rate at which one replication falls below the share, on straight lines between probes.
fn crossing(probes: &[Probe], replication: usize, share: f64) -> Option<f64> {
    let of = |probe: &Probe| (probe.rate_per_s, probe.samples[replication].attainment);
    let steps = probes.windows(2).map(|two| (of(&two[0]), of(&two[1])));
    steps
        .filter(|&((_, before), (_, after))| before >= share && after < share)
        .map(|((rate, before), (next, after))| {
            rate + (next - rate) * (before - share) / (before - after)
        })
        .next()
}
