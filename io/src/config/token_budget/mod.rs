//! Systems under a token budget as TOML.
//!
//! A file with a section `[token_budget]` describes a system, its load, how often it is run, and
//! what is varied. Every key is documented in docs/guides/token-budget.md. Reading fills in
//! defaults; the file of what was read, which [`TokenBudgetScenario::to_toml`] writes, reads back
//! as the same.
//!
//! Invariant: a file is accepted only if each of its settings passes its own check, and an error
//! names the section at fault and where it stands.

mod file;

#[cfg(test)]
mod tests;

use std::path::Path;

use kendall_llm::token_budget::Scheduler;
use kendall_study::token_budget::{Point, Setting, TrialsError, windows};

use self::file::File;
use super::place::nearest_place;
use super::scenario::read;
use super::{ConfigFileError, Setting as Override, read_text};

/// What a sweep varies.
#[derive(Clone, Debug, PartialEq)]
pub enum Sweep {
    /// Nothing.
    None,
    /// So many windows of arrivals, evenly spaced up to the window of the load, each under a seed
    /// of its own.
    Windows(u32),
    /// Arrivals per second.
    Rates(Vec<f64>),
    /// Tokens of a chunk; 0 computes prompts whole.
    Chunks(Vec<u32>),
    /// Shares of the sequence limit that are for decodes.
    DecodeShares(Vec<f64>),
    /// Sequence limits.
    Sequences(Vec<u32>),
    /// Numbers of GPUs.
    Gpus(Vec<u16>),
}

/// Systems under a token budget and how they are run: everything that determines a result.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenBudgetScenario {
    /// Name, for people.
    pub name: String,
    /// What it is about, for people.
    pub description: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Trials of every point, at least 1.
    pub trials: u32,
    /// Level of intervals, between 0 and 1.
    pub level: f64,
    /// Schedulers to compare, at least one.
    pub schedulers: Vec<Scheduler>,
    /// The system, under the first of them.
    pub setting: Setting,
    /// What is varied.
    pub sweep: Sweep,
}

/// A point of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPoint {
    /// The value of what is varied, as text; empty if nothing is.
    pub value: String,
    /// What runs.
    pub point: Point,
}

impl Sweep {
    /// What is varied, with its unit last; empty for nothing.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Sweep::None => "",
            Sweep::Windows(_) => "window_s",
            Sweep::Rates(_) => "rate_per_s",
            Sweep::Chunks(_) => "chunk_tokens",
            Sweep::DecodeShares(_) => "decode_share",
            Sweep::Sequences(_) => "max_sequences",
            Sweep::Gpus(_) => "gpus",
        }
    }
}

impl TokenBudgetScenario {
    /// Every point: for each scheduler, each value of what is varied. Schedulers see the same
    /// requests.
    ///
    /// # Errors
    /// No windows, or a window that is not positive.
    pub fn points(&self) -> Result<Vec<NamedPoint>, TrialsError> {
        let mut points = Vec::new();
        for &scheduler in &self.schedulers {
            let mut setting = self.setting.clone();
            setting.config.scheduler = scheduler;
            points.extend(self.of_scheduler(&setting)?);
        }
        Ok(points)
    }

    fn of_scheduler(&self, setting: &Setting) -> Result<Vec<NamedPoint>, TrialsError> {
        Ok(match &self.sweep {
            Sweep::None => self.each(setting, &[""], |_, _| ()),
            Sweep::Windows(count) => {
                let points = windows(setting, setting.load.window_s, *count, self.seed)?;
                let named = |point: Point| NamedPoint {
                    value: point.setting.load.window_s.to_string(),
                    point,
                };
                points.into_iter().map(named).collect()
            }
            Sweep::Rates(rates) => self.each(setting, rates, |setting, &rate| {
                setting.load.rate_per_s = rate;
            }),
            Sweep::Chunks(chunks) => self.each(setting, chunks, |setting, &chunk| {
                setting.config.chunk_tokens = (chunk > 0).then_some(chunk);
            }),
            Sweep::DecodeShares(shares) => match setting.config.scheduler {
                Scheduler::Hybrid { .. } => self.each(setting, shares, |setting, &decode_share| {
                    setting.config.scheduler = Scheduler::Hybrid { decode_share };
                }),
                // The others have no share.
                _ => self.each(setting, &["-"], |_, _| ()),
            },
            Sweep::Sequences(limits) => self.each(setting, limits, |setting, &limit| {
                setting.config.max_sequences = limit;
            }),
            Sweep::Gpus(counts) => self.each(setting, counts, |setting, &count| {
                setting.config.gpus = count;
            }),
        })
    }

    fn each<T: std::fmt::Display>(
        &self,
        setting: &Setting,
        values: &[T],
        set: impl Fn(&mut Setting, &T),
    ) -> Vec<NamedPoint> {
        let named = |value: &T| {
            let mut setting = setting.clone();
            set(&mut setting, value);
            let seed = self.seed;
            NamedPoint {
                value: value.to_string(),
                point: Point { setting, seed },
            }
        };
        values.iter().map(named).collect()
    }

    /// As TOML, every default written out. Reads back as the same scenario.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let file = File::describe(self);
        toml::to_string(&file).unwrap_or_else(|error| format!("# not representable: {error}\n"))
    }
}

/// Reads a scenario and lays settings over it, such as `token_budget.max_tokens=512`, later ones
/// over earlier ones.
///
/// # Errors
/// A file that cannot be read, is not TOML, has keys or values that it does not take, or describes
/// what cannot run.
pub fn load_token_budget(
    path: &Path,
    settings: &[Override],
) -> Result<TokenBudgetScenario, ConfigFileError> {
    parse_token_budget(&path.display().to_string(), &read_text(path)?, settings)
}

/// The same from text; `name` stands for the file in errors.
///
/// # Errors
/// Those of [`load_token_budget`], but for the reading of the file.
pub fn parse_token_budget(
    name: &str,
    text: &str,
    settings: &[Override],
) -> Result<TokenBudgetScenario, ConfigFileError> {
    let file: File = read(name, text, settings)?;
    file.resolve().map_err(|fault| {
        let path: Vec<String> = fault.key.split('.').map(str::to_owned).collect();
        ConfigFileError::Invalid {
            place: nearest_place(name, text, settings, &path),
            message: fault.message,
            hint: fault.hint,
        }
    })
}
