//! Exact queueing theory, independent of the engine.

pub mod batches;
pub mod birth_death;
pub mod dist;
pub mod gim1;
pub mod impatience;
pub mod infinite;
pub mod inversion;
pub mod law;
pub mod lines;
pub mod mdk;
pub mod mg1;
pub mod mm1;
pub mod mmk;
pub mod multirate;
pub mod networks;
pub mod numeric_quantile;
pub mod parallel;
pub mod polling;
pub mod priority;
pub mod qbd;
pub mod sharing;
pub mod size_based;
pub mod tagged;

mod numeric;

pub use dist::Dist;
pub use law::NumberLaw;
