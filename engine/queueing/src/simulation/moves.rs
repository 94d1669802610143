//! Customers on their way: from a station or from outside to the next place.

use super::Simulation;
use crate::customer::{Customer, NOT_FORKED};
use crate::error::RunError;
use crate::model::Target;
use crate::observe::{Observer, Outcome, Stay};
use crate::route::{Junction, Route};
use crate::station::Entry;

/// A customer whose parts are at several stations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fork {
    junction: u32,
    parts_left: u32,
    whole: Customer,
}

impl Simulation {
    /// A customer has all its service at a station.
    #[inline(always)]
    pub(super) fn served<O: Observer>(
        &mut self,
        at: usize,
        id: u32,
        server: usize,
        observer: &mut O,
    ) {
        let class = self.pool.get(id).class;
        let next = self.stations[at].next(class, &mut self.routing);
        let next = next.map(|(target, class)| (self.dispatch(target), class));
        if self.blocking
            && let Some((Target::Station(to), class)) = next
            && self.must_hold(at, to, class)
        {
            return self.hold(at, server, id, to, class);
        }
        self.release(at, id, server, observer);
        self.go_on(id, next, observer);
        if self.blocking {
            self.admit_held(at, observer);
        }
    }

    /// A customer leaves a station after its service.
    #[inline(always)]
    pub(super) fn release<O: Observer>(
        &mut self,
        at: usize,
        id: u32,
        server: usize,
        observer: &mut O,
    ) {
        if O::LEVELS {
            observer.level(self.now, at, -1);
        }
        let (station, mut moment) = self.moment(at);
        let customer = station.release(id, server, &mut moment);
        observer.stay(&self.stay(at, &customer, Outcome::Served));
        if self.counted == Some(at) {
            self.cycles += 1;
        }
    }

    /// A customer gives up waiting at a station and leaves the network.
    pub(super) fn reneged<O: Observer>(&mut self, at: usize, id: u32, observer: &mut O) {
        if O::LEVELS {
            observer.level(self.now, at, -1);
        }
        // Its handle stays with the line, which still lists it.
        let customer = self.stations[at].renege(self.now, id, &self.pool);
        observer.stay(&self.stay(at, &customer, Outcome::Reneged));
        self.left += 1;
        if self.blocking {
            self.admit_held(at, observer);
        }
    }

    #[inline(always)]
    pub(super) fn go_on<O: Observer>(
        &mut self,
        id: u32,
        next: Option<(Target, u16)>,
        observer: &mut O,
    ) {
        match next {
            Some((target, class)) => self.go(id, target, class, observer),
            None => self.exit(id, observer),
        }
    }

    /// Takes a customer, which is nowhere, to a place.
    #[inline(always)]
    pub(super) fn go<O: Observer>(&mut self, id: u32, to: Target, class: u16, observer: &mut O) {
        match self.dispatch(to) {
            Target::Station(station) => self.enter(id, station, class, observer),
            Target::Junction(junction) => self.fork(id, junction, class, observer),
        }
    }

    /// The station that a dispatching junction chooses; any other place is itself.
    #[inline(always)]
    fn dispatch(&mut self, target: Target) -> Target {
        if let Target::Junction(junction) = target
            && let Junction::Dispatch(dispatcher) = &mut self.junctions[junction]
        {
            let (stations, agenda, bases) = (&self.stations, &self.agenda, &self.bases);
            let work = |at: usize| {
                let done = |place: usize| agenda.get(bases[at] + place);
                stations[at].unfinished(self.now, done, &self.pool)
            };
            return Target::Station(dispatcher.choose(stations, work));
        }
        target
    }

    #[inline(always)]
    pub(super) fn enter<O: Observer>(&mut self, id: u32, to: usize, class: u16, observer: &mut O) {
        self.pool.get_mut(id).class = class;
        let outcome = match self.stations[to].entry(class) {
            Entry::Joins => {
                if O::LEVELS {
                    observer.level(self.now, to, 1);
                }
                let (station, mut moment) = self.moment(to);
                return station.arrive(id, &mut moment);
            }
            Entry::Full => Outcome::Lost,
            Entry::Balks => Outcome::Balked,
        };
        let customer = self.pool.get_mut(id);
        customer.arrived = self.now;
        customer.started = u64::MAX;
        customer.size = 0;
        let stay = self.stay(to, self.pool.get(id), outcome);
        observer.stay(&stay);
        self.pool.remove(id);
        self.left += 1;
    }

    /// Sends a part of a customer to every station of a fork.
    fn fork<O: Observer>(&mut self, id: u32, junction: usize, class: u16, observer: &mut O) {
        let Junction::Fork { stations, .. } = &self.junctions[junction] else {
            unreachable!("a dispatching junction sends customers to stations");
        };
        let parts = stations.len();
        self.forked.more(self.now);
        let mut whole = *self.pool.get(id);
        whole.class = class;
        self.pool.remove(id);
        let fork = Fork {
            junction: junction as u32,
            parts_left: parts as u32,
            whole,
        };
        let number = self.add_fork(fork);
        for part in 0..parts {
            let Junction::Fork { stations, .. } = &self.junctions[junction] else {
                unreachable!("junctions do not change");
            };
            let station = stations[part];
            self.parts.more(self.now);
            let id = self.add(Customer {
                fork: number,
                ..whole
            });
            self.enter(id, station, class, observer);
        }
    }

    fn add_fork(&mut self, fork: Fork) -> u32 {
        if let Some(number) = self.free_forks.pop() {
            self.forks[number as usize] = fork;
            return number;
        }
        let number = u32::try_from(self.forks.len()).unwrap_or(NOT_FORKED);
        if number == NOT_FORKED {
            self.fail(RunError::TooManyCustomers);
        }
        self.forks.push(fork);
        number
    }

    /// A customer, which is nowhere, leaves the network, or its part joins the others.
    #[inline(always)]
    fn exit<O: Observer>(&mut self, id: u32, observer: &mut O) {
        let customer = *self.pool.get(id);
        if customer.fork != NOT_FORKED {
            return self.join(id, customer.fork, observer);
        }
        self.pool.remove(id);
        self.sojourn_ns += u128::from(self.now - customer.born);
        observer.exit(self.now, customer.born);
        self.left += 1;
    }

    fn join<O: Observer>(&mut self, id: u32, number: u32, observer: &mut O) {
        self.parts.less(self.now);
        let fork = &mut self.forks[number as usize];
        fork.parts_left -= 1;
        if fork.parts_left > 0 {
            return self.pool.remove(id);
        }
        let Fork {
            junction, whole, ..
        } = *fork;
        self.free_forks.push(number);
        self.forked.less(self.now);
        *self.pool.get_mut(id) = whole;
        let Junction::Fork { next, .. } = &self.junctions[junction as usize] else {
            unreachable!("only forks have parts");
        };
        let route: &Route = &next[usize::from(whole.class)];
        let next = route.choose(&mut self.routing);
        self.go_on(id, next, observer);
    }

    #[inline(always)]
    fn stay(&self, station: usize, customer: &Customer, outcome: Outcome) -> Stay {
        Stay {
            customer: customer.number,
            class: customer.class,
            station,
            arrived_ns: customer.arrived,
            started_ns: (customer.started != u64::MAX).then_some(customer.started),
            left_ns: self.now,
            size_ns: customer.size,
            outcome,
        }
    }
}
