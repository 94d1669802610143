//! A network in motion.
//!
//! Every station and every source has one slot in a tournament tree: the time of its next event.
//! Ties go by position, stations before sources; so at one instant services end before customers
//! arrive from outside.

mod blocking;
mod moves;

use kendall_kernel::{Purpose, Rng, SlotTree, Streams};

use self::blocking::Held;
use self::moves::Fork;
use crate::customer::{Customer, NOT_FORKED, Pool};
use crate::draw::LONGEST_NS;
use crate::error::RunError;
use crate::model::Network;
use crate::observe::Observer;
use crate::route::{Junction, Route};
use crate::source::Source;
use crate::station::{Fired, Station};
use crate::totals::NetworkTotals;

/// When to pause a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// After so many customers since the start of the run: see [`Simulation::progress`].
    pub customers: u64,
    /// At this time, in ns since the start of the run; what happens at it still happens.
    pub time_ns: u64,
}

/// A running network.
#[derive(Clone, Debug)]
pub struct Simulation {
    names: Vec<String>,
    unit_s: f64,
    now: u64,
    /// Next event of each station, then of each source.
    events: SlotTree,
    stations: Vec<Station>,
    sources: Vec<Source>,
    /// By station, then class.
    routes: Vec<Vec<Route>>,
    routing: Rng,
    junctions: Vec<Junction>,
    pool: Pool,
    forks: Vec<Fork>,
    free_forks: Vec<u32>,
    /// Customers whom a server keeps until a station has room, by that station.
    held: Vec<std::collections::VecDeque<Held>>,
    /// Whether anybody can ever be held.
    blocking: bool,
    /// The station whose services are counted as progress in a network that nobody enters.
    counted: Option<usize>,
    progress: u64,
    totals: NetworkTotals,
    /// Present in the network, integrated like that of a station.
    present_area: u128,
    /// Why the run cannot go on. Kept here, off the path that every customer takes.
    fault: Option<Box<RunError>>,
}

impl Simulation {
    /// An empty network at time 0, but for its populations. A time unit of the model is `unit_s`
    /// seconds; the finer the unit is in nanoseconds, the less is lost to rounding and the
    /// earlier time ends (at 2^61 ns).
    ///
    /// # Errors
    /// A description that is at fault.
    pub fn new(network: &Network, streams: Streams, unit_s: f64) -> Result<Simulation, RunError> {
        network.check()?;
        let stations = network.stations.iter().enumerate();
        let stations = stations.map(|(at, spec)| Station::new(spec, at, streams, unit_s));
        let sources = network.sources.iter().enumerate();
        let sources = sources.map(|(at, spec)| Source::new(spec, at, streams, unit_s));
        let junctions = network.junctions.iter().enumerate();
        let routes = |spec: &crate::model::Station| spec.next.iter().map(Route::new).collect();
        let closed = network.sources.is_empty();
        let mut simulation = Simulation {
            names: network.stations.iter().map(|s| s.name.clone()).collect(),
            unit_s,
            now: 0,
            events: SlotTree::new(network.stations.len() + network.sources.len()),
            stations: stations.collect::<Result<_, _>>()?,
            sources: sources.collect::<Result<_, _>>()?,
            routes: network.stations.iter().map(routes).collect(),
            routing: streams.stream(0, Purpose::Routing),
            junctions: junctions
                .map(|(at, spec)| Junction::new(spec, at, streams))
                .collect(),
            pool: Pool::default(),
            forks: Vec::new(),
            free_forks: Vec::new(),
            held: vec![std::collections::VecDeque::new(); network.stations.len()],
            blocking: false,
            counted: closed.then(|| network.populations.first().map_or(0, |p| p.station)),
            progress: 0,
            totals: NetworkTotals::default(),
            present_area: 0,
            fault: None,
        };
        simulation.blocking = simulation.stations.iter().any(Station::blocks_when_full);
        simulation.populate(network);
        (0..simulation.stations.len()).for_each(|station| simulation.refresh(station));
        (0..simulation.sources.len()).for_each(|source| simulation.refresh_source(source));
        Ok(simulation)
    }

    fn populate(&mut self, network: &Network) {
        for population in &network.populations {
            for _ in 0..population.count {
                let id = self.newcomer(population.class);
                self.stations[population.station].arrive(0, id, &mut self.pool);
            }
        }
    }

    /// Runs on until one of the limits, or until nothing is to happen any more.
    ///
    /// # Errors
    /// If time ends, if stations block each other for ever, or if there are more than 2^32
    /// customers.
    pub fn run(&mut self, until: Until, observer: &mut impl Observer) -> Result<(), RunError> {
        let stations = self.stations.len();
        while self.progress < until.customers && self.fault.is_none() {
            let Some((slot, at)) = self.events.min() else {
                self.nothing_pending();
                break;
            };
            if at > until.time_ns {
                self.now = until.time_ns;
                break;
            }
            if at >= LONGEST_NS {
                let unit_s = self.unit_s;
                self.fail(RunError::TimeOverflow { unit_s });
                break;
            }
            self.now = at;
            self.totals.events += 1;
            if slot < stations {
                self.station_event(slot, observer);
            } else {
                self.arrivals(slot - stations, observer);
            }
        }
        match &self.fault {
            Some(fault) => Err((**fault).clone()),
            None => Ok(()),
        }
    }

    #[cold]
    fn fail(&mut self, fault: RunError) {
        self.fault.get_or_insert(Box::new(fault));
    }

    /// Customers that left the network so far, served or not; in a network that nobody enters,
    /// services at the station where the first population starts.
    #[must_use]
    pub fn progress(&self) -> u64 {
        self.progress
    }

    /// Time since the start of the run, in ns.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        self.now
    }

    /// Customers at a station.
    #[must_use]
    pub fn present_at(&self, station: usize) -> u64 {
        self.stations[station].present()
    }

    /// What was counted so far. O(stations times classes).
    #[must_use]
    pub fn totals(&self) -> NetworkTotals {
        let still = u128::from(self.totals.present) * u128::from(self.now);
        NetworkTotals {
            now_ns: self.now,
            present_ns: self.present_area.wrapping_add(still),
            stations: self.stations.iter().map(|s| s.totals(self.now)).collect(),
            ..self.totals.clone()
        }
    }

    /// Customers at all stations, for a check against the counts.
    #[must_use]
    pub fn customers_present(&self) -> u64 {
        self.stations.iter().map(Station::present).sum()
    }

    #[inline]
    fn station_event<O: Observer>(&mut self, at: usize, observer: &mut O) {
        match self.stations[at].fire(self.now, &mut self.pool) {
            Fired::Served { id, server } => self.served(at, id, server, observer),
            Fired::Left { id } => self.reneged(at, id, observer),
            Fired::Nothing => {}
        }
        self.refresh(at);
    }

    #[inline]
    fn arrivals<O: Observer>(&mut self, source: usize, observer: &mut O) {
        let customers = self.sources[source].fire();
        let (to, class) = (self.sources[source].to, self.sources[source].class);
        for _ in 0..customers {
            let id = self.newcomer(class);
            self.go(id, to, class, observer);
        }
        self.refresh_source(source);
    }

    /// A customer that has just entered the network.
    #[inline]
    fn newcomer(&mut self, class: u16) -> u32 {
        let number = self.totals.entered;
        self.totals.entered += 1;
        self.totals.present += 1;
        self.present_area = self.present_area.wrapping_sub(u128::from(self.now));
        self.add(Customer {
            number,
            born: self.now,
            arrived: self.now,
            started: u64::MAX,
            size: 0,
            left: 0,
            class,
            gone: false,
            fork: NOT_FORKED,
        })
    }

    #[inline]
    fn add(&mut self, customer: Customer) -> u32 {
        match self.pool.add(customer) {
            Some(id) => id,
            None => {
                self.fail(RunError::TooManyCustomers);
                0
            }
        }
    }

    /// A customer has left the network.
    #[inline]
    fn leaver(&mut self) {
        self.totals.left += 1;
        self.totals.present -= 1;
        self.present_area = self.present_area.wrapping_add(u128::from(self.now));
        self.progress += u64::from(self.counted.is_none());
    }

    /// Enters the next event of a station.
    #[inline]
    fn refresh(&mut self, station: usize) {
        set(&mut self.events, station, self.stations[station].next());
    }

    #[inline]
    fn refresh_source(&mut self, source: usize) {
        let slot = self.stations.len() + source;
        set(&mut self.events, slot, self.sources[source].next());
    }
}

#[inline]
fn set(events: &mut SlotTree, slot: usize, next: u64) {
    if next == u64::MAX {
        events.clear(slot);
    } else {
        events.set(slot, next);
    }
}
