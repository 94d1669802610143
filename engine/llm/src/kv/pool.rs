//! Blocks, block by block, exactly as vLLM's block pool keeps them.
//!
//! A block is free or referenced. A block that carries content is cached: it stays in the index
//! while it is free, so "free" counts include cached blocks that nobody references; giving such a
//! block out evicts its content. Recency is nothing but the position in the free list.
//!
//! The index finds the earliest registered block of a content. Blocks of one prefix chain are
//! found one after another, so each block holds a link to one that continues it, and only where
//! chains begin or branch does a hash table lead on: neighbours in a chain are neighbours in
//! memory, places in a hash table are not.
//!
//! Invariants:
//! - free + used = usable, always (an identity that tests demand on every step);
//! - a content is indexed in one place: by the link of the block before it or in the table;
//! - a block with a link is the only one of its content, so that a content and what continues it
//!   cannot lose each other.

mod prefix;

use hashbrown::HashTable;

use super::free_list::{FreeList, NIL};
use crate::content::BlockKey;

/// Number of a block on its instance.
pub type BlockId = u32;

#[derive(Clone, Copy, Debug)]
struct Block {
    /// Identity of the content, in two halves; meaningful if `cached`.
    key: [u64; 2],
    /// Ring of the blocks with equal content, in the order of registration.
    next_equal: BlockId,
    previous_equal: BlockId,
    /// The block whose link indexes this one, or `NIL`.
    parent: BlockId,
    /// The link: a block that continues this one.
    child: BlockId,
    references: u32,
    cached: bool,
}

impl Block {
    const BLANK: Block = Block {
        key: [0; 2],
        next_equal: NIL,
        previous_equal: NIL,
        parent: NIL,
        child: NIL,
        references: 0,
        cached: false,
    };
}

/// The KV blocks of one instance.
#[derive(Debug)]
pub struct BlockPool {
    blocks: Vec<Block>,
    free: FreeList,
    /// Earliest registered blocks of contents that no link leads to.
    table: HashTable<BlockId>,
    usable: u32,
    block_size: u32,
    version: u64,
    /// Blocks without content that a release returns to the head of the free list.
    blank: Vec<BlockId>,
    /// Blocks taken for tables that do not know of them yet.
    ahead: Vec<BlockId>,
}

impl BlockPool {
    /// A pool of `blocks` ids of `block_size` tokens each; with `null_block`, id 0 is never given
    /// out.
    #[must_use]
    pub fn new(blocks: u32, null_block: bool, block_size: u32) -> BlockPool {
        let free = FreeList::new(BlockId::from(null_block), blocks);
        BlockPool {
            blocks: vec![Block::BLANK; blocks as usize],
            usable: free.len(),
            free,
            table: HashTable::new(),
            block_size,
            version: 0,
            blank: Vec::new(),
            ahead: Vec::new(),
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

    /// Changes with every registration and eviction, and whenever a cached block becomes
    /// referenced or unreferenced.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The earliest registered block with this content. `before` is a cached block of the prefix
    /// before it, `None` for the first block of a sequence.
    #[must_use]
    pub fn lookup(&self, key: BlockKey, before: Option<BlockId>) -> Option<BlockId> {
        let key = halves(key);
        if let Some(before) = before {
            let child = self.blocks[before as usize].child;
            if child != NIL && self.blocks[child as usize].key == key {
                return Some(child);
            }
        }
        self.table
            .find(key[0], |&id| self.blocks[id as usize].key == key)
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
            self.version += 1;
            self.free.unlink(block);
        }
        state.references += 1;
    }

    /// Makes the content of a referenced block known; equal contents coexist. `before` is the
    /// registered block in front of it in its table.
    pub fn register_block(&mut self, block: BlockId, key: BlockKey, before: Option<BlockId>) {
        debug_assert!(
            !self.blocks[block as usize].cached,
            "a block is registered once"
        );
        self.version += 1;
        let first = self.lookup(key, before);
        let state = &mut self.blocks[block as usize];
        state.key = halves(key);
        state.cached = true;
        match first {
            Some(first) => self.join(block, first),
            None => {
                (state.next_equal, state.previous_equal) = (block, block);
                match before.filter(|&before| self.may_link(before)) {
                    Some(before) => {
                        self.blocks[before as usize].child = block;
                        self.blocks[block as usize].parent = before;
                    }
                    None => self.insert(block),
                }
            }
        }
    }

    /// Returns references, last block first. Blocks without content go to the head of
    /// the free list, so that the last one is given out next; cached ones to the
    /// tail, so that a prefix is evicted from its far end.
    pub fn release_blocks(&mut self, blocks: &mut Vec<BlockId>) {
        for block in blocks.drain(..).rev() {
            let state = &mut self.blocks[block as usize];
            state.references -= 1;
            if state.references > 0 {
                continue;
            }
            if state.cached {
                self.version += 1;
                self.free.push_back(block);
            } else {
                self.blank.push(block);
            }
        }
        while let Some(block) = self.blank.pop() {
            self.free.push_front(block);
        }
    }

    /// Whether a block may hold a link to one that continues it.
    fn may_link(&self, block: BlockId) -> bool {
        let state = &self.blocks[block as usize];
        state.child == NIL && state.next_equal == block
    }

    /// Adds a block at the end of the ring of `first`, whose link, if any, moves to the table.
    fn join(&mut self, block: BlockId, first: BlockId) {
        self.unlink_child(first);
        let last = self.blocks[first as usize].previous_equal;
        let state = &mut self.blocks[block as usize];
        (state.next_equal, state.previous_equal) = (first, last);
        self.blocks[last as usize].next_equal = block;
        self.blocks[first as usize].previous_equal = block;
    }

    fn insert(&mut self, block: BlockId) {
        let blocks = &self.blocks;
        let hash = |id: BlockId| blocks[id as usize].key[0];
        self.table.insert_unique(hash(block), block, |&id| hash(id));
    }

    /// Moves what a block's link indexes to the table.
    fn unlink_child(&mut self, block: BlockId) {
        let child = std::mem::replace(&mut self.blocks[block as usize].child, NIL);
        if child != NIL {
            self.blocks[child as usize].parent = NIL;
            self.insert(child);
        }
    }

    fn evict(&mut self, block: BlockId) {
        self.unlink_child(block);
        let state = &mut self.blocks[block as usize];
        state.cached = false;
        self.version += 1;
        let (next, previous) = (state.next_equal, state.previous_equal);
        let parent = std::mem::replace(&mut state.parent, NIL);
        let heir = if next == block { NIL } else { next };
        if parent != NIL {
            self.blocks[parent as usize].child = heir;
            if heir != NIL {
                self.blocks[heir as usize].parent = parent;
            }
        } else {
            self.replace_in_table(block, heir);
        }
        if heir != NIL {
            self.blocks[previous as usize].next_equal = next;
            self.blocks[next as usize].previous_equal = previous;
        }
    }

    /// Puts `heir` in a block's place in the table, if that is where the block is indexed.
    fn replace_in_table(&mut self, block: BlockId, heir: BlockId) {
        let hash = self.blocks[block as usize].key[0];
        if let Ok(mut entry) = self.table.find_entry(hash, |&id| id == block) {
            if heir == NIL {
                entry.remove();
            } else {
                *entry.get_mut() = heir;
            }
        }
    }
}

/// A key in two halves, the first of which is hash enough for the table.
fn halves(key: BlockKey) -> [u64; 2] {
    [key as u64, (key >> 64) as u64]
}

#[cfg(test)]
mod tests;
