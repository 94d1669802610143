//! First come, first served without events.
//!
//! With one waiting line and servers of one speed, a customer starts when it has come and a server
//! is free: with arrival A, work S and free times F of the servers, W = max(0, min F - A), and the
//! server is free again at A + W + S. For one server this is Lindley's recursion ("The theory of
//! queues with a single server", Mathematical Proceedings of the Cambridge Philosophical Society
//! 48, 1952), for several that of Kiefer and Wolfowitz ("On the theory of queues with many
//! servers", Transactions of the American Mathematical Society 78, 1955). It draws what a
//! [`Simulation`](crate::Simulation) of the same network draws, and customers wait as long, to the
//! nanosecond. What it does not know is what other moments than arrivals look like: time averages
//! come from Little's law.

use std::hint::select_unpredictable;

use kendall_kernel::{Purpose, SlotTree, Streams};

use crate::draw::{Draws, LONGEST_NS};
use crate::error::RunError;
use crate::model::{Absence, Arrivals, Discipline, Joining, Network, Route, Servers, Target};
use crate::observe::{Observer, Outcome, Stay};
use crate::totals::{NetworkTotals, StationTotals, Totals};

/// A station in motion, customer by customer.
#[derive(Clone, Debug)]
pub struct Recursion {
    gaps: Draws,
    service: Draws,
    servers: Free,
    arrival: u64,
    served: u64,
    waited: u64,
    waiting_ns: u128,
    sojourn_ns: u128,
    unit_s: f64,
}

/// When servers are free.
#[derive(Clone, Debug)]
enum Free {
    One(u64),
    Many(SlotTree),
}

impl Recursion {
    /// The network at time 0; `None` if it is not one station without limits, first come first
    /// served, with renewal arrivals of one class that leave afterwards.
    ///
    /// # Errors
    /// A description that is at fault.
    pub fn new(
        network: &Network,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Option<Recursion>, RunError> {
        network.check()?;
        let Some((gaps, servers)) = applicable(network) else {
            return Ok(None);
        };
        let service = &network.stations[0].service[0];
        let mut gaps = Draws::new(gaps, streams, 0, Purpose::Arrival, unit_s)?;
        let first = gaps.next_ns();
        Ok(Some(Recursion {
            gaps,
            service: Draws::new(service, streams, 0, Purpose::Service, unit_s)?,
            servers: Free::new(servers),
            arrival: first,
            served: 0,
            waited: 0,
            waiting_ns: 0,
            sojourn_ns: 0,
            unit_s,
        }))
    }

    /// Runs on until this many customers have come since the start.
    ///
    /// # Errors
    /// If time ends.
    pub fn run(&mut self, customers: u64, observer: &mut impl Observer) -> Result<(), RunError> {
        let count = customers.saturating_sub(self.served);
        match &mut self.servers {
            Free::One(_) => self.run_one(count, observer),
            Free::Many(_) => self.run_many(count, observer),
        }
        if self.arrival >= LONGEST_NS {
            let unit_s = self.unit_s;
            return Err(RunError::TimeOverflow { unit_s });
        }
        Ok(())
    }

    fn run_one(&mut self, count: u64, observer: &mut impl Observer) {
        let Free::One(mut free) = self.servers else {
            return;
        };
        let mut tally = Tally::default();
        let (mut number, end) = (self.served, self.served + count);
        while number < end {
            let (sizes, gaps) = (self.service.at_hand(), self.gaps.at_hand());
            let some = sizes.len().min(gaps.len()).min((end - number) as usize);
            let mut arrival = self.arrival;
            for (size, gap) in sizes[..some].iter().zip(gaps) {
                // Whether a customer waits cannot be foreseen.
                let started = select_unpredictable(free > arrival, free, arrival);
                free = started.saturating_add(size.as_ns());
                let stay = whole_stay(number, arrival, started, free, size.as_ns());
                tally.count(&stay);
                observer.stay(&stay);
                arrival = arrival.saturating_add(gap.as_ns());
                number += 1;
            }
            self.arrival = arrival;
            self.service.skip(some);
            self.gaps.skip(some);
        }
        self.servers = Free::One(free);
        self.add(count, &tally);
    }

    fn run_many(&mut self, count: u64, observer: &mut impl Observer) {
        let Free::Many(free) = &mut self.servers else {
            return;
        };
        let mut tally = Tally::default();
        for number in self.served..self.served + count {
            let size = self.service.next_ns();
            let (server, since) = free.min().expect("there are servers");
            let started = since.max(self.arrival);
            let left = started.saturating_add(size).min(u64::MAX - 1);
            free.set(server, left);
            let stay = whole_stay(number, self.arrival, started, left, size);
            tally.count(&stay);
            observer.stay(&stay);
            self.arrival = self.arrival.saturating_add(self.gaps.next_ns());
        }
        self.add(count, &tally);
    }

    fn add(&mut self, count: u64, tally: &Tally) {
        self.served += count;
        self.waited += tally.waited;
        self.waiting_ns += tally.waiting_ns;
        self.sojourn_ns += tally.sojourn_ns;
    }

    /// What was counted so far. Time is that of the next arrival; customers present then count as
    /// served, and integrals are sums over customers, whole, by Little's law.
    #[must_use]
    pub fn totals(&self) -> NetworkTotals {
        let class = Totals {
            arrivals: self.served,
            served: self.served,
            waited: self.waited,
            waiting_ns: self.waiting_ns,
            sojourn_ns: self.sojourn_ns,
            present_ns: self.sojourn_ns,
            ..Totals::default()
        };
        NetworkTotals {
            now_ns: self.arrival,
            events: 2 * self.served,
            progress: self.served,
            entered: self.served,
            left: self.served,
            completed: self.served,
            sojourn_ns: self.sojourn_ns,
            present_ns: self.sojourn_ns,
            present: 0,
            stations: vec![StationTotals {
                classes: vec![class],
                busy_ns: self.sojourn_ns - self.waiting_ns,
                blocked_ns: 0,
            }],
        }
    }
}

impl Free {
    fn new(servers: u32) -> Free {
        if servers == 1 {
            return Free::One(0);
        }
        let mut free = SlotTree::new(servers as usize);
        (0..servers as usize).for_each(|server| free.set(server, 0));
        Free::Many(free)
    }
}

/// Sums over the customers of one call.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    waited: u64,
    waiting_ns: u128,
    sojourn_ns: u128,
}

impl Tally {
    #[inline(always)]
    fn count(&mut self, stay: &Stay) {
        let started = stay.started_ns.unwrap_or(stay.left_ns);
        self.waited += u64::from(started > stay.arrived_ns);
        self.waiting_ns += u128::from(started - stay.arrived_ns);
        self.sojourn_ns += u128::from(stay.left_ns - stay.arrived_ns);
    }
}

#[inline(always)]
fn whole_stay(customer: u64, arrived_ns: u64, started_ns: u64, left_ns: u64, size_ns: u64) -> Stay {
    Stay {
        customer,
        class: 0,
        station: 0,
        arrived_ns,
        started_ns: Some(started_ns),
        left_ns,
        size_ns,
        outcome: Outcome::Served,
    }
}

/// The law of the gaps and the number of servers, if the recursion applies.
fn applicable(network: &Network) -> Option<(&kendall_kernel::Law, u32)> {
    let ([station], [source], [_]) = (
        network.stations.as_slice(),
        network.sources.as_slice(),
        network.classes.as_slice(),
    ) else {
        return None;
    };
    let (Arrivals::Renewal(gaps), Servers::Equal(servers)) = (&source.arrivals, &station.servers)
    else {
        return None;
    };
    let plain = network.populations.is_empty()
        && source.batch.is_none()
        && source.to == Target::Station(0)
        && station.discipline == Discipline::Fcfs
        && station.capacity.is_none()
        && station.joining == Joining::Always
        && station.absence == Absence::None
        && station.patience.iter().all(Option::is_none)
        && station.next == [Route::Exit];
    plain.then_some((gaps, *servers))
}
