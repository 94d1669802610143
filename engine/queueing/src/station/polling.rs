//! One server that goes around the queues of the classes.

use std::collections::VecDeque;

use super::Fired;
use crate::agenda::Moment;
use crate::customer::Pool;
use crate::draw::Draws;
use crate::model::Visit;
use crate::totals::Level;

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
}

impl Polling {
    /// The server starts on its way to the first queue.
    pub(super) fn new(visit: Visit, switchover: Vec<Draws>) -> Polling {
        Polling {
            visit,
            queues: vec![VecDeque::new(); switchover.len()],
            switchover,
            at: 0,
            admitted: 0,
            serving: None,
        }
    }

    pub(super) fn arrive(&mut self, id: u32, pool: &Pool) {
        self.queues[usize::from(pool.get(id).class)].push_back(id);
    }

    /// What is planned before anything has happened.
    pub(super) fn begin(&mut self, moment: &mut Moment) {
        let last = self.switchover.len() - 1;
        let arrival = moment.now + self.switchover[last].next_ns();
        moment.plan(0, arrival);
    }

    pub(super) fn fire(&mut self, moment: &mut Moment, busy: &mut Level) -> Fired {
        let Some(id) = self.serving.take() else {
            self.admitted = self.queues[self.at].len();
            self.serve_or_walk(moment, busy);
            return Fired::Nothing;
        };
        busy.less(moment.now);
        self.serve_or_walk(moment, busy);
        Fired::Served { id, server: 0 }
    }

    fn serve_or_walk(&mut self, moment: &mut Moment, busy: &mut Level) {
        let stays = self.visit == Visit::Exhaustive || self.admitted > 0;
        let queue = &mut self.queues[self.at];
        if let Some(id) = queue.front().copied().filter(|_| stays) {
            queue.pop_front();
            self.admitted = self.admitted.saturating_sub(1);
            let customer = moment.pool.get_mut(id);
            customer.started = moment.now;
            let done = moment.now + customer.size;
            self.serving = Some(id);
            busy.more(moment.now);
            return moment.plan(0, done);
        }
        let arrival = moment.now + self.switchover[self.at].next_ns();
        self.at = (self.at + 1) % self.queues.len();
        moment.plan(0, arrival);
    }
}
