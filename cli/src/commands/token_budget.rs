//! `run` for systems under a token budget: trials of every point, their means and intervals.

mod report;

use std::path::Path;

use kendall_io::config::{self, Setting, TokenBudgetScenario, token_budget::NamedPoint};
use kendall_io::records::{FileMetadata, OutputDir, OutputError, RowOrder};
use kendall_kernel::Streams;
use kendall_llm::Recorder;
use kendall_study::token_budget::{Point, Trials, TrialsError, sweep};

use self::report::Report;
use super::{Ending, take_back};
use crate::args::RunArgs;
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::time_arg::WarmUpArg;

/// Prints a scenario with every default filled in.
pub(crate) fn print_config(path: &Path, settings: &[Setting]) -> Result<Ending, Failure> {
    let scenario = config::load_token_budget(path, settings)?;
    output::print(&scenario.to_toml())?;
    Ok(Ending::Fine)
}

/// Runs a scenario as its file and the command line say.
pub(crate) fn run_scenario(args: &RunArgs) -> Result<Ending, Failure> {
    refuse_foreign(args)?;
    let options = &args.run;
    let mut scenario = config::load_token_budget(&args.scenario, &options.settings)?;
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    scenario.trials = args.trials.unwrap_or(scenario.trials);
    if let Some(WarmUpArg::Seconds(seconds)) = options.warm_up {
        scenario.setting.warm_up_s = seconds;
    }
    scenario.setting.load.rate_per_s *= options.rate_scale.unwrap_or(1.0);
    let points = scenario.points()?;
    let dir = options
        .output
        .as_deref()
        .map(|path| OutputDir::prepare(path, options.force))
        .transpose()?;
    if !options.quiet {
        tell_warnings(&points)?;
    }
    let results = measure(&points, scenario.trials, options.quiet)?;
    let report = Report {
        scenario: &scenario,
        points: &points,
        results: &results,
    };
    let json = report.json();
    if let Some(dir) = &dir {
        record(dir, &scenario, &points[0].point, &json)?;
    }
    if options.json {
        output::print(&json)?;
        return Ok(Ending::Fine);
    }
    output::print(&report.table())?;
    if let Some(path) = &options.output {
        output::print(&format!("\nresults in {}\n", path.display()))?;
    }
    Ok(Ending::Fine)
}

/// Says once what a user should know of the settings, as the requests of the first trials show it.
fn tell_warnings(points: &[NamedPoint]) -> Result<(), Failure> {
    let mut told = Vec::new();
    for NamedPoint { point, .. } in points {
        let workload = point.setting.load.draw(Streams::new(point.seed));
        for warning in point
            .setting
            .warnings(&workload.map_err(TrialsError::from)?)
        {
            let text = format!("warning: {warning}");
            if !told.contains(&text) {
                output::note(&text);
                told.push(text);
            }
        }
    }
    Ok(())
}

/// Runs point by point, each on all cores.
fn measure(points: &[NamedPoint], trials: u32, quiet: bool) -> Result<Vec<Trials>, Failure> {
    let mut bar = Bar::of_trials(points.len() as u64 * u64::from(trials), quiet);
    let mut results = Vec::with_capacity(points.len());
    for NamedPoint { point, .. } in points {
        results.extend(sweep(std::slice::from_ref(point), trials)?);
        bar.at(results.len() as u64 * u64::from(trials));
    }
    Ok(results)
}

/// Writes the requests of the first trial of a point, and the summary.
fn record(
    dir: &OutputDir,
    scenario: &TokenBudgetScenario,
    point: &Point,
    json: &str,
) -> Result<(), Failure> {
    let ran = point.setting.run(Streams::new(point.seed).replication(0));
    let (workload, outcome) = ran.map_err(TrialsError::from)?;
    let metadata = FileMetadata {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_toml: scenario.to_toml(),
        seed: scenario.seed,
        trace_sha256: None,
        row_order: RowOrder::Trace,
    };
    let mut sink = dir.requests(&metadata)?;
    for record in outcome.records(&workload) {
        sink.request(&record);
    }
    let finish = || -> Result<(), OutputError> {
        sink.finish()?;
        dir.write_summary(json)
    };
    finish().inspect_err(|_| take_back(dir.path(), &["requests"]))?;
    Ok(())
}

/// Refuses options that mean nothing here.
fn refuse_foreign(args: &RunArgs) -> Result<(), Failure> {
    let options = &args.run;
    let foreign = [
        (options.samples.is_some(), "--samples"),
        (options.iterations.is_some(), "--iterations"),
        (options.until.is_some(), "--until"),
        (
            matches!(
                options.warm_up,
                Some(WarmUpArg::Requests(_) | WarmUpArg::Auto)
            ),
            "--warm-up without a time",
        ),
    ];
    let why = |option: &str| {
        format!(
            "{option} is for other scenarios, {} has systems under a token budget",
            args.scenario.display()
        )
    };
    super::refuse_foreign(
        args,
        &foreign,
        why,
        "see kendall config FILE for what can be set, for example --set token_budget.load.window_s=200",
    )
}
