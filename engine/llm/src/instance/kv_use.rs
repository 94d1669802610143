//! KV blocks in use, integrated over the time of the steps.

use super::decode::BlockMoments;
use crate::step_times::StepTimes;

/// Integral and maximum of the blocks in use. Blocks are held only while a step is in flight: an
/// instance without one has nobody running.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KvUse {
    /// In blocks times 2^-32 ns; at most 2^32 blocks over 2^64 ns.
    integral: u128,
    max: u32,
}

impl KvUse {
    /// Adds steps of which the first uses `used` blocks and the others take more.
    pub(super) fn pass(&mut self, used: u32, taken: &BlockMoments, times: &StepTimes) {
        let line = times.line();
        let blocks = u128::from(used) + taken.blocks;
        // A block that step `i` takes is not in use during the `i` steps before.
        let unused = line.first * taken.steps + line.slope * taken.pairs;
        self.integral += blocks * line.total(times.steps()) - unused;
        self.max = self.max.max(blocks as u32);
    }

    /// Adds `units` of 2^-32 ns during which `used` blocks are in use.
    pub(super) fn hold(&mut self, used: u32, units: u128) {
        self.integral += u128::from(used) * units;
        self.max = self.max.max(used);
    }

    /// The integral in blocks times nanoseconds, rounded down.
    pub(super) fn block_ns(&self) -> u128 {
        self.integral >> 32
    }

    /// The most blocks in use at once.
    pub(super) fn max(&self) -> u32 {
        self.max
    }
}
