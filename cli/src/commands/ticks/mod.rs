//! `run` for scenarios in ticks.

mod record;
mod report;

use std::path::Path;

use kendall_io::config::{self, Setting, TicksScenario};
use kendall_kernel::Streams;
use kendall_llm::ticks::{self, Config, Listener, Summary, TickError};

use self::record::Files;
use super::series::Series;
use super::{Ending, trials};
use crate::args::{RunArgs, RunOptions};
use crate::failure::Failure;
use crate::output;

/// Prints a scenario with every default filled in.
pub(crate) fn print_config(path: &Path, settings: &[Setting]) -> Result<Ending, Failure> {
    let scenario = config::load_ticks(path, settings)?;
    output::print(&scenario.to_toml())?;
    Ok(Ending::Fine)
}

/// Runs a scenario as its file and the command line say.
pub(crate) fn run_scenario(args: &RunArgs) -> Result<Ending, Failure> {
    let options = &args.run;
    refuse_foreign(args)?;
    if args.trials.any() {
        return trials::run_ticks(args, |scenario| overridden(scenario, options));
    }
    let scenario = config::load_ticks(&args.scenario, &options.settings)?;
    let scenario = overridden(scenario, options)?;
    let series = Series::of(options)?;
    let files = match &options.output {
        Some(path) => Some(Files::open(path, &scenario, series, options.force)?),
        None => None,
    };
    let (summary, files) = match files {
        None => (run(&scenario, &mut ())?, None),
        Some(mut files) => (run(&scenario, &mut files)?, Some(files)),
    };
    let json = report::json(&scenario, &summary);
    if let Some(files) = files {
        files.finish(summary.duration_ticks, &json)?;
    }
    if options.json {
        output::print(&json)?;
    } else {
        output::print(&report::table(&scenario, &summary))?;
        output::results_in(options.output.as_deref())?;
    }
    Ok(Ending::Fine)
}

/// Runs once, with the draws of the scenario's seed.
fn run(scenario: &TicksScenario, listener: &mut impl Listener) -> Result<Summary, TickError> {
    let mut lengths = scenario.output.draw(&Streams::new(scenario.seed))?;
    ticks::run(&scenario.config, &mut lengths, listener)
}

/// The scenario with the command line's options laid over it; a tick counts as a second.
fn overridden(scenario: TicksScenario, options: &RunOptions) -> Result<TicksScenario, Failure> {
    let scenario = TicksScenario {
        seed: options.seed.unwrap_or(scenario.seed),
        config: Config {
            end_ticks: options.until.unwrap_or(scenario.config.end_ticks),
            ..scenario.config
        },
        ..scenario
    };
    // What the file says has been checked.
    let checked = scenario.config.validate();
    checked.map_err(|error| Failure::from(error).at(Some("--until".to_owned())))?;
    Ok(scenario)
}

/// Refuses options that mean nothing in ticks.
fn refuse_foreign(args: &RunArgs) -> Result<(), Failure> {
    let options = &args.run;
    let foreign = [
        (options.rate_scale.is_some(), "--rate-scale"),
        (options.warm_up.is_some(), "--warm-up"),
        (args.trials.is_idle_level(), "--level without trials"),
    ];
    let why = |option: &str| {
        format!(
            "{option} is not for scenarios in ticks, as {} is one",
            args.scenario.display()
        )
    };
    super::refuse_foreign(
        args,
        &foreign,
        why,
        "see kendall config FILE for what can be set, for example --set ticks.slots=8",
    )
}
