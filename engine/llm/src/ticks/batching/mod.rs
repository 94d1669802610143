//! Who is admitted when: a strategy per file.
//!
//! A strategy is asked once per step, after finished requests have left and new ones have arrived.
//! Its answer can change only with an event (a first token, a finish, an arrival), which is why
//! steps between events need no question.

mod in_flight;
mod one_prefill;
mod static_batches;

use serde::{Deserialize, Serialize};

/// A strategy by its name.
///
/// Prefill in chunks is not one of its own: [`Batching::InFlight`] with more than one chunk per
/// prefill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Batching {
    /// A new batch when all of the one before have finished.
    Static,
    /// Every empty slot is filled at once.
    #[default]
    InFlight,
    /// One request at a time, when nobody is in prefill.
    OnePrefill,
}

impl Batching {
    /// Every strategy with what it does.
    pub const ALL: [(Batching, &'static str); 3] = [
        (
            Batching::Static,
            "a new batch when all of the one before have finished",
        ),
        (Batching::InFlight, "every empty slot is filled at once"),
        (
            Batching::OnePrefill,
            "one request at a time, when nobody is in prefill",
        ),
    ];

    /// The name that configuration files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Batching::Static => "static",
            Batching::InFlight => "in-flight",
            Batching::OnePrefill => "one-prefill",
        }
    }

    /// Most requests to admit now; the queue may hold fewer.
    #[inline]
    pub(super) fn room(self, batch: Batch) -> u32 {
        match self {
            Batching::Static => static_batches::room(batch),
            Batching::InFlight => in_flight::room(batch),
            Batching::OnePrefill => one_prefill::room(batch),
        }
    }
}

/// What a strategy sees of the slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    /// How many there are.
    pub(super) slots: u32,
    /// How many are taken.
    pub(super) active: u32,
    /// How many of those have no token yet.
    pub(super) prefilling: u32,
}

impl Batch {
    /// Slots that are free.
    fn empty(self) -> u32 {
        self.slots - self.active
    }
}
