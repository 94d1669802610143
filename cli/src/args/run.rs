//! Arguments of `replay` and `run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kendall_io::config::Setting;

use super::read::ReadArgs;
use super::trials::TrialArgs;
use crate::origin::GivenBy;
use crate::time_arg::{self, WarmUpArg};

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Trace file, `-` for standard input; the built-in sample by default
    pub(crate) trace: Option<PathBuf>,
    /// Scenario that describes the serving system (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Scenario (TOML)
    pub(crate) scenario: PathBuf,
    #[command(flatten)]
    pub(crate) trials: TrialArgs,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// What replay and run have in common.
#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// Change a setting, for example llm.scheduler.max_num_seqs=256
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Write the results as Parquet, and summary.json, into this directory
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Replace a finished run in the output directory
    #[arg(long)]
    pub(crate) force: bool,
    /// Seed of every random draw
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Rows of iterations.parquet: none, one per step, or one per run of equal steps
    #[arg(long, value_enum)]
    pub(crate) iterations: Option<IterationsArg>,
    /// Write the state of every instance at multiples of this interval, for example 10s or 500ms, into
    /// samples.parquet
    #[arg(long, value_name = "INTERVAL", value_parser = time_arg::seconds, allow_negative_numbers = true)]
    pub(crate) samples: Option<f64>,
    /// Stop at this simulated time, for example 90s or 2h
    #[arg(long, value_name = "TIME", value_parser = time_arg::seconds, allow_negative_numbers = true)]
    pub(crate) until: Option<f64>,
    /// Divide arrival times by this: 2 doubles the load
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(crate) rate_scale: Option<f64>,
    /// Leave the first requests (100) or seconds (30s) out of the summary; of queues, customers (100,
    /// or auto)
    #[arg(long, value_name = "N|TIME", value_parser = time_arg::warm_up, allow_negative_numbers = true)]
    pub(crate) warm_up: Option<WarmUpArg>,
    /// Print summary.json instead of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar and no warnings
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum IterationsArg {
    Off,
    Steps,
    Runs,
}

impl RunOptions {
    /// Which options stand for which keys of the scenario.
    pub(crate) fn given(&self) -> [(bool, GivenBy); 10] {
        let warm_up = self.warm_up.is_some();
        let read = &self.read;
        [
            (self.samples.is_some(), ("output.samples_s", "--samples")),
            (self.until.is_some(), ("workload.until_s", "--until")),
            (
                self.rate_scale.is_some(),
                ("workload.rate_scale", "--rate-scale"),
            ),
            (warm_up, ("workload.warm_up_requests", "--warm-up")),
            (warm_up, ("workload.warm_up_s", "--warm-up")),
            (read.limit.is_some(), ("workload.limit", "--limit")),
            (read.format.is_some(), ("workload.format", "--format")),
            (!read.columns.is_empty(), ("workload.columns", "--columns")),
            (read.sort, ("workload.sort", "--sort")),
            (
                read.on_bad_record.is_some(),
                ("workload.on_bad_record", "--on-bad-record"),
            ),
        ]
    }
}

impl IterationsArg {
    /// Whether there are any rows.
    pub(crate) fn are_written(self) -> bool {
        !matches!(self, IterationsArg::Off)
    }
}
