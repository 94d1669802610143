//! What requests hold of a cache, and what they find there.

use super::BlockId;
use super::segments::SegmentId;
use crate::content::Cursor;

/// Consecutive blocks that begin with a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The segment that contains the first block; others may have been split off its far end.
    pub(super) segment: SegmentId,
    /// Number of the first block in the sequence.
    pub(super) first: u32,
    pub(super) blocks: u32,
}

impl Part {
    /// Number of the block behind the last one.
    pub(super) fn end(&self) -> u32 {
        self.first + self.blocks
    }
}

/// Blocks that a running request holds.
#[derive(Debug, Default)]
pub struct Table {
    /// The blocks, where they have ids.
    pub(super) blocks: Vec<BlockId>,
    /// The blocks whose content is known, where they have no ids; each part begins with a segment.
    pub(super) parts: Vec<Part>,
    /// Number of blocks.
    pub(super) held: u32,
    /// Leading blocks whose content is known to the cache.
    pub(super) registered: u32,
    /// Where the walk along the content stands: behind the registered blocks.
    pub(super) cursor: Cursor,
}

impl Table {
    /// Number of blocks held.
    #[must_use]
    pub fn held(&self) -> u32 {
        self.held
    }

    /// Leading blocks whose content is known to the cache.
    #[must_use]
    pub fn registered(&self) -> u32 {
        self.registered
    }

    /// Physical ids of the blocks, if the cache knows them.
    #[must_use]
    pub fn block_ids(&self) -> &[BlockId] {
        &self.blocks
    }

    /// Learns of blocks that were taken for it: it holds `held` now, unless it held more.
    pub(super) fn catch_up(&mut self, held: u32) {
        self.held = self.held.max(held);
    }

    /// Forgets everything but the room it took.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
        self.parts.clear();
        (self.held, self.registered) = (0, 0);
        self.cursor = Cursor::default();
    }
}

/// The cached prefix of a sequence.
#[derive(Debug, Default)]
pub struct Found {
    /// Its blocks, where they have ids.
    pub(super) ids: Vec<BlockId>,
    /// Its blocks, where they have none.
    pub(super) parts: Vec<Part>,
    pub(super) blocks: u32,
    pub(super) unreferenced: u32,
    /// Where the walk along the content stands: in the last block found or the first missed.
    pub(super) cursor: Cursor,
    /// Version of the cache at the time.
    pub(super) version: u64,
}

impl Found {
    /// Number of blocks found.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// How many of them nobody references.
    #[must_use]
    pub fn unreferenced(&self) -> u32 {
        self.unreferenced
    }

    /// Version of the cache at the time; while the cache has it, the same would be found again.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn push(&mut self, part: Part, unreferenced: bool) {
        self.parts.push(part);
        self.blocks += part.blocks;
        if unreferenced {
            self.unreferenced += part.blocks;
        }
    }

    /// Forgets everything but the room it took.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.parts.clear();
        (self.blocks, self.unreferenced) = (0, 0);
        self.cursor = Cursor::default();
    }
}
