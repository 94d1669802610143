//! A network in motion.
//!
//! Every server and every source has one place on the agenda: the time of its next event. Ties go
//! by place, stations before sources; so at one instant services end before customers arrive from
//! outside.

mod blocking;
mod moves;

use kendall_kernel::{Purpose, Rng, Streams};

use self::blocking::Held;
use self::moves::Fork;
use crate::agenda::{Agenda, Moment};
use crate::customer::{Customer, MOST, NOT_FORKED, Pool};
use crate::draw::LONGEST_NS;
use crate::error::RunError;
use crate::model::Network;
use crate::observe::Observer;
use crate::route::Junction;
use crate::source::Source;
use crate::station::{Fired, Station};
use crate::totals::{Level, NetworkTotals, StationTotals, Totals};

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
    /// Next events at the places of the stations.
    agenda: Agenda,
    /// Next arrivals of the sources. Apart from the places, of which there may be many: half of
    /// all events change only one of the two.
    arrivals: Agenda,
    /// By place of a station: whose it is, and its number there.
    places: Vec<(u32, u32)>,
    /// The first place of each station.
    bases: Vec<usize>,
    stations: Vec<Station>,
    sources: Vec<Source>,
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
    cycles: u64,
    /// The run pauses when [`Simulation::progress`] reaches this.
    target: u64,
    events: u64,
    entered: u64,
    left: u64,
    /// Time in the network of those that left after service, in ns.
    sojourn_ns: u128,
    /// Customers that are in parts, and their parts.
    forked: Level,
    parts: Level,
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
        let counts = network.populations.iter().map(|p| u128::from(p.count));
        if counts.sum::<u128>() > u128::from(MOST) {
            return Err(RunError::TooManyCustomers);
        }
        let stations = network.stations.iter().enumerate();
        let stations = stations.map(|(at, spec)| Station::new(spec, at, streams, unit_s));
        let stations: Vec<Station> = stations.collect::<Result<_, _>>()?;
        let (bases, places) = places(&stations);
        let sources = network.sources.iter().enumerate();
        let sources = sources.map(|(at, spec)| Source::new(spec, at, streams, unit_s));
        let junctions = network.junctions.iter().enumerate();
        let closed = network.sources.is_empty();
        let mut simulation = Simulation {
            names: network.stations.iter().map(|s| s.name.clone()).collect(),
            unit_s,
            now: 0,
            agenda: Agenda::new(places.len()),
            arrivals: Agenda::new(network.sources.len()),
            places,
            bases,
            stations,
            sources: sources.collect::<Result<_, _>>()?,
            routing: streams.stream(0, Purpose::Routing),
            junctions: junctions
                .map(|(at, spec)| Junction::new(spec, at, streams))
                .collect(),
            pool: Pool::default(),
            forks: Vec::new(),
            free_forks: Vec::new(),
            held: vec![std::collections::VecDeque::new(); network.stations.len()],
            blocking: false,
            counted: closed.then(|| {
                let first = network.populations.iter().find(|p| p.count > 0);
                first.map_or(0, |p| p.station)
            }),
            cycles: 0,
            target: 0,
            events: 0,
            entered: 0,
            left: 0,
            sojourn_ns: 0,
            forked: Level::default(),
            parts: Level::default(),
            fault: None,
        };
        for junction in &simulation.junctions {
            for &station in junction.asks_for_work() {
                simulation.stations[station].count_work();
            }
        }
        simulation.blocking = simulation.stations.iter().any(Station::blocks_when_full);
        for station in 0..simulation.stations.len() {
            let (station, mut moment) = simulation.moment(station);
            station.begin(&mut moment);
        }
        simulation.populate(network);
        (0..simulation.sources.len()).for_each(|source| simulation.refresh_source(source));
        Ok(simulation)
    }

    fn populate(&mut self, network: &Network) {
        for population in &network.populations {
            for _ in 0..population.count {
                let id = self.newcomer(population.class);
                let (station, mut moment) = self.moment(population.station);
                station.populate(id, &mut moment);
            }
        }
    }

    /// Runs on until one of the limits, or until nothing is to happen any more.
    ///
    /// # Errors
    /// If time ends, if stations block each other for ever, or if there are more than 2^32
    /// customers.
    pub fn run(&mut self, until: Until, observer: &mut impl Observer) -> Result<(), RunError> {
        let end = until.time_ns.min(LONGEST_NS - 1);
        self.target = if self.fault.is_some() {
            0
        } else {
            until.customers
        };
        while self.left + self.cycles < self.target {
            let (place, due) = self.agenda.next();
            let (source, arrival) = self.arrivals.next();
            let at = due.min(arrival);
            if at > end {
                self.nothing_until(at, until);
                break;
            }
            self.now = at;
            self.events += 1;
            if due <= arrival {
                self.station_event(place, observer);
            } else {
                self.arrive(source, observer);
            }
        }
        match &self.fault {
            Some(fault) => Err((**fault).clone()),
            None => Ok(()),
        }
    }

    /// The next event is later than the run goes; `u64::MAX` if nothing is pending.
    #[cold]
    fn nothing_until(&mut self, at: u64, until: Until) {
        if at == u64::MAX {
            self.check_held();
        } else if at >= LONGEST_NS && until.time_ns >= LONGEST_NS {
            let unit_s = self.unit_s;
            return self.fail(RunError::TimeOverflow { unit_s });
        }
        if until.time_ns < LONGEST_NS {
            // Nothing is undone if the run has gone further already.
            self.now = self.now.max(until.time_ns);
        }
    }

    #[cold]
    fn fail(&mut self, fault: RunError) {
        self.fault.get_or_insert(Box::new(fault));
        self.target = 0;
    }

    /// Customers that left the network so far, served or not; in a network that nobody enters,
    /// together with services at the station where the first population with customers starts.
    #[must_use]
    pub fn progress(&self) -> u64 {
        self.left + self.cycles
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
        let stations: Vec<_> = self.stations.iter().map(|s| s.totals(self.now)).collect();
        let all: Vec<_> = stations.iter().map(StationTotals::all).collect();
        let present: u64 = all.iter().map(|totals| totals.present).sum();
        let present_ns: u128 = all.iter().map(|totals| totals.present_ns).sum();
        let unserved = |totals: &Totals| totals.lost + totals.balked + totals.reneged;
        // A customer in parts is at several stations, but it is one.
        let forked_ns = self.forked.integral(self.now);
        let parts_ns = self.parts.integral(self.now);
        NetworkTotals {
            now_ns: self.now,
            events: self.events,
            progress: self.progress(),
            entered: self.entered,
            left: self.left,
            completed: self.left - all.iter().map(unserved).sum::<u64>(),
            sojourn_ns: self.sojourn_ns,
            present_ns: present_ns + forked_ns - parts_ns,
            present: present + self.forked.value() - self.parts.value(),
            stations,
        }
    }

    /// A station, and what an event may change besides it.
    #[inline(always)]
    fn moment(&mut self, station: usize) -> (&mut Station, Moment<'_>) {
        let moment = Moment {
            now: self.now,
            agenda: &mut self.agenda,
            pool: &mut self.pool,
            base: self.bases[station],
        };
        (&mut self.stations[station], moment)
    }

    #[inline(always)]
    fn station_event<O: Observer>(&mut self, place: usize, observer: &mut O) {
        let (at, place) = self.places[place];
        let at = at as usize;
        let (station, mut moment) = self.moment(at);
        match station.fire(place as usize, &mut moment) {
            Fired::Served { id, server } => self.served(at, id, server, observer),
            Fired::Left { id } => self.reneged(at, id, observer),
            Fired::Nothing => {}
        }
    }

    #[inline(always)]
    fn arrive<O: Observer>(&mut self, source: usize, observer: &mut O) {
        let customers = self.sources[source].fire();
        let (to, class) = (self.sources[source].to, self.sources[source].class);
        for _ in 0..customers {
            let id = self.newcomer(class);
            self.go(id, to, class, observer);
        }
        self.refresh_source(source);
    }

    /// A customer that has just entered the network.
    #[inline(always)]
    fn newcomer(&mut self, class: u16) -> u32 {
        let number = self.entered;
        self.entered += 1;
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
            ticket: 0,
        })
    }

    #[inline(always)]
    fn add(&mut self, customer: Customer) -> u32 {
        match self.pool.add(customer) {
            Some(id) => id,
            None => {
                self.fail(RunError::TooManyCustomers);
                0
            }
        }
    }

    #[inline(always)]
    fn refresh_source(&mut self, source: usize) {
        self.arrivals.set(source, self.sources[source].next());
    }
}

/// The first place of each station, and whose each place is.
fn places(stations: &[Station]) -> (Vec<usize>, Vec<(u32, u32)>) {
    let mut bases = Vec::new();
    let mut places = Vec::new();
    for (at, station) in stations.iter().enumerate() {
        bases.push(places.len());
        places.extend((0..station.places()).map(|place| (at as u32, place as u32)));
    }
    (bases, places)
}
