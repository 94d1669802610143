//! The prefix of the request that would be admitted next.
//!
//! A blocked head of the queue is looked at in every step. Its lookup is kept: the blocks found
//! are watched, and only when one of them is evicted or changes between referenced and
//! unreferenced is the lookup done anew; otherwise only the first miss is tried again, and only
//! if blocks were registered since.

use super::{Instance, World};
use crate::content::{BlockKey, Cursor, Sequence};
use crate::kv::BlockId;
use crate::request::RequestId;

/// What the prefix cache holds of the head of the queue.
#[derive(Debug, Default)]
pub(super) struct HeadLookup {
    /// Whose prefix this is: its row and its length at the time; `None`: nobody's.
    subject: Option<(u32, u32)>,
    /// Leading blocks found.
    pub(super) hits: Vec<BlockId>,
    /// Where the walk along its content stands: in the last of them or the first missed.
    pub(super) cursor: Cursor,
    /// How many of them nobody references.
    pub(super) unreferenced: u32,
    /// Key of the first block that was not found, once computed.
    missed: Option<BlockKey>,
    /// Registrations in the pool when that was.
    registrations: u64,
    watching: bool,
}

impl Instance {
    /// Brings `self.head` up to date for a request of which `goal` tokens are to be computed: full
    /// blocks only, at least one token is left to compute (2.7).
    pub(super) fn look_up_head(&mut self, id: RequestId, goal: u32, world: &World<'_>) {
        let request = &world.requests[id];
        let subject = Some((request.row, goal));
        let broken = self.head.watching && self.pool.take_watch_broken();
        if self.head.subject != subject || broken {
            self.forget_head();
            self.head.subject = subject;
        } else if self.head.registrations == self.pool.registrations() {
            return;
        }
        self.head.registrations = self.pool.registrations();
        if !self.rules.caching {
            return;
        }
        let sequence = Sequence::of(world.trace, request.row as usize);
        let block_size = self.rules.block_size;
        let limit = (goal - 1) / block_size;
        while (self.head.hits.len() as u32) < limit {
            let end = (self.head.hits.len() as u32 + 1) * block_size;
            let key = match self.head.missed {
                Some(key) => key,
                None => sequence.prefix_key(&mut self.head.cursor, end),
            };
            let Some(block) = self.pool.lookup(key, self.head.hits.last().copied()) else {
                self.head.missed = Some(key);
                break;
            };
            self.head.missed = None;
            self.head.hits.push(block);
            self.head.unreferenced += u32::from(self.pool.is_unreferenced(block));
            if self.head.watching {
                self.pool.watch(&[block]);
            }
        }
    }

    /// Keeps the lookup for the next step, because the head was not admitted.
    pub(super) fn keep_head(&mut self) {
        if !self.head.watching {
            self.head.watching = true;
            self.pool.take_watch_broken();
            self.pool.watch(&self.head.hits);
        }
    }

    /// Drops the lookup, because the head left the queue or the cache changed.
    pub(super) fn forget_head(&mut self) {
        if self.head.watching {
            self.pool.unwatch(&self.head.hits);
        }
        self.head.watching = false;
        self.head.subject = None;
        self.head.hits.clear();
        self.head.cursor = Cursor::default();
        self.head.unreferenced = 0;
        self.head.missed = None;
    }
}
