//! The servers of a station that serve one customer each.

use kendall_kernel::SlotTree;

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

/// Servers, with the time at which each of them will be done.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    done: SlotTree,
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
            done: SlotTree::new(count),
            customer: vec![NOBODY; count],
            idle: Idle::all(count),
            speeds,
        }
    }

    /// An idle server, the fastest; `None` if there is none.
    #[inline]
    pub(super) fn idle(&self) -> Option<usize> {
        self.idle.first()
    }

    /// Idle servers, the fastest first.
    pub(super) fn idle_ones(&self) -> impl Iterator<Item = usize> + '_ {
        let servers = self.customer.iter().enumerate();
        servers.filter_map(|(server, &id)| (id == NOBODY).then_some(server))
    }

    /// Servers that are neither idle nor away.
    pub(super) fn serving(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let busy = self.customer.iter().copied().enumerate();
        busy.filter(|&(_, id)| id != NOBODY && id != AWAY)
    }

    /// Time that the server needs for this much work of a server of speed 1.
    #[inline]
    pub(super) fn time_for(&self, server: usize, work: u64) -> u64 {
        match self.speeds.get(server) {
            // Work stays below 2^61, where doubles are whole enough; slower servers saturate.
            Some(speed) => (work as f64 / speed).round() as u64,
            None => work,
        }
    }

    /// Work of a server of speed 1 that the server does in this time.
    #[inline]
    pub(super) fn work_in(&self, server: usize, time: u64) -> u64 {
        match self.speeds.get(server) {
            Some(speed) => (time as f64 * speed).round() as u64,
            None => time,
        }
    }

    /// The server, idle or done, has this customer until `done`.
    #[inline]
    pub(super) fn serve(&mut self, server: usize, id: u32, done: u64) {
        self.customer[server] = id;
        self.idle.remove(server);
        self.done.set(server, done);
    }

    /// The server is away until `back`.
    pub(super) fn send_away(&mut self, server: usize, back: u64) {
        self.serve(server, AWAY, back);
    }

    /// The server has nothing to do.
    #[inline]
    pub(super) fn rest(&mut self, server: usize) {
        self.customer[server] = NOBODY;
        self.idle.insert(server);
        self.done.clear(server);
    }

    /// The server keeps its customer, but will not be done until told again. Returns when it
    /// would have been.
    #[inline]
    pub(super) fn hold(&mut self, server: usize) -> Option<u64> {
        self.done.clear(server)
    }

    /// The server that is held goes on until `done`.
    pub(super) fn resume(&mut self, server: usize, done: u64) {
        self.done.set(server, done);
    }

    /// What a server that is not idle is doing.
    #[inline]
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

    /// When the server will be done; `None` if it is idle or held.
    pub(super) fn done_at(&self, server: usize) -> Option<u64> {
        self.done.get(server)
    }

    /// The first server to be done, and when; the lowest one among equals.
    #[inline]
    pub(super) fn next(&self) -> Option<(usize, u64)> {
        self.done.min()
    }
}

/// A set of servers, the lowest at hand.
#[derive(Clone, Debug)]
struct Idle {
    words: Vec<u64>,
}

impl Idle {
    fn all(count: usize) -> Idle {
        let mut idle = Idle {
            words: vec![0; count.div_ceil(64)],
        };
        (0..count).for_each(|server| idle.insert(server));
        idle
    }

    #[inline]
    fn insert(&mut self, server: usize) {
        self.words[server / 64] |= 1 << (server % 64);
    }

    #[inline]
    fn remove(&mut self, server: usize) {
        self.words[server / 64] &= !(1 << (server % 64));
    }

    #[inline]
    fn first(&self) -> Option<usize> {
        let (at, word) = self
            .words
            .iter()
            .enumerate()
            .find(|(_, word)| **word != 0)?;
        Some(at * 64 + word.trailing_zeros() as usize)
    }
}
