//! Virtual time of servers that all customers share, by equal or weighted shares of their speed.
//!
//! A customer of weight 1 that came at virtual time V with work x leaves when virtual time is
//! V + x; virtual time runs at the rate servers / (sum of weights), at most 1. It is kept in units of 2^-24 ns:
//! what a division leaves over is below that, once per event, however many share the server.

use crate::draw::LONGEST_NS;

/// Binary places of virtual nanoseconds.
const VIRTUAL_BITS: u32 = 24;
/// Binary places of weights.
pub(crate) const WEIGHT_BITS: u32 = 16;

/// k servers serve n customers at k / n of their speed each, but nobody faster than one server.
#[derive(Clone, Debug)]
pub(crate) struct VirtualTime {
    servers: u64,
    /// Sum over those present, with [`WEIGHT_BITS`] binary places.
    weight: u64,
    /// Virtual time, and when it was last brought up to date.
    now: u128,
    updated: u64,
}

impl VirtualTime {
    /// Nobody is present; time is 0.
    pub(crate) fn new(servers: u64) -> VirtualTime {
        VirtualTime {
            servers,
            weight: 0,
            now: 0,
            updated: 0,
        }
    }

    /// Brings virtual time up to date.
    #[inline(always)]
    pub(crate) fn advance(&mut self, now: u64) {
        let elapsed = now - self.updated;
        self.updated = now;
        if self.weight > 0 {
            let (weight, servers) = self.slowdown();
            self.now += divide(elapsed, servers, weight);
        }
    }

    /// A customer comes, now. The virtual time at which it has had all its work.
    #[inline(always)]
    pub(crate) fn enter(&mut self, work: u64, weight: u64) -> u128 {
        self.weight += weight;
        self.now + virtual_work(work, weight)
    }

    /// A customer leaves.
    #[inline(always)]
    pub(crate) fn leave(&mut self, weight: u64) {
        self.weight -= weight;
    }

    /// Nanoseconds per nanosecond of virtual time: a weight, with [`WEIGHT_BITS`] binary places, and
    /// the servers that share it. Kept apart, since their ratio is mostly not a whole number.
    #[inline(always)]
    fn slowdown(&self) -> (u64, u64) {
        if self.servers > 1 && self.weight >> WEIGHT_BITS < self.servers {
            return (1 << WEIGHT_BITS, 1);
        }
        (self.weight, self.servers)
    }

    /// When virtual time will be `due`, in ns, if nobody comes or goes.
    #[inline(always)]
    pub(crate) fn when(&self, due: u128) -> u64 {
        let left = due.saturating_sub(self.now);
        let (weight, servers) = self.slowdown();
        self.updated
            .saturating_add(multiply_up(left, weight, servers))
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
