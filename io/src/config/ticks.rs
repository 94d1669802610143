//! Serving in ticks as TOML.
//!
//! A file with a section `[ticks]` describes a run in ticks. Every key is documented in
//! docs/guides/ticks.md. The file of a scenario, which [`TicksScenario::to_toml`] writes, has every
//! default written out and reads back as the same scenario.

mod file;
mod resolve;
#[cfg(test)]
mod tests;

use std::path::Path;

use kendall_llm::ticks::{Config, OutputLength};

use self::file::File;
use self::resolve::Fault;
use super::place::nearest_place;
use super::scenario::read;
use super::{ConfigFileError, Setting, read_text};

/// A run in ticks: everything that determines a result.
#[derive(Clone, Debug, PartialEq)]
pub struct TicksScenario {
    /// Name, for people.
    pub name: String,
    /// What it is about, for people.
    pub description: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// The system and its load, which have been checked.
    pub config: Config,
    /// Law of output lengths, which has been checked.
    pub output: OutputLength,
}

impl TicksScenario {
    /// As TOML, every default written out. Reads back as the same scenario.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let file = File::describe(self);
        toml::to_string(&file).unwrap_or_else(|error| format!("# not representable: {error}\n"))
    }
}

/// Reads a scenario in ticks and lays settings over it, such as `ticks.slots=8`, later ones over
/// earlier ones.
///
/// # Errors
/// A file that cannot be read, is not TOML, has keys or values that a scenario in ticks does not
/// take, or describes no run.
pub fn load_ticks(path: &Path, settings: &[Setting]) -> Result<TicksScenario, ConfigFileError> {
    parse_ticks(&path.display().to_string(), &read_text(path)?, settings)
}

/// The same from text; `name` stands for the file in errors.
///
/// # Errors
/// Those of [`load_ticks`], but for the reading of the file.
pub fn parse_ticks(
    name: &str,
    text: &str,
    settings: &[Setting],
) -> Result<TicksScenario, ConfigFileError> {
    let file: File = read(name, text, settings)?;
    file.resolve().map_err(|fault: Fault| {
        let path: Vec<String> = fault.path.iter().map(|&name| name.to_owned()).collect();
        ConfigFileError::Invalid {
            place: nearest_place(name, text, settings, &path),
            message: format!("`{}` {}", path.join("."), fault.message),
            hint: fault.hint,
        }
    })
}
