//! The command line, declared.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use kendall_io::config::Setting;
use kendall_kernel::sampler::Law;
use kendall_kernel::stats::{Level, Precision};
use kendall_study::queueing::{Intervals, WarmUpRule};

use crate::number;
use crate::origin::GivenBy;
use crate::slo_arg::SloArg;
use crate::time_arg::{self, WarmUpArg};

/// Simulates queues: classic ones, and LLM serving systems exactly as vLLM schedules them.
#[derive(Debug, Parser)]
#[command(
    name = "kendall",
    version,
    after_help = "Start with: kendall replay
            kendall queue M/M/1 --arrival-rate 0.9 --service-rate 1"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay a trace of requests through a serving system
    #[command(after_help = "Examples:
  kendall replay                                    the built-in sample, one H100
  kendall replay trace.jsonl -o out                 results as Parquet in out/
  kendall replay trace.csv --columns arrival_s=t,prompt_tokens=in,output_tokens=out
  kendall replay trace.jsonl.gz --set llm.instances=4 --set llm.router=least-loaded")]
    Replay(ReplayArgs),
    /// Run a scenario with its own workload: a serving system, in seconds or ticks, a network of
    /// queues, or a token budget
    #[command(after_help = "Examples:
  kendall run configs/scenarios/chat-1x-h100-llama8b.toml -o out
  kendall run configs/scenarios/queueing/call-centre.toml
  kendall run configs/scenarios/ticks/in-flight.toml --set ticks.slots=8")]
    Run(RunArgs),
    /// Simulate one queue in Kendall's notation, beside what theory says
    #[command(after_help = "Examples:
  kendall queue M/M/1 --arrival-rate 0.9 --service-rate 1
  kendall queue M/G/1/SRPT --arrival-rate 0.3 --service pareto:alpha=1.5,min=1,max=100
  kendall queue M/M/8 --arrival-rate 7 --service-rate 1 --precision 0.1%
  kendall queue M/E3/2/10 --arrival-rate 1.5 --service-rate 1 --quantiles
  kendall queue M/M/5+M --arrival-rate 5 --service-rate 1 --patience-rate 0.25

The notation is arrivals/services/servers, then /capacity, /population and /discipline.
Letters: M, D, Ek (E3), Hk (H2), U, LN, P, G. Disciplines: FCFS, LCFS, LCFS-PR, ROS, PS, SJF,
PSJF, SRPT, FB.")]
    Queue(Box<QueueArgs>),
    /// Find the largest arrival rate that stays stable, and the largest that meets objectives
    #[command(after_help = "Examples:
  kendall capacity configs/scenarios/token-budget/demo2.toml
  kendall capacity configs/scenarios/chat-1x-h100-llama8b.toml --slo ttft=0.5s,tpot=50ms,attainment=99%

Exit code 1: the objectives are met at no rate.")]
    Capacity(CapacityArgs),
    /// Make, convert or describe traces
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Check the engine against theory, published figures and recorded results
    #[command(after_help = "Examples:
  kendall validate                                  all checks, one line each
  kendall validate llm-ttft llm-decode-stall        what they measure, and every case
  kendall validate vllm --oracles validate/oracles/vllm
  kendall validate inference-lab --oracles DIR --json report.json")]
    Validate(ValidateArgs),
    /// List what there is to choose from
    #[command(after_help = "Example:
  kendall list models")]
    List(ListArgs),
    /// Print a scenario with every default filled in
    #[command(after_help = "Examples:
  kendall config
  kendall config scenario.toml --set llm.instances=4")]
    Config(ConfigArgs),
}

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
    /// Independent trials (of a network of queues, replications)
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(crate) trials: Option<u32>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Args)]
pub(crate) struct CapacityArgs {
    /// Scenario of a serving system, or of schedulers under a token budget (TOML)
    pub(crate) scenario: PathBuf,
    /// Bounds that a share of the requests must meet, for example ttft=0.5s,tpot=50ms,attainment=99%
    /// (e2e too); those of the scenario, for 99 %, by default
    #[arg(long, value_name = "BOUNDS")]
    pub(crate) slo: Option<SloArg>,
    /// How closely boundaries are narrowed down
    #[arg(long, value_name = "P", default_value = "1%", value_parser = number::share, allow_negative_numbers = true)]
    pub(crate) tolerance: f64,
    /// Requests of a run; many times what the system holds
    #[arg(long, value_name = "N", default_value = "20k", value_parser = number::customers)]
    pub(crate) requests: u64,
    /// Independent replications of every rate
    #[arg(long, value_name = "R", default_value_t = 16, value_parser = value_parser!(u32).range(1..=10_000))]
    pub(crate) replications: u32,
    /// Rates to ask the published rule about, for example 0.5,1,1.5 (token budgets only)
    #[arg(long, value_name = "R,...", value_delimiter = ',')]
    pub(crate) rule_rates: Vec<f64>,
    /// Seeds under which the published rule is asked
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u32).range(1..=10_000))]
    pub(crate) rule_seeds: u32,
    /// Level of the intervals
    #[arg(long, value_name = "P", default_value = "95%", value_parser = number::level, allow_negative_numbers = true)]
    pub(crate) level: Level,
    /// Change a setting, for example llm.instances=4
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Seed of every random draw
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Print JSON instead of the tables
    #[arg(long)]
    pub(crate) json: bool,
    /// No notes
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QueueArgs {
    /// The queue, for example M/M/1, M/D/1, M/E3/8, M/G/1/SRPT, M/M/1/10, M/M/3//5
    pub(crate) notation: String,
    /// Arrivals per time unit (batches, where there are any; of a finite population, per customer)
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub(crate) arrival_rate: Option<f64>,
    /// Services per time unit of one busy server
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub(crate) service_rate: Option<f64>,
    /// Reciprocal of the mean patience
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub(crate) patience_rate: Option<f64>,
    /// Law of the times between arrivals, for example uniform:min=0,max=2
    #[arg(long, value_name = "LAW")]
    pub(crate) arrival: Option<Law>,
    /// Law of the service times, for example pareto:alpha=1.5,min=1,max=100
    #[arg(long, value_name = "LAW")]
    pub(crate) service: Option<Law>,
    /// Law of the time after which a waiting customer gives up
    #[arg(long, value_name = "LAW")]
    pub(crate) patience: Option<Law>,
    /// Law of the size of batches, for notations such as M^X/M/1
    #[arg(long, value_name = "LAW")]
    pub(crate) batch: Option<Law>,
    /// Squared coefficient of variation of Hk, LN and P arrivals
    #[arg(long, value_name = "C2", allow_negative_numbers = true)]
    pub(crate) arrival_scv: Option<f64>,
    /// Squared coefficient of variation of Hk, LN and P services
    #[arg(long, value_name = "C2", allow_negative_numbers = true)]
    pub(crate) service_scv: Option<f64>,
    /// Customers to count; 10 million by default, with --precision the most there may be
    #[arg(long, value_name = "N", value_parser = number::customers)]
    pub(crate) customers: Option<u64>,
    /// Run until the interval of the mean sojourn time is this narrow, for example 0.1%
    #[arg(long, value_name = "P", value_parser = number::precision, allow_negative_numbers = true)]
    pub(crate) precision: Option<Precision>,
    /// Run to this time from an empty start instead; also for queues without a steady state
    #[arg(long, value_name = "T", value_parser = number::time, conflicts_with_all = ["customers", "precision", "warm_up", "intervals"], allow_negative_numbers = true)]
    pub(crate) until: Option<f64>,
    /// Independent replications
    #[arg(long, value_name = "R", value_parser = value_parser!(u32).range(1..=100_000))]
    pub(crate) replications: Option<u32>,
    /// Draw in antithetic pairs of replications, and say what that saves
    #[arg(long, conflicts_with = "until")]
    pub(crate) antithetic: bool,
    /// Customers at the start of each replication that do not count; from the load by default, or
    /// found by MSER-5 in pilot runs (auto)
    #[arg(long, value_name = "N|auto", value_parser = number::warm_up)]
    pub(crate) warm_up: Option<WarmUpRule>,
    /// What intervals rest on: batches (default), or cycles between arrivals at the empty queue
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) intervals: Option<IntervalsArg>,
    /// Level of the intervals
    #[arg(long, value_name = "P", default_value = "95%", value_parser = number::level, allow_negative_numbers = true)]
    pub(crate) level: Level,
    /// Write customers.parquet and summary.json into this directory
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Replace a finished run in the output directory
    #[arg(long)]
    pub(crate) force: bool,
    /// Show quantiles of sojourn and waiting times
    #[arg(long)]
    pub(crate) quantiles: bool,
    /// Seed of every random draw
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print JSON instead of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum IntervalsArg {
    BatchMeans,
    Regenerative,
}

impl IntervalsArg {
    pub(crate) fn intervals(self) -> Intervals {
        match self {
            IntervalsArg::BatchMeans => Intervals::BatchMeans,
            IntervalsArg::Regenerative => Intervals::Regenerative,
        }
    }
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

/// How a trace is read.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Trace format; recognised from the content by default (kendall list traces)
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// Names of a plain trace's columns, ours=theirs
    #[arg(long, value_name = "OURS=THEIRS,...", value_delimiter = ',', value_parser = column)]
    pub(crate) columns: Vec<(String, String)>,
    /// Sort by arrival instead of refusing times that go backwards
    #[arg(long)]
    pub(crate) sort: bool,
    /// End at a bad record, or leave it out and count it
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) on_bad_record: Option<OnBadRecordArg>,
    /// Only the first N requests
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum IterationsArg {
    Off,
    Steps,
    Runs,
}

impl ReadArgs {
    /// Whether each option was given, and its name.
    pub(crate) fn given(&self) -> [(bool, &'static str); 5] {
        [
            (self.limit.is_some(), "--limit"),
            (self.format.is_some(), "--format"),
            (self.sort, "--sort"),
            (self.on_bad_record.is_some(), "--on-bad-record"),
            (!self.columns.is_empty(), "--columns"),
        ]
    }
}

impl RunOptions {
    /// Which options stand for which keys of the scenario.
    pub(crate) fn given(&self) -> [(bool, GivenBy); 5] {
        let warm_up = self.warm_up.is_some();
        [
            (self.samples.is_some(), ("output.samples_s", "--samples")),
            (self.until.is_some(), ("workload.until_s", "--until")),
            (
                self.rate_scale.is_some(),
                ("workload.rate_scale", "--rate-scale"),
            ),
            (warm_up, ("workload.warm_up_requests", "--warm-up")),
            (warm_up, ("workload.warm_up_s", "--warm-up")),
        ]
    }
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

impl IterationsArg {
    /// Whether there are any rows.
    pub(crate) fn are_written(self) -> bool {
        !matches!(self, IterationsArg::Off)
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnBadRecordArg {
    Fail,
    Skip,
}

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

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// Checks to run; all by default (kendall list validations)
    pub(crate) names: Vec<String>,
    /// Folder of recorded results, for a check against some
    #[arg(long, value_name = "PATH")]
    pub(crate) oracles: Option<PathBuf>,
    /// Change how the engine runs, for example engine.event_set=heap
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Write the verdicts to this file too
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub(crate) what: Listing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Listing {
    Policies,
    Profiles,
    Routers,
    Hardware,
    Models,
    CostModels,
    Traces,
    Validations,
    Disciplines,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Scenario (TOML); the defaults without one
    pub(crate) scenario: Option<PathBuf>,
    /// Change a setting
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
}

fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((ours, theirs)) if !ours.is_empty() && !theirs.is_empty() => {
            Ok((ours.to_owned(), theirs.to_owned()))
        }
        _ => Err(format!(
            "`{text}` is not OURS=THEIRS, for example arrival_s=TIMESTAMP"
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
