//! Statistics that are exact, or that say how inexact they are.
//!
//! Invariants: what is accumulated is an integer, so that two runs, merged in any order, give the
//! same bytes; floating point appears only in what is read out. Deliberately absent: confidence
//! intervals, which belong to whoever knows what the replications were.

pub mod distribution;
mod histogram;
mod time_weighted;

pub use histogram::{Bucket, Histogram};
pub use time_weighted::TimeWeighted;
