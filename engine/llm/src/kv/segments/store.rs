//! Segments by number, the numbers of removed ones used again.

use crate::content::BlockKey;

/// Number of a segment.
pub(in crate::kv) type SegmentId = u32;

/// No segment: the end of a list.
pub(super) const NONE: SegmentId = SegmentId::MAX;

/// A stretch of consecutive cached blocks of one prefix chain that all end in one piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// Hash of the piece and of all before it: with the number of a block in its sequence, it is
    /// the identity of the block.
    pub(super) base: BlockKey,
    /// Number of the first block in its sequence.
    pub(super) first: u32,
    pub(super) blocks: u32,
    /// Tables that hold it: all of it, as it is split where tables begin or end.
    pub(super) references: u32,
    /// What was split off its far end and is still there, and from what it was split off itself.
    pub(super) rest: SegmentId,
    pub(super) back: SegmentId,
    /// Ring of the segments of one piece; a block that several of them contain was registered in
    /// the order of the ring.
    pub(super) next_of_piece: SegmentId,
    pub(super) previous_of_piece: SegmentId,
    /// Neighbours in the list of idle segments, if nobody references it.
    pub(super) next_idle: SegmentId,
    pub(super) previous_idle: SegmentId,
    /// Version of the latest lookup that found it.
    pub(super) seen: u64,
}

impl Segment {
    /// A segment without neighbours that one table holds.
    pub(super) fn new(base: BlockKey, first: u32, blocks: u32) -> Segment {
        Segment {
            base,
            first,
            blocks,
            references: 1,
            rest: NONE,
            back: NONE,
            next_of_piece: NONE,
            previous_of_piece: NONE,
            next_idle: NONE,
            previous_idle: NONE,
            seen: 0,
        }
    }

    /// Number of the block behind its last one.
    pub(super) fn end(&self) -> u32 {
        self.first + self.blocks
    }
}

/// All segments; `store[id]` is one of them.
#[derive(Debug)]
pub(super) struct Store {
    segments: Vec<Segment>,
    /// Numbers to use again, linked by `next_idle`.
    vacant: SegmentId,
}

impl Store {
    pub(super) fn new() -> Store {
        Store {
            segments: Vec::new(),
            vacant: NONE,
        }
    }

    pub(super) fn insert(&mut self, segment: Segment) -> SegmentId {
        match self.vacant {
            NONE => {
                self.segments.push(segment);
                (self.segments.len() - 1) as SegmentId
            }
            id => {
                self.vacant = self[id].next_idle;
                self[id] = segment;
                id
            }
        }
    }

    /// Removes a segment that no list contains any more, and cuts the links to what it was split
    /// from and to what was split from it.
    pub(super) fn remove(&mut self, id: SegmentId) {
        self.cut_rest(id);
        let back = self[id].back;
        if back != NONE {
            self[back].rest = NONE;
        }
        self[id].next_idle = self.vacant;
        self.vacant = id;
    }

    /// Forgets what was split off a segment's far end.
    pub(super) fn cut_rest(&mut self, id: SegmentId) {
        let rest = std::mem::replace(&mut self[id].rest, NONE);
        if rest != NONE {
            self[rest].back = NONE;
        }
    }

    /// Splits a segment in front of block number `block` and returns the far part. Neither the
    /// ring nor the idle list knows of it yet.
    pub(super) fn split(&mut self, near: SegmentId, block: u32) -> SegmentId {
        let whole = self[near];
        debug_assert!(
            whole.first < block && block < whole.end(),
            "both parts are something"
        );
        let far = self.insert(Segment {
            first: block,
            blocks: whole.end() - block,
            back: near,
            ..whole
        });
        if whole.rest != NONE {
            self[whole.rest].back = far;
        }
        self[near].blocks = block - whole.first;
        self[near].rest = far;
        far
    }

    /// Takes back what was split off a segment, which no list may contain any more.
    pub(super) fn absorb_rest(&mut self, near: SegmentId) {
        let far = self[near].rest;
        let Segment { blocks, rest, .. } = self[far];
        debug_assert_eq!(self[near].end(), self[far].first, "parts are neighbours");
        self[near].blocks += blocks;
        self[near].rest = rest;
        if rest != NONE {
            self[rest].back = near;
        }
        (self[far].rest, self[far].back) = (NONE, NONE);
        self.remove(far);
    }

    /// All segments there are.
    #[cfg(test)]
    pub(super) fn ids(&self) -> Vec<SegmentId> {
        let next = |&id: &SegmentId| Some(self[id].next_idle).filter(|&next| next != NONE);
        let first = Some(self.vacant).filter(|&id| id != NONE);
        let vacant: Vec<SegmentId> = std::iter::successors(first, next).collect();
        let all = 0..self.segments.len() as SegmentId;
        all.filter(|id| !vacant.contains(id)).collect()
    }

    /// Number of segments there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.ids().len()
    }
}

impl std::ops::Index<SegmentId> for Store {
    type Output = Segment;
    fn index(&self, id: SegmentId) -> &Segment {
        &self.segments[id as usize]
    }
}

impl std::ops::IndexMut<SegmentId> for Store {
    fn index_mut(&mut self, id: SegmentId) -> &mut Segment {
        &mut self.segments[id as usize]
    }
}
