//! Looking up prefixes.

use super::Segments;
use super::index::Ring;
use crate::content::Sequence;
use crate::kv::{Found, Part};

impl Segments {
    /// Finds the longest cached prefix of a sequence, of at most `limit` blocks: for each block
    /// the earliest registered segment that contains it. O(pieces of the prefix), as long as
    /// contents are not there twice.
    pub fn find(&mut self, sequence: &Sequence<'_>, limit: u32, found: &mut Found) {
        found.clear();
        self.version += 1;
        self.missed = None;
        while found.blocks < limit {
            let position = (found.blocks + 1) * self.block_size;
            sequence.seek(&mut found.cursor, position);
            let end = limit.min(found.cursor.end() / self.block_size);
            if let Some(&ring) = self.index.find(found.cursor.base()) {
                self.find_in_piece(ring, end, found);
            }
            if found.blocks < end {
                self.missed = Some(found.cursor.base());
                break;
            }
        }
        found.version = self.version;
    }

    /// Adds blocks up to number `end` that are found in one piece. One pass along the ring will do:
    /// whatever was passed ends before the block looked for, and nothing begins behind it.
    fn find_in_piece(&mut self, ring: Ring, end: u32, found: &mut Found) {
        let end = end.min(ring.bound(&self.store));
        let mut at = ring.head;
        while found.blocks < end {
            let segment = &mut self.store[at];
            if segment.end() > found.blocks {
                debug_assert!(
                    segment.first <= found.blocks,
                    "prefixes are there as a whole"
                );
                let part = Part {
                    segment: at,
                    first: found.blocks,
                    blocks: segment.end().min(end) - found.blocks,
                };
                segment.seen = self.version;
                found.push(part, segment.references == 0);
            }
            at = segment.next_of_piece;
            if at == ring.head {
                return;
            }
        }
    }
}
