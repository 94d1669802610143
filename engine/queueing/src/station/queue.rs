//! One customer per server, and a service that has begun is completed.
//!
//! Places on the agenda: one per server, then one for the next loss of patience, then one for the
//! next failure or repair.

use super::Fired;
use super::breakdown::Breakdowns;
use super::line::Line;
use super::patience::Patience;
use super::servers::{Doing, Servers};
use crate::agenda::Moment;
use crate::customer::Pool;
use crate::draw::Draws;
use crate::totals::Level;

/// A station whose servers take customers one by one from a waiting line.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    servers: Servers,
    line: Line,
    /// Patience and absence, where there is any.
    extras: Option<Box<Extras>>,
}

/// What most queues do without.
#[derive(Clone, Debug)]
pub(super) struct Extras {
    pub(super) patience: Option<Patience>,
    pub(super) absence: Absence,
}

/// What servers do besides serving.
#[derive(Clone, Debug)]
pub(super) enum Absence {
    None,
    Vacations(Draws),
    Setup(Draws),
    Breakdowns(Box<Breakdowns>),
}

impl Queue {
    pub(super) fn new(servers: Servers, line: Line, extras: Extras) -> Queue {
        let plain = extras.patience.is_none() && matches!(extras.absence, Absence::None);
        Queue {
            servers,
            line,
            extras: (!plain).then(|| Box::new(extras)),
        }
    }

    /// Places that it needs on the agenda.
    pub(super) fn places(&self) -> usize {
        self.servers.count() + if self.extras.is_some() { 2 } else { 0 }
    }

    /// Where the next loss of patience is planned, if there ever is one.
    pub(super) fn patience_place(&self) -> Option<usize> {
        let extras = self.extras.as_ref()?;
        extras.patience.as_ref().map(|_| self.servers.count())
    }

    /// What is planned before anything has happened.
    pub(super) fn begin(&mut self, moment: &mut Moment) {
        let Some(extras) = &mut self.extras else {
            return;
        };
        if let Absence::Vacations(lengths) = &mut extras.absence {
            // An empty station's servers are all on vacation.
            while let Some(server) = self.servers.idle() {
                let back = moment.now + lengths.next_ns();
                self.servers.send_away(server, back, moment);
            }
        }
        self.plan_extras(moment);
    }

    #[inline(always)]
    pub(super) fn arrive(&mut self, id: u32, moment: &mut Moment, busy: &mut Level) {
        match self.servers.idle() {
            Some(server) if self.extras.is_none() => self.start(server, id, moment, busy),
            None if self.extras.is_none() => self.line.push(id, moment.pool),
            idle => self.arrive_with_extras(idle, id, moment, busy),
        }
    }

    fn arrive_with_extras(
        &mut self,
        idle: Option<usize>,
        id: u32,
        moment: &mut Moment,
        busy: &mut Level,
    ) {
        let Some(extras) = &mut self.extras else {
            return;
        };
        if let Some(server) = idle {
            match &mut extras.absence {
                Absence::None => return self.start(server, id, moment, busy),
                Absence::Setup(lengths) => {
                    let back = moment.now + lengths.next_ns();
                    self.servers.send_away(server, back, moment);
                }
                Absence::Breakdowns(breakdowns) => {
                    if let Some(server) = up_and_idle(&self.servers, breakdowns) {
                        return self.start(server, id, moment, busy);
                    }
                }
                // Servers on vacation are not idle.
                Absence::Vacations(_) => {}
            }
        }
        self.line.push(id, moment.pool);
        if let Some(patience) = &mut extras.patience {
            patience.begin(moment.now, id, moment.pool);
        }
        self.plan_extras(moment);
    }

    /// An idle server begins to serve.
    #[inline(always)]
    fn start(&mut self, server: usize, id: u32, moment: &mut Moment, busy: &mut Level) {
        busy.more(moment.now);
        self.servers.wake(server);
        self.serve(server, id, moment);
    }

    #[inline(always)]
    fn serve(&mut self, server: usize, id: u32, moment: &mut Moment) {
        let customer = moment.pool.get_mut(id);
        customer.started = moment.now;
        let done = moment.now + self.servers.time_for(server, customer.size);
        self.servers.serve(server, id, done, moment);
        if self.extras.is_some() {
            moment.pool.get_mut(id).ticket = 0;
            self.started(server, moment);
        }
    }

    fn started(&mut self, server: usize, moment: &mut Moment) {
        if let Some(extras) = &mut self.extras
            && let Absence::Breakdowns(breakdowns) = &mut extras.absence
        {
            breakdowns.busy(moment.now, server);
        }
        self.plan_extras(moment);
    }

    /// Enters the next loss of patience and the next failure or repair.
    fn plan_extras(&mut self, moment: &mut Moment) {
        let Some(extras) = &mut self.extras else {
            return;
        };
        if let Some(patience) = &mut extras.patience {
            let next = patience.next(moment.pool);
            let at = next.map_or(u64::MAX, |(_, at)| at);
            moment.plan(self.servers.count(), at);
        }
        if let Absence::Breakdowns(breakdowns) = &extras.absence {
            let at = breakdowns.next().map_or(u64::MAX, |(_, at)| at);
            moment.plan(self.servers.count() + 1, at);
        }
    }

    #[inline(always)]
    pub(super) fn fire(&mut self, place: usize, moment: &mut Moment, busy: &mut Level) -> Fired {
        if place >= self.servers.count() {
            return self.lose_or_change(place, moment, busy);
        }
        match self.servers.doing(place) {
            Doing::Serving(id) => Fired::Served { id, server: place },
            Doing::Away => {
                self.take_next(place, moment, busy);
                Fired::Nothing
            }
        }
    }

    /// A customer gives up, or a server fails or is repaired.
    fn lose_or_change(&mut self, place: usize, moment: &mut Moment, busy: &mut Level) -> Fired {
        let patience = self
            .extras
            .as_mut()
            .and_then(|extras| extras.patience.as_mut());
        let mut fired = Fired::Nothing;
        if place > self.servers.count() {
            self.fail_or_repair(moment, busy);
        } else if let Some(patience) = patience
            && let Some((id, _)) = patience.next(moment.pool)
        {
            self.line.leave(id, moment.pool);
            fired = Fired::Left { id };
        }
        self.plan_extras(moment);
        fired
    }

    /// The server, whose service has ended, lets its customer go and takes the next one.
    #[inline(always)]
    pub(super) fn release(&mut self, server: usize, moment: &mut Moment, busy: &mut Level) {
        if self.extras.is_some() {
            return self.release_with_extras(server, moment, busy);
        }
        match self.line.pop(moment.pool) {
            Some(id) => self.serve(server, id, moment),
            None => {
                busy.less(moment.now);
                self.servers.rest(server, moment);
            }
        }
    }

    fn release_with_extras(&mut self, server: usize, moment: &mut Moment, busy: &mut Level) {
        busy.less(moment.now);
        if let Some(extras) = &mut self.extras
            && let Absence::Breakdowns(breakdowns) = &mut extras.absence
        {
            breakdowns.rests(moment.now, server);
        }
        self.take_next(server, moment, busy);
        // The server may not age any more.
        self.plan_extras(moment);
    }

    /// The server, whose service has ended, keeps its customer.
    pub(super) fn block(&mut self, server: usize, moment: &mut Moment) {
        moment.plan(server, u64::MAX);
    }

    fn take_next(&mut self, server: usize, moment: &mut Moment, busy: &mut Level) {
        if let Some(extras) = &mut self.extras
            && let Absence::Breakdowns(breakdowns) = &extras.absence
            && breakdowns.is_down(server)
        {
            // It failed while it was blocked; its repair will take the next one.
            return self.servers.rest(server, moment);
        }
        if let Some(id) = self.line.pop(moment.pool) {
            return self.start(server, id, moment, busy);
        }
        if let Some(extras) = &mut self.extras
            && let Absence::Vacations(lengths) = &mut extras.absence
        {
            let back = moment.now + lengths.next_ns();
            return self.servers.send_away(server, back, moment);
        }
        self.servers.rest(server, moment);
    }

    fn fail_or_repair(&mut self, moment: &mut Moment, busy: &mut Level) {
        let Some(extras) = &mut self.extras else {
            return;
        };
        let Absence::Breakdowns(breakdowns) = &mut extras.absence else {
            return;
        };
        let Some((server, now)) = breakdowns.next() else {
            return;
        };
        let serving = !self.servers.is_idle(server);
        if !breakdowns.is_down(server) {
            // A blocked server has no service to interrupt.
            let done = moment.planned(server);
            let left = if done == u64::MAX { 0 } else { done - now };
            if left > 0 {
                moment.plan(server, u64::MAX);
                busy.less(now);
            }
            return breakdowns.fail(now, server, left);
        }
        let left = breakdowns.repair(now, server, serving);
        if left > 0 {
            busy.more(now);
            moment.plan(server, now + left);
        } else if !serving && let Some(id) = self.line.pop(moment.pool) {
            self.start(server, id, moment, busy);
        }
    }

    /// Time of service left at a server without a planned end: it is down, or blocked.
    fn interrupted(&self, server: usize) -> u64 {
        match self.extras.as_ref().map(|extras| &extras.absence) {
            Some(Absence::Breakdowns(breakdowns)) => breakdowns.service_left(server),
            _ => 0,
        }
    }

    /// Work done so far on customers who are still here, in ns of a server of speed 1. `done` is
    /// when a server will be done.
    pub(super) fn attained(&self, now: u64, done: impl Fn(usize) -> u64, pool: &Pool) -> u64 {
        let part = |(server, id): (usize, u32)| {
            let left = match done(server) {
                u64::MAX => self.interrupted(server),
                done => done - now,
            };
            let left = self.servers.work_in(server, left);
            pool.get(id).size.saturating_sub(left)
        };
        self.servers.serving().map(part).sum()
    }
}

/// The first server that is neither busy nor down.
fn up_and_idle(servers: &Servers, breakdowns: &Breakdowns) -> Option<usize> {
    let up = |server: &usize| !breakdowns.is_down(*server);
    servers.idle_ones().find(up)
}
