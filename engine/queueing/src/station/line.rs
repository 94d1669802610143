//! Customers that wait for a server, in the order in which they will get one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use kendall_kernel::Rng;
use rand::RngExt;

use crate::customer::Pool;

/// Entries of customers that left a line without service are kept until there are this many more
/// of them than of the others.
const KEPT: usize = 64;

/// A waiting line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    order: Order,
    /// Customers waiting; the order may list more, who have left.
    waiting: usize,
    /// Customers listed who have left.
    gone: usize,
}

#[derive(Clone, Debug)]
enum Order {
    First(VecDeque<u32>),
    Last(Vec<u32>),
    Random(Vec<u32>, Box<Rng>),
    /// By a key, then by arrival.
    Keyed(BinaryHeap<Reverse<Keyed>>, Key, u64),
}

/// A key, the position of the arrival, and whose they are.
type Keyed = (u64, u64, u32);

/// What a keyed line is sorted by, lower first.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// Size of the service.
    Size,
    /// A rank by class.
    Rank(Vec<u32>),
}

impl Line {
    pub(super) fn first() -> Line {
        Line::new(Order::First(VecDeque::new()))
    }

    pub(super) fn last() -> Line {
        Line::new(Order::Last(Vec::new()))
    }

    pub(super) fn random(rng: Rng) -> Line {
        Line::new(Order::Random(Vec::new(), Box::new(rng)))
    }

    pub(super) fn keyed(key: Key) -> Line {
        Line::new(Order::Keyed(BinaryHeap::new(), key, 0))
    }

    fn new(order: Order) -> Line {
        Line {
            order,
            waiting: 0,
            gone: 0,
        }
    }

    /// Lets a customer wait.
    #[inline(always)]
    pub(super) fn push(&mut self, id: u32, pool: &Pool) {
        self.waiting += 1;
        match &mut self.order {
            Order::First(line) => line.push_back(id),
            Order::Last(line) | Order::Random(line, _) => line.push(id),
            Order::Keyed(line, key, arrivals) => {
                let customer = pool.get(id);
                let key = match key {
                    Key::Size => customer.size,
                    Key::Rank(ranks) => u64::from(ranks[usize::from(customer.class)]),
                };
                line.push(Reverse((key, *arrivals, id)));
                *arrivals += 1;
            }
        }
    }

    /// The next customer to be served.
    #[inline(always)]
    pub(super) fn pop(&mut self, pool: &mut Pool) -> Option<u32> {
        if self.waiting == 0 {
            return None;
        }
        loop {
            let id = self.pop_listed()?;
            if self.gone == 0 || !pool.get(id).gone {
                self.waiting -= 1;
                return Some(id);
            }
            self.gone -= 1;
            pool.remove(id);
        }
    }

    /// The next entry, whether its customer has left or not.
    #[inline(always)]
    fn pop_listed(&mut self) -> Option<u32> {
        match &mut self.order {
            Order::First(line) => line.pop_front(),
            Order::Last(line) => line.pop(),
            Order::Random(line, rng) => {
                if line.is_empty() {
                    return None;
                }
                let at = rng.random_range(0..line.len());
                Some(line.swap_remove(at))
            }
            Order::Keyed(line, ..) => line.pop().map(|Reverse((_, _, id))| id),
        }
    }

    /// A waiting customer leaves; its handle is free once the line has forgotten it, so the
    /// caller must not free it.
    pub(super) fn leave(&mut self, id: u32, pool: &mut Pool) {
        pool.get_mut(id).gone = true;
        self.waiting -= 1;
        self.gone += 1;
        if self.gone > self.waiting + KEPT {
            self.forget_gone(pool);
        }
    }

    fn forget_gone(&mut self, pool: &mut Pool) {
        let mut stays = |id: u32| {
            let gone = pool.get(id).gone;
            if gone {
                pool.remove(id);
            }
            !gone
        };
        match &mut self.order {
            Order::First(line) => line.retain(|&id| stays(id)),
            Order::Last(line) | Order::Random(line, _) => line.retain(|&id| stays(id)),
            Order::Keyed(line, ..) => line.retain(|Reverse((_, _, id))| stays(*id)),
        }
        self.gone = 0;
    }
}
