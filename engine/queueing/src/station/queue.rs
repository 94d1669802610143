//! One customer per server, and a service that has begun is completed.

use super::breakdown::Breakdowns;
use super::line::Line;
use super::patience::Patience;
use super::servers::{Doing, Servers};
use super::{Busy, Fired};
use crate::customer::Pool;
use crate::draw::Draws;

/// A station whose servers take customers one by one from a waiting line.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    servers: Servers,
    line: Line,
    patience: Option<Box<Patience>>,
    absence: Absence,
}

/// What servers do besides serving.
#[derive(Clone, Debug)]
pub(super) enum Absence {
    None,
    Vacations(Box<Draws>),
    Setup(Box<Draws>),
    Breakdowns(Box<Breakdowns>),
}

impl Queue {
    pub(super) fn new(
        servers: Servers,
        line: Line,
        patience: Option<Patience>,
        absence: Absence,
    ) -> Queue {
        let mut queue = Queue {
            servers,
            line,
            patience: patience.map(Box::new),
            absence,
        };
        if let Absence::Vacations(lengths) = &mut queue.absence {
            // An empty station's servers are all on vacation.
            while let Some(server) = queue.servers.idle() {
                queue.servers.send_away(server, lengths.next_ns());
            }
        }
        queue
    }

    #[inline]
    pub(super) fn arrive(&mut self, now: u64, id: u32, pool: &mut Pool, busy: &mut Busy) {
        if let Some(server) = self.servers.idle() {
            match &mut self.absence {
                Absence::None => return self.start(now, server, id, pool, busy),
                Absence::Setup(lengths) => {
                    let back = now + lengths.next_ns();
                    self.servers.send_away(server, back);
                }
                Absence::Breakdowns(breakdowns) => {
                    if let Some(server) = up_and_idle(&self.servers, breakdowns) {
                        return self.start(now, server, id, pool, busy);
                    }
                }
                // Servers on vacation are not idle.
                Absence::Vacations(_) => {}
            }
        }
        self.line.push(id, pool);
        if let Some(patience) = &mut self.patience {
            patience.begin(now, id, pool);
        }
    }

    #[inline]
    fn start(&mut self, now: u64, server: usize, id: u32, pool: &mut Pool, busy: &mut Busy) {
        let customer = pool.get_mut(id);
        customer.started = now;
        let done = now + self.servers.time_for(server, customer.size);
        self.servers.serve(server, id, done);
        busy.more(now);
        if let Absence::Breakdowns(breakdowns) = &mut self.absence {
            breakdowns.busy(now, server);
        }
        self.settle(pool);
    }

    /// Time of the next event; `u64::MAX` if nothing is to happen.
    #[inline]
    pub(super) fn next(&self) -> u64 {
        let done = self.servers.next().map_or(u64::MAX, |(_, done)| done);
        let done = match &self.patience {
            Some(patience) => patience.next().map_or(done, |(_, at)| at.min(done)),
            None => done,
        };
        match &self.absence {
            Absence::Breakdowns(b) => b.next().map_or(done, |(_, at)| at.min(done)),
            _ => done,
        }
    }

    #[inline]
    pub(super) fn fire(&mut self, now: u64, pool: &mut Pool, busy: &mut Busy) -> Fired {
        if let Some((server, done)) = self.servers.next()
            && done == now
        {
            return match self.servers.doing(server) {
                Doing::Serving(id) => Fired::Served { id, server },
                Doing::Away => {
                    self.take_next(now, server, pool, busy);
                    Fired::Nothing
                }
            };
        }
        if let Some(patience) = &mut self.patience
            && let Some((id, at)) = patience.next()
            && at == now
        {
            patience.pop();
            self.line.leave(id, pool);
            self.settle(pool);
            return Fired::Left { id };
        }
        self.fail_or_repair(now, pool, busy);
        Fired::Nothing
    }

    /// The server, whose service has ended, lets its customer go and takes the next one.
    #[inline]
    pub(super) fn release(&mut self, now: u64, server: usize, pool: &mut Pool, busy: &mut Busy) {
        busy.less(now);
        if let Absence::Breakdowns(breakdowns) = &mut self.absence {
            breakdowns.rests(now, server);
        }
        self.take_next(now, server, pool, busy);
    }

    /// The server, whose service has ended, keeps its customer.
    pub(super) fn block(&mut self, server: usize) {
        self.servers.hold(server);
    }

    #[inline]
    fn take_next(&mut self, now: u64, server: usize, pool: &mut Pool, busy: &mut Busy) {
        if let Absence::Breakdowns(breakdowns) = &self.absence
            && breakdowns.is_down(server)
        {
            // It failed while it was blocked; its repair will take the next one.
            return self.servers.rest(server);
        }
        if let Some(id) = self.line.pop(pool) {
            return self.start(now, server, id, pool, busy);
        }
        match &mut self.absence {
            Absence::Vacations(lengths) => {
                let back = now + lengths.next_ns();
                self.servers.send_away(server, back);
            }
            _ => self.servers.rest(server),
        }
    }

    #[inline]
    fn settle(&mut self, pool: &Pool) {
        if let Some(patience) = &mut self.patience {
            patience.settle(pool);
        }
    }

    fn fail_or_repair(&mut self, now: u64, pool: &mut Pool, busy: &mut Busy) {
        let Absence::Breakdowns(breakdowns) = &mut self.absence else {
            return;
        };
        let Some((server, _)) = breakdowns.next() else {
            return;
        };
        let serving = !self.servers.is_idle(server);
        if !breakdowns.is_down(server) {
            // A blocked server has no service to interrupt.
            let left = self.servers.done_at(server).map_or(0, |done| done - now);
            if left > 0 {
                self.servers.hold(server);
                busy.less(now);
            }
            return breakdowns.fail(now, server, left);
        }
        let left = breakdowns.repair(now, server, serving);
        if left > 0 {
            busy.more(now);
            self.servers.resume(server, now + left);
        } else if !serving && let Some(id) = self.line.pop(pool) {
            self.start(now, server, id, pool, busy);
        }
    }

    /// Work done so far on customers who are still here, in ns of a server of speed 1.
    pub(super) fn attained(&self, now: u64, pool: &Pool) -> u64 {
        let part = |(server, id): (usize, u32)| {
            let left = self.servers.done_at(server).map_or(0, |done| done - now);
            pool.get(id)
                .size
                .saturating_sub(self.servers.work_in(server, left))
        };
        self.servers.serving().map(part).sum()
    }
}

/// The first server that is neither busy nor down.
fn up_and_idle(servers: &Servers, breakdowns: &Breakdowns) -> Option<usize> {
    servers
        .idle_ones()
        .find(|&server| !breakdowns.is_down(server))
}
