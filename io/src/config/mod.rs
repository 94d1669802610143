//! TOML in: the built-in catalog, scenarios, settings from the command line.

mod catalog;
mod error;
mod keys;
mod nearest;
pub mod network;
mod place;
mod scenario;
mod ticks;
pub mod token_budget;

pub use catalog::{Entry, catalog, hardware_entries, model_entries};
pub use error::ConfigFileError;
pub use nearest::nearest;
pub use network::{QueueingRun, QueueingScenario, ScenarioKind, kind, load_network, parse_network};
pub use place::place;
pub use scenario::{Setting, load, parse, read_text, to_toml};
pub use ticks::{TicksScenario, load_ticks, parse_ticks};
pub use token_budget::{TokenBudgetScenario, load_token_budget, parse_token_budget};
