//! The servers of a station that serve one customer each. Server `i` has place `i` of the station
//! on the agenda: when it will be done.

use crate::agenda::Moment;
use crate::draw::LONGEST_NS;
use crate::idle::Idle;

/// Nobody is at the server.
const NOBODY: u32 = u32::MAX;
/// The server is away: on vacation, or being set up.
const AWAY: u32 = u32::MAX - 1;

/// What a server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Serving this customer.
    Serving(u32),
    /// Something of its own.
    Away,
}

/// Servers and whom they serve.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    customer: Vec<u32>,
    idle: Idle,
    /// By server, fastest first; empty if all have speed 1.
    speeds: Vec<f64>,
}

impl Servers {
    /// Idle servers; `speeds` is empty or has one entry per server.
    pub(super) fn new(count: u32, mut speeds: Vec<f64>) -> Servers {
        let count = count as usize;
        // The fastest idle server is the first one then.
        speeds.sort_by(|a, b| b.total_cmp(a));
        Servers {
            customer: vec![NOBODY; count],
            idle: Idle::all(count),
            speeds,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.customer.len()
    }

    /// An idle server, the fastest; `None` if there is none.
    #[inline(always)]
    pub(super) fn idle(&self) -> Option<usize> {
        self.idle.first()
    }

    /// Idle servers, the fastest first.
    pub(super) fn idle_ones(&self) -> impl Iterator<Item = usize> + '_ {
        let servers = self.customer.iter().enumerate();
        servers.filter_map(|(server, &id)| (id == NOBODY).then_some(server))
    }

    /// Servers that are neither idle nor away, with their customers.
    pub(super) fn serving(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let busy = self.customer.iter().copied().enumerate();
        busy.filter(|&(_, id)| id != NOBODY && id != AWAY)
    }

    /// Time that the server needs for this much work of a server of speed 1.
    #[inline(always)]
    pub(super) fn time_for(&self, server: usize, work: u64) -> u64 {
        match self.speeds.get(server) {
            // Work stays below 2^61, where doubles are whole enough.
            Some(speed) => ((work as f64 / speed).round() as u64).min(LONGEST_NS),
            None => work,
        }
    }

    /// Work of a server of speed 1 that the server does in this time.
    pub(super) fn work_in(&self, server: usize, time: u64) -> u64 {
        match self.speeds.get(server) {
            Some(speed) => (time as f64 * speed).round() as u64,
            None => time,
        }
    }

    /// The server is idle no more.
    #[inline(always)]
    pub(super) fn wake(&mut self, server: usize) {
        self.idle.remove(server);
    }

    /// The server, which is not idle, has this customer until `done`.
    #[inline(always)]
    pub(super) fn serve(&mut self, server: usize, id: u32, done: u64, moment: &mut Moment) {
        self.customer[server] = id;
        moment.plan(server, done);
    }

    /// The server is away until `back`.
    pub(super) fn send_away(&mut self, server: usize, back: u64, moment: &mut Moment) {
        self.idle.remove(server);
        self.serve(server, AWAY, back, moment);
    }

    /// The server has nothing to do.
    #[inline(always)]
    pub(super) fn rest(&mut self, server: usize, moment: &mut Moment) {
        self.customer[server] = NOBODY;
        self.idle.insert(server);
        moment.plan(server, u64::MAX);
    }

    /// What a server that is not idle is doing.
    #[inline(always)]
    pub(super) fn doing(&self, server: usize) -> Doing {
        match self.customer[server] {
            AWAY => Doing::Away,
            id => Doing::Serving(id),
        }
    }

    /// Whether the server has nothing to do.
    pub(super) fn is_idle(&self, server: usize) -> bool {
        self.customer[server] == NOBODY
    }
}
