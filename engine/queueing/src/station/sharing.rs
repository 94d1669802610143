//! All customers are served at once, by equal or weighted shares of the servers' speed.
//!
//! A customer of weight 1 that came at virtual time V with work x leaves when virtual time is
//! V + x; virtual time runs at the rate servers / (sum of weights), at most 1. It is kept in units of 2^-24 ns:
//! what a division leaves over is below that, once per event, however many share the server.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Fired;
use crate::agenda::Moment;
use crate::draw::LONGEST_NS;
use crate::totals::Level;

/// Binary places of virtual nanoseconds.
const VIRTUAL_BITS: u32 = 24;
/// Binary places of weights.
pub(super) const WEIGHT_BITS: u32 = 16;

/// A station whose servers are shared: k of them serve n customers at k / n of their speed each,
/// but nobody faster than one server.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    /// By class, with [`WEIGHT_BITS`] binary places.
    weights: Vec<u64>,
    servers: u64,
    /// Sum over those present.
    total_weight: u64,
    /// Virtual time, and when it was last brought up to date.
    virtual_now: u128,
    updated: u64,
    /// Virtual time of departure, number and handle.
    leaving: BinaryHeap<Reverse<(u128, u64, u32)>>,
}

impl Sharing {
    pub(super) fn new(weights: Vec<u64>, servers: u64) -> Sharing {
        Sharing {
            weights,
            servers,
            total_weight: 0,
            virtual_now: 0,
            updated: 0,
            leaving: BinaryHeap::new(),
        }
    }

    #[inline]
    pub(super) fn arrive(&mut self, id: u32, moment: &mut Moment, busy: &mut Level) {
        let now = moment.now;
        self.advance(now);
        if (self.leaving.len() as u64) < self.servers {
            busy.more(now);
        }
        let customer = moment.pool.get_mut(id);
        customer.started = now;
        let weight = self.weights[usize::from(customer.class)];
        self.total_weight += weight;
        let due = self.virtual_now + virtual_work(customer.size, weight);
        self.leaving.push(Reverse((due, customer.number, id)));
        self.plan(moment);
    }

    #[inline]
    pub(super) fn fire(&mut self, moment: &mut Moment, busy: &mut Level) -> Fired {
        let now = moment.now;
        self.advance(now);
        let Some(Reverse((_, _, id))) = self.leaving.pop() else {
            return Fired::Nothing;
        };
        self.total_weight -= self.weights[usize::from(moment.pool.get(id).class)];
        if (self.leaving.len() as u64) < self.servers {
            busy.less(now);
        }
        self.plan(moment);
        Fired::Served { id, server: 0 }
    }

    #[inline]
    fn advance(&mut self, now: u64) {
        let elapsed = now - self.updated;
        self.updated = now;
        if self.total_weight > 0 {
            let (weight, servers) = self.slowdown();
            self.virtual_now += divide(elapsed, servers, weight);
        }
    }

    /// Nanoseconds per nanosecond of virtual time: a weight, with [`WEIGHT_BITS`] binary places, and
    /// the servers that share it. Kept apart, since their ratio is mostly not a whole number.
    #[inline]
    fn slowdown(&self) -> (u64, u64) {
        if self.servers > 1 && self.total_weight >> WEIGHT_BITS < self.servers {
            return (1 << WEIGHT_BITS, 1);
        }
        (self.total_weight, self.servers)
    }

    /// Finds when the next customer leaves.
    #[inline]
    fn plan(&self, moment: &mut Moment) {
        let next = match self.leaving.peek() {
            None => u64::MAX,
            Some(Reverse((due, _, _))) => {
                let left = due.saturating_sub(self.virtual_now);
                let (weight, servers) = self.slowdown();
                self.updated
                    .saturating_add(multiply_up(left, weight, servers))
            }
        };
        moment.plan(0, next);
    }
}

/// Work of a customer of this weight in virtual time.
#[inline]
fn virtual_work(work: u64, weight: u64) -> u128 {
    if weight == 1 << WEIGHT_BITS {
        return u128::from(work) << VIRTUAL_BITS;
    }
    (u128::from(work) << (VIRTUAL_BITS + WEIGHT_BITS)) / u128::from(weight)
}

/// Virtual time that passes in `elapsed` ns, rounded down.
#[inline]
fn divide(elapsed: u64, servers: u64, weight: u64) -> u128 {
    const SHIFT: u32 = VIRTUAL_BITS + WEIGHT_BITS;
    // A division of 64 bits takes a third of the time of one of 128.
    let sharers = weight >> WEIGHT_BITS;
    let work = elapsed.saturating_mul(servers);
    if sharers << WEIGHT_BITS == weight && work < 1 << (64 - VIRTUAL_BITS) {
        return u128::from((work << VIRTUAL_BITS) / sharers);
    }
    ((u128::from(elapsed) * u128::from(servers)) << SHIFT) / u128::from(weight)
}

/// Nanoseconds until so much virtual time has passed, rounded up.
#[inline]
fn multiply_up(left: u128, weight: u64, servers: u64) -> u64 {
    const SHIFT: u32 = VIRTUAL_BITS + WEIGHT_BITS;
    let whole = left.saturating_mul(u128::from(weight));
    let up = match servers {
        1 => whole.saturating_add((1 << SHIFT) - 1) >> SHIFT,
        _ => whole.div_ceil(u128::from(servers) << SHIFT),
    };
    u64::try_from(up).map_or(LONGEST_NS, |up| up.min(LONGEST_NS))
}
