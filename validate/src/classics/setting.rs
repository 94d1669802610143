//! What runs, and how long it must.

use kendall_kernel::Law;
use kendall_kernel::stats::Estimate;
use kendall_queueing::RunError;
use kendall_queueing::model::{Arrivals, Network, Servers, Station};
use kendall_study::queueing::{Experiment, Figure, Plan};

use super::{BUSY, PRECISION};

/// Runs stop at this part of the error allowed, so that errors of the errors do not matter.
const MARGIN: f64 = 0.85;

/// Customers of a first run.
const FIRST: u64 = 200_000;

/// What a run is made longer by at most.
const GROWTH: f64 = 6.0;

/// Customers of a setting at most.
const MOST: u64 = 1_000_000_000;

/// A figure that theory knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Known {
    /// Its name, as in tables.
    pub(super) name: &'static str,
    /// What is measured; times in mean services or whatever the network's unit is.
    pub(super) figure: Figure,
    /// What theory says.
    pub(super) exact: f64,
}

impl Known {
    /// How many standard errors the estimate is off, as a standard normal score; nothing without
    /// an error, or if theory does not tell the figure after all.
    pub(super) fn score(&self, estimate: &Estimate) -> Option<f64> {
        let exact = Some(self.exact).filter(|exact| exact.is_finite())?;
        estimate.z_score(exact)
    }
}

/// A known figure.
pub(super) const fn known(name: &'static str, figure: Figure, exact: f64) -> Known {
    Known {
        name,
        figure,
        exact,
    }
}

/// A network with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// What distinguishes it within its check.
    pub(super) name: String,
    pub(super) plan: Plan,
    /// Relative standard error that every figure must have.
    pub(super) precision: f64,
    /// The first one counts among the independent scores.
    pub(super) known: Vec<Known>,
}

impl Setting {
    /// A network whose busiest station has this utilisation; followed by events, so that time
    /// averages are measured as such.
    ///
    /// # Errors
    /// A network at fault, or without a steady state.
    pub(super) fn new(
        name: String,
        network: Network,
        rho: f64,
        known: Vec<Known>,
    ) -> Result<Setting, RunError> {
        let plan = Plan::new(network, seed(&name))?;
        Ok(Setting {
            plan: Plan {
                recursion: false,
                ..plan
            },
            precision: PRECISION[usize::from(rho >= BUSY)],
            name,
            known,
        })
    }

    /// The same, followed by recursion: for means over customers, many times as fast.
    pub(super) fn by_recursion(mut self) -> Setting {
        self.plan.recursion = true;
        self
    }

    /// Runs until every figure is as precise as it must be.
    ///
    /// # Errors
    /// A run that cannot go on.
    pub(super) fn run(&self) -> Result<Experiment, RunError> {
        let mut experiment = Experiment::start(&self.plan)?;
        // Batches shall be long compared with the time in which the network forgets, of which a
        // warm-up has 20: in 4 replications with 32 batches, 10 times as long with this.
        let forgetful = 16 * u64::from(self.plan.replications) * self.plan.warm_up;
        experiment.extend(FIRST.max(forgetful))?;
        loop {
            let growth = |known: &Known| self.growth(experiment.estimate(known.figure));
            let factor = self.known.iter().map(growth).fold(1.0, f64::max);
            let customers = experiment.customers();
            if factor <= 1.0 || customers >= MOST {
                return Ok(experiment);
            }
            let more = (customers as f64 * (factor.min(GROWTH) - 1.0)).ceil() as u64;
            experiment.extend(more.max(FIRST / 4))?;
        }
    }

    /// How many times as long the run must be: as the inverse square of the error.
    fn growth(&self, estimate: Option<Estimate>) -> f64 {
        let error = estimate.and_then(|estimate| estimate.relative_std_error());
        error.map_or(1.0, |error| (error / (MARGIN * self.precision)).powi(2))
    }
}

/// Poisson arrivals at a rate to one station, first come, first served.
pub(super) fn poisson_queue(rate: f64, service: Law, servers: u32) -> Network {
    let station = Station::new("queue", Servers::Equal(servers), vec![service]);
    Network::single(poisson(rate), station)
}

/// Poisson arrivals at a rate.
pub(super) fn poisson(rate: f64) -> Arrivals {
    Arrivals::Renewal(Law::Exponential { mean: 1.0 / rate })
}

/// The seed of a setting: FNV-1a of its name (Fowler, Noll and Vo), so that settings do not share
/// random numbers.
pub(super) fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
