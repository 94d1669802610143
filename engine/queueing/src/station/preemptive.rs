//! One customer per server, and a more urgent customer displaces a less urgent one, whose service
//! resumes later where it was left.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use kendall_kernel::SlotTree;

use super::{Busy, Fired};
use crate::customer::Pool;

/// Who is more urgent. Ties: who came first.
#[derive(Clone, Debug)]
pub(super) enum Urgency {
    /// The latest arrival.
    Latest,
    /// The smallest service.
    Size,
    /// The least service left.
    Left,
    /// The lowest rank of a class.
    Rank(Vec<u32>),
}

/// Key and position of arrival, lower first, and whose they are.
type Ranked = (u64, u64, u32);

/// A station with preemption; servers have speed 1.
#[derive(Clone, Debug)]
pub(super) struct Preemptive {
    urgency: Urgency,
    /// When each server will be done.
    done: SlotTree,
    serving: Vec<Option<Ranked>>,
    waiting: BinaryHeap<Reverse<Ranked>>,
    idle: usize,
    arrivals: u64,
}

impl Preemptive {
    pub(super) fn new(servers: u32, urgency: Urgency) -> Preemptive {
        let count = servers as usize;
        Preemptive {
            urgency,
            done: SlotTree::new(count),
            serving: vec![None; count],
            waiting: BinaryHeap::new(),
            idle: count,
            arrivals: 0,
        }
    }

    #[inline]
    pub(super) fn arrive(&mut self, now: u64, id: u32, pool: &mut Pool, busy: &mut Busy) {
        let newcomer = self.rank(id, pool);
        if self.idle > 0 {
            let server = self.serving.iter().position(Option::is_none);
            let server = server.expect("a server is idle");
            self.idle -= 1;
            busy.more(now);
            return self.start(now, server, newcomer, pool);
        }
        let (server, last) = self.least_urgent(now);
        if newcomer < last {
            let left = self.done.get(server).expect("it is serving") - now;
            let (key, arrival, displaced) = self.serving[server].expect("it is serving");
            pool.get_mut(displaced).left = left;
            let key = if matches!(self.urgency, Urgency::Left) {
                left
            } else {
                key
            };
            self.waiting.push(Reverse((key, arrival, displaced)));
            self.start(now, server, newcomer, pool);
        } else {
            self.waiting.push(Reverse(newcomer));
        }
    }

    #[inline]
    fn rank(&mut self, id: u32, pool: &mut Pool) -> Ranked {
        let customer = pool.get_mut(id);
        customer.left = customer.size;
        let arrival = self.arrivals;
        self.arrivals += 1;
        let key = match &self.urgency {
            Urgency::Latest => u64::MAX - arrival,
            Urgency::Size | Urgency::Left => customer.size,
            Urgency::Rank(ranks) => u64::from(ranks[usize::from(customer.class)]),
        };
        (key, arrival, id)
    }

    /// The server whose customer is the first to be displaced, with the customer's current rank.
    #[inline]
    fn least_urgent(&self, now: u64) -> (usize, Ranked) {
        let rank = |server: usize| {
            let (key, arrival, id) = self.serving[server].expect("all servers are busy");
            let key = match self.urgency {
                Urgency::Left => self.done.get(server).expect("it is serving") - now,
                _ => key,
            };
            (key, arrival, id)
        };
        let servers = (0..self.serving.len()).map(|server| (server, rank(server)));
        servers
            .max_by_key(|&(_, rank)| rank)
            .expect("there is a server")
    }

    #[inline]
    fn start(&mut self, now: u64, server: usize, ranked: Ranked, pool: &mut Pool) {
        let customer = pool.get_mut(ranked.2);
        customer.started = customer.started.min(now);
        self.serving[server] = Some(ranked);
        self.done.set(server, now + customer.left);
    }

    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.done.min().map_or(u64::MAX, |(_, done)| done)
    }

    #[inline]
    pub(super) fn fire(&self) -> Fired {
        match self.done.min() {
            Some((server, _)) => {
                let (_, _, id) = self.serving[server].expect("it is serving");
                Fired::Served { id, server }
            }
            None => Fired::Nothing,
        }
    }

    #[inline]
    pub(super) fn release(&mut self, now: u64, server: usize, pool: &mut Pool, busy: &mut Busy) {
        if let Some(Reverse(next)) = self.waiting.pop() {
            return self.start(now, server, next, pool);
        }
        self.serving[server] = None;
        self.done.clear(server);
        self.idle += 1;
        busy.less(now);
    }
}
