//! Whether all lists through the store are as they should be.

use super::*;

impl Segments {
    /// Panics at the first thing that contradicts another.
    pub(super) fn check(&self) {
        let mut idle_blocks = 0;
        let mut previous = NONE;
        let mut at = self.idle.head();
        while at != NONE {
            let segment = &self.store[at];
            assert_eq!((segment.references, segment.previous_idle), (0, previous));
            idle_blocks += segment.blocks;
            previous = at;
            at = segment.next_idle;
        }
        assert_eq!(self.idle.tail(), previous);
        assert_eq!(self.idle_blocks, idle_blocks);

        let (mut segments, mut pieces, mut unreferenced) = (0, 0, 0);
        for id in self.store.ids() {
            let segment = &self.store[id];
            let ring = self
                .index
                .find(segment.base)
                .expect("a segment is in a ring");
            assert!(segment.blocks > 0 && segment.end() <= ring.bound(&self.store));
            assert_eq!(self.store[segment.next_of_piece].previous_of_piece, id);
            assert_eq!(self.store[segment.next_of_piece].base, segment.base);
            if segment.rest != NONE {
                let rest = &self.store[segment.rest];
                assert_eq!((rest.back, rest.first), (id, segment.end()));
                assert_eq!(rest.previous_of_piece, id);
            }
            if segment.back != NONE {
                assert_eq!(self.store[segment.back].rest, id);
            }
            segments += 1;
            pieces += u32::from(ring.head == id);
            unreferenced += if segment.references == 0 {
                segment.blocks
            } else {
                0
            };
        }
        assert_eq!(segments, self.store.len());
        assert_eq!(pieces as usize, self.index.len());
        assert_eq!(unreferenced, idle_blocks);
    }
}
