//! Customers that leave when their service has not begun in time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::customer::Pool;
use crate::draw::Draws;

/// Deadlines of waiting customers.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    /// By class.
    draws: Vec<Option<Draws>>,
    /// Deadline, number of the wait and handle. Entries of customers whose service began are dropped when
    /// they come to the top.
    deadlines: BinaryHeap<Reverse<(u64, u64, u32)>>,
}

impl Patience {
    pub(super) fn new(draws: Vec<Option<Draws>>) -> Patience {
        Patience {
            draws,
            deadlines: BinaryHeap::new(),
        }
    }

    /// A customer begins to wait.
    pub(super) fn begin(&mut self, now: u64, id: u32, pool: &mut Pool) {
        if let Some(draws) = &mut self.draws[usize::from(pool.get(id).class)] {
            let deadline = now + draws.next_ns();
            self.deadlines
                .push(Reverse((deadline, pool.begin_wait(id), id)));
        }
    }

    /// The next customer to lose patience, and when. Drops deadlines of customers who no longer
    /// wait.
    pub(super) fn next(&mut self, pool: &Pool) -> Option<(u32, u64)> {
        while let Some(&Reverse((deadline, ticket, id))) = self.deadlines.peek() {
            let customer = pool.get(id);
            // A handle may have been given to somebody else meanwhile.
            if customer.ticket == ticket && !customer.gone {
                return Some((id, deadline));
            }
            self.deadlines.pop();
        }
        None
    }
}
