//! The tree underneath [`SlotTree`](super::SlotTree), over either form of its nodes.

use std::hint::select_unpredictable;

/// What stands at a node: a key and the slot that it came from. Ordered by key, then slot.
pub(super) trait Contender: Copy {
    /// Greater than any with a key.
    const EMPTY: Self;

    /// The lesser of this one, at `node`, and its sibling.
    fn play(self, rival: Self, node: usize) -> Self;
}

/// Key above, slot below, in as many bits as there are slots.
impl Contender for u64 {
    const EMPTY: u64 = u64::MAX;

    /// Which of two random keys is the lesser cannot be predicted, hence no branch.
    #[inline]
    fn play(self, rival: u64, _: usize) -> u64 {
        select_unpredictable(rival < self, rival, self)
    }
}

/// A key of any size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide {
    pub(super) key: u64,
    pub(super) slot: u32,
}

impl Wide {
    #[inline]
    pub(super) fn new(key: u64, slot: usize) -> Wide {
        let slot = slot as u32;
        Wide { key, slot }
    }
}

impl Contender for Wide {
    const EMPTY: Wide = Wide {
        key: u64::MAX,
        slot: 0,
    };

    /// The left of two siblings has the lower slots and so wins ties: it loses from the rival's key
    /// plus one on, the right one from the rival's key on. That is known before the new key
    /// arrives, whose way up is one comparison per level. Where the sum would overflow, both are
    /// empty or the rival is, and of empty nodes the slots do not matter.
    #[inline]
    fn play(self, rival: Wide, node: usize) -> Wide {
        let rival_is_right = (node as u64 & 1) ^ 1;
        let lost = self.key >= rival.key.saturating_add(rival_is_right);
        Wide {
            key: select_unpredictable(lost, rival.key, self.key),
            slot: select_unpredictable(lost, rival.slot, self.slot),
        }
    }
}

/// A winner tree: the leaves are the slots, every other node repeats the lesser of its children.
#[derive(Clone, Debug)]
pub(super) struct WinnerTree<C> {
    /// The root is node 1, the children of `i` are `2i` and `2i + 1`, the slots are the nodes from
    /// half of the length on; element 0 is unused.
    nodes: Box<[C]>,
}

impl<C: Contender> WinnerTree<C> {
    /// All slots empty, their number rounded up to a power of two.
    pub(super) fn new(slots: usize) -> WinnerTree<C> {
        WinnerTree {
            nodes: vec![C::EMPTY; 2 * slots.next_power_of_two()].into(),
        }
    }

    /// The least.
    #[inline]
    pub(super) fn root(&self) -> C {
        self.nodes[1]
    }

    #[inline]
    pub(super) fn leaf(&self, slot: usize) -> C {
        self.nodes[self.nodes.len() / 2 + slot]
    }

    /// The least if `slot` were empty.
    pub(super) fn root_without(&self, slot: usize) -> C {
        let mut winner = C::EMPTY;
        let mut node = self.nodes.len() / 2 + slot;
        while node > 1 {
            winner = winner.play(self.nodes[node ^ 1], node);
            node /= 2;
        }
        winner
    }

    /// Writes a leaf, replays its path to the root and returns what was there.
    #[inline]
    pub(super) fn replace(&mut self, slot: usize, with: C) -> C {
        let nodes = &mut self.nodes[..];
        let mut node = nodes.len() / 2 + slot;
        let before = std::mem::replace(&mut nodes[node], with);
        let mut winner = with;
        while node > 1 {
            winner = winner.play(nodes[node ^ 1], node);
            node /= 2;
            nodes[node] = winner;
        }
        before
    }
}
