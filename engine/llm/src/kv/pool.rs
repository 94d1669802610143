//! Blocks, block by block, exactly as vLLM's block pool keeps them.
//!
//! A block is free or referenced. A block that carries content stays in the index while it is
//! free, so "free" counts include cached blocks that nobody references; giving such a block out
//! evicts its content. Recency is nothing but the position in the free list.
//!
//! Invariant: free + used = usable, always (an identity that tests demand on every step).

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::free_list::{FreeList, NIL};
use crate::content::BlockKey;

/// Number of a block on its instance.
pub type BlockId = u32;

#[derive(Clone, Copy, Debug)]
struct Block {
    /// Identity of the content; meaningful if `cached`.
    key: BlockKey,
    /// Ring of the blocks with equal content, in the order of insertion.
    next_equal: BlockId,
    previous_equal: BlockId,
    references: u32,
    cached: bool,
    /// Part of the prefix that somebody found and relies on (see [`BlockPool::watch`]).
    watched: bool,
}

/// The KV blocks of one instance.
#[derive(Debug)]
pub struct BlockPool {
    blocks: Vec<Block>,
    free: FreeList,
    /// The earliest inserted block of each content.
    index: HashTable<BlockId>,
    usable: u32,
    registrations: u64,
    watch_broken: bool,
    /// Blocks without content that a release returns to the head of the free list.
    blank: Vec<BlockId>,
}

impl BlockPool {
    /// A pool of `blocks` ids; with `null_block`, id 0 is never given out.
    #[must_use]
    pub fn new(blocks: u32, null_block: bool) -> BlockPool {
        let first = BlockId::from(null_block);
        let block = Block {
            key: 0,
            next_equal: NIL,
            previous_equal: NIL,
            references: 0,
            cached: false,
            watched: false,
        };
        let free = FreeList::new(first, blocks);
        BlockPool {
            blocks: vec![block; blocks as usize],
            usable: free.len(),
            free,
            index: HashTable::with_capacity(blocks as usize),
            registrations: 0,
            watch_broken: false,
            blank: Vec::new(),
        }
    }

    /// Blocks that requests can use.
    #[must_use]
    pub fn usable(&self) -> u32 {
        self.usable
    }

    /// Blocks that nobody references, cached ones included.
    #[must_use]
    pub fn free(&self) -> u32 {
        self.free.len()
    }

    /// Blocks that somebody references.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.usable - self.free.len()
    }

    /// Number of registrations so far: while it stands still, no lookup can find more than before.
    #[must_use]
    pub fn registrations(&self) -> u64 {
        self.registrations
    }

    /// The earliest registered block with this content.
    #[must_use]
    pub fn lookup(&self, key: BlockKey) -> Option<BlockId> {
        self.index
            .find(hash(key), |&id| self.blocks[id as usize].key == key)
            .copied()
    }

    /// Whether nobody references the block.
    #[must_use]
    pub fn is_unreferenced(&self, block: BlockId) -> bool {
        self.blocks[block as usize].references == 0
    }

    /// Gives out `count` blocks from the head of the free list and appends them to `table`; what
    /// they contained is evicted.
    ///
    /// # Panics
    /// If fewer are free.
    pub fn allocate(&mut self, count: u32, table: &mut Vec<BlockId>) {
        let held = table.len();
        self.free.take_front(count, table);
        for &block in &table[held..] {
            if self.blocks[block as usize].cached {
                self.evict(block);
            }
            self.blocks[block as usize].references = 1;
        }
    }

    /// Takes a reference on a cached block.
    pub fn touch(&mut self, block: BlockId) {
        let state = &mut self.blocks[block as usize];
        if state.references == 0 {
            self.watch_broken |= state.watched;
            self.free.unlink(block);
        }
        state.references += 1;
    }

    /// Makes the content of a referenced block known; equal contents coexist.
    pub fn register(&mut self, block: BlockId, key: BlockKey) {
        debug_assert!(
            !self.blocks[block as usize].cached,
            "a block is registered once"
        );
        self.registrations += 1;
        let blocks = &self.blocks;
        let entry = self.index.entry(
            hash(key),
            |&id| blocks[id as usize].key == key,
            |&id| hash(blocks[id as usize].key),
        );
        let (next, previous) = match entry {
            Entry::Vacant(vacant) => {
                vacant.insert(block);
                (block, block)
            }
            Entry::Occupied(first) => {
                let first = *first.get();
                (first, self.blocks[first as usize].previous_equal)
            }
        };
        let state = &mut self.blocks[block as usize];
        state.key = key;
        state.cached = true;
        (state.next_equal, state.previous_equal) = (next, previous);
        if next != block {
            self.blocks[previous as usize].next_equal = block;
            self.blocks[next as usize].previous_equal = block;
        }
    }

    /// Returns a table's references, last block first. Blocks without content go to the head of
    /// the free list, so that the last block of the table is given out next; cached ones to the
    /// tail, so that a prefix is evicted from its far end.
    pub fn release(&mut self, table: &mut Vec<BlockId>) {
        for block in table.drain(..).rev() {
            let state = &mut self.blocks[block as usize];
            state.references -= 1;
            if state.references > 0 {
                continue;
            }
            self.watch_broken |= state.watched;
            if state.cached {
                self.free.push_back(block);
            } else {
                self.blank.push(block);
            }
        }
        while let Some(block) = self.blank.pop() {
            self.free.push_front(block);
        }
    }

    /// Marks blocks whose eviction or change between referenced and unreferenced
    /// [`BlockPool::take_watch_broken`] shall report.
    pub fn watch(&mut self, blocks: &[BlockId]) {
        for &block in blocks {
            self.blocks[block as usize].watched = true;
        }
    }

    /// Takes the marks off again.
    pub fn unwatch(&mut self, blocks: &[BlockId]) {
        for &block in blocks {
            self.blocks[block as usize].watched = false;
        }
    }

    /// Whether a watched block was evicted or changed hands since the last call.
    pub fn take_watch_broken(&mut self) -> bool {
        std::mem::take(&mut self.watch_broken)
    }

    fn evict(&mut self, block: BlockId) {
        let state = &mut self.blocks[block as usize];
        state.cached = false;
        self.watch_broken |= state.watched;
        let (key, next, previous) = (state.key, state.next_equal, state.previous_equal);
        let blocks = &self.blocks;
        let entry = self
            .index
            .find_entry(hash(key), |&id| blocks[id as usize].key == key)
            .expect("a cached block's content is indexed");
        if next == block {
            entry.remove();
            return;
        }
        if *entry.get() == block {
            *entry.into_mut() = next;
        }
        self.blocks[previous as usize].next_equal = next;
        self.blocks[next as usize].previous_equal = previous;
    }
}

/// Keys are hashes already; half of one is enough for the table.
fn hash(key: BlockKey) -> u64 {
    key as u64
}

#[cfg(test)]
mod tests;
