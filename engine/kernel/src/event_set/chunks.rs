//! Piles of keys that share one block of memory.

use crate::event::EventKey;

/// Keys of a chunk, 512 bytes. Large enough that a pile is read in sequence (with half of it a
/// million events take twice as long), small enough that hundreds of piles that are nearly empty
/// take little.
pub(super) const CHUNK: usize = 32;

/// Marks the end of a list of chunks.
const NONE: u32 = u32::MAX;

/// Keys in no order, in chunks of a [`Chunks`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Pile {
    /// The chunk that is not full, [`NONE`] if the pile is empty; all others are full.
    top: u32,
    /// Keys in that chunk.
    fill: u32,
}

impl Pile {
    pub(super) const EMPTY: Pile = Pile {
        top: NONE,
        // As if full, so that the next key begins a chunk.
        fill: CHUNK as u32,
    };
}

/// The memory of any number of piles.
///
/// It grows with the number of chunks in use and never shrinks. Only the top chunk of a pile may be
/// partly empty.
#[derive(Clone, Debug)]
pub(super) struct Chunks {
    keys: Vec<[EventKey; CHUNK]>,
    /// The chunk below each one, in its pile or in the list of those that are free.
    below: Vec<u32>,
    free: u32,
}

impl Default for Chunks {
    fn default() -> Chunks {
        Chunks {
            keys: Vec::new(),
            below: Vec::new(),
            free: NONE,
        }
    }
}

impl Chunks {
    #[inline]
    pub(super) fn push(&mut self, pile: &mut Pile, key: EventKey) {
        if pile.fill as usize == CHUNK {
            pile.top = self.chunk_above(pile.top, key);
            pile.fill = 1;
            return;
        }
        self.keys[pile.top as usize][pile.fill as usize % CHUNK] = key;
        pile.fill += 1;
    }

    /// Takes out the key that was pushed last.
    #[inline]
    pub(super) fn pop(&mut self, pile: &mut Pile) -> Option<EventKey> {
        if pile.top == NONE {
            return None;
        }
        pile.fill -= 1;
        let key = self.keys[pile.top as usize][pile.fill as usize % CHUNK];
        if pile.fill == 0 {
            let below = self.release(pile.top);
            *pile = Pile {
                top: below,
                ..Pile::EMPTY
            };
        }
        Some(key)
    }

    /// Whether it is a pile of one key.
    #[inline]
    pub(super) fn is_single(&self, pile: &Pile) -> bool {
        pile.fill == 1 && self.below[pile.top as usize] == NONE
    }

    /// Gives back the memory of a pile of one chunk.
    #[inline]
    pub(super) fn discard(&mut self, pile: Pile) {
        self.release(pile.top);
    }

    /// A chunk on top of another, with its first key.
    #[inline]
    fn chunk_above(&mut self, below: u32, key: EventKey) -> u32 {
        let chunk = self.free;
        if chunk == NONE {
            return self.grow(below, key);
        }
        self.free = std::mem::replace(&mut self.below[chunk as usize], below);
        self.keys[chunk as usize][0] = key;
        chunk
    }

    #[inline(never)]
    fn grow(&mut self, below: u32, key: EventKey) -> u32 {
        let chunk = self.keys.len();
        assert!(chunk < NONE as usize, "more than 2^37 events");
        self.keys.push([key; CHUNK]);
        self.below.push(below);
        chunk as u32
    }

    /// Frees a chunk and returns the one below it.
    #[inline]
    fn release(&mut self, chunk: u32) -> u32 {
        let below = std::mem::replace(&mut self.below[chunk as usize], self.free);
        self.free = chunk;
        below
    }
}

#[cfg(test)]
impl Chunks {
    /// Keys for which there is room.
    pub(super) fn capacity(&self) -> usize {
        self.keys.len() * CHUNK
    }
}
