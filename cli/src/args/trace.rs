//! Arguments of `trace`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kendall_io::config::Setting;
use kendall_kernel::sampler::Law;

use super::read::ReadArgs;
use crate::origin::GivenBy;

#[derive(Debug, Subcommand)]
pub(crate) enum TraceCommand {
    /// Describe a trace: rows, rates, lengths, shared prefixes
    #[command(after_help = "Example:
  kendall trace inspect traces/mooncake/sample.jsonl")]
    Inspect(InspectArgs),
    /// Make a trace
    #[command(after_help = "Examples:
  kendall trace generate --requests 10000 --rate 5 -o trace.jsonl
  kendall trace generate --prompt lognormal:mu=6.9,sigma=0.7 --output-tokens constant:value=200
  kendall trace generate traces/mooncake/sample.toml -o sample.jsonl")]
    Generate(GenerateArgs),
    /// Rewrite a trace in another format
    #[command(after_help = "Example:
  kendall trace convert traces/azure/sample.csv --to plain -o trace.jsonl")]
    Convert(ConvertArgs),
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// Trace file, `-` for standard input
    pub(crate) trace: PathBuf,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Scenario with a [workload.generate] section (TOML); moderate chat by default
    pub(crate) scenario: Option<PathBuf>,
    /// Change a setting, for example workload.generate.max_prompt_tokens=8192
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Number of requests
    #[arg(long, value_name = "N")]
    pub(crate) requests: Option<u64>,
    /// Poisson arrivals at this rate per second
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub(crate) rate: Option<f64>,
    /// Law of the prompt lengths
    #[arg(long, value_name = "LAW")]
    pub(crate) prompt: Option<Law>,
    /// Law of the output lengths
    #[arg(long, value_name = "LAW")]
    pub(crate) output_tokens: Option<Law>,
    /// Seed of every random draw
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Format of the result
    #[arg(long, value_enum, default_value_t = WriteFormat::Mooncake)]
    pub(crate) to: WriteFormat,
    /// File to write, `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

impl GenerateArgs {
    /// Which options stand for which keys of the scenario.
    pub(crate) fn given(&self) -> [(bool, GivenBy); 4] {
        [
            (
                self.requests.is_some(),
                ("workload.generate.requests", "--requests"),
            ),
            (
                self.rate.is_some(),
                ("workload.generate.arrivals", "--rate"),
            ),
            (
                self.prompt.is_some(),
                ("workload.generate.prompt_tokens", "--prompt"),
            ),
            (
                self.output_tokens.is_some(),
                ("workload.generate.output_tokens", "--output-tokens"),
            ),
        ]
    }
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Trace file, `-` for standard input
    pub(crate) trace: PathBuf,
    /// Format of the result
    #[arg(long, value_enum)]
    pub(crate) to: WriteFormat,
    /// File to write, `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum WriteFormat {
    /// Mooncake JSONL with 512-token hash ids
    Mooncake,
    /// Plain JSONL
    Plain,
}
