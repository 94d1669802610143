//! Names for the blocks of prompts.
//!
//! Invariant: two blocks have the same id exactly if they are the same block of the same prefix or
//! of the same session and both are full. Ids count up from 0 in order of first appearance.

use std::collections::BTreeMap;

use kendall_llm::Content;

use super::rows::Row;

/// Collects the block ids of rows in the order of the trace.
#[derive(Debug)]
pub(super) struct Blocks {
    block_tokens: u32,
    ids: Vec<u64>,
    offsets: Vec<u64>,
    next_id: u64,
    /// First id of each prefix; the others follow it, since a prefix appears as a whole.
    prefixes: BTreeMap<u32, u64>,
    /// The full blocks of each session's last row, as a range of `ids`.
    sessions: Vec<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    start: usize,
    full_blocks: usize,
}

impl Blocks {
    pub(super) fn new(block_tokens: u32) -> Blocks {
        Blocks {
            block_tokens,
            ids: Vec::new(),
            offsets: vec![0],
            next_id: 0,
            prefixes: BTreeMap::new(),
            sessions: Vec::new(),
        }
    }

    /// Appends a row. Sessions have to appear in their order, turns as well. O(blocks).
    pub(super) fn append(&mut self, row: &Row) {
        let start = self.ids.len();
        if row.turn == 0 {
            self.append_prefix(row);
        } else {
            let Known { start, full_blocks } = self.sessions[row.session as usize];
            self.ids.extend_from_within(start..start + full_blocks);
        }
        let blocks = row.prompt_tokens.div_ceil(self.block_tokens) as usize;
        let fresh = blocks - (self.ids.len() - start);
        self.ids.extend(self.next_id..self.next_id + fresh as u64);
        self.next_id += fresh as u64;
        self.offsets.push(self.ids.len() as u64);
        let full_blocks = (row.prompt_tokens / self.block_tokens) as usize;
        let known = Known { start, full_blocks };
        if row.turn == 0 {
            assert_eq!(row.session as usize, self.sessions.len(), "out of order");
            self.sessions.push(known);
        } else {
            self.sessions[row.session as usize] = known;
        }
    }

    /// The blocks that lie wholly in the shared prefix.
    fn append_prefix(&mut self, row: &Row) {
        let blocks = u64::from(row.prefix.tokens / self.block_tokens);
        let first = *self.prefixes.entry(row.prefix.group).or_insert_with(|| {
            let first = self.next_id;
            self.next_id += blocks;
            first
        });
        self.ids.extend(first..first + blocks);
    }

    pub(super) fn into_content(self) -> Content {
        Content::Hashed {
            ids: self.ids,
            offsets: self.offsets,
            block_tokens: self.block_tokens,
        }
    }
}
