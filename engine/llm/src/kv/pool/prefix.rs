//! Whole prefixes, block by block.

use super::BlockPool;
use crate::content::Sequence;
use crate::kv::{Found, Table};

impl BlockPool {
    /// Finds the longest cached prefix of a sequence, of at most `limit` blocks.
    pub fn find(&self, sequence: &Sequence<'_>, limit: u32, found: &mut Found) {
        found.clear();
        found.version = self.version;
        while found.blocks < limit {
            let end = (found.blocks + 1) * self.block_size;
            let key = sequence.prefix_key(&mut found.cursor, end);
            let Some(block) = self.lookup(key, found.ids.last().copied()) else {
                break;
            };
            found.ids.push(block);
            found.blocks += 1;
            found.unreferenced += u32::from(self.is_unreferenced(block));
        }
    }

    /// Takes references on what was found for an empty table.
    pub fn adopt(&mut self, table: &mut Table, found: &Found) {
        debug_assert_eq!(table.held, 0, "a table begins with what was found");
        let as_it_was = found.blocks == 0 || found.version == self.version;
        debug_assert!(as_it_was, "a lookup is made again when the version changes");
        for &block in &found.ids {
            self.touch(block);
        }
        table.blocks.extend_from_slice(&found.ids);
        (table.held, table.registered) = (found.blocks, found.blocks);
        table.cursor = found.cursor;
    }

    /// Takes blocks for a table.
    ///
    /// # Panics
    /// If fewer are free.
    pub fn take(&mut self, table: &mut Table, blocks: u32) {
        self.allocate(blocks, &mut table.blocks);
        table.held += blocks;
    }

    /// Takes blocks for tables that will catch up with them.
    ///
    /// # Panics
    /// If fewer are free.
    pub fn take_ahead(&mut self, blocks: u32) {
        let mut ahead = std::mem::take(&mut self.ahead);
        self.allocate(blocks, &mut ahead);
        self.ahead = ahead;
    }

    /// Gives a table the blocks up to `held` that it lacks, of those taken ahead.
    ///
    /// # Panics
    /// If fewer were.
    pub fn catch_up(&mut self, table: &mut Table, held: u32) {
        let lacking = held.saturating_sub(table.held) as usize;
        let left = self.ahead.len().checked_sub(lacking);
        let left = left.expect("tables catch up with blocks that were taken");
        table.blocks.extend(self.ahead.drain(left..));
        table.held += lacking as u32;
    }

    /// Makes known what the leading blocks of a table contain, up to `full` blocks of them.
    pub fn register(&mut self, table: &mut Table, sequence: &Sequence<'_>, full: u32) {
        while table.registered < full {
            let at = table.registered as usize;
            let end = (table.registered + 1) * self.block_size;
            let key = sequence.prefix_key(&mut table.cursor, end);
            let before = at.checked_sub(1).map(|before| table.blocks[before]);
            self.register_block(table.blocks[at], key, before);
            table.registered += 1;
        }
    }

    /// Returns all blocks of a table.
    pub fn release(&mut self, table: &mut Table) {
        self.release_blocks(&mut table.blocks);
        table.clear();
    }
}
