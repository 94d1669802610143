//! Stations: who is served, and what is counted.
//!
//! A station is a passive thing: the network tells it of arrivals, asks it for the time of its
//! next event and lets that happen. Invariants: a customer is at one place only; the integral of
//! the number present is the sum of the times that customers spent here, to the nanosecond.

mod attained;
mod breakdown;
mod build;
mod delay;
mod line;
mod patience;
mod polling;
mod preemptive;
mod queue;
mod servers;
mod sharing;

use crate::customer::{Customer, Pool};
use crate::draw::Draws;
use crate::model;
use crate::totals::{StationTotals, Totals};
use kendall_kernel::Rng;
use rand::RngExt;

/// What an event of a station came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    /// Nothing that the network must know.
    Nothing,
    /// A customer has all its service; the station waits to be told to release its server.
    Served { id: u32, server: usize },
    /// A customer gave up waiting.
    Left { id: u32 },
}

/// Whether an arriving customer stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Joins,
    Balks,
    Full,
}

/// Busy servers, integrated over time: a sum of the times at which each became busy or idle.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Busy {
    servers: u64,
    /// Wraps; see [`Busy::integral`].
    area: u128,
}

impl Busy {
    #[inline]
    fn more(&mut self, now: u64) {
        self.servers += 1;
        self.area = self.area.wrapping_sub(u128::from(now));
    }

    #[inline]
    fn less(&mut self, now: u64) {
        self.servers -= 1;
        self.area = self.area.wrapping_add(u128::from(now));
    }

    /// Busy servers times nanoseconds up to `now`.
    fn integral(self, now: u64) -> u128 {
        self.area
            .wrapping_add(u128::from(self.servers) * u128::from(now))
    }
}

/// How customers are served.
#[derive(Clone, Debug)]
enum Kind {
    Queue(queue::Queue),
    Preemptive(preemptive::Preemptive),
    Sharing(sharing::Sharing),
    Attained(attained::Attained),
    Delay(delay::Delay),
    Polling(polling::Polling),
}

/// A station of a running network.
#[derive(Clone, Debug)]
pub(crate) struct Station {
    kind: Kind,
    services: Vec<Draws>,
    joining: model::Joining,
    joining_rng: Rng,
    /// `None` with a server for everybody.
    servers: Option<u64>,
    /// Units that a customer holds, by class.
    units: Vec<u32>,
    /// Most units held at once.
    room: u64,
    held: u64,
    blocks_when_full: bool,
    /// Customers present.
    present: u64,
    /// Work that the customers present brought.
    work: u64,
    busy: Busy,
    /// Servers that hold a served customer, integrated as [`Busy`] is.
    blocked: Busy,
    classes: Vec<Totals>,
}

impl Station {
    /// Customers present.
    #[inline]
    pub(crate) fn present(&self) -> u64 {
        self.present
    }

    /// Whether upstream servers keep customers who find no room here.
    #[inline]
    pub(crate) fn blocks_when_full(&self) -> bool {
        self.blocks_when_full
    }

    #[inline]
    pub(crate) fn has_room(&self, class: u16) -> bool {
        self.held + u64::from(self.units[usize::from(class)]) <= self.room
    }

    /// Work not yet done on those present, in ns of a server of speed 1.
    pub(crate) fn unfinished(&self, now: u64, pool: &Pool) -> u64 {
        let attained = match &self.kind {
            Kind::Queue(queue) => queue.attained(now, pool),
            // The policy that asks is refused for other stations.
            _ => 0,
        };
        self.work - attained
    }

    /// Decides whether a customer of this class stays, and counts its arrival.
    #[inline]
    pub(crate) fn entry(&mut self, class: u16) -> Entry {
        let balks = match &self.joining {
            model::Joining::Always => false,
            joining => {
                let probability = joining_probability(joining, self.present);
                self.joining_rng.random::<f64>() >= probability
            }
        };
        let has_room = self.has_room(class);
        let totals = &mut self.classes[usize::from(class)];
        totals.arrivals += 1;
        if balks {
            totals.balked += 1;
            Entry::Balks
        } else if has_room {
            Entry::Joins
        } else {
            totals.lost += 1;
            Entry::Full
        }
    }

    /// Takes a customer in. Its size is drawn here, in the order of arrival, whatever the
    /// discipline.
    #[inline]
    pub(crate) fn arrive(&mut self, now: u64, id: u32, pool: &mut Pool) {
        let customer = pool.get_mut(id);
        let class = usize::from(customer.class);
        let size = self.services[class].next_ns();
        customer.arrived = now;
        customer.started = u64::MAX;
        customer.size = size;
        self.present += 1;
        self.work += size;
        self.held += u64::from(self.units[class]);
        self.classes[class].enter(now);
        let busy = &mut self.busy;
        match &mut self.kind {
            Kind::Queue(queue) => queue.arrive(now, id, pool, busy),
            Kind::Preemptive(preemptive) => preemptive.arrive(now, id, pool, busy),
            Kind::Sharing(sharing) => sharing.arrive(now, id, pool, busy),
            Kind::Attained(attained) => attained.arrive(now, id, pool, busy),
            Kind::Delay(delay) => delay.arrive(now, id, pool, busy),
            Kind::Polling(polling) => polling.arrive(id, pool),
        }
    }

    /// Time of the next event; `u64::MAX` if there is none.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        match &self.kind {
            Kind::Queue(queue) => queue.next(),
            Kind::Preemptive(preemptive) => preemptive.next(),
            Kind::Sharing(sharing) => sharing.next(),
            Kind::Attained(attained) => attained.next(),
            Kind::Delay(delay) => delay.next(),
            Kind::Polling(polling) => polling.next(),
        }
    }

    /// Lets the event of this moment happen.
    #[inline]
    pub(crate) fn fire(&mut self, now: u64, pool: &mut Pool) -> Fired {
        let busy = &mut self.busy;
        match &mut self.kind {
            Kind::Queue(queue) => queue.fire(now, pool, busy),
            Kind::Preemptive(preemptive) => preemptive.fire(),
            Kind::Sharing(sharing) => sharing.fire(now, pool, busy),
            Kind::Attained(attained) => attained.fire(now, busy),
            Kind::Delay(delay) => delay.fire(now, busy),
            Kind::Polling(polling) => polling.fire(now, pool, busy),
        }
    }

    /// A served customer goes, and its server is free. The customer as it was.
    #[inline]
    pub(crate) fn release(
        &mut self,
        now: u64,
        id: u32,
        server: usize,
        pool: &mut Pool,
    ) -> Customer {
        let customer = self.depart(now, id, pool);
        let waited = customer.started - customer.arrived;
        let totals = &mut self.classes[usize::from(customer.class)];
        totals.served += 1;
        totals.waited += u64::from(waited > 0);
        totals.waiting_ns += u128::from(waited);
        totals.sojourn_ns += u128::from(now - customer.arrived);
        let busy = &mut self.busy;
        match &mut self.kind {
            Kind::Queue(queue) => queue.release(now, server, pool, busy),
            Kind::Preemptive(preemptive) => preemptive.release(now, server, pool, busy),
            // Their customers have no servers of their own.
            Kind::Sharing(_) | Kind::Attained(_) | Kind::Delay(_) | Kind::Polling(_) => {}
        }
        customer
    }

    /// A customer who gave up waiting goes. The customer as it was.
    pub(crate) fn renege(&mut self, now: u64, id: u32, pool: &Pool) -> Customer {
        let customer = self.depart(now, id, pool);
        let totals = &mut self.classes[usize::from(customer.class)];
        totals.reneged += 1;
        totals.reneged_ns += u128::from(now - customer.arrived);
        customer
    }

    #[inline]
    fn depart(&mut self, now: u64, id: u32, pool: &Pool) -> Customer {
        let customer = *pool.get(id);
        let class = usize::from(customer.class);
        self.present -= 1;
        self.work -= customer.size;
        self.held -= u64::from(self.units[class]);
        self.classes[class].leave(now);
        customer
    }

    /// A served customer stays with its server, which serves nobody.
    pub(crate) fn block(&mut self, now: u64, server: usize) {
        if let Kind::Queue(queue) = &mut self.kind {
            queue.block(server);
        }
        self.blocked.more(now);
    }

    /// A blocked server's customer may go; [`release`](Station::release) follows.
    pub(crate) fn unblock(&mut self, now: u64) {
        self.blocked.less(now);
    }

    /// How many servers there are; `None` with one for everybody.
    pub(crate) fn servers(&self) -> Option<u64> {
        self.servers
    }

    /// Servers that hold a served customer.
    pub(crate) fn blocked_servers(&self) -> u64 {
        self.blocked.servers
    }

    /// What was counted up to `now`.
    pub(crate) fn totals(&self, now: u64) -> StationTotals {
        StationTotals {
            classes: self
                .classes
                .iter()
                .map(|totals| totals.up_to(now))
                .collect(),
            busy_ns: self.busy.integral(now),
            blocked_ns: self.blocked.integral(now),
        }
    }
}

fn joining_probability(joining: &model::Joining, present: u64) -> f64 {
    match joining {
        model::Joining::Always => 1.0,
        model::Joining::Reciprocal => 1.0 / (present as f64 + 1.0),
        model::Joining::Table(table) => {
            let at = usize::try_from(present).unwrap_or(usize::MAX);
            table[at.min(table.len() - 1)]
        }
    }
}
