//! Where requests come from: a kind of load per file.

mod batch;
mod concurrent;
mod rate;

use self::batch::Batch;
use self::concurrent::Concurrent;
use self::rate::Rate;
use super::config::Load;

/// A load during a run.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Batch(Batch),
    Concurrent(Concurrent),
    Rate(Rate),
}

impl Source {
    pub(super) fn new(load: Load) -> Source {
        match load {
            Load::Batch { requests } => Source::Batch(Batch::new(requests)),
            Load::Concurrent { requests } => Source::Concurrent(Concurrent::new(requests)),
            Load::Rate { per_tick } => Source::Rate(Rate::new(per_tick)),
        }
    }

    /// How many arrive at the step that begins `now`, when `present` are queued or active.
    #[inline]
    pub(super) fn due(&mut self, now: f64, present: u64) -> u64 {
        match self {
            Source::Batch(batch) => batch.due(),
            Source::Concurrent(concurrent) => concurrent.due(present),
            Source::Rate(rate) => rate.due(now),
        }
    }

    /// From when on somebody arrives although nobody left; infinite if never.
    #[inline]
    pub(super) fn next(&self) -> f64 {
        match self {
            Source::Batch(_) | Source::Concurrent(_) => f64::INFINITY,
            Source::Rate(rate) => rate.next(),
        }
    }
}
