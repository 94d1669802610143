//! Event sets: what is still to happen, least key first.
//!
//! All sets give out the same keys in the same order, that of [`EventKey`]; a model may swap one
//! for another without changing a byte of its results. Which is the faster depends on its shape:
//!
//! | set | for | insert, pop | memory |
//! |---|---|---|---|
//! | [`TournamentTree`] | at most one pending event per entity | log2 of the entities | 24 to 40 bytes per entity, 40 to 72 once times are large (see [`SlotTree`]) |
//! | [`QuaternaryHeap`] | any number of events per entity | log4 of the pending | 16 bytes per pending event |
//! | [`TimingWheel`] | the same, from a few hundred pending on | a few moves of an event, whatever is pending | 16 to 32 bytes per pending event, and 1 MiB |
//!
//! [`SlotTree`] is the tree underneath the first, for minima over plain integers.
//!
//! Invariants: [`Time::MAX`](crate::Time::MAX) is reserved for "never" and is refused by every
//! set; `len` counts inserts minus pops and cancels. Deliberately absent: removal of an arbitrary
//! event from a heap or wheel, which costs a search; a model that cancels keeps its events in slots.

mod chunks;
mod heap;
mod slot_tree;
mod tournament;
mod wheel;
mod winner_tree;

#[cfg(test)]
mod tests;

pub use heap::QuaternaryHeap;
pub use slot_tree::SlotTree;
pub use tournament::TournamentTree;
pub use wheel::TimingWheel;

use crate::event::EventKey;

/// A set of pending events that gives out the least [`EventKey`] first.
///
/// ```
/// use kendall_kernel::{EventKey, EventSet, QuaternaryHeap, Time, TimingWheel, TournamentTree};
///
/// fn drain(mut set: impl EventSet) -> Vec<u32> {
///     for entity in [2, 0, 1] {
///         set.insert(EventKey::new(Time::from_ns(7), 0, entity));
///     }
///     std::iter::from_fn(|| set.pop()).map(EventKey::entity).collect()
/// }
/// assert_eq!(drain(QuaternaryHeap::new()), [0, 1, 2]);
/// assert_eq!(drain(TimingWheel::new()), [0, 1, 2]);
/// assert_eq!(drain(TournamentTree::new(&[3])), [0, 1, 2]);
/// ```
pub trait EventSet {
    /// Adds an event.
    ///
    /// # Panics
    /// If its time is [`Time::MAX`](crate::Time::MAX), which means "never", or if the set cannot
    /// hold it (see the set).
    fn insert(&mut self, key: EventKey);

    /// The next event, left in place; `None` if nothing is pending.
    fn peek(&self) -> Option<EventKey>;

    /// Takes out the next event; `None` if nothing is pending.
    fn pop(&mut self) -> Option<EventKey>;

    /// How many events are pending.
    fn len(&self) -> usize;

    /// Whether nothing is pending.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An event set whose pending events can be moved to an earlier time.
pub trait Hasten: EventSet {
    /// Moves the pending event `from` to where `to`, the same event at an earlier time, says.
    ///
    /// # Panics
    /// If `from` is not pending.
    fn hasten(&mut self, from: EventKey, to: EventKey);
}
