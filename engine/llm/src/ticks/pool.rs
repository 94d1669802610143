//! Slots, and the step at which each of their requests leaves.
//!
//! That step is known from the start, so nothing is done for a request while it stays.

use kendall_kernel::SlotTree;

use super::queue::Waiting;
use super::record::Request;

/// A request with a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) request: Waiting,
    /// When it got its first slot, and this one.
    pub(super) scheduled: f64,
    pub(super) started: f64,
    /// When the first token was there; meaningless before `first_step`.
    pub(super) first_token: f64,
    /// The step that finds the first token; where decode is apart, the step that begins it.
    pub(super) first_step: u64,
}

impl Held {
    /// As it is seen when it has all its tokens.
    pub(super) fn finished(&self, now: f64) -> Request {
        Request {
            finished: Some(now),
            tokens: self.request.target_tokens,
            ..self.present(self.request.target_tokens)
        }
    }

    /// As it is seen when it has just its first token.
    pub(super) fn begun(&self) -> Request {
        Request {
            finished: (self.request.target_tokens == 1).then_some(self.first_token),
            ..self.present(1)
        }
    }

    /// As it is seen with so many tokens.
    pub(super) fn present(&self, tokens: u32) -> Request {
        Request {
            id: self.request.id,
            added: self.request.added,
            target_tokens: self.request.target_tokens,
            scheduled: Some(self.scheduled),
            started: Some(self.started),
            first_token: (tokens > 0).then_some(self.first_token),
            finished: None,
            tokens,
        }
    }
}

/// A number of slots.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    leaves: SlotTree,
    held: Vec<Held>,
    /// Empty slots; the last one is taken next.
    empty: Vec<u32>,
}

impl Pool {
    pub(super) fn new(slots: u32) -> Pool {
        let nobody = Held {
            request: Waiting {
                id: 0,
                added: 0.0,
                target_tokens: 0,
            },
            scheduled: 0.0,
            started: 0.0,
            first_token: 0.0,
            first_step: 0,
        };
        Pool {
            leaves: SlotTree::new(slots as usize),
            held: vec![nobody; slots as usize],
            empty: (0..slots).rev().collect(),
        }
    }

    /// Gives a request an empty slot until the step `leaves`, and returns the slot.
    #[inline]
    pub(super) fn enter(&mut self, held: Held, leaves: u64) -> u32 {
        let slot = self.empty.pop().expect("there is an empty slot");
        self.leaves.set(slot as usize, leaves);
        self.held[slot as usize] = held;
        slot
    }

    /// Takes one of those who leave at this step out of its slot.
    #[inline]
    pub(super) fn leave(&mut self, step: u64) -> Option<Held> {
        let (slot, leaves) = self.leaves.min()?;
        if leaves > step {
            return None;
        }
        self.leaves.clear(slot);
        self.empty.push(slot as u32);
        Some(self.held[slot])
    }

    /// The step at which the first leaves; beyond all steps if the pool is empty.
    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.leaves.min().map_or(u64::MAX, |(_, step)| step)
    }

    #[inline]
    pub(super) fn held_mut(&mut self, slot: u32) -> &mut Held {
        &mut self.held[slot as usize]
    }

    /// How many slots are taken.
    #[inline]
    pub(super) fn active(&self) -> u32 {
        self.leaves.occupied() as u32
    }

    /// How many are not.
    #[inline]
    pub(super) fn empty(&self) -> u32 {
        self.empty.len() as u32
    }

    /// Those in slots, by slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Held> {
        let held = self.held.iter().enumerate();
        let taken = held.filter(|(slot, _)| self.leaves.get(*slot).is_some());
        taken.map(|(_, held)| held)
    }
}
