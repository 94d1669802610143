//! The largest rate at which a system is stable.

use kendall_kernel::Estimate;

use super::sample::{BLOCKS, Metric};
use super::search::{Search, estimate};
use super::{CapacityError, Sample};
use crate::token_budget::{Trend, first_to_grow};

/// Doublings and halvings of the first rate before the search gives up.
const MAX_DOUBLINGS: u32 = 30;

/// Probes of the bisection; three quarters of them at worst do not halve anything.
const MAX_STEPS: u32 = 80;

/// Rates above the boundary, relative to it, at which departures tell the capacity.
const OVERLOADS: [f64; 2] = [1.07, 1.14];

/// A rate so far above the boundary that all requests come at about once.
const FLOOD: f64 = 100.0;

/// Where a system stops being stable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// The largest stable rate, per second, from departures under overload.
    pub capacity: Estimate,
    /// The largest rate tried at which nothing piled up, per second.
    pub stable_per_s: f64,
    /// The smallest rate tried at which requests piled up, per second.
    pub growing_per_s: f64,
    /// Requests served per second when all come at about once, until the last has left. Not a bound
    /// on stable rates: work on prompts and outputs may not overlap as it does when they come one
    /// by one.
    pub flooded: Estimate,
    /// The metric whose mean grows most, relatively, along a run 7 % above the boundary; `None` if
    /// none grows significantly.
    pub first_to_grow: Option<Metric>,
}

impl Search<'_> {
    /// Finds where the system stops being stable.
    ///
    /// # Errors
    /// Runs that fail, and systems that are stable at every rate or at none within a factor of 2^30
    /// of the first.
    pub fn stability(&mut self) -> Result<Stability, CapacityError> {
        let (low, high) = self.bracket()?;
        let (stable_per_s, growing_per_s) = self.narrow(low, high)?;
        let middle = (stable_per_s * growing_per_s).sqrt();
        let flooded = self.run(FLOOD * middle)?;
        let [near, far] = OVERLOADS.map(|factor| factor * middle);
        let far = self.probe(far)?.samples.clone();
        let near = self.probe(near)?;
        let first_to_grow = growing_metric(Metric::ALL.map(|metric| near.block_means_s(metric)));
        let pairs = near.samples.iter().zip(&far);
        let roots: Vec<f64> = pairs.map(|(near, far)| balance(near, far)).collect();
        Ok(Stability {
            capacity: estimate(roots.into_iter(), self.settings().level),
            stable_per_s,
            growing_per_s,
            flooded: flooded.estimate(|sample| sample.served_per_s),
            first_to_grow,
        })
    }

    /// A stable rate and twice as much, at which it is none.
    fn bracket(&mut self) -> Result<(f64, f64), CapacityError> {
        let mut rate = self.settings().start_per_s;
        let start_grows = self.grows(rate)?;
        for _ in 0..MAX_DOUBLINGS {
            let next = if start_grows { rate / 2.0 } else { rate * 2.0 };
            if self.grows(next)? != start_grows {
                return Ok((rate.min(next), rate.max(next)));
            }
            rate = next;
        }
        Err(if start_grows {
            CapacityError::AlwaysGrows { rate_per_s: rate }
        } else {
            CapacityError::NeverGrows { rate_per_s: rate }
        })
    }

    /// Narrows a bracket down to twice the tolerance: by guesses from the departures under
    /// overload, and in turn with them by bisection, since guesses may be far off.
    fn narrow(&mut self, mut low: f64, mut high: f64) -> Result<(f64, f64), CapacityError> {
        let tolerance = self.settings().tolerance;
        for step in 0..MAX_STEPS {
            if high <= low * (1.0 + 2.0 * tolerance) {
                break;
            }
            let overloaded = self.probe(high)?;
            let departures = overloaded.estimate(|sample| sample.departures_per_s).value;
            let guess = match step % 3 {
                0 => departures * (1.0 + 1.5 * tolerance),
                1 => departures * (1.0 - 0.4 * tolerance),
                _ => 0.0,
            };
            let inside = guess > low && guess < high;
            let rate = if inside { guess } else { (low * high).sqrt() };
            if self.grows(rate)? {
                high = rate;
            } else {
                low = rate;
            }
        }
        Ok((low, high))
    }

    fn grows(&mut self, rate_per_s: f64) -> Result<bool, CapacityError> {
        let tolerance = self.settings().tolerance;
        Ok(self.probe(rate_per_s)?.grows(tolerance))
    }
}

/// Where the line through departures at two rates meets as many arrivals.
fn balance(near: &Sample, far: &Sample) -> f64 {
    let slope =
        (far.departures_per_s - near.departures_per_s) / (far.arrivals_per_s - near.arrivals_per_s);
    // Departures that follow arrivals one to one show no overload; then the nearer ones stand.
    if slope >= 0.9 {
        return near.departures_per_s;
    }
    (near.departures_per_s - slope * near.arrivals_per_s) / (1.0 - slope)
}

fn growing_metric(series: [[f64; BLOCKS]; Metric::ALL.len()]) -> Option<Metric> {
    let positions: Vec<f64> = (0..BLOCKS).map(|block| block as f64).collect();
    let trends: Option<Vec<Trend>> = series
        .iter()
        .map(|means| Trend::of(&positions, means, BLOCKS))
        .collect();
    first_to_grow(&trends?).map(|index| Metric::ALL[index])
}
