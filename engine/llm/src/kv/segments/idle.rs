//! Segments that nobody references, in the order in which they will be given up.

use super::store::{NONE, SegmentId, Store};

/// A doubly linked list through the segments of a store; everything is O(1).
#[derive(Debug)]
pub(super) struct IdleList {
    head: SegmentId,
    tail: SegmentId,
}

impl IdleList {
    pub(super) fn new() -> IdleList {
        IdleList {
            head: NONE,
            tail: NONE,
        }
    }

    /// The segment given up next, [`NONE`] if there is none.
    pub(super) fn head(&self) -> SegmentId {
        self.head
    }

    /// The segment given up last, [`NONE`] if there is none.
    pub(super) fn tail(&self) -> SegmentId {
        self.tail
    }

    pub(super) fn push_back(&mut self, id: SegmentId, store: &mut Store) {
        let tail = std::mem::replace(&mut self.tail, id);
        (store[id].previous_idle, store[id].next_idle) = (tail, NONE);
        match tail {
            NONE => self.head = id,
            tail => store[tail].next_idle = id,
        }
    }

    /// Puts a segment directly in front of another one.
    pub(super) fn insert_before(&mut self, next: SegmentId, id: SegmentId, store: &mut Store) {
        let previous = std::mem::replace(&mut store[next].previous_idle, id);
        (store[id].previous_idle, store[id].next_idle) = (previous, next);
        match previous {
            NONE => self.head = id,
            previous => store[previous].next_idle = id,
        }
    }

    pub(super) fn unlink(&mut self, id: SegmentId, store: &mut Store) {
        let (previous, next) = (store[id].previous_idle, store[id].next_idle);
        match previous {
            NONE => self.head = next,
            previous => store[previous].next_idle = next,
        }
        match next {
            NONE => self.tail = previous,
            next => store[next].previous_idle = previous,
        }
    }
}
