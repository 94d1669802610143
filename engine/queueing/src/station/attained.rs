//! Those who have had the least service are served together (foreground-background).
//!
//! Customers of equal attained service form a level; only the lowest level is served, its members
//! by equal shares. When it reaches the next level the two become one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Fired;
use crate::agenda::Moment;
use crate::draw::LONGEST_NS;
use crate::totals;

/// Binary places of attained nanoseconds.
const ATTAINED_BITS: u32 = 24;

/// Size, number and handle.
type Member = Reverse<(u64, u64, u32)>;

/// Customers of equal attained service.
#[derive(Clone, Debug)]
struct Level {
    /// What each has attained, with [`ATTAINED_BITS`] binary places.
    attained: u128,
    members: BinaryHeap<Member>,
}

/// A station with one server under least attained service.
#[derive(Clone, Debug)]
pub(super) struct Attained {
    /// The lowest level last.
    levels: Vec<Level>,
    /// Emptied heaps, to be used again.
    spare: Vec<BinaryHeap<Member>>,
    updated: u64,
}

impl Attained {
    pub(super) fn new() -> Attained {
        Attained {
            levels: Vec::new(),
            spare: Vec::new(),
            updated: 0,
        }
    }

    pub(super) fn arrive(&mut self, id: u32, moment: &mut Moment, busy: &mut totals::Level) {
        let now = moment.now;
        self.advance(now);
        if self.levels.is_empty() {
            busy.more(now);
        }
        let customer = moment.pool.get_mut(id);
        customer.started = now;
        let member = Reverse((customer.size, customer.number, id));
        match self.levels.last_mut() {
            Some(level) if level.attained == 0 => level.members.push(member),
            _ => {
                let mut members = self.spare.pop().unwrap_or_default();
                members.push(member);
                self.levels.push(Level {
                    attained: 0,
                    members,
                });
            }
        }
        self.plan(moment);
    }

    pub(super) fn fire(&mut self, moment: &mut Moment, busy: &mut totals::Level) -> Fired {
        let now = moment.now;
        self.advance(now);
        let fired = self.leave_or_merge();
        if self.levels.is_empty() {
            busy.less(now);
        }
        self.plan(moment);
        fired
    }

    /// What happens to the lowest level now: a member has all its service, or the level has
    /// reached the next one.
    fn leave_or_merge(&mut self) -> Fired {
        let Some(mut level) = self.levels.pop() else {
            return Fired::Nothing;
        };
        let least = level
            .members
            .peek()
            .map_or(u64::MAX, |Reverse((size, ..))| *size);
        // Past both within one nanosecond: what comes first counts.
        let above = self.levels.last().map_or(u128::MAX, |above| above.attained);
        if fixed(least) <= level.attained.min(above) {
            let Reverse((_, _, id)) = level.members.pop().expect("it was looked at");
            if level.members.is_empty() {
                self.spare.push(level.members);
            } else {
                self.levels.push(level);
            }
            return Fired::Served { id, server: 0 };
        }
        match self.levels.last_mut() {
            Some(above) if above.attained <= level.attained => {
                // Few go to many.
                if above.members.len() < level.members.len() {
                    std::mem::swap(&mut above.members, &mut level.members);
                }
                above.members.extend(level.members.drain());
                self.spare.push(level.members);
            }
            _ => self.levels.push(level),
        }
        Fired::Nothing
    }

    fn advance(&mut self, now: u64) {
        let elapsed = now - self.updated;
        self.updated = now;
        if let Some(level) = self.levels.last_mut() {
            let sharers = level.members.len() as u128;
            level.attained += (u128::from(elapsed) << ATTAINED_BITS) / sharers;
        }
    }

    fn plan(&self, moment: &mut Moment) {
        let Some(level) = self.levels.last() else {
            return moment.plan(0, u64::MAX);
        };
        let least = level.members.peek();
        let least = least.map_or(u64::MAX, |Reverse((size, ..))| *size);
        let above = self.levels.iter().rev().nth(1);
        let above = above.map_or(u128::MAX, |level| level.attained);
        let left = fixed(least).min(above).saturating_sub(level.attained);
        let wall = left * level.members.len() as u128;
        let up = (wall + ((1 << ATTAINED_BITS) - 1)) >> ATTAINED_BITS;
        let up = u64::try_from(up).map_or(LONGEST_NS, |up| up.min(LONGEST_NS));
        moment.plan(0, self.updated.saturating_add(up));
    }
}

fn fixed(ns: u64) -> u128 {
    u128::from(ns) << ATTAINED_BITS
}
