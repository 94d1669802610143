//! Free blocks in the order in which they will be given out.

use super::pool::BlockId;

/// No block: the end of a list.
pub(super) const NIL: BlockId = BlockId::MAX;

/// Neighbours of a block in the free list; meaningless while the block is in use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    next: BlockId,
    previous: BlockId,
}

/// A doubly linked list over block ids: give out at the head, take back at either end, unlink
/// anywhere; all in O(1).
#[derive(Debug)]
pub(super) struct FreeList {
    links: Vec<Link>,
    head: BlockId,
    tail: BlockId,
    len: u32,
}

impl FreeList {
    /// All of `blocks` ids are free, in ascending order from `first`.
    pub(super) fn new(first: BlockId, blocks: u32) -> FreeList {
        let links = (0..blocks)
            .map(|id| Link {
                next: if id + 1 < blocks { id + 1 } else { NIL },
                previous: if id > first { id - 1 } else { NIL },
            })
            .collect();
        let empty = first >= blocks;
        FreeList {
            links,
            head: if empty { NIL } else { first },
            tail: if empty { NIL } else { blocks - 1 },
            len: blocks.saturating_sub(first),
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// Takes `count` blocks from the head and appends them to `table`.
    ///
    /// # Panics
    /// If there are fewer.
    pub(super) fn take_front(&mut self, count: u32, table: &mut Vec<BlockId>) {
        assert!(
            count <= self.len,
            "allocation is checked against free blocks"
        );
        for _ in 0..count {
            table.push(self.head);
            self.head = self.links[self.head as usize].next;
        }
        match self.head {
            NIL => self.tail = NIL,
            head => self.links[head as usize].previous = NIL,
        }
        self.len -= count;
    }

    pub(super) fn push_front(&mut self, block: BlockId) {
        self.links[block as usize] = Link {
            next: self.head,
            previous: NIL,
        };
        match self.head {
            NIL => self.tail = block,
            head => self.links[head as usize].previous = block,
        }
        self.head = block;
        self.len += 1;
    }

    pub(super) fn push_back(&mut self, block: BlockId) {
        self.links[block as usize] = Link {
            next: NIL,
            previous: self.tail,
        };
        match self.tail {
            NIL => self.head = block,
            tail => self.links[tail as usize].next = block,
        }
        self.tail = block;
        self.len += 1;
    }

    pub(super) fn unlink(&mut self, block: BlockId) {
        let Link { next, previous } = self.links[block as usize];
        match previous {
            NIL => self.head = next,
            previous => self.links[previous as usize].next = next,
        }
        match next {
            NIL => self.tail = previous,
            next => self.links[next as usize].previous = previous,
        }
        self.len -= 1;
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = BlockId> + '_ {
        let mut at = self.head;
        std::iter::from_fn(move || {
            let block = at;
            (block != NIL).then(|| {
                at = self.links[block as usize].next;
                block
            })
        })
    }
}
