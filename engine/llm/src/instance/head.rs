//! The prefix of the request that would be admitted next.
//!
//! A blocked head of the queue is looked at in every step. Its lookup is kept and repeated only if
//! the cache has changed in a way that it could show.

use super::{Instance, World};
use crate::kv::Found;
use crate::request::RequestId;

/// What the prefix cache holds of the head of the queue.
#[derive(Debug, Default)]
pub(super) struct HeadLookup {
    /// Whose prefix this is: its row and its length at the time; `None`: nobody's.
    subject: Option<(u32, u32)>,
    found: Found,
}

impl HeadLookup {
    /// What was found.
    pub(super) fn found(&self) -> &Found {
        &self.found
    }

    /// Leading blocks found.
    pub(super) fn blocks(&self) -> u32 {
        self.found.blocks()
    }

    /// How many of them nobody references.
    pub(super) fn unreferenced(&self) -> u32 {
        self.found.unreferenced()
    }
}

impl Instance {
    /// Brings `self.head` up to date for a request of which `goal` tokens are to be computed: full
    /// blocks only, at least one token is left to compute (2.7).
    pub(super) fn look_up_head(&mut self, id: RequestId, goal: u32, world: &World<'_>) {
        if !self.rules.caching {
            return;
        }
        let row = world.requests[id].row;
        let subject = Some((row, goal));
        if self.head.subject == subject && self.head.found.version() == self.pool.version() {
            return;
        }
        self.head.subject = subject;
        let sequence = world.rows.sequence(world.requests[id].at);
        let limit = (goal - 1) / self.rules.block_size;
        self.pool.find(&sequence, limit, &mut self.head.found);
    }
}
