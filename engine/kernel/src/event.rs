//! The identity of an event: one integer that says when, of which class and whose.
//!
//! Invariant: events are ordered by time, then class rank, then entity, and by nothing else. There
//! is no insertion counter, so the order depends neither on who scheduled first nor on the event
//! set in use. Deliberately absent: a payload. What an event means follows from its rank and
//! entity, which the model knows.

use std::fmt;

use crate::time::Time;

const RANK_SHIFT: u32 = 32;
const TIME_SHIFT: u32 = 64;

/// A pending event: time, class rank and entity packed into one integer.
///
/// Layout from the top: 64 bits of time in nanoseconds, 24 bits of zero, 8 bits of class rank,
/// 32 bits of entity. Comparing two keys compares these integers.
///
/// # Order among ties
/// Time, then class rank, then entity. Keys equal in all three are the same event; a set that
/// holds it twice gives it out twice.
///
/// ```
/// use kendall_kernel::{EventKey, Time};
///
/// let arrival = EventKey::new(Time::from_ns(5), 1, 0);
/// let departure = EventKey::new(Time::from_ns(5), 0, 9);
/// assert!(departure < arrival, "the lower rank goes first at one instant");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey(u128);

impl EventKey {
    /// The event of class `rank` at `time` that concerns `entity`.
    ///
    /// [`Time::MAX`] can be packed, but event sets reserve it for "never" and refuse it.
    #[inline]
    #[must_use]
    pub const fn new(time: Time, rank: u8, entity: u32) -> EventKey {
        EventKey(
            ((time.as_ns() as u128) << TIME_SHIFT)
                | ((rank as u128) << RANK_SHIFT)
                | entity as u128,
        )
    }

    /// Puts a key together from its halves; the lower is that of [`owner`](EventKey::owner).
    #[inline]
    pub(crate) const fn of_owner(time: Time, owner: u64) -> EventKey {
        EventKey(((time.as_ns() as u128) << TIME_SHIFT) | owner as u128)
    }

    /// Class rank and entity in one integer, the lower half of the key.
    #[inline]
    pub(crate) const fn owner(self) -> u64 {
        self.0 as u64
    }

    /// When it happens.
    #[inline]
    #[must_use]
    pub const fn time(self) -> Time {
        Time::from_ns((self.0 >> TIME_SHIFT) as u64)
    }

    /// Its class; the lower rank goes first among events of one instant.
    #[inline]
    #[must_use]
    pub const fn rank(self) -> u8 {
        (self.0 >> RANK_SHIFT) as u8
    }

    /// Whose event it is; the lower number goes first within a class at one instant.
    #[inline]
    #[must_use]
    pub const fn entity(self) -> u32 {
        self.0 as u32
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, rank, entity) = (self.time(), self.rank(), self.entity());
        write!(f, "event of rank {rank}, entity {entity} at {time:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_gives_back_its_parts(ns: u64, rank: u8, entity: u32) {
            let key = EventKey::new(Time::from_ns(ns), rank, entity);
            prop_assert_eq!(key.time(), Time::from_ns(ns));
            prop_assert_eq!(key.rank(), rank);
            prop_assert_eq!(key.entity(), entity);
        }

        #[test]
        fn the_order_is_time_then_rank_then_entity(
            a in (0..3_u64, 0..3_u8, 0..3_u32),
            b in (0..3_u64, 0..3_u8, 0..3_u32),
        ) {
            let key = |(ns, rank, entity)| EventKey::new(Time::from_ns(ns), rank, entity);
            prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
        }
    }
}
