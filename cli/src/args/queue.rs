//! Arguments of `queue`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};
use kendall_kernel::sampler::Law;
use kendall_kernel::stats::{Level, Precision};
use kendall_study::queueing::{Intervals, WarmUpRule};

use crate::number;

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
