//! The least of many integers, each in its own slot, under changes of single slots.
//!
//! A winner tree (Knuth, The Art of Computer Programming 3, section 5.2.3, "tree selection"):
//! changing a slot replays the matches on its path to the root and nothing else.
//!
//! Keys are mostly far from 2^64: nanoseconds of 50 days leave twelve bits free. So key and slot
//! share one integer, and a match is one comparison, until the first key too large for that; from
//! then on they are held apart, in a tree that is otherwise the same.

use std::hint::select_unpredictable;

use super::winner_tree::{Wide, WinnerTree};

/// Marks an empty slot.
const EMPTY: u64 = u64::MAX;

/// A fixed number of slots, each empty or holding a `u64`, with the least at hand.
///
/// `u64::MAX` is reserved for "empty". Among equal keys the lowest slot wins.
///
/// [`set`](SlotTree::set) and [`clear`](SlotTree::clear) take O(log slots) steps without
/// unpredictable branches; [`min`](SlotTree::min) is O(1). Memory: 16 bytes per slot, the number
/// of slots rounded up to a power of two; 32 once a key was at least 2^64 divided by that number,
/// less one. The first such key costs O(slots), all later ones up to half as much again.
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
    form: Form,
    /// Bits of a slot's number.
    slot_bits: u32,
    slots: usize,
    occupied: usize,
}

#[derive(Clone, Debug)]
enum Form {
    Packed(WinnerTree<u64>),
    Wide(WinnerTree<Wide>),
}

impl SlotTree {
    /// A tree of `slots` empty slots.
    ///
    /// # Panics
    /// If `slots` exceeds 2^31.
    #[must_use]
    pub fn new(slots: usize) -> SlotTree {
        assert!(slots <= 1 << 31, "{slots} slots, at most 2^31 are possible");
        SlotTree {
            form: Form::Packed(WinnerTree::new(slots)),
            slot_bits: slots.next_power_of_two().ilog2(),
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
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        if let Form::Packed(tree) = &mut self.form
            && key < EMPTY >> self.slot_bits
        {
            let before = tree.replace(slot, (key << self.slot_bits) | slot as u64);
            self.occupied += usize::from(before == EMPTY);
        } else {
            self.set_wide(slot, key);
        }
    }

    /// Puts `key` into `slot`, or empties it if `key` is `u64::MAX`: [`set`](SlotTree::set) and
    /// [`clear`](SlotTree::clear) where it cannot be foreseen which it will be.
    ///
    /// # Panics
    /// If there is no such slot.
    #[inline]
    pub fn put(&mut self, slot: usize, key: u64) {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        let empty = key == EMPTY;
        if let Form::Packed(tree) = &mut self.form
            // Wraps to 0 for an empty slot, which so needs no branch of its own.
            && key.wrapping_add(1) <= EMPTY >> self.slot_bits
        {
            let packed = (key << self.slot_bits) | slot as u64;
            let before = tree.replace(slot, select_unpredictable(empty, EMPTY, packed));
            self.occupied += usize::from(before == EMPTY);
            self.occupied -= usize::from(empty);
        } else if empty {
            self.clear(slot);
        } else {
            self.set_wide(slot, key);
        }
    }

    /// Empties `slot` and returns what it held.
    ///
    /// # Panics
    /// If there is no such slot.
    #[inline]
    pub fn clear(&mut self, slot: usize) -> Option<u64> {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        let before = match &mut self.form {
            Form::Packed(tree) => {
                let before = tree.replace(slot, EMPTY);
                self.unpack(before).map(|(_, key)| key)
            }
            Form::Wide(tree) => {
                let before = tree.replace(slot, Wide::new(EMPTY, slot));
                apart(before).map(|(_, key)| key)
            }
        };
        self.occupied -= usize::from(before.is_some());
        before
    }

    /// What `slot` holds.
    ///
    /// # Panics
    /// If there is no such slot.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<u64> {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        let held = match &self.form {
            Form::Packed(tree) => self.unpack(tree.leaf(slot)),
            Form::Wide(tree) => apart(tree.leaf(slot)),
        };
        held.map(|(_, key)| key)
    }

    /// The lowest slot with the least key, and that key; `None` if all slots are empty.
    #[inline]
    #[must_use]
    pub fn min(&self) -> Option<(usize, u64)> {
        match &self.form {
            Form::Packed(tree) => self.unpack(tree.root()),
            Form::Wide(tree) => apart(tree.root()),
        }
    }

    /// What [`min`](SlotTree::min) would be if `slot` were empty, in O(log slots).
    ///
    /// # Panics
    /// If there is no such slot.
    #[must_use]
    pub fn min_without(&self, slot: usize) -> Option<(usize, u64)> {
        assert!(slot < self.slots, "slot {slot} of {}", self.slots);
        match &self.form {
            Form::Packed(tree) => self.unpack(tree.root_without(slot)),
            Form::Wide(tree) => apart(tree.root_without(slot)),
        }
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

    /// Slot and key of a packed node, unless it is empty.
    #[inline]
    fn unpack(&self, packed: u64) -> Option<(usize, u64)> {
        let slot = packed & !(EMPTY << self.slot_bits);
        (packed != EMPTY).then_some((slot as usize, packed >> self.slot_bits))
    }

    /// Puts a key into a tree that holds keys of any size, which is made if there is none yet.
    #[inline(never)]
    fn set_wide(&mut self, slot: usize, key: u64) {
        if let Form::Packed(_) = self.form {
            let mut wide = WinnerTree::new(self.slots);
            for slot in 0..self.slots {
                if let Some(key) = self.get(slot) {
                    wide.replace(slot, Wide::new(key, slot));
                }
            }
            self.form = Form::Wide(wide);
        }
        if let Form::Wide(tree) = &mut self.form {
            let before = tree.replace(slot, Wide::new(key, slot));
            self.occupied += usize::from(before.key == EMPTY);
        }
    }
}

/// Slot and key of a wide node, unless it is empty.
#[inline]
fn apart(wide: Wide) -> Option<(usize, u64)> {
    (wide.key != EMPTY).then_some((wide.slot as usize, wide.key))
}
