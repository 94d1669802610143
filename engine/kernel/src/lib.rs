//! The ground under every Kendall model: time, events, random streams, samplers, statistics.

pub mod event;
pub mod event_set;
pub mod stats;
pub mod time;

pub use event::EventKey;
pub use event_set::{EventSet, QuaternaryHeap, SlotTree, TournamentTree};
pub use stats::{Bucket, Histogram, TimeWeighted};
pub use time::{Dur, FineDur, FineTime, Time, TimeError};
