//! The commands.

mod capacity;
mod config;
mod drawn;
mod list;
pub(crate) mod queueing;
mod series;
mod simulate;
mod study;
pub(crate) mod ticks;
mod token_budget;
mod trace;
mod trials;
mod validate;
mod workload;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use kendall_io::config::{ScenarioKind, kind, read_text};
use kendall_io::records::{FileMetadata, RowOrder};

use crate::args::{Command, RunArgs};
use crate::failure::Failure;
use crate::interrupt;

/// How a command ended that was no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All is well.
    Fine,
    /// A check or an objective failed.
    CheckFailed,
    /// Ctrl-C.
    Interrupted,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        match ending {
            Ending::Fine => ExitCode::SUCCESS,
            Ending::CheckFailed => ExitCode::from(1),
            Ending::Interrupted => ExitCode::from(interrupt::EXIT_CODE),
        }
    }
}

/// Carries a command out.
pub(crate) fn run(command: Command) -> Result<Ending, Failure> {
    match command {
        Command::Replay(args) => simulate::replay(&args),
        Command::Run(args) => simulate::run_scenario(&args),
        Command::Queue(args) => queueing::run(&args),
        Command::Capacity(args) => capacity::run(&args),
        Command::Study(args) => study::run(&args),
        Command::Trace(command) => trace::run(command),
        Command::Validate(args) => validate::run(&args),
        Command::List(args) => list::run(&args),
        Command::Config(args) => config::run(&args),
    }
}

/// What a file describes. A file that cannot be read counts as a serving system: whoever reads it
/// next says why.
fn kind_of(path: &Path) -> ScenarioKind {
    match read_text(path) {
        Ok(text) => kind(&text),
        Err(_) => ScenarioKind::Serving,
    }
}

/// Refuses options that mean nothing to a scenario without a trace: `foreign` ones, each with
/// whether it was given, and those for reading traces. `why` tells of one what is wrong with it.
fn refuse_foreign(
    args: &RunArgs,
    foreign: &[(bool, &'static str)],
    why: impl FnOnce(&str) -> String,
    hint: &str,
) -> Result<(), Failure> {
    let read = args.run.read.given();
    match foreign.iter().chain(&read).find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, option)) => Err(Failure::usage(why(option), hint)),
    }
}

/// The tables of a run of requests.
const TABLES: [&str; 3] = ["requests", "iterations", "samples"];

/// What files say of runs without a trace, whose rows are in the order of their numbers.
fn metadata_without_trace(config_toml: String, seed: u64) -> FileMetadata {
    FileMetadata {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_toml,
        seed,
        trace_sha256: None,
        row_order: RowOrder::Trace,
    }
}

/// Gives the complete tables of a run that failed their partial names again.
fn take_back(dir: &Path, tables: &[&str]) {
    for table in tables {
        // It may never have come that far.
        let _ = fs::rename(
            dir.join(format!("{table}.parquet")),
            dir.join(format!("{table}.partial.parquet")),
        );
    }
}
