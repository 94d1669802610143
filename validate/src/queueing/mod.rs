//! Classic queues against exact figures: what a case is, how cases are read, what theory says.

pub mod by_theory;
pub mod case;
pub mod expression;
pub mod model;

mod classes;
mod csv;
mod networks;
mod notation;
mod params;
mod read;

pub use by_theory::expected;
pub use case::{Figure, QueueCase, read_cases};
pub use model::Model;
pub use params::Unsupported;
