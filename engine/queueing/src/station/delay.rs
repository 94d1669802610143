//! A server for everybody.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Fired;
use crate::agenda::Moment;
use crate::totals::Level;

/// A station where nobody waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Delay {
    /// When a customer will be done, its number and its handle.
    done: BinaryHeap<Reverse<(u64, u64, u32)>>,
}

impl Delay {
    pub(super) fn arrive(&mut self, id: u32, moment: &mut Moment, busy: &mut Level) {
        let now = moment.now;
        let customer = moment.pool.get_mut(id);
        customer.started = now;
        let done = now + customer.size;
        self.done.push(Reverse((done, customer.number, id)));
        busy.more(now);
        self.plan(moment);
    }

    pub(super) fn fire(&mut self, moment: &mut Moment) -> Fired {
        let Some(Reverse((_, _, id))) = self.done.pop() else {
            return Fired::Nothing;
        };
        self.plan(moment);
        Fired::Served { id, server: 0 }
    }

    fn plan(&self, moment: &mut Moment) {
        let next = self.done.peek();
        moment.plan(0, next.map_or(u64::MAX, |Reverse((done, ..))| *done));
    }
}
