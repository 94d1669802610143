//! One customer per server, and a more urgent customer displaces a less urgent one, whose service
//! resumes later where it was left. Server `i` has place `i` of the station on the agenda.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Fired;
use crate::agenda::Moment;
use crate::customer::Pool;
use crate::totals::Level;

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
            serving: vec![None; count],
            waiting: BinaryHeap::new(),
            idle: count,
            arrivals: 0,
        }
    }

    #[inline(always)]
    pub(super) fn arrive(&mut self, id: u32, moment: &mut Moment, busy: &mut Level) {
        let now = moment.now;
        let newcomer = self.rank(id, moment.pool);
        if self.idle > 0 {
            let server = self.serving.iter().position(Option::is_none);
            let server = server.expect("a server is idle");
            self.idle -= 1;
            busy.more(now);
            return self.start(server, newcomer, moment);
        }
        let (server, last) = self.least_urgent(moment);
        if newcomer < last {
            let left = moment.planned(server) - now;
            let (key, arrival, displaced) = self.serving[server].expect("it is serving");
            moment.pool.get_mut(displaced).left = left;
            let key = if matches!(self.urgency, Urgency::Left) {
                left
            } else {
                key
            };
            self.waiting.push(Reverse((key, arrival, displaced)));
            self.start(server, newcomer, moment);
        } else {
            self.waiting.push(Reverse(newcomer));
        }
    }

    #[inline(always)]
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
    #[inline(always)]
    fn least_urgent(&self, moment: &Moment) -> (usize, Ranked) {
        let rank = |server: usize| {
            let (key, arrival, id) = self.serving[server].expect("all servers are busy");
            let key = match self.urgency {
                Urgency::Left => moment.planned(server) - moment.now,
                _ => key,
            };
            (key, arrival, id)
        };
        let servers = (0..self.serving.len()).map(|server| (server, rank(server)));
        servers
            .max_by_key(|&(_, rank)| rank)
            .expect("there is a server")
    }

    #[inline(always)]
    fn start(&mut self, server: usize, ranked: Ranked, moment: &mut Moment) {
        let now = moment.now;
        let customer = moment.pool.get_mut(ranked.2);
        customer.started = customer.started.min(now);
        let done = now + customer.left;
        self.serving[server] = Some(ranked);
        moment.plan(server, done);
    }

    #[inline(always)]
    pub(super) fn fire(&self, place: usize) -> Fired {
        match self.serving[place] {
            Some((_, _, id)) => Fired::Served { id, server: place },
            None => Fired::Nothing,
        }
    }

    #[inline(always)]
    pub(super) fn release(&mut self, server: usize, moment: &mut Moment, busy: &mut Level) {
        if let Some(Reverse(next)) = self.waiting.pop() {
            return self.start(server, next, moment);
        }
        self.serving[server] = None;
        moment.plan(server, u64::MAX);
        self.idle += 1;
        busy.less(moment.now);
    }

    /// Places that it needs on the agenda.
    pub(super) fn places(&self) -> usize {
        self.serving.len()
    }
}
