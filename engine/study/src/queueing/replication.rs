//! One run, cut into batches.

use kendall_kernel::Streams;
use kendall_queueing::{NetworkTotals, Probes, Recursion, RunError, Simulation, Until};

use super::batch::Batch;
use super::plan::Plan;

/// A run under way.
#[derive(Clone, Debug)]
pub(super) struct Replication {
    engine: Engine,
    probes: Option<Probes>,
    stations: usize,
    classes: usize,
    before: NetworkTotals,
    /// Customers in a batch; 0 before the first one.
    batch_customers: u64,
    /// Batches are merged in pairs when there are twice as many.
    fewest: usize,
    pub(super) batches: Vec<Batch>,
}

/// What follows the customers.
#[derive(Clone, Debug)]
enum Engine {
    Events(Box<Simulation>),
    Recursion(Box<Recursion>),
}

impl Engine {
    fn new(plan: &Plan, streams: Streams) -> Result<Engine, RunError> {
        if plan.recursion
            && plan.wanted.only_stays()
            && let Some(recursion) = Recursion::new(&plan.network, streams, plan.unit_s)?
        {
            return Ok(Engine::Recursion(Box::new(recursion)));
        }
        let simulation = Simulation::new(&plan.network, streams, plan.unit_s)?;
        Ok(Engine::Events(Box::new(simulation)))
    }

    fn progress(&self) -> u64 {
        match self {
            Engine::Events(simulation) => simulation.progress(),
            Engine::Recursion(recursion) => recursion.totals().progress,
        }
    }

    fn run(&mut self, customers: u64, probes: Option<&mut Probes>) -> Result<(), RunError> {
        let time_ns = u64::MAX;
        let until = Until { customers, time_ns };
        match (self, probes) {
            (Engine::Events(simulation), None) => simulation.run(until, &mut ()),
            (Engine::Events(simulation), Some(probes)) => simulation.run(until, probes),
            (Engine::Recursion(recursion), None) => recursion.run(customers, &mut ()),
            (Engine::Recursion(recursion), Some(probes)) => recursion.run(customers, probes),
        }
    }

    fn totals(&self) -> NetworkTotals {
        match self {
            Engine::Events(simulation) => simulation.totals(),
            Engine::Recursion(recursion) => recursion.totals(),
        }
    }
}

impl Replication {
    /// Runs through the warm-up.
    pub(super) fn start(plan: &Plan, index: u32) -> Result<Replication, RunError> {
        let streams = Streams::new(plan.seed).replication(u64::from(index));
        let mut engine = Engine::new(plan, streams)?;
        engine.run(plan.warm_up, None)?;
        let (stations, classes) = (plan.network.stations.len(), plan.network.classes.len());
        let records = plan.wanted != kendall_queueing::Wanted::default();
        let mut probes = records.then(|| Probes::new(plan.wanted, stations, classes));
        if let (Some(probes), Engine::Events(simulation)) = (&mut probes, &engine) {
            probes.start_at(simulation.now_ns(), |station| {
                simulation.present_at(station)
            });
        }
        Ok(Replication {
            before: engine.totals(),
            engine,
            probes,
            stations,
            classes,
            batch_customers: 0,
            fewest: plan.batches.max(1) as usize,
            batches: Vec::new(),
        })
    }

    /// Runs on for about so many customers: whole batches, at least the fewest at first.
    pub(super) fn extend(&mut self, customers: u64) -> Result<(), RunError> {
        if self.batch_customers == 0 {
            self.batch_customers = customers.div_ceil(self.fewest as u64).max(1);
        }
        let mut left = customers.div_ceil(self.batch_customers);
        while left > 0 {
            self.batch()?;
            left -= 1;
            if self.batches.len() == 2 * self.fewest {
                self.coarsen();
                left = left.div_ceil(2);
            }
        }
        Ok(())
    }

    /// Runs on to a time, as one batch; only by events.
    pub(super) fn run_to(&mut self, time_ns: u64) -> Result<(), RunError> {
        let customers = u64::MAX;
        if let Engine::Events(simulation) = &mut self.engine {
            let until = Until { customers, time_ns };
            match &mut self.probes {
                Some(probes) => simulation.run(until, probes)?,
                None => simulation.run(until, &mut ())?,
            }
        }
        self.cut();
        Ok(())
    }

    fn batch(&mut self) -> Result<(), RunError> {
        let target = self.engine.progress() + self.batch_customers;
        self.engine.run(target, self.probes.as_mut())?;
        self.cut();
        Ok(())
    }

    /// Ends a batch.
    fn cut(&mut self) {
        let now = self.engine.totals();
        let probes = match &mut self.probes {
            Some(probes) => probes.take(now.now_ns),
            None => Probes::new(Default::default(), self.stations, self.classes),
        };
        let totals = now.since(&self.before);
        self.before = now;
        self.batches.push(Batch { totals, probes });
    }

    /// Merges neighbouring batches.
    fn coarsen(&mut self) {
        let mut fine = std::mem::take(&mut self.batches).into_iter();
        while let Some(mut batch) = fine.next() {
            if let Some(next) = fine.next() {
                batch.merge(&next);
            }
            self.batches.push(batch);
        }
        self.batch_customers *= 2;
    }
}
