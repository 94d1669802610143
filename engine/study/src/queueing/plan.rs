//! What to run.

use kendall_kernel::stats::Level;
use kendall_queueing::{ModelError, Network, Wanted};

use super::cycles::kept as kept_by_cycles;
use super::figure::Figure;
use super::regeneration::{NoRegeneration, check as check_regeneration};

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The network.
    pub network: Network,
    /// What to record besides counts and integrals.
    pub wanted: Wanted,
    /// Seed of all random streams.
    pub seed: u64,
    /// Seconds in a time unit of the network.
    pub unit_s: f64,
    /// Independent replications.
    pub replications: u32,
    /// Batches that each replication is cut into, at least; up to twice as many.
    pub batches: u32,
    /// Customers at the start of each replication that do not count.
    pub warm_up: u64,
    /// Level of intervals.
    pub level: Level,
    /// Whether replications come in antithetic pairs: of two neighbours, which share their uniform
    /// numbers, one draws long times where the other draws short ones. Their number must be even,
    /// and laws must have an inverse.
    pub antithetic: bool,
    /// Whether to follow single queues by recursion rather than by events, where that is possible.
    pub recursion: bool,
    /// Figures whose sums are kept by regenerative cycle, for [`Experiment::regenerative`]; set by
    /// [`Plan::in_cycles`].
    ///
    /// [`Experiment::regenerative`]: super::Experiment::regenerative
    pub cycles: Vec<Figure>,
}

/// Batches in all, at least, so that Student's t is close to normal and the law of a batch mean
/// matters little.
const MIN_BATCHES: u32 = 64;

/// Relaxation times that pass before customers count.
const RELAXATIONS: f64 = 20.0;

impl Plan {
    /// A plan of 4 replications with 32 batches each, whose warm-up follows from the load.
    ///
    /// The warm-up is 20 times (1 + C^2) / (1 - rho)^2 customers, rho the highest utilisation and
    /// C^2 the largest squared coefficient of variation of services: the relaxation time of M/G/1
    /// in heavy traffic is of that order (Asmussen and Glynn, Stochastic Simulation, 2007, section
    /// IV.6). A network that nobody enters warms up by a hundred rounds of all its customers.
    ///
    /// # Errors
    /// A description that is at fault, or a network without a steady state.
    pub fn new(network: Network, seed: u64) -> Result<Plan, ModelError> {
        let plan = Plan::for_times(network, seed)?;
        let warm_up = warm_up(&plan.network)?;
        Ok(Plan { warm_up, ..plan })
    }

    /// The same without a warm-up, for a network that need not have a steady state.
    ///
    /// # Errors
    /// A description that is at fault.
    pub fn for_times(network: Network, seed: u64) -> Result<Plan, ModelError> {
        network.check()?;
        let replications = 4;
        Ok(Plan {
            network,
            wanted: Wanted::default(),
            seed,
            unit_s: 1.0,
            replications,
            batches: MIN_BATCHES.div_ceil(replications) * 2,
            warm_up: 0,
            level: Level::P95,
            antithetic: false,
            recursion: true,
            cycles: Vec::new(),
        })
    }

    /// The same plan in antithetic pairs.
    #[must_use]
    pub fn in_pairs(self) -> Plan {
        let replications = self.replications.next_multiple_of(2);
        Plan {
            antithetic: true,
            // A pair makes one independent batch of two.
            batches: MIN_BATCHES.div_ceil(replications / 2).max(2),
            replications,
            ..self
        }
    }

    /// The same plan with sums of these figures by regenerative cycle: from one arrival that finds
    /// nobody in the network to the next. Every replication starts with a cycle, so there is no
    /// warm-up. Figures that cycles do not tell (quantiles, variances, busy periods, shares of
    /// levels) are left out.
    ///
    /// # Errors
    /// A network whose future, when it is empty, depends on its past.
    pub fn in_cycles(self, figures: &[Figure]) -> Result<Plan, NoRegeneration> {
        check_regeneration(&self.network)?;
        let kept = figures.iter().copied();
        let cycles = kept.filter(|figure| kept_by_cycles(*figure, &self.network));
        Ok(Plan {
            warm_up: 0,
            recursion: false,
            cycles: cycles.collect(),
            ..self
        })
    }

    /// The same plan with another number of replications, and as many batches in each as make at
    /// least 64 in all.
    #[must_use]
    pub fn with_replications(self, replications: u32) -> Plan {
        let replications = replications.max(1);
        Plan {
            replications,
            batches: MIN_BATCHES.div_ceil(replications).max(2),
            ..self
        }
    }
}

fn warm_up(network: &Network) -> Result<u64, ModelError> {
    if network.sources.is_empty() {
        let customers: u64 = network.populations.iter().map(|p| p.count).sum();
        return Ok(customers.saturating_mul(100).max(10_000));
    }
    let load = network.check_stable()?;
    let entering: f64 = network.sources.iter().map(|source| source.rate()).sum();
    let mut customers: f64 = 1000.0;
    for (station, load) in network.stations.iter().zip(&load.stations) {
        let variations = station.service.iter().filter_map(|law| law.squared_cv());
        let variation = variations.fold(1.0, f64::max);
        // A full station that turns customers away forgets its start sooner than this.
        let slack = (1.0 - load.utilisation).max(0.001);
        let slack = if load.bounded { slack.max(0.05) } else { slack };
        let relaxation = (1.0 + variation) / (slack * slack);
        // And customers at many servers or in no queue are replaced within their service times.
        let servers = f64::from(station.server_count().unwrap_or(1));
        let rate: f64 = load.rates.iter().sum();
        let means = station.service.iter().filter_map(|law| law.mean());
        let resident = rate * means.fold(0.0, f64::max);
        let own = relaxation + resident.max(servers);
        // Of the network's customers only some come here.
        let share = if rate > 0.0 { entering / rate } else { 0.0 };
        customers = customers.max(RELAXATIONS * own * share);
    }
    Ok(customers.min(1e15) as u64)
}
