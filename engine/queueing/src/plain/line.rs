//! Who waits at a plain station, and who displaces whom at its server.
//!
//! Invariant: nobody who waits is more urgent than the customer served. So one who is displaced is
//! the most urgent of all that wait, and those who were displaced form a stack, the most urgent on
//! top. Only newcomers that displace nobody need a heap.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::shared::Shared;
use super::station::Customer;
use crate::model::Discipline;

/// A waiting line.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// First come, first served.
    First(VecDeque<Customer>),
    /// The most urgent is served, by a single server.
    Urgent(Urgent),
    /// All are served at once: nobody waits.
    Shared(Shared),
}

/// Customers by urgency, of which one is served.
#[derive(Clone, Debug)]
pub(super) struct Urgent {
    urgency: Urgency,
    /// Of the customer served, as it was when its service began.
    served: Rank,
    /// Displaced at least once, the most urgent last.
    displaced: Vec<Waiting>,
    /// The others.
    fresh: BinaryHeap<Reverse<Waiting>>,
}

/// Who is more urgent. Ties: who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    /// The latest arrival.
    Latest,
    /// The smallest service.
    Size,
    /// The least service left.
    Left,
}

/// Key and position of arrival, lower first.
type Rank = (u64, u64);

#[derive(Clone, Copy, Debug)]
struct Waiting {
    rank: Rank,
    /// Service left, in ns.
    left: u64,
    customer: Customer,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    #[inline(always)]
    fn cmp(&self, other: &Waiting) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl Line {
    /// The line of a station with so many servers; `None` if it is not plain.
    pub(super) fn new(discipline: &Discipline, servers: u32) -> Option<Line> {
        let urgency = match discipline {
            Discipline::Fcfs => return Some(Line::First(VecDeque::new())),
            Discipline::ProcessorSharing => return Some(Line::Shared(Shared::new(servers))),
            Discipline::LcfsPreemptive => Urgency::Latest,
            Discipline::PreemptiveShortestFirst => Urgency::Size,
            Discipline::ShortestRemaining => Urgency::Left,
            _ => return None,
        };
        let urgent = Urgent {
            urgency,
            served: (0, 0),
            displaced: Vec::new(),
            fresh: BinaryHeap::new(),
        };
        (servers == 1).then_some(Line::Urgent(urgent))
    }

    /// An idle server takes a customer, the one at this position of arrival.
    #[inline(always)]
    pub(super) fn begin(&mut self, customer: &Customer, position: u64) {
        if let Line::Urgent(urgent) = self {
            urgent.served = urgent.rank(customer, position);
        }
    }

    /// The next customer to be served, and its service left.
    #[inline(always)]
    pub(super) fn pop(&mut self, now: u64) -> Option<(Customer, u64)> {
        match self {
            Line::First(line) => line.pop_front().map(|mut next| {
                next.started = now;
                (next, next.size)
            }),
            Line::Urgent(urgent) => urgent.pop(now),
            Line::Shared(_) => None,
        }
    }
}

impl Urgent {
    #[inline(always)]
    fn rank(&self, customer: &Customer, position: u64) -> Rank {
        match self.urgency {
            Urgency::Latest => (u64::MAX - position, position),
            Urgency::Size | Urgency::Left => (customer.size, position),
        }
    }

    /// A newcomer finds the server busy until `done`. Takes the place of the customer served if it
    /// is more urgent, and says so.
    #[inline(always)]
    pub(super) fn arrive(
        &mut self,
        mut newcomer: Customer,
        position: u64,
        serving: &mut Customer,
        done: u64,
    ) -> bool {
        let (now, rank) = (newcomer.arrived, self.rank(&newcomer, position));
        let left = done - now;
        let mut served = self.served;
        if self.urgency == Urgency::Left {
            served.0 = left;
        }
        if rank < served {
            self.displaced.push(Waiting {
                rank: served,
                left,
                customer: std::mem::replace(serving, newcomer),
            });
            self.served = rank;
            return true;
        }
        newcomer.started = u64::MAX;
        self.fresh.push(Reverse(Waiting {
            rank,
            left: newcomer.size,
            customer: newcomer,
        }));
        false
    }

    #[inline(always)]
    fn pop(&mut self, now: u64) -> Option<(Customer, u64)> {
        let fresh = self.fresh.peek().map(|Reverse(waiting)| waiting);
        let next = match (self.displaced.last(), fresh) {
            (Some(displaced), Some(fresh)) if fresh < displaced => self.fresh.pop().map(|f| f.0),
            (Some(_), _) => self.displaced.pop(),
            (None, _) => self.fresh.pop().map(|fresh| fresh.0),
        };
        let Waiting {
            rank,
            left,
            mut customer,
        } = next?;
        self.served = rank;
        customer.started = customer.started.min(now);
        Some((customer, left))
    }
}
