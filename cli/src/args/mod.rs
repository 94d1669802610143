//! The command line, declared.

mod capacity;
mod queue;
mod read;
mod run;
mod study;
mod trace;
mod trials;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kendall_io::config::Setting;

pub(crate) use self::capacity::CapacityArgs;
pub(crate) use self::queue::{IntervalsArg, QueueArgs};
pub(crate) use self::read::{OnBadRecordArg, ReadArgs};
pub(crate) use self::run::{IterationsArg, ReplayArgs, RunArgs, RunOptions};
pub(crate) use self::study::StudyArgs;
pub(crate) use self::trace::{ConvertArgs, GenerateArgs, InspectArgs, TraceCommand, WriteFormat};
pub(crate) use self::trials::{PrecisionArg, Varied};

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
  kendall run configs/scenarios/ticks/in-flight.toml --set ticks.slots=8
  kendall run scenario.toml --trials 20 --vary llm.router=round-robin,least-loaded
  kendall run scenario.toml --precision ttft_s.p99=5%")]
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
    /// Repeat a published study: its sweep, tables and figures
    #[command(after_help = "Examples:
  kendall study                                     what there is
  kendall study chunk-size -o chunks                tables, and figures as SVG
  kendall study hybrid-ratio --ratios 0.1:0.9:0.1 --scenario both
  kendall study time-window --points 20 --trials 10 --set token_budget.rules=orie5580")]
    Study(Box<StudyArgs>),
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
    Studies,
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
