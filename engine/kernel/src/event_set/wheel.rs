//! The event set for large models whose entities have any number of pending events.

use super::chunks::{Chunks, Pile};
use super::{EventSet, QuaternaryHeap};
use crate::event::EventKey;
use crate::time::Time;

/// Bits of a time that one level tells apart.
const DIGIT_BITS: u32 = 6;
/// Slots of a level, one per value of its digit; their states fill one integer.
const SLOTS: usize = 1 << DIGIT_BITS;
/// Levels that 64 bits take.
const LEVELS: usize = 64_usize.div_ceil(DIGIT_BITS as usize);

/// A hierarchical timing wheel: a calendar of events whose pages cover ever longer times.
///
/// Times are numbers of eleven digits to the base of 64. An event lies at the highest digit in
/// which its time differs from that of the last popped event, in the slot of that digit's value:
/// what is next is found from the lowest level that holds anything, in its first slot. When that
/// slot's first event is popped, the others move to lower levels, each at most ten times, and in
/// bulk (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7; that no
/// slot is visited on the way there is from the radix heap of Ahuja, Mehlhorn, Orlin and Tarjan,
/// "Faster Algorithms for the Shortest Path Problem", Journal of the ACM 37, 1990).
///
/// Nothing is tuned to the distribution of times, so clusters, gaps and far futures cost no more
/// than their digits. Events of one nanosecond are sorted, in O(log n) each. Events earlier than
/// the last popped one are allowed, but not what the wheel is for: a heap holds them.
///
/// Insert takes O(1) steps, pop O(1) amortised over the digits of the distance to the event; one
/// pop may move many events. Peek is O(1). Equal keys may be held several times. Memory: up to 32
/// bytes per event at the greatest number of events so far, as much again for events of a single
/// nanosecond, and less than 1 MiB besides.
///
/// ```
/// use kendall_kernel::{EventKey, EventSet, Time, TimingWheel};
///
/// let mut events = TimingWheel::new();
/// events.insert(EventKey::new(Time::from_ns(u64::MAX - 1), 0, 1));
/// events.insert(EventKey::new(Time::from_ns(4), 0, 1));
/// assert_eq!(events.pop().map(|key| key.time().as_ns()), Some(4));
/// assert_eq!(events.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct TimingWheel {
    /// The time of the last popped event. Slots hold later ones only.
    now: u64,
    /// The next event, left where it is.
    next: Option<EventKey>,
    /// Events of time `now` that were met when it became that, the least at the end.
    current: Vec<EventKey>,
    /// Events of time `now` or earlier that were inserted since.
    late: QuaternaryHeap,
    levels: Box<[Level]>,
    /// Bit `l`: whether level `l` holds anything.
    occupied: u32,
    chunks: Chunks,
    len: usize,
}

/// The events that differ from `now` at one digit and at none above.
#[derive(Clone, Debug)]
struct Level {
    /// Bit `d`: whether slot `d` holds anything.
    occupied: u64,
    slots: [Slot; SLOTS],
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The least key, if there is any.
    least: EventKey,
    events: Pile,
}

/// What a slot holds says nothing while it is not occupied.
const VACANT: Slot = Slot {
    least: EventKey::new(Time::MAX, 0, 0),
    events: Pile::EMPTY,
};

impl Default for TimingWheel {
    fn default() -> TimingWheel {
        TimingWheel::new()
    }
}

impl TimingWheel {
    /// An empty wheel at time 0.
    #[must_use]
    pub fn new() -> TimingWheel {
        let level = Level {
            occupied: 0,
            slots: [VACANT; SLOTS],
        };
        TimingWheel {
            now: 0,
            next: None,
            current: Vec::new(),
            late: QuaternaryHeap::new(),
            levels: vec![level; LEVELS].into(),
            occupied: 0,
            chunks: Chunks::default(),
            len: 0,
        }
    }

    /// Files an event that is later than `now`.
    #[inline]
    fn file(&mut self, key: EventKey) {
        let (level, slot) = place(key.time().as_ns(), self.now);
        let page = &mut self.levels[level];
        let held = &mut page.slots[slot];
        if page.occupied & (1 << slot) == 0 {
            page.occupied |= 1 << slot;
            self.occupied |= 1 << level;
            held.least = key;
        } else {
            held.least = held.least.min(key);
        }
        self.chunks.push(&mut held.events, key);
    }

    /// Makes the time of `next`, which lies in a slot, the current one: takes `next` out and
    /// refiles what shared its slot.
    fn advance(&mut self, next: EventKey) {
        let time = next.time().as_ns();
        let (level, slot) = place(time, self.now);
        self.now = time;
        let page = &mut self.levels[level];
        page.occupied &= !(1 << slot);
        if page.occupied == 0 {
            self.occupied &= !(1 << level);
        }
        let mut pile = std::mem::replace(&mut page.slots[slot].events, Pile::EMPTY);
        if self.chunks.is_single(&pile) {
            self.chunks.discard(pile);
            return;
        }
        while let Some(key) = self.chunks.pop(&mut pile) {
            if key.time().as_ns() == time {
                self.current.push(key);
            } else {
                self.file(key);
            }
        }
        if self.current.len() > 1 {
            self.current.sort_unstable_by(|a, b| b.cmp(a));
        }
        let popped = self.current.pop();
        debug_assert_eq!(popped, Some(next), "the least of its slot");
    }

    /// The least event, found anew.
    #[inline]
    fn find_next(&self) -> Option<EventKey> {
        match (self.current.last(), self.late.peek()) {
            (None, None) => self.first_filed(),
            (Some(&current), None) => Some(current),
            (None, late) => late,
            (Some(&current), Some(late)) => Some(current.min(late)),
        }
    }

    /// The least event in a slot.
    #[inline]
    fn first_filed(&self) -> Option<EventKey> {
        if self.occupied == 0 {
            return None;
        }
        let level = &self.levels[self.occupied.trailing_zeros() as usize];
        let slot = level.occupied.trailing_zeros() as usize;
        Some(level.slots[slot & (SLOTS - 1)].least)
    }
}

/// The level and slot of a time after `now`.
#[inline]
fn place(time: u64, now: u64) -> (usize, usize) {
    let level = (time ^ now).ilog2() / DIGIT_BITS;
    let digit = (time >> (level * DIGIT_BITS)) as usize % SLOTS;
    (level as usize, digit)
}

impl EventSet for TimingWheel {
    #[inline]
    fn insert(&mut self, key: EventKey) {
        assert!(key.time() != Time::MAX, "{key:?}: that time means never");
        if key.time().as_ns() > self.now {
            self.file(key);
        } else {
            self.late.insert(key);
        }
        self.len += 1;
        self.next = Some(self.next.map_or(key, |next| next.min(key)));
    }

    #[inline]
    fn peek(&self) -> Option<EventKey> {
        self.next
    }

    #[inline]
    fn pop(&mut self) -> Option<EventKey> {
        let next = self.next?;
        self.len -= 1;
        if next.time().as_ns() > self.now {
            self.advance(next);
        } else if self.current.last() == Some(&next) {
            self.current.pop();
        } else {
            self.late.pop();
        }
        self.next = self.find_next();
        Some(next)
    }

    #[inline]
    fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunks::CHUNK;
    use super::*;

    /// Whatever the distances, memory follows the pending events and not those that have been.
    #[test]
    fn memory_is_that_of_the_pending_events() {
        let pending = 1000_u32;
        let mut wheel = TimingWheel::new();
        for entity in 0..pending {
            wheel.insert(EventKey::new(Time::from_ns(u64::from(entity)), 0, entity));
        }
        let mut noise = 1_u64;
        for _ in 0..200_000 {
            let key = wheel.pop().unwrap();
            noise = noise.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            // Distances of every order of magnitude up to a day.
            let gap = (noise >> 17) >> (noise % 47);
            let later = Time::from_ns(key.time().as_ns() + gap);
            wheel.insert(EventKey::new(later, 0, key.entity()));
        }
        let piles = LEVELS * SLOTS;
        let most = pending as usize + piles * CHUNK;
        let room = wheel.chunks.capacity();
        assert!(room <= most, "room for {room} of at most {most} keys");
        let of_one_instant = wheel.current.capacity() + wheel.late.len();
        assert!(of_one_instant <= 2 * pending as usize);
    }
}
