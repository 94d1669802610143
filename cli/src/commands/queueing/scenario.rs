//! Networks of queues from files.

use std::path::Path;

use kendall_io::config::{self, Setting};
use kendall_kernel::stats::{Level, Precision};

use kendall_queueing::Network;
use kendall_queueing::model::Arrivals;
use kendall_study::queueing::WarmUpRule;

use super::record::Output;
use super::{Settings, measure};
use crate::args::RunArgs;
use crate::commands::Ending;
use crate::failure::Failure;
use crate::output;
use crate::time_arg::WarmUpArg;

/// Prints a network with every default filled in.
pub(crate) fn print_config(path: &Path, settings: &[Setting]) -> Result<Ending, Failure> {
    let scenario = config::load_network(path, settings)?;
    output::print(&scenario.to_toml())?;
    Ok(Ending::Fine)
}

/// Runs a network as its file and the command line say.
pub(crate) fn run_scenario(args: &RunArgs) -> Result<Ending, Failure> {
    let options = &args.run;
    refuse_foreign(args)?;
    let mut scenario = config::load_network(&args.scenario, &options.settings)?;
    let run = &mut scenario.run;
    run.seed = options.seed.unwrap_or(run.seed);
    run.replications = args.trials.count.unwrap_or(run.replications);
    run.level = args.trials.level.map_or(run.level, Level::probability);
    match options.warm_up {
        Some(WarmUpArg::Requests(customers)) => run.warm_up = WarmUpRule::Customers(customers),
        Some(WarmUpArg::Auto) => run.warm_up = WarmUpRule::Mser5,
        // Refused above.
        Some(WarmUpArg::Seconds(_)) | None => {}
    }
    if let Some(seconds) = options.until {
        run.until = Some(seconds / run.unit_s);
    }
    if run.until.is_none() {
        // Given arrivals end, and with them what there is to see.
        run.until = last_given_arrival(&scenario.network);
    }
    let replications = u64::from(run.replications);
    let settings = Settings {
        seed: run.seed,
        customers: run.customers.map(|own| own.saturating_mul(replications)),
        precision: run.precision.map(Precision::new).transpose()?,
        replications: Some(run.replications),
        warm_up: run.warm_up,
        intervals: run.intervals,
        level: Level::new(run.level)?,
        unit_s: run.unit_s,
        antithetic: false,
        until: run.until,
        quantiles: false,
        quiet: options.quiet,
        json: options.json,
    };
    let output = options.output.as_deref().map(|path| Output {
        path,
        force: options.force,
        config_toml: scenario.to_toml(),
    });
    let name = match scenario.description.as_str() {
        "" => scenario.name.clone(),
        description => format!("{}: {description}", scenario.name),
    };
    measure(&name, scenario.network, &settings, output.as_ref())
}

/// The time of the last arrival of sources that send customers at given times; `None` if another
/// source goes on for ever.
fn last_given_arrival(network: &Network) -> Option<f64> {
    let times = network.sources.iter().map(|source| match &source.arrivals {
        Arrivals::Given(times) => times.last().copied(),
        _ => None,
    });
    let latest = times.collect::<Option<Vec<f64>>>()?;
    latest.into_iter().reduce(f64::max)
}

/// Refuses options that mean nothing to a network.
fn refuse_foreign(args: &RunArgs) -> Result<(), Failure> {
    let options = &args.run;
    if !args.trials.vary.is_empty() {
        return Err(Failure::usage(
            "--vary compares whole trials; the replications of a network of queues are cut into batches \
             whose estimates have no pairs",
            "run it once per value with --set KEY=VALUE and the same --seed: customers are the same",
        ));
    }
    if !args.trials.precision.is_empty() {
        return Err(Failure::usage(
            "--precision adds trials, and runs of a network of queues grow longer instead",
            "--set queueing.precision=0.01 runs until the interval of the mean sojourn time is that narrow",
        ));
    }
    let foreign = [
        (options.iterations.is_some(), "--iterations"),
        (options.samples.is_some(), "--samples"),
        (options.rate_scale.is_some(), "--rate-scale"),
        (
            matches!(options.warm_up, Some(WarmUpArg::Seconds(_))),
            "--warm-up with a time",
        ),
    ];
    let why = |option: &str| {
        format!(
            "{option} is for serving systems, {} is a network of queues",
            args.scenario.display()
        )
    };
    crate::commands::refuse_foreign(
        args,
        &foreign,
        why,
        "see kendall config FILE for what can be set, for example --set queueing.customers=10000",
    )
}
