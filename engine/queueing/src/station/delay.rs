//! A server for everybody.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Busy, Fired};
use crate::customer::Pool;

/// A station where nobody waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Delay {
    /// When a customer will be done, its number and its handle.
    done: BinaryHeap<Reverse<(u64, u64, u32)>>,
}

impl Delay {
    #[inline]
    pub(super) fn arrive(&mut self, now: u64, id: u32, pool: &mut Pool, busy: &mut Busy) {
        let customer = pool.get_mut(id);
        customer.started = now;
        let done = now + customer.size;
        self.done.push(Reverse((done, customer.number, id)));
        busy.more(now);
    }

    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.done
            .peek()
            .map_or(u64::MAX, |Reverse((done, ..))| *done)
    }

    #[inline]
    pub(super) fn fire(&mut self, now: u64, busy: &mut Busy) -> Fired {
        match self.done.pop() {
            Some(Reverse((_, _, id))) => {
                busy.less(now);
                Fired::Served { id, server: 0 }
            }
            None => Fired::Nothing,
        }
    }
}
