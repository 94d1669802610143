//! What requests hold of a cache, and what they find there.

use super::BlockId;
use crate::content::Cursor;

/// Blocks that a running request holds.
#[derive(Debug, Default)]
pub struct Table {
    /// The blocks, where they have ids.
    pub(super) blocks: Vec<BlockId>,
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

    /// Forgets everything but the room it took.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
        (self.held, self.registered) = (0, 0);
        self.cursor = Cursor::default();
    }
}

/// The cached prefix of a sequence.
#[derive(Debug, Default)]
pub struct Found {
    /// Its blocks, where they have ids.
    pub(super) ids: Vec<BlockId>,
    pub(super) blocks: u32,
    pub(super) unreferenced: u32,
    /// Where the walk along the content stands: in the last block found or the first missed.
    pub(super) cursor: Cursor,
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

    /// Forgets everything but the room it took.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        (self.blocks, self.unreferenced) = (0, 0);
        self.cursor = Cursor::default();
    }
}
