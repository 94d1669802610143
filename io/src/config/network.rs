//! Networks of queues as TOML.
//!
//! A file with a section `[queueing]` or `[station]` describes a network: stations, sources,
//! populations and junctions by name, and how it is run. Every key is documented in
//! docs/guides/queueing-networks.md. Reading resolves names to positions and defaults to values;
//! the file of a resolved network, which [`QueueingScenario::to_toml`] writes, reads back as the
//! same network.
//!
//! Invariants: stations, junctions, sources and populations are numbered as they stand in the
//! file, classes as they are listed; a file is accepted only if its network passes
//! [`Network::check`], and an error names the key at fault and where it stands.
//!
//! Deliberately absent: whether the network has a steady state, which only some runs need.

mod describe;
mod file;
mod flows;
mod forms;
mod names;
mod reach;
mod resolve;
mod stations;
mod traced;
mod warm_up;

use std::path::Path;

use kendall_queueing::Network;
use kendall_study::queueing::{Intervals, WarmUpRule};
use toml::de::DeTable;

use self::file::File;
use self::names::Fault;
use super::place::nearest_place;
use super::scenario::read;
use super::{ConfigFileError, Setting, read_text};

/// What a scenario describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScenarioKind {
    /// A serving system, read by [`parse`](super::parse).
    Serving,
    /// A network of queues, read by [`parse_network`].
    Queueing,
    /// Serving in ticks, read by [`parse_ticks`](super::parse_ticks).
    Ticks,
    /// A system under a token budget, read by
    /// [`parse_token_budget`](super::parse_token_budget).
    TokenBudget,
}

/// What a file describes: a network if it has a section `[queueing]` or `[station]`, a run in ticks
/// if it has a section `[ticks]`, a system under a token budget if it has a section
/// `[token_budget]`. Text that is not TOML counts as a serving system, whose reader says what is
/// wrong with it.
#[must_use]
pub fn kind(text: &str) -> ScenarioKind {
    let root = DeTable::parse(text);
    let has = |key| {
        root.as_ref()
            .is_ok_and(|root| root.get_ref().contains_key(key))
    };
    if has("queueing") || has("station") {
        ScenarioKind::Queueing
    } else if has("ticks") {
        ScenarioKind::Ticks
    } else if has("token_budget") {
        ScenarioKind::TokenBudget
    } else {
        ScenarioKind::Serving
    }
}

/// How a network is run.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueingRun {
    /// Seed of every random draw.
    pub seed: u64,
    /// Customers per replication, as [`Simulation::progress`] counts them; `None` if only `until`
    /// ends it.
    ///
    /// [`Simulation::progress`]: kendall_queueing::Simulation::progress
    pub customers: Option<u64>,
    /// Simulated time of a replication, in time units; `None` if only `customers` ends it.
    pub until: Option<f64>,
    /// Independent replications, at least 1.
    pub replications: u32,
    /// Customers at the start of each replication that statistics leave out.
    pub warm_up: WarmUpRule,
    /// What confidence intervals rest on.
    pub intervals: Intervals,
    /// Half width of confidence intervals relative to the mean at which the run may end; `None`
    /// for a fixed effort. Between 0 and 1.
    pub precision: Option<f64>,
    /// Level of confidence intervals, between 0 and 1.
    pub level: f64,
    /// Seconds per time unit, positive.
    pub unit_s: f64,
}

impl QueueingRun {
    /// Customers per replication if neither their number nor a time is given.
    pub const DEFAULT_CUSTOMERS: u64 = 1_000_000;
    /// Replications unless given.
    pub const DEFAULT_REPLICATIONS: u32 = 10;
    /// Level of confidence intervals unless given.
    pub const DEFAULT_LEVEL: f64 = 0.95;
}

impl Default for QueueingRun {
    fn default() -> QueueingRun {
        QueueingRun {
            seed: 0,
            customers: Some(QueueingRun::DEFAULT_CUSTOMERS),
            until: None,
            replications: QueueingRun::DEFAULT_REPLICATIONS,
            warm_up: WarmUpRule::default(),
            intervals: Intervals::default(),
            precision: None,
            level: QueueingRun::DEFAULT_LEVEL,
            unit_s: 1.0,
        }
    }
}

/// A network and how it is run: everything that determines a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueingScenario {
    /// Name, for people.
    pub name: String,
    /// What it is about, for people.
    pub description: String,
    /// How it is run.
    pub run: QueueingRun,
    /// The network, which has been checked.
    pub network: Network,
    /// Names of its sources, by position.
    pub sources: Vec<String>,
    /// Traces that sources take their arrivals from, by position of the source.
    pub traces: Vec<Option<String>>,
    /// Names of its populations, by position.
    pub populations: Vec<String>,
}

impl QueueingScenario {
    /// A scenario of a network that no file described, such as one in Kendall's notation; sources
    /// and populations are named by their positions.
    #[must_use]
    pub fn new(network: Network, run: QueueingRun) -> QueueingScenario {
        let names = |what: &str, count: usize| {
            let name = |number| format!("{what}-{number}");
            (1..=count).map(name).collect()
        };
        QueueingScenario {
            name: String::new(),
            description: String::new(),
            run,
            sources: names("source", network.sources.len()),
            traces: vec![None; network.sources.len()],
            populations: names("population", network.populations.len()),
            network,
        }
    }

    /// As TOML, every default written out. Reads back as the same scenario.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let file = File::describe(self);
        toml::to_string(&file).unwrap_or_else(|error| format!("# not representable: {error}\n"))
    }
}

/// Reads a network and lays settings over it, such as `station.desk.servers=3`, later ones over
/// earlier ones.
///
/// # Errors
/// A file that cannot be read, is not TOML, has keys or values that a network does not take, names
/// what it does not define, or describes no network that can be simulated.
pub fn load_network(
    path: &Path,
    settings: &[Setting],
) -> Result<QueueingScenario, ConfigFileError> {
    let dir = path.parent().unwrap_or(Path::new(""));
    parse_in(
        dir,
        &path.display().to_string(),
        &read_text(path)?,
        settings,
    )
}

/// The same from text; `name` stands for the file in errors, and traces are looked for in the
/// current directory.
///
/// # Errors
/// Those of [`load_network`], but for the reading of the file.
pub fn parse_network(
    name: &str,
    text: &str,
    settings: &[Setting],
) -> Result<QueueingScenario, ConfigFileError> {
    parse_in(Path::new(""), name, text, settings)
}

fn parse_in(
    dir: &Path,
    name: &str,
    text: &str,
    settings: &[Setting],
) -> Result<QueueingScenario, ConfigFileError> {
    let mut file: File = read(name, text, settings)?;
    file.order_as_in(text);
    let resolved = file.read_traces(dir).and_then(|()| file.resolve());
    resolved.map_err(|fault: Fault| {
        let key = fault.path.join(".");
        ConfigFileError::Invalid {
            place: nearest_place(name, text, settings, &fault.path),
            message: if key.is_empty() {
                fault.message
            } else {
                format!("`{key}` {}", fault.message)
            },
            hint: fault.hint,
        }
    })
}

#[cfg(test)]
mod tests;
