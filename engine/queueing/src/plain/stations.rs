//! Plain stations, customers from several sources, and any routes.

use kendall_kernel::{Purpose, Rng, Streams};

use super::renewal;
use super::station::{Customer, Station};
use crate::agenda::Agenda;
use crate::draw::{Draws, LONGEST_NS};
use crate::error::RunError;
use crate::model::Network;
use crate::observe::{Observer, Outcome, Stay};
use crate::simulation::Until;
use crate::totals::{NetworkTotals, StationTotals};

/// A network of them in motion.
#[derive(Clone, Debug)]
pub(super) struct Stations {
    unit_s: f64,
    now: u64,
    /// When servers will be done.
    agenda: Agenda,
    /// When sources will send their next customers. Apart from the servers, of which there may be
    /// many: half of all events change only one of the two.
    arrivals: Agenda,
    /// By server: its station, and its number there.
    places: Vec<(u32, u32)>,
    stations: Vec<Station>,
    sources: Vec<Source>,
    routing: Rng,
    events: u64,
    entered: u64,
    left: u64,
    /// Time in the network of those that left, in ns.
    sojourn_ns: u128,
}

#[derive(Clone, Debug)]
struct Source {
    gaps: Draws,
    to: usize,
}

impl Stations {
    /// The network at time 0, which is open and has one class; `None` if something in it is not
    /// plain.
    pub(super) fn new(
        network: &Network,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Option<Stations>, RunError> {
        let mut places = Vec::new();
        let mut stations = Vec::new();
        for (at, spec) in network.stations.iter().enumerate() {
            let Some(station) = Station::new(spec, at, places.len(), streams, unit_s)? else {
                return Ok(None);
            };
            places.extend((0..station.places()).map(|server| (at as u32, server as u32)));
            stations.push(station);
        }
        let mut sources = Vec::new();
        for (at, spec) in network.sources.iter().enumerate() {
            let Some((gaps, to)) = renewal(spec) else {
                return Ok(None);
            };
            let gaps = Draws::new(gaps, streams, at as u64, Purpose::Arrival, unit_s)?;
            sources.push(Source { gaps, to });
        }
        let mut arrivals = Agenda::new(sources.len());
        for (at, source) in sources.iter_mut().enumerate() {
            arrivals.set(at, source.gaps.next_ns());
        }
        Ok(Some(Stations {
            unit_s,
            now: 0,
            agenda: Agenda::new(places.len()),
            arrivals,
            places,
            stations,
            sources,
            routing: streams.stream(0, Purpose::Routing),
            events: 0,
            entered: 0,
            left: 0,
            sojourn_ns: 0,
        }))
    }

    /// Runs on until one of the limits.
    pub(super) fn run(
        &mut self,
        until: Until,
        observer: &mut impl Observer,
    ) -> Result<(), RunError> {
        let end = until.time_ns.min(LONGEST_NS - 1);
        while self.left < until.customers {
            let (place, done) = self.agenda.next();
            let (source, arrival) = self.arrivals.next();
            let at = done.min(arrival);
            if at > end {
                if until.time_ns >= LONGEST_NS {
                    let unit_s = self.unit_s;
                    return Err(RunError::TimeOverflow { unit_s });
                }
                self.now = self.now.max(until.time_ns);
                break;
            }
            self.now = at;
            self.events += 1;
            // At one instant services end before customers come.
            if done <= arrival {
                self.departure(place, observer);
            } else {
                self.arrival(source, observer);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn arrival<O: Observer>(&mut self, at: usize, observer: &mut O) {
        let source = &mut self.sources[at];
        let to = source.to;
        self.arrivals.set(at, self.now + source.gaps.next_ns());
        let number = self.entered;
        self.entered += 1;
        self.enter(to, number, self.now, observer);
    }

    #[inline(always)]
    fn enter<O: Observer>(&mut self, to: usize, number: u64, born: u64, observer: &mut O) {
        let now = self.now;
        if O::LEVELS {
            observer.level(now, to, 1);
        }
        let station = &mut self.stations[to];
        let size = station.service.next_ns();
        station.totals.arrivals += 1;
        station.totals.enter(now);
        let customer = Customer {
            number,
            born,
            arrived: now,
            started: now,
            size,
        };
        let base = station.base;
        if let Some((server, done)) = station.admit(customer, || self.agenda.get(base)) {
            self.agenda.set(base + server, done);
        }
    }

    #[inline(always)]
    fn departure<O: Observer>(&mut self, place: usize, observer: &mut O) {
        let now = self.now;
        let (at, server) = self.places[place];
        let (at, server) = (at as usize, server as usize);
        if O::LEVELS {
            observer.level(now, at, -1);
        }
        let station = &mut self.stations[at];
        let (customer, next) = station.let_go(server, now);
        self.agenda.set(place, next);
        let waited = customer.started - customer.arrived;
        let totals = &mut station.totals;
        totals.leave(now);
        totals.served += 1;
        totals.waited += u64::from(waited > 0);
        totals.waiting_ns += u128::from(waited);
        totals.sojourn_ns += u128::from(now - customer.arrived);
        observer.stay(&Stay {
            customer: customer.number,
            class: 0,
            station: at,
            arrived_ns: customer.arrived,
            started_ns: Some(customer.started),
            left_ns: now,
            size_ns: customer.size,
            outcome: Outcome::Served,
        });
        match station.next.choose(&mut self.routing) {
            Some(to) => self.enter(to, customer.number, customer.born, observer),
            None => {
                self.left += 1;
                self.sojourn_ns += u128::from(now - customer.born);
                observer.exit(now, customer.born);
            }
        }
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.now
    }

    pub(super) fn present_at(&self, station: usize) -> u64 {
        let totals = &self.stations[station].totals;
        totals.arrivals - totals.served
    }

    pub(super) fn progress(&self) -> u64 {
        self.left
    }

    pub(super) fn totals(&self) -> NetworkTotals {
        let stations = self.stations.iter().map(|station| StationTotals {
            classes: vec![station.totals.up_to(self.now)],
            busy_ns: station.busy.integral(self.now),
            blocked_ns: 0,
        });
        let stations: Vec<StationTotals> = stations.collect();
        NetworkTotals {
            now_ns: self.now,
            events: self.events,
            progress: self.left,
            entered: self.entered,
            left: self.left,
            completed: self.left,
            sojourn_ns: self.sojourn_ns,
            present_ns: stations.iter().map(|s| s.classes[0].present_ns).sum(),
            present: self.entered - self.left,
            stations,
        }
    }
}
