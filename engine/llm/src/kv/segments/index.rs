//! Segments by the piece in which their blocks end.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::store::{SegmentId, Store};
use crate::content::BlockKey;

/// The segments of one piece: a ring through the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ring {
    base: BlockKey,
    /// The earliest registered.
    pub(super) head: SegmentId,
    /// No block from this number on is in any of them; kept only while there are several.
    bound: u32,
}

impl Ring {
    /// A block number from which on the ring contains nothing.
    pub(super) fn bound(&self, store: &Store) -> u32 {
        let head = &store[self.head];
        if head.next_of_piece == self.head {
            head.end()
        } else {
            self.bound
        }
    }
}

/// Finds the segments of a piece. Every segment is in exactly one ring.
#[derive(Debug)]
pub(super) struct PieceIndex {
    rings: HashTable<Ring>,
}

impl PieceIndex {
    pub(super) fn new() -> PieceIndex {
        PieceIndex {
            rings: HashTable::new(),
        }
    }

    pub(super) fn find(&self, base: BlockKey) -> Option<&Ring> {
        self.rings.find(hash(base), |ring| ring.base == base)
    }

    /// Adds a segment as the latest registered of its piece.
    pub(super) fn append(&mut self, id: SegmentId, store: &mut Store) {
        let base = store[id].base;
        let entry = self
            .rings
            .entry(hash(base), |ring| ring.base == base, |ring| hash(ring.base));
        match entry {
            Entry::Vacant(entry) => {
                (store[id].previous_of_piece, store[id].next_of_piece) = (id, id);
                entry.insert(Ring {
                    base,
                    head: id,
                    bound: 0,
                });
            }
            Entry::Occupied(mut entry) => {
                let ring = entry.get_mut();
                ring.bound = ring.bound(store).max(store[id].end());
                let latest = store[ring.head].previous_of_piece;
                link_behind(latest, id, store);
            }
        }
    }

    /// Adds what was split off a segment: registered when that was.
    pub(super) fn insert_rest(&mut self, near: SegmentId, rest: SegmentId, store: &mut Store) {
        let ring_of_one = store[near].next_of_piece == near;
        link_behind(near, rest, store);
        if ring_of_one {
            let (base, bound) = (store[near].base, store[rest].end());
            if let Some(ring) = self.find_mut(base) {
                ring.bound = bound;
            }
        }
    }

    /// Whether a segment is the latest registered of its piece; if it is, it can go up to block
    /// number `end`.
    pub(super) fn extend_latest(&mut self, id: SegmentId, end: u32, store: &Store) -> bool {
        let next = store[id].next_of_piece;
        if next == id {
            return true;
        }
        match self.find_mut(store[id].base) {
            Some(ring) if ring.head == next => {
                ring.bound = ring.bound.max(end);
                true
            }
            _ => false,
        }
    }

    pub(super) fn remove(&mut self, id: SegmentId, store: &mut Store) {
        let (base, next) = (store[id].base, store[id].next_of_piece);
        let previous = store[id].previous_of_piece;
        if next == id {
            if let Ok(entry) = self.rings.find_entry(hash(base), |ring| ring.base == base) {
                entry.remove();
            }
            return;
        }
        store[previous].next_of_piece = next;
        store[next].previous_of_piece = previous;
        if let Some(ring) = self.find_mut(base)
            && ring.head == id
        {
            ring.head = next;
        }
    }

    fn find_mut(&mut self, base: BlockKey) -> Option<&mut Ring> {
        self.rings.find_mut(hash(base), |ring| ring.base == base)
    }

    /// Number of pieces of which something is cached.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.rings.len()
    }
}

fn link_behind(previous: SegmentId, id: SegmentId, store: &mut Store) {
    let next = std::mem::replace(&mut store[previous].next_of_piece, id);
    (store[id].previous_of_piece, store[id].next_of_piece) = (previous, next);
    store[next].previous_of_piece = id;
}

/// A base is a hash already.
fn hash(base: BlockKey) -> u64 {
    base as u64
}
