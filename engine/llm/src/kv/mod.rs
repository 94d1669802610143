//! The paged KV cache of one instance: blocks, who holds them, what they contain.
//!
//! What a scheduler sees of it is how many blocks are free, which prefix of a sequence is cached,
//! and that cached content is given up in a certain order. Which physical block holds what shows
//! nowhere, except to observers of single steps.

mod free_list;
mod pool;
mod segments;
mod table;

pub use pool::{BlockId, BlockPool};
pub use segments::Segments;
use table::Part;
pub use table::{Found, Table};

use crate::content::Sequence;

/// The KV cache of one instance.
///
/// Invariant: free + used = usable, always.
#[derive(Debug)]
pub enum KvCache {
    /// Block by block, with physical block ids.
    Blocks(BlockPool),
    /// In segments, which have none.
    Segments(Segments),
}

impl KvCache {
    /// A cache of `blocks` physical blocks of `block_size` tokens; with `null_block`, block 0 is
    /// never given out.
    #[must_use]
    pub fn with_block_ids(blocks: u32, null_block: bool, block_size: u32) -> KvCache {
        KvCache::Blocks(BlockPool::new(blocks, null_block, block_size))
    }

    /// A cache of as many blocks without ids.
    #[must_use]
    pub fn without_block_ids(blocks: u32, null_block: bool, block_size: u32) -> KvCache {
        let usable = blocks.saturating_sub(null_block.into());
        KvCache::Segments(Segments::new(usable, block_size))
    }

    /// Blocks that requests can use.
    #[must_use]
    pub fn usable(&self) -> u32 {
        match self {
            KvCache::Blocks(pool) => pool.usable(),
            KvCache::Segments(segments) => segments.usable(),
        }
    }

    /// Blocks that nobody references, cached ones included.
    #[must_use]
    pub fn free(&self) -> u32 {
        match self {
            KvCache::Blocks(pool) => pool.free(),
            KvCache::Segments(segments) => segments.free(),
        }
    }

    /// Blocks that somebody references.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.usable() - self.free()
    }

    /// While this is the version of what the latest lookup found ([`Found::version`]), it would find
    /// the same again: nothing that matters to it was registered or evicted, or changed between
    /// referenced and unreferenced.
    #[must_use]
    pub fn version(&self) -> u64 {
        match self {
            KvCache::Blocks(pool) => pool.version(),
            KvCache::Segments(segments) => segments.version(),
        }
    }

    /// Finds the longest cached prefix of a sequence, of at most `limit` blocks.
    pub fn find(&mut self, sequence: &Sequence<'_>, limit: u32, found: &mut Found) {
        match self {
            KvCache::Blocks(pool) => pool.find(sequence, limit, found),
            KvCache::Segments(segments) => segments.find(sequence, limit, found),
        }
    }

    /// Takes references on what was found for an empty table. Nothing may have been taken,
    /// registered or released since it was found.
    pub fn adopt(&mut self, table: &mut Table, found: &Found) {
        match self {
            KvCache::Blocks(pool) => pool.adopt(table, found),
            KvCache::Segments(segments) => segments.adopt(table, found),
        }
    }

    /// Takes `blocks` free blocks for a table, blank ones first; what they contained is evicted.
    ///
    /// # Panics
    /// If fewer are free.
    pub fn take(&mut self, table: &mut Table, blocks: u32) {
        match self {
            KvCache::Blocks(pool) => pool.take(table, blocks),
            KvCache::Segments(segments) => {
                segments.take_ahead(blocks);
                table.catch_up(table.held() + blocks);
            }
        }
    }

    /// Takes `blocks` free blocks for tables that will learn of them later, by
    /// [`KvCache::catch_up`]: at the latest before they are released or their content is made
    /// known. Who holds a content that nobody else can look up meanwhile may be late with both.
    ///
    /// # Panics
    /// If fewer are free.
    pub fn take_ahead(&mut self, blocks: u32) {
        match self {
            KvCache::Blocks(pool) => pool.take_ahead(blocks),
            KvCache::Segments(segments) => segments.take_ahead(blocks),
        }
    }

    /// Gives a table that holds fewer than `held` blocks what it lacks, of those taken ahead.
    pub fn catch_up(&mut self, table: &mut Table, held: u32) {
        match self {
            KvCache::Blocks(pool) => pool.catch_up(table, held),
            KvCache::Segments(_) => table.catch_up(held),
        }
    }

    /// Makes known what the leading blocks of a table contain, up to `full` blocks of them; equal
    /// contents coexist.
    pub fn register(&mut self, table: &mut Table, sequence: &Sequence<'_>, full: u32) {
        match self {
            KvCache::Blocks(pool) => pool.register(table, sequence, full),
            KvCache::Segments(segments) => segments.register(table, sequence, full),
        }
    }

    /// Returns a table's references, last block first. Free blocks without content will be taken
    /// next; cached ones last, so that a prefix is evicted from its far end.
    pub fn release(&mut self, table: &mut Table) {
        match self {
            KvCache::Blocks(pool) => pool.release(table),
            KvCache::Segments(segments) => segments.release(table),
        }
    }
}
