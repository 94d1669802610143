//! One run, cut into batches.

use kendall_kernel::Streams;
use kendall_kernel::sampler::Side;
use kendall_queueing::{NetworkTotals, Plain, Probes, Recursion, RunError, Simulation, Until};

use super::batch::Batch;
use super::cycles::Cycles;
use super::plan::Plan;
use super::scale::Scale;

/// A run under way.
#[derive(Clone, Debug)]
pub(super) struct Replication {
    engine: Engine,
    probes: Option<Probes>,
    cycles: Option<Box<Cycles>>,
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
pub(super) enum Engine {
    Events(Box<Simulation>),
    Plain(Box<Plain>),
    Recursion(Box<Recursion>),
}

impl Engine {
    pub(super) fn new(plan: &Plan, streams: Streams) -> Result<Engine, RunError> {
        let (network, unit_s) = (&plan.network, plan.unit_s);
        if plan.recursion
            && plan.cycles.is_empty()
            && plan.wanted.only_stays()
            && let Some(recursion) = Recursion::new(network, streams, unit_s)?
        {
            return Ok(Engine::Recursion(Box::new(recursion)));
        }
        if let Some(plain) = Plain::new(network, streams, unit_s)? {
            return Ok(Engine::Plain(Box::new(plain)));
        }
        let simulation = Simulation::new(network, streams, unit_s)?;
        Ok(Engine::Events(Box::new(simulation)))
    }

    pub(super) fn progress(&self) -> u64 {
        match self {
            Engine::Events(simulation) => simulation.progress(),
            Engine::Plain(plain) => plain.progress(),
            Engine::Recursion(recursion) => recursion.totals().progress,
        }
    }

    /// Runs on while cycles are counted, which a recursion does not see.
    fn run_in_cycles(
        &mut self,
        until: Until,
        listeners: &mut (&mut Cycles, Option<&mut Probes>),
    ) -> Result<(), RunError> {
        match self {
            Engine::Events(simulation) => simulation.run(until, listeners),
            Engine::Plain(plain) => plain.run(until, listeners),
            Engine::Recursion(recursion) => recursion.run(until.customers, listeners),
        }
    }

    pub(super) fn run(
        &mut self,
        until: Until,
        probes: Option<&mut Probes>,
    ) -> Result<(), RunError> {
        let customers = until.customers;
        match (self, probes) {
            (Engine::Events(simulation), None) => simulation.run(until, &mut ()),
            (Engine::Events(simulation), Some(probes)) => simulation.run(until, probes),
            (Engine::Plain(plain), None) => plain.run(until, &mut ()),
            (Engine::Plain(plain), Some(probes)) => plain.run(until, probes),
            (Engine::Recursion(recursion), None) => recursion.run(customers, &mut ()),
            (Engine::Recursion(recursion), Some(probes)) => recursion.run(customers, probes),
        }
    }

    /// Customers at a station now; a recursion does not know, and nobody asks it.
    fn present_at(&self, station: usize) -> u64 {
        match self {
            Engine::Events(simulation) => simulation.present_at(station),
            Engine::Plain(plain) => plain.present_at(station),
            Engine::Recursion(_) => 0,
        }
    }

    pub(super) fn totals(&self) -> NetworkTotals {
        match self {
            Engine::Events(simulation) => simulation.totals(),
            Engine::Plain(plain) => plain.totals(),
            Engine::Recursion(recursion) => recursion.totals(),
        }
    }
}

/// After so many customers, whatever the time.
pub(super) fn after(customers: u64) -> Until {
    let time_ns = u64::MAX;
    Until { customers, time_ns }
}

impl Replication {
    /// Runs through the warm-up.
    pub(super) fn start(plan: &Plan, index: u32) -> Result<Replication, RunError> {
        let streams = Streams::new(plan.seed);
        let streams = match plan.antithetic {
            false => streams.replication(u64::from(index)),
            true => {
                let side = [Side::Plain, Side::Mirrored][index as usize % 2];
                streams.replication(u64::from(index / 2)).antithetic(side)
            }
        };
        let mut engine = Engine::new(plan, streams)?;
        engine.run(after(plan.warm_up), None)?;
        let (stations, classes) = (plan.network.stations.len(), plan.network.classes.len());
        let records = plan.wanted != kendall_queueing::Wanted::default();
        let mut probes = records.then(|| Probes::new(plan.wanted, stations, classes));
        let before = engine.totals();
        if let Some(probes) = &mut probes {
            probes.start_at(before.now_ns, |station| engine.present_at(station));
        }
        let cycles = (!plan.cycles.is_empty())
            .then(|| Box::new(Cycles::new(&plan.network, &plan.cycles, Scale::of(plan))));
        Ok(Replication {
            before,
            cycles,
            engine,
            probes,
            stations,
            classes,
            batch_customers: 0,
            fewest: plan.batches.max(1) as usize,
            batches: Vec::new(),
        })
    }

    /// Its regenerative cycles, if they are counted.
    pub(super) fn cycles(&self) -> Option<&Cycles> {
        self.cycles.as_deref()
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

    /// Runs on to a time, as one batch; not by recursion.
    pub(super) fn run_to(&mut self, time_ns: u64) -> Result<(), RunError> {
        let customers = u64::MAX;
        let until = Until { customers, time_ns };
        self.engine.run(until, self.probes.as_mut())?;
        self.cut();
        Ok(())
    }

    fn batch(&mut self) -> Result<(), RunError> {
        let target = after(self.engine.progress() + self.batch_customers);
        let probes = self.probes.as_mut();
        match &mut self.cycles {
            None => self.engine.run(target, probes)?,
            Some(cycles) => self.engine.run_in_cycles(target, &mut (cycles, probes))?,
        }
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
