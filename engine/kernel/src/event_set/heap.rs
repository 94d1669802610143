//! The event set for models whose entities have any number of pending events.

use std::hint::select_unpredictable;

use super::{EventSet, Hasten};
use crate::event::EventKey;
use crate::time::Time;

/// Children per node.
const ARITY: usize = 4;

/// An implicit heap of packed keys with four children per node.
///
/// Half as deep as a binary heap, and the four children that a step compares lie in one or two
/// cache lines (`LaMarca` and Ladner, "The Influence of Caches on the Performance of Heaps", ACM
/// Journal of Experimental Algorithmics 1, 1996).
///
/// Insert takes O(log n) steps, O(1) for keys later than most; pop takes O(log n); peek is O(1).
/// Equal keys may be held several times.
///
/// ```
/// use kendall_kernel::{EventKey, EventSet, QuaternaryHeap, Time};
///
/// let mut events = QuaternaryHeap::new();
/// events.insert(EventKey::new(Time::from_ns(9), 0, 1));
/// events.insert(EventKey::new(Time::from_ns(4), 0, 1));
/// assert_eq!(events.pop().map(|key| key.time().as_ns()), Some(4));
/// assert_eq!(events.len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct QuaternaryHeap {
    /// The children of `i` are `4i + 1` to `4i + 4`; no key is less than its parent.
    keys: Vec<EventKey>,
}

impl QuaternaryHeap {
    /// An empty heap.
    #[must_use]
    pub fn new() -> QuaternaryHeap {
        QuaternaryHeap::default()
    }

    /// An empty heap with room for `events` before it allocates again.
    #[must_use]
    pub fn with_capacity(events: usize) -> QuaternaryHeap {
        QuaternaryHeap {
            keys: Vec::with_capacity(events),
        }
    }
}

impl EventSet for QuaternaryHeap {
    #[inline]
    fn insert(&mut self, key: EventKey) {
        assert!(key.time() != Time::MAX, "{key:?}: that time means never");
        self.keys.push(key);
        sift_up(&mut self.keys, key);
    }

    #[inline]
    fn peek(&self) -> Option<EventKey> {
        self.keys.first().copied()
    }

    #[inline]
    fn pop(&mut self) -> Option<EventKey> {
        let last = self.keys.pop()?;
        let Some(&first) = self.keys.first() else {
            return Some(last);
        };
        sift_down(&mut self.keys, last);
        Some(first)
    }

    #[inline]
    fn len(&self) -> usize {
        self.keys.len()
    }
}

/// Costs a search.
impl Hasten for QuaternaryHeap {
    fn hasten(&mut self, from: EventKey, to: EventKey) {
        let at = self.keys.iter().position(|&key| key == from);
        let at = at.expect("the event to hasten is pending");
        sift_up(&mut self.keys[..=at], to);
    }
}

/// Moves the hole at the end towards the root until `key` may fill it.
#[inline]
fn sift_up(keys: &mut [EventKey], key: EventKey) {
    let mut hole = keys.len() - 1;
    while hole > 0 {
        let parent = (hole - 1) / ARITY;
        if keys[parent] <= key {
            break;
        }
        keys[hole] = keys[parent];
        hole = parent;
    }
    keys[hole] = key;
}

/// Moves the hole at the root towards the leaves until `key` may fill it.
#[inline]
fn sift_down(keys: &mut [EventKey], key: EventKey) {
    let mut hole = 0;
    loop {
        let first = ARITY * hole + 1;
        let Some((child, least)) = least_child(keys, first) else {
            break;
        };
        if key <= least {
            break;
        }
        keys[hole] = least;
        hole = child;
    }
    keys[hole] = key;
}

/// The least of the up to four keys from `first` on, with its position.
#[inline]
fn least_child(keys: &[EventKey], first: usize) -> Option<(usize, EventKey)> {
    if let Some(&[a, b, c, d]) = keys.get(first..first + ARITY) {
        // Two independent matches and a final. Their outcomes cannot be predicted, so no branches.
        let left = select_unpredictable(b < a, (first + 1, b), (first, a));
        let right = select_unpredictable(d < c, (first + 3, d), (first + 2, c));
        return Some(select_unpredictable(right.1 < left.1, right, left));
    }
    let rest = keys.get(first..)?;
    (first..)
        .zip(rest.iter().copied())
        .min_by_key(|&(_, key)| key)
}
