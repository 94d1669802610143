//! Arguments of `study`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};
use kendall_io::config::Setting;
use kendall_kernel::stats::Level;
use kendall_study::published::Demo;

use crate::list_arg::{self, ChunkList, List};
use crate::{number, time_arg};

#[derive(Debug, Args)]
pub(crate) struct StudyArgs {
    /// Study to repeat; lists them all without one
    pub(crate) name: Option<String>,
    /// Scenarios of a token budget; `both` is demo2 and demo3
    #[arg(long, value_enum)]
    pub(crate) scenario: Option<ScenarioArg>,
    /// Independent trials of every point; the original's number by default
    #[arg(long, value_name = "N", value_parser = number::trials, allow_negative_numbers = true)]
    pub(crate) trials: Option<u32>,
    /// Seed of every random draw [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Points: windows of time-window, times of queue-growth
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=100_000))]
    pub(crate) points: Option<u32>,
    /// Seconds of arrivals, for example 1000 or 2h; of queue-growth, ticks
    #[arg(long, alias = "t-max", value_name = "TIME", value_parser = time_arg::seconds, allow_negative_numbers = true)]
    pub(crate) window: Option<f64>,
    /// Sizes of chunks in tokens, and `none` for whole prompts (chunk-size)
    #[arg(long, value_name = "N,...", value_parser = list_arg::chunks)]
    pub(crate) chunks: Option<ChunkList>,
    /// Shares of decodes from 0 to 1, for example 0.1:0.9:0.1 or 0.25,0.5 (hybrid-ratio)
    #[arg(long, value_name = "LIST", value_parser = list_arg::shares, allow_negative_numbers = true)]
    pub(crate) ratios: Option<List<f64>>,
    /// Sequence limits (hybrid-ratio)
    #[arg(long, value_name = "N,...", value_parser = list_arg::counts::<u32>)]
    pub(crate) max_sequences: Option<List<u32>>,
    /// Arrivals per second, for example 1:4.5:0.5; the original's by default (arrival-rate)
    #[arg(long, value_name = "LIST", value_parser = list_arg::rates, allow_negative_numbers = true)]
    pub(crate) rates: Option<List<f64>>,
    /// Seeds under which the published rule is asked [default: 5] (arrival-rate)
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=10_000))]
    pub(crate) seeds: Option<u32>,
    /// Requests of a run of the search for the capacity [default: 20k] (arrival-rate)
    #[arg(long, value_name = "N", value_parser = number::customers)]
    pub(crate) requests: Option<u64>,
    /// Utilisations, above 0 and below 1 (mm1)
    #[arg(long, value_name = "LIST", value_parser = list_arg::utilisations, allow_negative_numbers = true)]
    pub(crate) utilisations: Option<List<f64>>,
    /// Numbers of GPUs (saturation)
    #[arg(long, value_name = "N,...", value_parser = list_arg::counts::<u16>)]
    pub(crate) gpus: Option<List<u16>>,
    /// Level of the intervals
    #[arg(long, value_name = "P", default_value = "95%", value_parser = number::level, allow_negative_numbers = true)]
    pub(crate) level: Level,
    /// Change a setting of every scenario, for example token_budget.rules=orie5580 or ticks.slots=8
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Write study.parquet, figures as SVG, and summary.json into this directory
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Replace a finished run in the output directory
    #[arg(long)]
    pub(crate) force: bool,
    /// Print summary.json instead of the tables
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar and no warnings
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ScenarioArg {
    Demo2,
    Demo3,
    Demo3Unchunked,
    Both,
    All,
}

impl ScenarioArg {
    pub(crate) fn demos(self) -> &'static [Demo] {
        match self {
            ScenarioArg::Demo2 => &[Demo::Demo2],
            ScenarioArg::Demo3 => &[Demo::Demo3],
            ScenarioArg::Demo3Unchunked => &[Demo::Demo3Unchunked],
            ScenarioArg::Both => &[Demo::Demo2, Demo::Demo3],
            ScenarioArg::All => &Demo::ALL,
        }
    }
}
