//! Classic queues against exact figures: what a case is, how cases are read, what theory says and
//! what the engine says.

pub mod by_simulation;
pub mod by_theory;
pub mod case;
mod check;
pub mod expression;
pub mod model;

mod classes;
mod csv;
mod networks;
mod notation;
mod params;
mod read;
mod recognise;

pub use by_theory::expected;
pub use case::{Figure, QueueCase, read_cases};
pub use check::check;
pub use model::Model;
pub use params::Unsupported;
pub use recognise::recognise;
