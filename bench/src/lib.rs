//! What benchmarks share: workloads of our own making, recorders that measure, digests.
//!
//! A benchmark prints a [`Digest`] of what it computes, so that a change that makes it faster and
//! a change that makes it do something else can be told apart. Times are processor times
//! ([`clock`]), since machines are shared.
//!
//! Deliberately absent: comparisons with other simulators, which are programs of their own in
//! `peers`, and thresholds of time; what must hold on every machine is a test, and `gate` compares
//! counts of instructions.

pub mod clock;
pub mod digest;
pub mod queues;
pub mod recorders;
pub mod records;
pub mod textbook;
pub mod ticks;
pub mod traces;
pub mod workload;

pub use digest::{Digest, RequestDigest};
pub use recorders::{Finished, Stopwatch};
