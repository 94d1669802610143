//! When the servers of a queue will be done.

use kendall_kernel::SlotTree;

/// The time of the next event of each server; `u64::MAX` of one that is idle.
pub(super) trait Departures {
    /// The server that is done next, of several the lowest, and when; any if all are idle.
    fn next(&self) -> (usize, u64);

    /// Replaces the time of a server.
    fn set(&mut self, server: usize, time: u64);
}

/// That of a single server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Single(pub(super) u64);

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
