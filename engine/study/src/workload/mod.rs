//! Which requests arrive when: generated workloads, and what a scenario does to a trace.

mod generate;
mod scale;
mod spec;

pub use self::generate::{GenerateError, Generator, generate};
pub use self::scale::{ScaleError, scale_rate};
pub use self::spec::{Arrivals, GenerateSpec, PrefixSpec, SessionSpec};
