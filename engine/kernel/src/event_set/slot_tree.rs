//! The least of many integers, each in its own slot, under changes of single slots.
//!
//! A winner tree (Knuth, The Art of Computer Programming 3, section 5.2.3, "tree selection"):
//! the leaves are the slots, every inner node repeats the lesser of its two children, the root is
//! the answer. Changing a slot replays the matches on its path to the root and nothing else.

use std::hint::select_unpredictable;

/// Marks an empty slot.
const EMPTY: u64 = u64::MAX;

/// A node's key and the slot that it came from.
#[derive(Clone, Copy)]
struct Contender {
    key: u64,
    slot: u32,
}

impl Contender {
    /// The lesser by key, then by slot: `self` stands at `node`, `rival` at its sibling.
    ///
    /// The left sibling has the lower slots and so wins ties. That makes the rule
    /// `rival < key + 1` at a right node and `rival < key` at a left one, which two borrows
    /// answer without an overflow. Which of two random keys is the lesser cannot be predicted,
    /// hence no branch.
    #[inline]
    fn play(self, rival: Contender, node: usize) -> Contender {
        let at_right = (node & 1) as u64;
        let (difference, less) = rival.key.overflowing_sub(self.key);
        let (_, less_or_equal) = difference.overflowing_sub(at_right);
        let lost = less | less_or_equal;
        Contender {
            key: select_unpredictable(lost, rival.key, self.key),
            slot: select_unpredictable(lost, rival.slot, self.slot),
        }
    }
}

/// A fixed number of slots, each empty or holding a `u64`, with the least at hand.
///
/// `u64::MAX` is reserved for "empty". Among equal keys the lowest slot wins.
///
/// [`set`](SlotTree::set) and [`clear`](SlotTree::clear) take O(log slots) steps without
/// unpredictable branches; [`min`](SlotTree::min) is O(1). Memory: 24 bytes per slot, the number
/// of slots rounded up to a power of two.
///
/// ```
/// use kendall_kernel::SlotTree;
///
/// let mut tree = SlotTree::new(3);
/// tree.set(2, 40);
/// tree.set(1, 40);
/// assert_eq!(tree.min(), Some((1, 40)));
/// tree.clear(1);
/// assert_eq!(tree.min(), Some((2, 40)));
/// ```
#[derive(Clone, Debug)]
pub struct SlotTree {
    /// The least key below each node. The root is node 1, the children of `i` are `2i` and
    /// `2i + 1`, the slots are the nodes from `leaves` on; element 0 is unused.
    keys: Box<[u64]>,
    /// The slot that the key of each node came from.
    winners: Box<[u32]>,
    leaves: usize,
    slots: usize,
    occupied: usize,
}

impl SlotTree {
    /// A tree of `slots` empty slots.
    ///
    /// # Panics
    /// If `slots` exceeds 2^31.
    #[must_use]
    pub fn new(slots: usize) -> SlotTree {
        assert!(slots <= 1 << 31, "{slots} slots, at most 2^31 are possible");
        let leaves = slots.next_power_of_two();
        // While all slots are empty the leftmost below a node wins.
        let leftmost = |node: usize| {
            let height = leaves.ilog2() - node.max(1).ilog2();
            (node << height).saturating_sub(leaves) as u32
        };
        SlotTree {
            keys: vec![EMPTY; 2 * leaves].into(),
            winners: (0..2 * leaves).map(leftmost).collect(),
            leaves,
            slots,
            occupied: 0,
        }
    }

    /// Puts `key` into `slot`, replacing what was there.
    ///
    /// # Panics
    /// If there is no such slot, or if `key` is `u64::MAX`, which means "empty".
    #[inline]
    pub fn set(&mut self, slot: usize, key: u64) {
        assert!(key != EMPTY, "the key u64::MAX is reserved for empty slots");
        let before = self.replace(slot, key);
        self.occupied += usize::from(before == EMPTY);
    }

    /// Empties `slot` and returns what it held.
    ///
    /// # Panics
    /// If there is no such slot.
    #[inline]
    pub fn clear(&mut self, slot: usize) -> Option<u64> {
        let before = self.replace(slot, EMPTY);
        self.occupied -= usize::from(before != EMPTY);
        (before != EMPTY).then_some(before)
    }

    /// What `slot` holds.
    ///
    /// # Panics
    /// If there is no such slot.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<u64> {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        let key = self.keys[self.leaves + slot];
        (key != EMPTY).then_some(key)
    }

    /// The lowest slot with the least key, and that key; `None` if all slots are empty.
    #[inline]
    #[must_use]
    pub fn min(&self) -> Option<(usize, u64)> {
        let key = self.keys[1];
        (key != EMPTY).then_some((self.winners[1] as usize, key))
    }

    /// What [`min`](SlotTree::min) would be if `slot` were empty, in O(log slots).
    ///
    /// # Panics
    /// If there is no such slot.
    #[must_use]
    pub fn min_without(&self, slot: usize) -> Option<(usize, u64)> {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        let mut winner = Contender {
            key: EMPTY,
            slot: slot as u32,
        };
        let mut node = self.leaves + slot;
        while node > 1 {
            winner = winner.play(self.contender(node ^ 1), node);
            node >>= 1;
        }
        (winner.key != EMPTY).then_some((winner.slot as usize, winner.key))
    }

    /// How many slots there are, empty ones included.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// How many slots hold a key.
    #[inline]
    #[must_use]
    pub fn occupied(&self) -> usize {
        self.occupied
    }

    /// Writes a leaf, replays its path to the root and returns the key that was there.
    #[inline]
    fn replace(&mut self, slot: usize, key: u64) -> u64 {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        let mut node = self.leaves + slot;
        let before = std::mem::replace(&mut self.keys[node], key);
        let mut winner = Contender {
            key,
            slot: slot as u32,
        };
        while node > 1 {
            winner = winner.play(self.contender(node ^ 1), node);
            node >>= 1;
            self.keys[node] = winner.key;
            self.winners[node] = winner.slot;
        }
        before
    }

    #[inline]
    fn contender(&self, node: usize) -> Contender {
        Contender {
            key: self.keys[node],
            slot: self.winners[node],
        }
    }
}
