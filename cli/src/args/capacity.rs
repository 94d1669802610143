//! Arguments of `capacity`.

use std::path::PathBuf;

use clap::{Args, value_parser};
use kendall_io::config::Setting;
use kendall_kernel::stats::Level;

use crate::number;
use crate::slo_arg::SloArg;

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
