//! The cache in segments: what the block pool does, at a cost per segment instead of per block.
//!
//! Blocks that are registered together are mostly referenced, released and evicted together. A
//! segment is a stretch of consecutive blocks of one prefix chain that end in one piece, and share
//! their number of references. Where a table begins or ends inside a segment it is split; parts
//! stay linked, so that tables which hold both need not be told.
//!
//! Free blocks without content are given out first, and are only counted. Segments that nobody
//! references are in a list in the order of release, and are given up from their far ends, since
//! the last block of a table is released first. Equal contents coexist; a lookup finds the
//! earliest registered, block for block.
//!
//! Invariants:
//! - counts, prefixes found and the order of eviction are those of the block pool
//!   (segments/tests.rs);
//! - whoever holds a segment holds all of it;
//! - where a block is cached, so is one in front of it that was registered earlier and will be
//!   evicted later: whoever holds a block also holds one in front of it, the earliest registered
//!   at the time or an own one, and releases it later;
//! - a segment grows only while one table holds it and nothing else of its piece was registered
//!   later, so that the order in a ring is the order of registration;
//! - memory is O(segments); operations allocate nothing once buffers have grown.

mod find;
mod idle;
mod index;
mod store;

use self::idle::IdleList;
use self::index::PieceIndex;
pub(super) use self::store::SegmentId;
use self::store::{NONE, Segment, Store};
use super::{Found, Part, Table};
use crate::content::{BlockKey, Sequence};

/// The KV blocks of one instance, in segments.
#[derive(Debug)]
pub struct Segments {
    store: Store,
    index: PieceIndex,
    idle: IdleList,
    /// Blocks in idle segments.
    idle_blocks: u32,
    /// Free blocks without content.
    blank: u32,
    usable: u32,
    block_size: u32,
    version: u64,
    /// Base of the piece in which the latest lookup did not find a block.
    missed: Option<BlockKey>,
}

impl Segments {
    /// A cache of `usable` blocks of `block_size` tokens each.
    #[must_use]
    pub fn new(usable: u32, block_size: u32) -> Segments {
        Segments {
            store: Store::new(),
            index: PieceIndex::new(),
            idle: IdleList::new(),
            idle_blocks: 0,
            blank: usable,
            usable,
            block_size,
            version: 0,
            missed: None,
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
        self.blank + self.idle_blocks
    }

    /// Changes with every lookup, and with everything that concerns what the latest one found.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Takes `blocks` free blocks, blank ones first.
    ///
    /// # Panics
    /// If fewer are free.
    pub fn take_ahead(&mut self, blocks: u32) {
        let blank = blocks.min(self.blank);
        self.blank -= blank;
        if blocks > blank {
            self.evict(blocks - blank);
        }
    }

    /// Takes references on what was found for an empty table.
    pub fn adopt(&mut self, table: &mut Table, found: &Found) {
        debug_assert_eq!(table.held, 0, "a table begins with what was found");
        let as_it_was = found.blocks == 0 || found.version == self.version;
        debug_assert!(as_it_was, "a lookup is made again when the version changes");
        self.version += 1;
        for &part in &found.parts {
            let segment = self.cut_out(part);
            self.reference(segment);
            table.parts.push(Part { segment, ..part });
        }
        (table.held, table.registered) = (found.blocks, found.blocks);
        table.cursor = found.cursor;
    }

    /// Makes known what the leading blocks of a table contain, up to `full` blocks of them.
    pub fn register(&mut self, table: &mut Table, sequence: &Sequence<'_>, full: u32) {
        debug_assert!(full <= table.held, "only blocks that are held have content");
        while table.registered < full {
            sequence.seek(&mut table.cursor, (table.registered + 1) * self.block_size);
            let end = full.min(table.cursor.end() / self.block_size);
            if self.missed == Some(table.cursor.base()) {
                self.version += 1;
            }
            if !self.grow(table, end) {
                self.append(table, end);
            }
            table.registered = end;
        }
    }

    /// Returns all blocks of a table.
    pub fn release(&mut self, table: &mut Table) {
        for part in table.parts.drain(..).rev() {
            let mut at = self.last_of(part);
            loop {
                let back = self.store[at].back;
                self.store[at].references -= 1;
                if self.store[at].references == 0 {
                    self.make_idle(at);
                }
                if at == part.segment {
                    break;
                }
                at = back;
            }
        }
        self.blank += table.held - table.registered;
        table.clear();
    }

    /// The segment that is exactly what was found, split off if necessary.
    fn cut_out(&mut self, part: Part) -> SegmentId {
        let mut at = part.segment;
        if self.store[at].first < part.first {
            at = self.split(at, part.first);
        }
        if self.store[at].end() > part.end() {
            self.split(at, part.end());
        }
        at
    }

    fn split(&mut self, near: SegmentId, block: u32) -> SegmentId {
        let far = self.store.split(near, block);
        self.index.insert_rest(near, far, &mut self.store);
        if self.store[near].references == 0 {
            self.idle.insert_before(near, far, &mut self.store);
        }
        far
    }

    fn reference(&mut self, id: SegmentId) {
        if self.store[id].references == 0 {
            self.idle_blocks -= self.store[id].blocks;
            self.idle.unlink(id, &mut self.store);
        }
        self.store[id].references += 1;
    }

    /// Lets the last segment of a table go up to block number `end`, if that keeps the order of
    /// registration and nobody else is concerned.
    fn grow(&mut self, table: &mut Table, end: u32) -> bool {
        let Some(part) = table.parts.last_mut() else {
            return false;
        };
        let last = self.last_of(*part);
        let segment = &self.store[last];
        let grows = segment.base == table.cursor.base()
            && segment.references == 1
            && self.index.extend_latest(last, end, &self.store);
        if grows {
            self.store[last].blocks += end - table.registered;
            part.blocks += end - table.registered;
        }
        grows
    }

    /// Adds a segment to a table that goes up to block number `end`.
    fn append(&mut self, table: &mut Table, end: u32) {
        let (first, blocks) = (table.registered, end - table.registered);
        let segment = Segment::new(table.cursor.base(), first, blocks);
        let segment = self.store.insert(segment);
        self.index.append(segment, &mut self.store);
        table.parts.push(Part {
            segment,
            first,
            blocks,
        });
    }

    /// The last of the segments into which a table's part has been split.
    fn last_of(&self, part: Part) -> SegmentId {
        let mut at = part.segment;
        while self.store[at].end() < part.end() {
            at = self.store[at].rest;
        }
        at
    }

    /// To be called before a segment is evicted or loses its last reference.
    fn changes(&mut self, id: SegmentId) {
        if self.store[id].seen == self.version {
            self.version += 1;
        }
    }

    /// Puts a segment that has lost its last reference at the end of the idle list; with what was
    /// split off it, if that was put there just before.
    fn make_idle(&mut self, id: SegmentId) {
        self.changes(id);
        self.idle_blocks += self.store[id].blocks;
        let rest = self.store[id].rest;
        if rest != NONE && rest == self.idle.tail() {
            self.changes(rest);
            self.idle.unlink(rest, &mut self.store);
            self.index.remove(rest, &mut self.store);
            self.store.absorb_rest(id);
        }
        self.idle.push_back(id, &mut self.store);
    }

    /// Gives up `blocks` blocks of idle segments.
    ///
    /// # Panics
    /// If there are fewer.
    fn evict(&mut self, mut blocks: u32) {
        assert!(
            blocks <= self.idle_blocks,
            "taking is checked against free blocks"
        );
        self.idle_blocks -= blocks;
        while blocks > 0 {
            let id = self.idle.head();
            self.changes(id);
            let given = blocks.min(self.store[id].blocks);
            blocks -= given;
            self.store[id].blocks -= given;
            if self.store[id].blocks == 0 {
                self.idle.unlink(id, &mut self.store);
                self.index.remove(id, &mut self.store);
                self.store.remove(id);
            } else {
                self.store.cut_rest(id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
