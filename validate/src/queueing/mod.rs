//! Classic queues against exact figures.
//!
//! - [`model`]: the models that cases are about, plain data for theory and simulation alike.
//! - [`case`]: cases and their figures, read from rows of `case, params, metric, expected`.
//! - [`by_theory`]: what [`crate::theory`] says about a metric of a model.
//! - [`by_simulation`]: what the engine says about it, with its error.
//!
//! Reading is strict where it matters: a model, law, discipline or parameter that is not known makes
//! the case one to skip, with the reason, since leaving a parameter out could be another model.
//! Spellings are tolerated (`read.rs`, `params.rs`).

pub mod by_simulation;
pub mod by_theory;
pub mod case;
mod check;
pub mod expression;
pub mod model;

mod classes;
pub(crate) mod csv;
mod laws;
mod networks;
mod notation;
mod params;
mod rate;
mod read;
mod recognise;

pub use by_theory::expected;
pub use case::{Figure, QueueCase, read_cases};
pub use check::check;
pub use model::Model;
pub use params::Unsupported;
pub use recognise::recognise;
