//! When the servers of a station will be done.

use kendall_kernel::SlotTree;

/// The time at which each server is done; `u64::MAX` of one that never is.
pub(crate) trait Departures {
    /// The server that is done first, of several the lowest, and when; any if none ever is.
    fn next(&self) -> (usize, u64);

    /// Replaces the time of a server.
    fn set(&mut self, server: usize, time: u64);
}

/// Servers, which know their number when they are made.
#[derive(Clone, Debug)]
pub(crate) enum Servers {
    One(Single),
    Many(SlotTree),
}

/// The time of a single server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Single(u64);

impl Servers {
    /// So many servers, all done at the same time. O(servers log servers).
    pub(crate) fn new(servers: usize, time: u64) -> Servers {
        if servers == 1 {
            return Servers::One(Single(time));
        }
        let mut tree = SlotTree::new(servers);
        (0..servers).for_each(|server| tree.put(server, time));
        Servers::Many(tree)
    }

    /// When a server is done.
    pub(crate) fn get(&self, server: usize) -> u64 {
        match self {
            Servers::One(Single(time)) => *time,
            Servers::Many(tree) => tree.get(server).unwrap_or(u64::MAX),
        }
    }
}

impl Departures for Single {
    #[inline(always)]
    fn next(&self) -> (usize, u64) {
        (0, self.0)
    }

    #[inline(always)]
    fn set(&mut self, _: usize, time: u64) {
        self.0 = time;
    }
}

impl Departures for SlotTree {
    #[inline(always)]
    fn next(&self) -> (usize, u64) {
        self.min().unwrap_or((0, u64::MAX))
    }

    #[inline(always)]
    fn set(&mut self, server: usize, time: u64) {
        self.put(server, time);
    }
}
