//! A plain station whose servers are shared equally by all customers.

use std::cmp::Ordering;

use super::nearest::Nearest;
use super::station::Customer;
use crate::totals::Level;
use crate::virtual_time::{VirtualTime, WEIGHT_BITS};

/// The weight of everybody.
const ONE: u64 = 1 << WEIGHT_BITS;

/// Customers served together.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    servers: usize,
    time: VirtualTime,
    leaving: Nearest<Sharer>,
}

#[derive(Clone, Copy, Debug)]
struct Sharer {
    /// Virtual time of departure. Ties: who came to the network first.
    due: u128,
    customer: Customer,
}

impl PartialEq for Sharer {
    fn eq(&self, other: &Sharer) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sharer {}

impl PartialOrd for Sharer {
    #[inline(always)]
    fn partial_cmp(&self, other: &Sharer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sharer {
    #[inline(always)]
    fn cmp(&self, other: &Sharer) -> Ordering {
        let (one, other) = (
            (self.due, self.customer.number),
            (other.due, other.customer.number),
        );
        one.cmp(&other)
    }
}

impl Shared {
    /// So many servers without customers.
    pub(super) fn new(servers: u32) -> Shared {
        Shared {
            servers: servers as usize,
            time: VirtualTime::new(u64::from(servers)),
            leaving: Nearest::new(),
        }
    }

    /// Takes a customer in, now. When the next one leaves.
    #[inline(always)]
    pub(super) fn arrive(&mut self, customer: Customer, busy: &mut Level) -> u64 {
        let now = customer.arrived;
        self.time.advance(now);
        if self.leaving.len() < self.servers {
            busy.more(now);
        }
        let due = self.time.enter(customer.size, ONE);
        self.leaving.push(Sharer { due, customer });
        self.next()
    }

    /// The customer that leaves now, as planned, and when the next one does.
    #[inline(always)]
    pub(super) fn leave(&mut self, now: u64, busy: &mut Level) -> (Customer, u64) {
        self.time.advance(now);
        let sharer = self.leaving.pop().expect("somebody is to leave");
        self.time.leave(ONE);
        if self.leaving.len() < self.servers {
            busy.less(now);
        }
        (sharer.customer, self.next())
    }

    #[inline(always)]
    fn next(&self) -> u64 {
        let next = self.leaving.peek();
        next.map_or(u64::MAX, |next| self.time.when(next.due))
    }
}
