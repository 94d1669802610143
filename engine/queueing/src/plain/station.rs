//! Stations of plain networks.

use kendall_kernel::{Purpose, Rng, Streams};
use rand::RngExt;

use super::line::Line;
use crate::draw::Draws;
use crate::error::RunError;
use crate::idle::Idle;
use crate::model::{self, Absence, Joining, Servers, Target};
use crate::totals::{Level, Totals};

/// A station with a line and equal servers.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) service: Draws,
    /// The place of its first server.
    pub(super) base: usize,
    serving: Vec<Customer>,
    line: Line,
    idle: Idle,
    pub(super) next: Next,
    pub(super) busy: Level,
    pub(super) totals: Totals,
}

/// A customer at a station. Times in ns.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Customer {
    pub(super) number: u64,
    pub(super) born: u64,
    pub(super) arrived: u64,
    pub(super) started: u64,
    pub(super) size: u64,
}

/// Where customers go after a station.
#[derive(Clone, Debug)]
pub(super) enum Next {
    Exit,
    To(usize),
    /// Cumulative probabilities; above the last one, the customer leaves.
    Random(Vec<(f64, usize)>),
}

impl Next {
    /// `None` if customers go to a junction or change their class.
    fn new(route: &model::Route) -> Option<Next> {
        let station = |target: Target| match target {
            Target::Station(at) => Some(at),
            Target::Junction(_) => None,
        };
        Some(match crate::route::Route::new(route) {
            crate::route::Route::Exit => Next::Exit,
            crate::route::Route::To(target, _) => Next::To(station(target)?),
            crate::route::Route::Random(branches) => {
                let branches = branches.into_iter();
                let to = branches.map(|(below, target, _)| Some((below, station(target)?)));
                Next::Random(to.collect::<Option<_>>()?)
            }
        })
    }

    #[inline(always)]
    pub(super) fn choose(&self, rng: &mut Rng) -> Option<usize> {
        match self {
            Next::Exit => None,
            Next::To(station) => Some(*station),
            Next::Random(branches) => {
                let draw: f64 = rng.random();
                let taken = branches.iter().find(|(below, _)| draw < *below);
                taken.map(|(_, station)| *station)
            }
        }
    }
}

impl Station {
    /// The station at position `at`, whose first place on the agenda is `base`; `None` if
    /// something in it is not plain.
    pub(super) fn new(
        spec: &model::Station,
        at: usize,
        base: usize,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Option<Station>, RunError> {
        let (Some(next), Some(servers)) = (Next::new(&spec.next[0]), spec.server_count()) else {
            return Ok(None);
        };
        let line = Line::new(&spec.discipline, servers).filter(|_| is_plain(spec));
        let Some(line) = line else {
            return Ok(None);
        };
        // Shared servers have one place, and nobody of their own.
        let shared = matches!(line, Line::Shared(_));
        let own = if shared { 0 } else { servers as usize };
        let stream = crate::station::stream_source(at, 0);
        Ok(Some(Station {
            service: Draws::new(&spec.service[0], streams, stream, Purpose::Service, unit_s)?,
            base,
            serving: vec![Customer::default(); own],
            line,
            idle: Idle::all(own),
            next,
            busy: Level::default(),
            totals: Totals::default(),
        }))
    }

    /// Places on the agenda.
    pub(super) fn places(&self) -> usize {
        self.serving.len().max(1)
    }

    /// Takes a customer in, who has been counted. The place of which the next event changes, and
    /// when that will be. `done` is when the service at the first server will end.
    #[inline(always)]
    pub(super) fn admit(
        &mut self,
        customer: Customer,
        done: impl FnOnce() -> u64,
    ) -> Option<(usize, u64)> {
        let (now, position) = (customer.arrived, self.totals.arrivals);
        if let Some(server) = self.idle.first() {
            self.idle.remove(server);
            self.busy.more(now);
            self.line.begin(&customer, position);
            self.serving[server] = customer;
            return Some((server, now + customer.size));
        }
        match &mut self.line {
            Line::First(line) => {
                line.push_back(customer);
                None
            }
            Line::Urgent(urgent) => {
                let serving = &mut self.serving[0];
                let displaces = urgent.arrive(customer, position, serving, done());
                displaces.then_some((0, now + customer.size))
            }
            Line::Shared(shared) => Some((0, shared.arrive(customer, &mut self.busy))),
        }
    }

    /// Lets the customer go whose service ends at a server now. That customer, and when the next
    /// service will end there.
    #[inline(always)]
    pub(super) fn let_go(&mut self, server: usize, now: u64) -> (Customer, u64) {
        if let Line::Shared(shared) = &mut self.line {
            return shared.leave(now, &mut self.busy);
        }
        let serving = &mut self.serving[server];
        let customer = *serving;
        if let Some((next, left)) = self.line.pop(now) {
            *serving = next;
            return (customer, now + left);
        }
        self.idle.insert(server);
        self.busy.less(now);
        (customer, u64::MAX)
    }
}

/// Whether a station has nothing but a line and equal servers; which lines, is the line's matter.
pub(super) fn is_plain(station: &model::Station) -> bool {
    matches!(station.servers, Servers::Equal(_))
        && station.capacity.is_none()
        && station.joining == Joining::Always
        && station.absence == Absence::None
        && station.patience.iter().all(Option::is_none)
}
