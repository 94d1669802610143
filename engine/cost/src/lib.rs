//! How long a batch takes: from its shape to a step time.
//!
//! A model sees a batch only through its [`BatchShape`], sums that an instance keeps up to date in
//! time proportional to what changed. Step times are integer functions of these sums with
//! coefficients in units of 2^-32 ns, rounded once when the model is built, so that a run of steps
//! summed in closed form equals the same steps taken one by one, to the last bit.
//!
//! Deliberately absent: files, the catalog's contents (they are TOML, read by `io`), and any look
//! at single requests.

pub mod coefficient;
pub mod error;
pub mod hardware;
pub mod line;
pub mod linear;
pub mod model;
pub mod phases;
pub mod precision;
pub mod roofline;
pub mod shape;

pub use error::CostError;
pub use hardware::{Fabric, HardwareSpec, ScaleOut, ScaleUp};
pub use line::{Growth, Line};
pub use linear::{Linear, LinearSpec};
pub use model::ModelSpec;
pub use phases::{Phases, PhasesSpec};
pub use precision::{Precision, Rates};
pub use roofline::{Correction, Deployment, Roofline};
pub use shape::BatchShape;

use kendall_kernel::FineDur;

/// A batch's step time. A new kind of model is one file and one line here.
#[derive(Clone, Debug, PartialEq)]
pub enum CostModel {
    /// `c + a * max(0, tokens - b0)`.
    Linear(Linear),
    /// A prefill part and a decode part, one after the other.
    Phases(Phases),
    /// Arithmetic against memory traffic, and collectives.
    Roofline(Roofline),
}

impl CostModel {
    /// The names that configuration files use.
    pub const NAMES: [(&'static str, &'static str); 3] = [
        ("linear", "c + a * max(0, tokens - b0)"),
        (
            "phases",
            "prefill per token, then decode per step, sequence and context token",
        ),
        (
            "roofline",
            "arithmetic against memory traffic per precision, plus collectives",
        ),
    ];

    /// How long a batch of this shape takes.
    #[must_use]
    pub fn step_time(&self, shape: &BatchShape) -> FineDur {
        match self {
            CostModel::Linear(linear) => linear.step_time(shape),
            CostModel::Phases(phases) => phases.step_time(shape),
            CostModel::Roofline(roofline) => roofline.step_time(shape),
        }
    }

    /// How long the steps of a run take whose first has this shape and whose batch grows evenly,
    /// and for how many of `steps` steps they keep to that line; at least one.
    #[must_use]
    pub fn line(&self, shape: &BatchShape, growth: &Growth, steps: u64) -> (Line, u64) {
        match self {
            CostModel::Linear(linear) => (Line::flat(linear.step_time(shape)), steps),
            CostModel::Phases(phases) => (phases.line(shape, growth), steps),
            CostModel::Roofline(roofline) => roofline.line(shape, growth, steps),
        }
    }
}

#[cfg(test)]
mod tests;
