//! All customers are served at once, by equal or weighted shares of the servers' speed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Fired;
use crate::agenda::Moment;
use crate::totals::Level;
use crate::virtual_time::VirtualTime;

/// A station whose servers are shared.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    /// By class, with [`WEIGHT_BITS`](crate::virtual_time::WEIGHT_BITS) binary places.
    weights: Vec<u64>,
    servers: u64,
    time: VirtualTime,
    /// Virtual time of departure, number and handle.
    leaving: BinaryHeap<Reverse<(u128, u64, u32)>>,
}

impl Sharing {
    pub(super) fn new(weights: Vec<u64>, servers: u64) -> Sharing {
        Sharing {
            weights,
            servers,
            time: VirtualTime::new(servers),
            leaving: BinaryHeap::new(),
        }
    }

    #[inline]
    pub(super) fn arrive(&mut self, id: u32, moment: &mut Moment, busy: &mut Level) {
        let now = moment.now;
        self.time.advance(now);
        if (self.leaving.len() as u64) < self.servers {
            busy.more(now);
        }
        let customer = moment.pool.get_mut(id);
        customer.started = now;
        let weight = self.weights[usize::from(customer.class)];
        let due = self.time.enter(customer.size, weight);
        self.leaving.push(Reverse((due, customer.number, id)));
        self.plan(moment);
    }

    #[inline]
    pub(super) fn fire(&mut self, moment: &mut Moment, busy: &mut Level) -> Fired {
        let now = moment.now;
        self.time.advance(now);
        let Some(Reverse((_, _, id))) = self.leaving.pop() else {
            return Fired::Nothing;
        };
        let class = moment.pool.get(id).class;
        self.time.leave(self.weights[usize::from(class)]);
        if (self.leaving.len() as u64) < self.servers {
            busy.less(now);
        }
        self.plan(moment);
        Fired::Served { id, server: 0 }
    }

    /// Finds when the next customer leaves.
    #[inline]
    fn plan(&self, moment: &mut Moment) {
        let next = self.leaving.peek();
        let next = next.map_or(u64::MAX, |Reverse((due, ..))| self.time.when(*due));
        moment.plan(0, next);
    }
}
