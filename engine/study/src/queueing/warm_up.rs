//! Where the beginning of a run ends, found by pilot runs.

use std::ops::RangeInclusive;

use kendall_kernel::Streams;
use kendall_kernel::stats::{ensemble_mean, mser5};
use kendall_queueing::{NetworkTotals, Probes, RunError, Wanted};

use super::batch::Batch;
use super::figure::Figure;
use super::plan::Plan;
use super::replication::{Engine, after};
use super::scale::Scale;
use crate::parallel::each;

/// How many customers at the start of each replication do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WarmUpRule {
    /// As many as follow from the load, see [`Plan::new`].
    #[default]
    Load,
    /// As many.
    Customers(u64),
    /// As many as [`detect_warm_up`] says.
    Mser5,
}

/// What pilot runs tell of the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pilots {
    /// Customers at the start that do not count.
    pub warm_up: u64,
    /// Pilot replications.
    pub replications: u32,
    /// Customers in each of them.
    pub customers: u64,
    /// Customers in one observation: the warm-up is known to five of these.
    pub per_observation: u64,
}

/// Why the warm-up is not known.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WarmUpError {
    /// A run that cannot go on.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Fewer customers than the rule needs.
    #[error("MSER-5 needs replications of at least {LEAST} customers, these have {customers}")]
    TooFew {
        /// Customers of a replication.
        customers: u64,
    },
    /// The series is still changing in its second half.
    #[error(
        "MSER-5 finds no end of the warm-up within {customers} customers: replications as long as \
         these are too short to tell"
    )]
    Inconclusive {
        /// Customers of a replication.
        customers: u64,
    },
    /// In some stretch of the run nobody was served.
    #[error("MSER-5 has nothing to look at: within {customers} customers hardly anybody is served")]
    NobodyServed {
        /// Customers of a replication.
        customers: u64,
    },
}

/// Pilot replications whose average is looked at: as many as the plan has replications, within
/// this. Fewer would not show a bias that so many replications do.
const PILOTS: RangeInclusive<u32> = 8..=256;

/// Observations of a pilot, at least once it has so many customers; fewer than twice as many.
const OBSERVATIONS: u64 = 2000;

/// A pilot is so many times as long as the warm-up that follows from the load, at first.
const LENGTH: u64 = 10;

/// The fewest observations that MSER-5 looks at.
const LEAST: u64 = 20;

/// Replications of the plan are numbered below, pilots from here.
const FIRST_PILOT: u64 = 1 << 32;

/// Finds how many customers belong to the beginning of a replication.
///
/// A figure (a ratio, such as the mean sojourn time) of every few customers is averaged over pilot
/// replications and given to MSER-5 ([`mser5`]). Pilots are as long as ten warm-ups that follow
/// from the load, and are made twice as long until the rule is conclusive: until it deletes less
/// than half. They are at most as long as `most` customers, the length of the plan's replications:
/// what is not over by then is not over in those either.
///
/// Pilots draw from streams of their own, so that what is deleted from the replications of the plan
/// does not depend on their luck, and does not bias them.
///
/// # Errors
/// A run that cannot go on, and pilots of `most` customers that do not tell.
///
/// # Memory usage
/// 24 bytes for each of at most 4,000 observations of each of at most 256 pilots.
pub fn detect_warm_up(plan: &Plan, figure: Figure, most: u64) -> Result<Pilots, WarmUpError> {
    if most < LEAST {
        return Err(WarmUpError::TooFew { customers: most });
    }
    let plan = Plan {
        wanted: Wanted::default(),
        cycles: Vec::new(),
        ..plan.clone()
    };
    let mut customers = LENGTH.saturating_mul(plan.warm_up).clamp(LEAST, most);
    let per_observation = (customers / OBSERVATIONS).max(1);
    let start = |index| Pilot::start(&plan, figure, index, per_observation);
    let replications = plan.replications.clamp(*PILOTS.start(), *PILOTS.end());
    let mut pilots = each((0..replications).collect(), start)?;
    loop {
        pilots = each(pilots, |mut pilot| {
            pilot.run_to(customers)?;
            Ok::<_, RunError>(pilot)
        })?;
        let series = average(&pilots, figure);
        // Where nothing happens any more there is no steady state.
        let stuck = pilots.iter().any(|pilot| pilot.stuck);
        if let Some(truncation) = series.as_deref().and_then(mser5)
            && truncation.conclusive
            && !stuck
        {
            let per_observation = pilots[0].per_observation;
            return Ok(Pilots {
                warm_up: truncation.delete as u64 * per_observation,
                replications,
                customers,
                per_observation,
            });
        }
        if customers >= most || stuck {
            return Err(match series {
                None => WarmUpError::NobodyServed { customers },
                Some(_) => WarmUpError::Inconclusive { customers },
            });
        }
        customers = customers.saturating_mul(2).min(most);
    }
}

/// The figure of each observation, all pilots together; `None` if it has no value in one.
fn average(pilots: &[Pilot], figure: Figure) -> Option<Vec<f64>> {
    let of = |part: usize| {
        let column = |pilot: &Pilot| pilot.parts.iter().map(|p| p[part]).collect();
        let columns: Vec<Vec<f64>> = pilots.iter().map(column).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        ensemble_mean(&columns)
    };
    let [a, b, c] = [of(0), of(1), of(2)];
    let values = (0..a.len()).map(|at| figure.value([a[at], b[at], c[at]]));
    let finite = |value: f64| value.is_finite().then_some(value);
    values.map(finite).collect()
}

/// A run from its empty start, cut into observations.
#[derive(Clone, Debug)]
struct Pilot {
    engine: Engine,
    figure: Figure,
    scale: Scale,
    before: NetworkTotals,
    per_observation: u64,
    /// What the figure needs of each observation.
    parts: Vec<[f64; 3]>,
    /// Whether nothing happens any more.
    stuck: bool,
}

impl Pilot {
    fn start(
        plan: &Plan,
        figure: Figure,
        index: u32,
        per_observation: u64,
    ) -> Result<Pilot, RunError> {
        let streams = Streams::new(plan.seed).replication(FIRST_PILOT + u64::from(index));
        let engine = Engine::new(plan, streams)?;
        Ok(Pilot {
            before: engine.totals(),
            engine,
            figure,
            scale: Scale::of(plan),
            per_observation,
            parts: Vec::new(),
            stuck: false,
        })
    }

    /// Runs on until so many customers have been observed, or nearly.
    fn run_to(&mut self, customers: u64) -> Result<(), RunError> {
        while (self.parts.len() as u64 + 1) * self.per_observation <= customers && !self.stuck {
            if self.parts.len() as u64 == 2 * OBSERVATIONS {
                self.coarsen();
                continue;
            }
            let target = (self.parts.len() as u64 + 1) * self.per_observation;
            self.engine.run(after(target), None)?;
            let now = self.engine.totals();
            self.stuck = now.progress < target;
            let batch = Batch {
                totals: now.since(&self.before),
                probes: Probes::default(),
            };
            self.before = now;
            let parts = self.figure.parts(&batch, &self.scale);
            self.parts.push(parts.unwrap_or_default());
        }
        Ok(())
    }

    /// Makes one observation of two neighbours.
    fn coarsen(&mut self) {
        let pairs = self.parts.chunks_exact(2);
        let add = |pair: &[[f64; 3]]| std::array::from_fn(|at| pair[0][at] + pair[1][at]);
        self.parts = pairs.map(add).collect();
        self.per_observation *= 2;
    }
}

#[cfg(test)]
mod tests;
