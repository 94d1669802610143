//! Names for the blocks of prompts.
//!
//! Invariant: two blocks have the same id exactly if they are the same block of the same tenant's
//! prefix or of the same session and both are full. Ids count up from 0 in order of first appearance.

use std::collections::BTreeMap;

use super::rows::Row;

/// Hands out block ids to rows in the order of the trace. Remembers prefixes; what a session has
/// had is the session's to remember.
#[derive(Debug)]
pub(super) struct Blocks {
    block_tokens: u32,
    next_id: u64,
    /// First id of each tenant's prefixes; the others follow it, since a prefix appears as a whole.
    prefixes: BTreeMap<(u16, u32), u64>,
}

impl Blocks {
    pub(super) fn new(block_tokens: u32) -> Blocks {
        Blocks {
            block_tokens,
            next_id: 0,
            prefixes: BTreeMap::new(),
        }
    }

    /// Appends the ids of a row of tenant `class` to `ids`; `known` are the full blocks of the turn
    /// before, none for a first turn. O(blocks).
    pub(super) fn append(&mut self, row: &Row, class: u16, known: &[u64], ids: &mut Vec<u64>) {
        let start = ids.len();
        ids.extend_from_slice(known);
        if row.turn == 0 {
            self.append_prefix(row, class, ids);
        }
        let blocks = row.prompt_tokens.div_ceil(self.block_tokens) as usize;
        let fresh = blocks - (ids.len() - start);
        ids.extend(self.next_id..self.next_id + fresh as u64);
        self.next_id += fresh as u64;
    }

    /// The full blocks among the ids of a row, which stand at the end of `ids`.
    pub(super) fn full<'a>(&self, row: &Row, ids: &'a [u64]) -> &'a [u64] {
        let blocks = row.prompt_tokens.div_ceil(self.block_tokens) as usize;
        let full = (row.prompt_tokens / self.block_tokens) as usize;
        &ids[ids.len() - blocks..][..full]
    }

    /// The blocks that lie wholly in the shared prefix.
    fn append_prefix(&mut self, row: &Row, class: u16, ids: &mut Vec<u64>) {
        let blocks = u64::from(row.prefix.tokens / self.block_tokens);
        if blocks == 0 {
            return;
        }
        let prefix = (class, row.prefix.group);
        let first = *self.prefixes.entry(prefix).or_insert_with(|| {
            let first = self.next_id;
            self.next_id += blocks;
            first
        });
        ids.extend(first..first + blocks);
    }
}
