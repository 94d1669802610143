//! Classic queues: stations, disciplines, routing and networks of them.

mod agenda;
mod customer;
mod departures;
pub mod disciplines;
mod draw;
mod error;
mod idle;
pub mod model;
pub mod notation;
pub mod observe;
pub mod plain;
pub mod probe;
pub mod recursion;
mod route;
pub mod simulation;
mod source;
mod station;
pub mod totals;
mod virtual_time;

pub use error::RunError;
pub use model::{ModelError, Network};
pub use observe::{Observer, Outcome, Stay};
pub use plain::Plain;
pub use probe::{Probes, Wanted};
pub use recursion::Recursion;
pub use simulation::{Simulation, Until};
pub use totals::{NetworkTotals, StationTotals, Totals};
