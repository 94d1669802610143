//! Stations: who is served, and what is counted.
//!
//! A station is a passive thing: it plans its events on the network's agenda, where it has some
//! places of its own, and the network lets them happen. Invariants: a customer is at one place only; the integral of
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

pub(crate) use self::build::stream_source;

use crate::agenda::Moment;
use crate::customer::{Customer, Pool};
use crate::draw::Draws;
use crate::model;
use crate::route::Route;
use crate::totals::{Level, StationTotals, Totals};
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

/// A class at a station.
#[derive(Clone, Debug)]
struct Class {
    service: Draws,
    next: Route,
    /// Units of the station that a customer holds.
    units: u32,
    totals: Totals,
}

/// Who gets in, where not everybody does.
#[derive(Clone, Debug)]
struct Gate {
    joining: model::Joining,
    rng: Rng,
    /// Most units held at once.
    room: u64,
    held: u64,
    blocks_when_full: bool,
}

/// A station of a running network.
#[derive(Clone, Debug)]
pub(crate) struct Station {
    kind: Kind,
    classes: Vec<Class>,
    gate: Option<Box<Gate>>,
    /// Customers present.
    present: u64,
    /// Work that the customers present brought, where a dispatcher asks for it.
    work: Option<u64>,
    busy: Level,
    /// Servers that hold a served customer, over time.
    blocked: Level,
    /// `None` with a server for everybody.
    servers: Option<u64>,
}

impl Station {
    /// Customers present.
    #[inline(always)]
    pub(crate) fn present(&self) -> u64 {
        self.present
    }

    /// Whether upstream servers keep customers who find no room here.
    pub(crate) fn blocks_when_full(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.blocks_when_full)
    }

    pub(crate) fn has_room(&self, class: u16) -> bool {
        let units = u64::from(self.classes[usize::from(class)].units);
        let gate = self.gate.as_ref();
        gate.is_none_or(|gate| gate.held + units <= gate.room)
    }

    /// Lets the station keep account of work, for [`unfinished`](Station::unfinished).
    pub(crate) fn count_work(&mut self) {
        self.work = Some(0);
    }

    /// Work not yet done on those present, in ns of a server of speed 1. `done` is when the event
    /// at one of its places is planned.
    pub(crate) fn unfinished(&self, now: u64, done: impl Fn(usize) -> u64, pool: &Pool) -> u64 {
        let attained = match &self.kind {
            Kind::Queue(queue) => queue.attained(now, done, pool),
            // The policy that asks is refused for other stations.
            _ => 0,
        };
        self.work.unwrap_or(0) - attained
    }

    /// Decides whether a customer of this class stays, and counts its arrival.
    #[inline(always)]
    pub(crate) fn entry(&mut self, class: u16) -> Entry {
        let here = &mut self.classes[usize::from(class)];
        here.totals.arrivals += 1;
        match &mut self.gate {
            None => Entry::Joins,
            Some(gate) => gate.entry(self.present, here),
        }
    }

    /// Takes a customer in. Its size is drawn here, in the order of arrival, whatever the
    /// discipline.
    #[inline(always)]
    pub(crate) fn arrive(&mut self, id: u32, moment: &mut Moment) {
        let now = moment.now;
        let customer = moment.pool.get_mut(id);
        let class = &mut self.classes[usize::from(customer.class)];
        let size = class.service.next_ns();
        customer.arrived = now;
        customer.started = u64::MAX;
        customer.size = size;
        class.totals.enter(now);
        self.present += 1;
        if let Some(work) = &mut self.work {
            *work += size;
        }
        if let Some(gate) = &mut self.gate {
            gate.held += u64::from(class.units);
        }
        let busy = &mut self.busy;
        match &mut self.kind {
            Kind::Queue(queue) => queue.arrive(id, moment, busy),
            Kind::Preemptive(preemptive) => preemptive.arrive(id, moment, busy),
            Kind::Sharing(sharing) => sharing.arrive(id, moment, busy),
            Kind::Attained(attained) => attained.arrive(id, moment, busy),
            Kind::Delay(delay) => delay.arrive(id, moment, busy),
            Kind::Polling(polling) => polling.arrive(id, moment.pool),
        }
    }

    /// Takes a customer in that is there from the start.
    pub(crate) fn populate(&mut self, id: u32, moment: &mut Moment) {
        let class = usize::from(moment.pool.get(id).class);
        self.classes[class].totals.arrivals += 1;
        self.arrive(id, moment);
    }

    /// Where a customer of this class goes after its service; `None` to leave.
    #[inline(always)]
    pub(crate) fn next(&self, class: u16, rng: &mut Rng) -> Option<(model::Target, u16)> {
        self.classes[usize::from(class)].next.choose(rng)
    }

    /// Places on the agenda that it needs.
    pub(crate) fn places(&self) -> usize {
        match &self.kind {
            Kind::Queue(queue) => queue.places(),
            Kind::Preemptive(preemptive) => preemptive.places(),
            Kind::Sharing(_) | Kind::Attained(_) | Kind::Delay(_) | Kind::Polling(_) => 1,
        }
    }

    /// Plans what happens by itself, before anything else has.
    pub(crate) fn begin(&mut self, moment: &mut Moment) {
        match &mut self.kind {
            Kind::Queue(queue) => queue.begin(moment),
            Kind::Polling(polling) => polling.begin(moment),
            _ => {}
        }
    }

    /// Lets the event at one of its places happen.
    #[inline(always)]
    pub(crate) fn fire(&mut self, place: usize, moment: &mut Moment) -> Fired {
        let busy = &mut self.busy;
        match &mut self.kind {
            Kind::Queue(queue) => queue.fire(place, moment, busy),
            Kind::Preemptive(preemptive) => preemptive.fire(place),
            Kind::Sharing(sharing) => sharing.fire(moment, busy),
            Kind::Attained(attained) => attained.fire(moment, busy),
            Kind::Delay(delay) => delay.fire(moment),
            Kind::Polling(polling) => polling.fire(moment, busy),
        }
    }

    /// A served customer goes, and its server is free. The customer as it was.
    #[inline(always)]
    pub(crate) fn release(&mut self, id: u32, server: usize, moment: &mut Moment) -> Customer {
        let now = moment.now;
        let (customer, totals) = self.depart(now, id, moment.pool);
        let waited = customer.started - customer.arrived;
        totals.served += 1;
        totals.waited += u64::from(waited > 0);
        totals.waiting_ns += u128::from(waited);
        totals.sojourn_ns += u128::from(now - customer.arrived);
        let busy = &mut self.busy;
        match &mut self.kind {
            Kind::Queue(queue) => queue.release(server, moment, busy),
            Kind::Preemptive(preemptive) => preemptive.release(server, moment, busy),
            Kind::Delay(_) => busy.less(now),
            // Their customers have no servers of their own.
            Kind::Sharing(_) | Kind::Attained(_) | Kind::Polling(_) => {}
        }
        customer
    }

    /// A customer who gave up waiting goes. The customer as it was.
    pub(crate) fn renege(&mut self, now: u64, id: u32, pool: &Pool) -> Customer {
        let (customer, totals) = self.depart(now, id, pool);
        totals.reneged += 1;
        totals.reneged_ns += u128::from(now - customer.arrived);
        customer
    }

    #[inline(always)]
    fn depart(&mut self, now: u64, id: u32, pool: &Pool) -> (Customer, &mut Totals) {
        let customer = *pool.get(id);
        let class = &mut self.classes[usize::from(customer.class)];
        class.totals.leave(now);
        self.present -= 1;
        if let Some(work) = &mut self.work {
            *work -= customer.size;
        }
        if let Some(gate) = &mut self.gate {
            gate.held -= u64::from(class.units);
        }
        (customer, &mut class.totals)
    }

    /// A served customer stays with its server, which serves nobody.
    pub(crate) fn block(&mut self, server: usize, moment: &mut Moment) {
        if let Kind::Queue(queue) = &mut self.kind {
            queue.block(server, moment);
        }
        self.blocked.more(moment.now);
    }

    /// A blocked server's customer may go; [`release`](Station::release) follows.
    pub(crate) fn unblock(&mut self, now: u64) {
        self.blocked.less(now);
    }

    /// Whether nobody is served, nobody can begin to be, and nobody gives up waiting, because
    /// servers hold served customers. `awaited` says whether some are held elsewhere for want of room
    /// here, `planned` when the event at one of its places is planned.
    pub(crate) fn is_stuck(&self, awaited: bool, planned: impl Fn(usize) -> u64) -> bool {
        let blocked = self.blocked.value();
        // Idle servers are of no use to those who find no room.
        if self.servers != Some(blocked) && !(awaited && blocked == self.present) {
            return false;
        }
        let patience = match &self.kind {
            Kind::Queue(queue) => queue.patience_place(),
            _ => None,
        };
        patience.is_none_or(|place| planned(place) == u64::MAX)
    }

    /// What was counted up to `now`.
    pub(crate) fn totals(&self, now: u64) -> StationTotals {
        let classes = self.classes.iter();
        StationTotals {
            classes: classes.map(|class| class.totals.up_to(now)).collect(),
            busy_ns: self.busy.integral(now),
            blocked_ns: self.blocked.integral(now),
        }
    }
}

impl Gate {
    fn entry(&mut self, present: u64, class: &mut Class) -> Entry {
        let joins = match &self.joining {
            model::Joining::Always => true,
            joining => self.rng.random::<f64>() < joining_probability(joining, present),
        };
        if !joins {
            class.totals.balked += 1;
            Entry::Balks
        } else if self.held + u64::from(class.units) <= self.room {
            Entry::Joins
        } else {
            class.totals.lost += 1;
            Entry::Full
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
