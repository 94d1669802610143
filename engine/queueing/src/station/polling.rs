//! One server that goes around the queues of the classes.

use std::collections::VecDeque;

use super::{Busy, Fired};
use crate::customer::Pool;
use crate::draw::Draws;
use crate::model::Visit;

/// A station whose classes have a queue each and share a server that walks.
#[derive(Clone, Debug)]
pub(super) struct Polling {
    visit: Visit,
    /// Time to the next queue, by the queue that is left.
    switchover: Vec<Draws>,
    queues: Vec<VecDeque<u32>>,
    /// The queue where the server is, or that it walks to.
    at: usize,
    /// How many more it serves there, under gated visits.
    admitted: usize,
    serving: Option<u32>,
    next: u64,
}

impl Polling {
    /// The server starts on its way to the first queue.
    pub(super) fn new(visit: Visit, mut switchover: Vec<Draws>) -> Polling {
        let last = switchover.len() - 1;
        let next = switchover[last].next_ns();
        Polling {
            visit,
            queues: vec![VecDeque::new(); switchover.len()],
            switchover,
            at: 0,
            admitted: 0,
            serving: None,
            next,
        }
    }

    pub(super) fn arrive(&mut self, id: u32, pool: &Pool) {
        self.queues[usize::from(pool.get(id).class)].push_back(id);
    }

    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn fire(&mut self, now: u64, pool: &mut Pool, busy: &mut Busy) -> Fired {
        let Some(id) = self.serving.take() else {
            self.admitted = self.queues[self.at].len();
            self.serve_or_walk(now, pool, busy);
            return Fired::Nothing;
        };
        busy.less(now);
        self.serve_or_walk(now, pool, busy);
        Fired::Served { id, server: 0 }
    }

    fn serve_or_walk(&mut self, now: u64, pool: &mut Pool, busy: &mut Busy) {
        let stays = self.visit == Visit::Exhaustive || self.admitted > 0;
        let queue = &mut self.queues[self.at];
        if let Some(id) = queue.front().copied().filter(|_| stays) {
            queue.pop_front();
            self.admitted = self.admitted.saturating_sub(1);
            let customer = pool.get_mut(id);
            customer.started = now;
            self.next = now + customer.size;
            self.serving = Some(id);
            return busy.more(now);
        }
        self.next = now + self.switchover[self.at].next_ns();
        self.at = (self.at + 1) % self.queues.len();
    }
}
