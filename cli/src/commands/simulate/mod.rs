//! `replay` and `run`: a workload through a serving system.

mod files;

use kendall_io::config::ScenarioKind;
use kendall_io::records::OutputError;
use kendall_kernel::{Dur, Time};
use kendall_llm::{EngineError, Progress};
use kendall_study::scenario::Iterations;
use kendall_study::summary::Summary;
use kendall_study::warnings::Warning;
use kendall_study::{Outcome, Resolved, RunError, Scenario, ScenarioError};
use serde_json::Value;

use self::files::Files;
use super::workload::{self, Workload};
use super::{Ending, kind_of};
use super::{queueing, ticks, token_budget, trials};
use crate::args::{IterationsArg, ReplayArgs, RunArgs, RunOptions};
use crate::failure::Failure;
use crate::origin::Origin;
use crate::progress::Bar;
use crate::time_arg::WarmUpArg;
use crate::{interrupt, output, summary_table};

/// Replays a trace through the configured system.
pub(crate) fn replay(args: &ReplayArgs) -> Result<Ending, Failure> {
    let origin =
        Origin::of(args.config.as_deref(), &args.run.settings).with_options(args.run.given());
    let mut scenario = origin.load()?;
    if let Some(trace) = &args.trace {
        let section = &mut scenario.workload;
        section.trace = Some(trace.display().to_string());
        section.generate = None;
        // How the scenario's own trace is written says nothing about this one.
        if !origin.is_set("workload.format") {
            section.format = None;
        }
        if !origin.is_set("workload.columns") {
            section.columns.clear();
        }
    }
    simulate(scenario, &origin, &args.run)
}

/// Runs a scenario with its own workload.
pub(crate) fn run_scenario(args: &RunArgs) -> Result<Ending, Failure> {
    match kind_of(&args.scenario) {
        ScenarioKind::Queueing => return queueing::run_scenario(args),
        ScenarioKind::Ticks => return ticks::run_scenario(args),
        ScenarioKind::TokenBudget => return token_budget::run_scenario(args),
        ScenarioKind::Serving if args.trials.any() => return trials::run_serving(args),
        ScenarioKind::Serving if args.trials.is_idle_level() => {
            return Err(Failure::usage(
                "--level is that of intervals, which a single run has not",
                "add --trials N",
            ));
        }
        ScenarioKind::Serving => {}
    }
    let origin =
        Origin::of(Some(&args.scenario), &args.run.settings).with_options(args.run.given());
    simulate(origin.load()?, &origin, &args.run)
}

/// The scenario with the command line's options laid over it.
fn overridden(mut scenario: Scenario, options: &RunOptions) -> Scenario {
    workload::override_section(&mut scenario.workload, &options.read);
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    let section = &mut scenario.workload;
    section.until_s = options.until.or(section.until_s);
    section.rate_scale = options.rate_scale.unwrap_or(section.rate_scale);
    match options.warm_up {
        Some(WarmUpArg::Requests(requests)) => {
            (section.warm_up_requests, section.warm_up_s) = (Some(requests), None);
        }
        Some(WarmUpArg::Seconds(seconds)) => {
            (section.warm_up_requests, section.warm_up_s) = (None, Some(seconds));
        }
        // `auto` is refused before.
        Some(WarmUpArg::Auto) | None => {}
    }
    scenario.output.iterations = match options.iterations {
        Some(IterationsArg::Off) => Iterations::Off,
        Some(IterationsArg::Steps) => Iterations::Steps,
        Some(IterationsArg::Runs) => Iterations::Runs,
        None => scenario.output.iterations,
    };
    scenario.output.samples_s = options.samples.or(scenario.output.samples_s);
    scenario
}

/// The scenario with the command line's options laid over it, resolved and checked.
pub(super) fn resolve(
    scenario: Scenario,
    origin: &Origin<'_>,
    options: &RunOptions,
) -> Result<Resolved, Failure> {
    if options.warm_up == Some(WarmUpArg::Auto) {
        return Err(Failure::usage(
            "--warm-up auto is for networks of queues, this is a serving system",
            "say how many requests (100) or seconds (30s) to leave out",
        ));
    }
    let resolved = origin.resolve(&overridden(scenario, options))?;
    check_warm_up(&resolved).map_err(|error| origin.scenario_failure(error))?;
    Ok(resolved)
}

fn simulate(
    scenario: Scenario,
    origin: &Origin<'_>,
    options: &RunOptions,
) -> Result<Ending, Failure> {
    let resolved = resolve(scenario, origin, options)?;
    let mut workload = workload::load(&resolved.scenario, origin)?;
    if options.output.is_some()
        && let Workload::Whole(trace, _) = &workload
    {
        check_samples(&resolved, &trace.arrival)?;
    }
    if options.output.is_none() && options.iterations.is_some_and(|rows| rows.are_written()) {
        output::note("warning: --iterations needs a directory to write to (-o DIR)");
    }
    if options.output.is_none() && options.samples.is_some() {
        output::note("warning: --samples needs a directory to write to (-o DIR)");
    }
    if !origin.has_file() && !origin.is_set("llm.model") && !options.quiet {
        let llm = &resolved.scenario.llm;
        output::note(&format!(
            "note: assuming {} on {}; --set llm.model=... and llm.hardware=... choose others \
             (kendall list models, kendall list hardware)",
            llm.model, llm.hardware
        ));
    }
    interrupt::listen();
    let mut files = match &options.output {
        Some(path) => Some(Files::open(path, &resolved, &workload, options.force)?),
        None => None,
    };
    let outcome = match execute(&resolved, &mut workload, files.as_mut(), options.quiet) {
        Ok(outcome) => outcome,
        Err(error) => {
            tell_partial(files)?;
            return Err(error);
        }
    };
    if outcome.stopped {
        output::note("interrupted: the run is incomplete");
        tell_partial(files)?;
        return Ok(Ending::Interrupted);
    }
    // A trace may have far to its end, for nothing if its run cannot be written.
    if files.as_ref().is_some_and(Files::failed) {
        tell_partial(files.take())?;
    }
    let about = match workload.ended(origin) {
        Ok(about) => about,
        Err(error) => {
            tell_partial(files)?;
            return Err(error);
        }
    };

    let scenario = &resolved.scenario;
    let config = serde_json::to_value(scenario).unwrap_or(Value::Null);
    let counts = outcome.requests.counts();
    let (skipped, demand) = (about.skipped_records, outcome.demand);
    let summary = Summary::new(
        outcome.requests,
        &outcome.stats,
        skipped,
        scenario.seed,
        config,
    );
    let mut json = serde_json::to_string_pretty(&summary).unwrap_or_default();
    json.push('\n');
    if let Some(files) = files {
        files.finish(&json, &about)?;
    }
    if !options.quiet {
        for warning in Warning::about(&resolved, &demand, &counts, skipped) {
            output::note(&format!("warning: {warning}"));
        }
    }
    if options.json {
        output::print(&json)?;
    } else {
        let text = summary_table::render(&resolved, &about.description, &summary);
        output::print(&text)?;
        output::results_in(options.output.as_deref())?;
    }
    Ok(Ending::Fine)
}

/// A warm-up has to be a time before any file is touched.
fn check_warm_up(resolved: &Resolved) -> Result<(), ScenarioError> {
    let warm_up = resolved.scenario.workload.warm_up_s.map(Dur::from_secs_f64);
    match warm_up.transpose() {
        Ok(_) => Ok(()),
        Err(source) => Err(ScenarioError::NotATime {
            field: "workload.warm_up_s",
            source,
        }),
    }
}

/// Samples that are too many already when the last request arrives are refused before any file is
/// touched.
fn check_samples(resolved: &Resolved, arrivals: &[Time]) -> Result<(), RunError> {
    match (arrivals.first(), arrivals.last()) {
        (Some(&first), Some(&last)) => {
            let checked = resolved.fleet.check_samples(first, last);
            Ok(checked.map_err(EngineError::from)?)
        }
        _ => Ok(()),
    }
}

/// Closes the files of a run that came to no good end, and says which they are.
fn tell_partial(files: Option<Files>) -> Result<(), OutputError> {
    for path in files.map(Files::abandon).transpose()?.unwrap_or_default() {
        output::note(&format!("partial results: {}", path.display()));
    }
    Ok(())
}

/// Runs, with as many recorders as there are files.
fn execute(
    resolved: &Resolved,
    workload: &mut Workload,
    files: Option<&mut Files>,
    quiet: bool,
) -> Result<Outcome, Failure> {
    let mut bar = match workload.requests() {
        Some(requests) => Bar::new(requests, quiet),
        None => Bar::without_end(quiet),
    };
    let mut watch = |progress: Progress| {
        bar.update(progress);
        interrupt::go_on()
    };
    let outcome = match files {
        None => workload.run(resolved, &mut (), &mut watch),
        Some(files) => {
            let requests = &mut files.requests;
            match (&mut files.iterations, &mut files.samples) {
                (None, None) => workload.run(resolved, requests, &mut watch),
                (Some(iterations), None) => {
                    workload.run(resolved, &mut (requests, iterations), &mut watch)
                }
                (None, Some(samples)) => {
                    workload.run(resolved, &mut (requests, samples), &mut watch)
                }
                (Some(iterations), Some(samples)) => {
                    workload.run(resolved, &mut (requests, (iterations, samples)), &mut watch)
                }
            }
        }
    };
    Ok(outcome?)
}
