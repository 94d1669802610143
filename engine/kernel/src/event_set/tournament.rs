//! The event set for models whose entities have at most one pending event each.

use super::{EventSet, Hasten, SlotTree};
use crate::event::EventKey;
use crate::time::Time;

/// One slot per (rank, entity), the earliest at the root of a [`SlotTree`].
///
/// Slots are numbered by rank, then entity, and the lowest slot wins among equal times; this is
/// the order of [`EventKey`], so the tree compares times alone.
///
/// Insert, pop and cancel take O(log slots) steps; peek is O(1), but O(log slots) after a pop. A
/// popped event leaves the tree only when the next operation needs that, so that an entity whose
/// event leads to its next one, as most do, costs one pass over the tree for both.
///
/// ```
/// use kendall_kernel::{EventKey, EventSet, Time, TournamentTree};
///
/// const DEPARTURE: u8 = 0;
/// const ARRIVAL: u8 = 1;
/// // Four servers, one source.
/// let mut events = TournamentTree::new(&[4, 1]);
/// events.insert(EventKey::new(Time::from_ns(10), ARRIVAL, 0));
/// events.insert(EventKey::new(Time::from_ns(10), DEPARTURE, 3));
/// assert_eq!(events.pop().map(EventKey::rank), Some(DEPARTURE));
/// ```
#[derive(Clone, Debug)]
pub struct TournamentTree {
    tree: SlotTree,
    /// The last popped event while its key is still in the tree.
    vacated: Option<Vacated>,
    /// The first slot of each rank, and the number of slots at the end.
    first_slot: Box<[u32]>,
    /// The rank and entity of each slot, as in its keys.
    owner: Box<[u64]>,
}

/// A slot whose event was popped.
#[derive(Clone, Copy, Debug)]
struct Vacated {
    slot: u32,
    /// Of the slot, so that the entity's next event finds it without a look-up.
    owner: u64,
}

impl TournamentTree {
    /// An empty set; entry `r` says how many entities, numbered from 0, have events of rank `r`.
    ///
    /// # Panics
    /// If there are more than 256 ranks or more than 2^31 entities in all.
    #[must_use]
    pub fn new(entities_per_rank: &[u32]) -> TournamentTree {
        let ranks = entities_per_rank.len();
        assert!(ranks <= 256, "{ranks} ranks, at most 256 are possible");
        let slots: u64 = entities_per_rank.iter().copied().map(u64::from).sum();
        assert!(
            slots <= 1 << 31,
            "{slots} entities, at most 2^31 are possible"
        );
        let mut first_slot = vec![0];
        let mut owner = Vec::with_capacity(slots as usize);
        for (rank, &entities) in (0..=u8::MAX).zip(entities_per_rank) {
            owner.extend(
                (0..entities).map(|entity| EventKey::new(Time::ZERO, rank, entity).owner()),
            );
            first_slot.push(owner.len() as u32);
        }
        TournamentTree {
            tree: SlotTree::new(slots as usize),
            vacated: None,
            first_slot: first_slot.into(),
            owner: owner.into(),
        }
    }

    /// Takes back the pending event of an entity and returns it; `None` if it has none.
    ///
    /// # Panics
    /// If there is no such entity in the rank.
    #[inline]
    pub fn cancel(&mut self, rank: u8, entity: u32) -> Option<EventKey> {
        let slot = self.slot(rank, entity);
        self.settle();
        let ns = self.clear(slot)?;
        Some(EventKey::new(Time::from_ns(ns), rank, entity))
    }

    /// Inserts an event in place of the entity's pending one, if it has any.
    ///
    /// One pass over the tree where cancel and insert take two.
    ///
    /// # Panics
    /// If there is no such entity in the rank, or at [`Time::MAX`].
    #[inline]
    pub fn reschedule(&mut self, key: EventKey) {
        assert!(key.time() != Time::MAX, "{key:?}: that time means never");
        let slot = self.take_vacated(key);
        let slot = slot.unwrap_or_else(|| self.slot(key.rank(), key.entity()));
        self.tree.set(slot, key.time().as_ns());
    }

    /// When the entity's pending event happens; `None` if it has none.
    ///
    /// # Panics
    /// If there is no such entity in the rank.
    #[inline]
    #[must_use]
    pub fn scheduled(&self, rank: u8, entity: u32) -> Option<Time> {
        self.pending_in(self.slot(rank, entity)).map(Time::from_ns)
    }

    /// The time in a slot, unless that event was popped.
    #[inline]
    fn pending_in(&self, slot: usize) -> Option<u64> {
        match self.vacated {
            Some(vacated) if vacated.slot as usize == slot => None,
            _ => self.tree.get(slot),
        }
    }

    /// The slot of the entity whose event was popped last, if that is the entity of `key` and the
    /// slot was not filled since.
    #[inline]
    fn take_vacated(&mut self, key: EventKey) -> Option<usize> {
        let Vacated { slot, owner } = self.vacated?;
        if owner != key.owner() {
            return None;
        }
        self.vacated = None;
        Some(slot as usize)
    }

    /// Inserts the event of an entity other than that of the last popped event.
    fn insert_elsewhere(&mut self, key: EventKey) {
        let slot = self.slot(key.rank(), key.entity());
        assert!(
            self.tree.get(slot).is_none(),
            "{key:?}: the entity has an event pending already"
        );
        self.tree.set(slot, key.time().as_ns());
    }

    /// Takes the last popped event out of the tree, if it is still there.
    #[inline]
    fn settle(&mut self) {
        if let Some(vacated) = self.vacated.take() {
            self.clear(vacated.slot as usize);
        }
    }

    /// Out of line, so that what calls it stays small enough to be inlined.
    #[inline(never)]
    fn clear(&mut self, slot: usize) -> Option<u64> {
        self.tree.clear(slot)
    }

    #[inline]
    fn slot(&self, rank: u8, entity: u32) -> usize {
        let rank = usize::from(rank);
        let ranks = self.first_slot.len() - 1;
        assert!(rank < ranks, "rank {rank} of {ranks}");
        let first = self.first_slot[rank];
        let entities = self.first_slot[rank + 1] - first;
        assert!(
            entity < entities,
            "entity {entity} of {entities} in rank {rank}"
        );
        (first + entity) as usize
    }

    #[inline]
    fn key(&self, slot: usize, ns: u64) -> EventKey {
        EventKey::of_owner(Time::from_ns(ns), self.owner[slot])
    }
}

impl EventSet for TournamentTree {
    /// Adds the event of an entity that has none pending.
    ///
    /// # Panics
    /// If the entity has one pending already (see [`TournamentTree::reschedule`]), if there is no
    /// such entity in the rank, or at [`Time::MAX`].
    #[inline]
    fn insert(&mut self, key: EventKey) {
        assert!(key.time() != Time::MAX, "{key:?}: that time means never");
        match self.take_vacated(key) {
            Some(slot) => self.tree.set(slot, key.time().as_ns()),
            None => self.insert_elsewhere(key),
        }
    }

    #[inline]
    fn peek(&self) -> Option<EventKey> {
        let (slot, ns) = match self.vacated {
            Some(vacated) => self.tree.min_without(vacated.slot as usize)?,
            None => self.tree.min()?,
        };
        Some(self.key(slot, ns))
    }

    #[inline]
    fn pop(&mut self) -> Option<EventKey> {
        self.settle();
        let (slot, ns) = self.tree.min()?;
        let key = self.key(slot, ns);
        self.vacated = Some(Vacated {
            slot: slot as u32,
            owner: key.owner(),
        });
        Some(key)
    }

    #[inline]
    fn len(&self) -> usize {
        self.tree.occupied() - usize::from(self.vacated.is_some())
    }
}
impl Hasten for TournamentTree {
    #[inline]
    fn hasten(&mut self, from: EventKey, to: EventKey) {
        debug_assert_eq!(
            self.scheduled(from.rank(), from.entity()),
            Some(from.time())
        );
        self.reschedule(to);
    }
}
