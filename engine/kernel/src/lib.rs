//! The ground under every Kendall model: time, events, random streams, samplers, statistics.

pub mod time;

pub use time::{Dur, FineDur, FineTime, Time, TimeError};
