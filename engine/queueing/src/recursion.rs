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

use kendall_kernel::{Dur, Purpose, Streams};

use crate::departures::{Departures, Servers};
use crate::draw::{Draws, LONGEST_NS};
use crate::error::RunError;
use crate::model::{self, Absence, Arrivals, Discipline, Joining, Network, Route, Target};
use crate::observe::{Observer, Outcome, Stay};
use crate::totals::{NetworkTotals, StationTotals, Totals};

/// A station in motion, customer by customer.
#[derive(Clone, Debug)]
pub struct Recursion {
    gaps: Draws,
    service: Draws,
    /// When they will be free.
    servers: Servers,
    arrival: u64,
    served: u64,
    tally: Tally,
    unit_s: f64,
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
            servers: Servers::new(servers as usize, 0),
            arrival: first,
            served: 0,
            tally: Tally::default(),
            unit_s,
        }))
    }

    /// Runs on until this many customers have come since the start.
    ///
    /// # Errors
    /// If time ends.
    pub fn run(&mut self, customers: u64, observer: &mut impl Observer) -> Result<(), RunError> {
        while self.served < customers {
            let (sizes, gaps) = (self.service.at_hand(), self.gaps.at_hand());
            let left = usize::try_from(customers - self.served).unwrap_or(usize::MAX);
            let some = sizes.len().min(gaps.len()).min(left);
            let next = Next {
                number: self.served,
                arrival: self.arrival,
                sizes: &sizes[..some],
                gaps: &gaps[..some],
            };
            let tally = &mut self.tally;
            self.arrival = match &mut self.servers {
                Servers::One(single) => next.follow(single, tally, observer),
                Servers::Many(tree) => next.follow(tree, tally, observer),
            };
            self.served += some as u64;
            self.service.skip(some);
            self.gaps.skip(some);
        }
        if self.arrival >= LONGEST_NS {
            let unit_s = self.unit_s;
            return Err(RunError::TimeOverflow { unit_s });
        }
        Ok(())
    }

    /// What was counted so far. Time is that of the next arrival; customers present then count as
    /// served, and integrals are sums over customers, whole, by Little's law.
    #[must_use]
    pub fn totals(&self) -> NetworkTotals {
        let Tally {
            waited,
            waiting_ns,
            sojourn_ns,
        } = self.tally;
        let class = Totals {
            arrivals: self.served,
            served: self.served,
            waited,
            waiting_ns,
            sojourn_ns,
            present_ns: sojourn_ns,
            ..Totals::default()
        };
        NetworkTotals {
            now_ns: self.arrival,
            events: 2 * self.served,
            progress: self.served,
            entered: self.served,
            left: self.served,
            completed: self.served,
            sojourn_ns,
            present_ns: sojourn_ns,
            present: 0,
            stations: vec![StationTotals {
                classes: vec![class],
                busy_ns: sojourn_ns - waiting_ns,
                blocked_ns: 0,
            }],
        }
    }
}

/// The next customers.
struct Next<'a> {
    /// Of the first of them.
    number: u64,
    /// When the first of them comes, in ns.
    arrival: u64,
    /// By customer.
    sizes: &'a [Dur],
    /// By customer, until the next one comes.
    gaps: &'a [Dur],
}

impl Next<'_> {
    /// Follows them through, and says when the one after them comes.
    #[inline(always)]
    fn follow(
        self,
        servers: &mut impl Departures,
        tally: &mut Tally,
        observer: &mut impl Observer,
    ) -> u64 {
        // A copy, so that it is kept in registers.
        let mut own = *tally;
        let mut arrival = self.arrival;
        for ((size, gap), number) in self.sizes.iter().zip(self.gaps).zip(self.number..) {
            let (server, free) = servers.next();
            // Whether a customer waits cannot be foreseen.
            let started = select_unpredictable(free > arrival, free, arrival);
            let left = started.saturating_add(size.as_ns());
            servers.set(server, left);
            let stay = whole_stay(number, arrival, started, left, size.as_ns());
            own.count(&stay);
            observer.stay(&stay);
            arrival = arrival.saturating_add(gap.as_ns());
        }
        *tally = own;
        arrival
    }
}

/// Sums over customers.
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
    let (Arrivals::Renewal(gaps), model::Servers::Equal(servers)) =
        (&source.arrivals, &station.servers)
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
