//! Exact queueing theory, independent of the engine.

pub mod dist;

pub use dist::Dist;
