//! `replay` and `run`: a workload through a serving system.

use std::path::{Path, PathBuf};

use kendall_io::config;
use kendall_io::records::{
    FileMetadata, Granularity, IterationSink, OutputDir, OutputError, RequestSink, RowOrder,
};
use kendall_llm::{Control, Progress};
use kendall_study::scenario::Iterations;
use kendall_study::summary::Summary;
use kendall_study::warnings::Warning;
use kendall_study::{Outcome, Resolved, Scenario};
use serde_json::Value;

use super::Ending;
use super::workload::{self, Workload};
use crate::args::{IterationsArg, ReplayArgs, RunArgs, RunOptions};
use crate::failure::Failure;
use crate::progress::Bar;
use crate::time_arg::WarmUpArg;
use crate::{interrupt, output, summary_table};

/// Replays a trace through the configured system.
pub(crate) fn replay(args: &ReplayArgs) -> Result<Ending, Failure> {
    let mut scenario = match &args.config {
        Some(path) => config::load(path, &args.run.settings)?,
        None => config::parse("--set", "", &args.run.settings)?,
    };
    if let Some(trace) = &args.trace {
        scenario.workload.trace = Some(trace.display().to_string());
        scenario.workload.generate = None;
    }
    simulate(scenario, &args.run)
}

/// Runs a scenario with its own workload.
pub(crate) fn run_scenario(args: &RunArgs) -> Result<Ending, Failure> {
    simulate(config::load(&args.scenario, &args.run.settings)?, &args.run)
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
        None => {}
    }
    scenario.output.iterations = match options.iterations {
        Some(IterationsArg::Off) => Iterations::Off,
        Some(IterationsArg::Steps) => Iterations::Steps,
        Some(IterationsArg::Runs) => Iterations::Runs,
        None => scenario.output.iterations,
    };
    scenario
}

fn simulate(scenario: Scenario, options: &RunOptions) -> Result<Ending, Failure> {
    let resolved = overridden(scenario, options).resolve(&config::catalog())?;
    let workload = workload::load(&resolved.scenario)?;
    let mut files = match &options.output {
        Some(path) => Some(Files::open(path, &resolved, &workload, options.force)?),
        None => None,
    };
    interrupt::listen();
    let outcome = execute(&resolved, &workload, files.as_mut(), options.quiet)?;
    if outcome.stopped {
        let partial = files.map(Files::abandon).transpose()?.unwrap_or_default();
        output::note("interrupted: the run is incomplete");
        for path in partial {
            output::note(&format!("partial results: {}", path.display()));
        }
        return Ok(Ending::Interrupted);
    }

    let scenario = &resolved.scenario;
    let config = serde_json::to_value(scenario).unwrap_or(Value::Null);
    let counts = outcome.requests.counts();
    let skipped = workload.skipped_records;
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
        files.finish(&json)?;
    }
    if !options.quiet {
        for warning in Warning::about(&resolved, &workload.trace, &counts, skipped) {
            output::note(&format!("warning: {warning}"));
        }
    }
    if options.json {
        output::print(&json)?;
    } else {
        let text = summary_table::render(&resolved, &workload.description, &summary);
        output::print(&text)?;
        if let Some(path) = &options.output {
            output::print(&format!("\nresults in {}\n", path.display()))?;
        }
    }
    Ok(Ending::Fine)
}

/// Runs, with as many recorders as there are files.
fn execute(
    resolved: &Resolved,
    workload: &Workload,
    files: Option<&mut Files>,
    quiet: bool,
) -> Result<Outcome, Failure> {
    let mut bar = Bar::new(workload.trace.len() as u64, quiet);
    let mut watch = |progress: Progress| {
        bar.update(progress);
        if interrupt::requested() {
            Control::Stop
        } else {
            Control::Continue
        }
    };
    let trace = &workload.trace;
    let outcome = match files {
        None => kendall_study::run(resolved, trace, &mut (), &mut watch),
        Some(Files {
            requests,
            iterations: None,
            ..
        }) => kendall_study::run(resolved, trace, requests, &mut watch),
        Some(Files {
            requests,
            iterations: Some(iterations),
            ..
        }) => kendall_study::run(resolved, trace, &mut (requests, iterations), &mut watch),
    };
    Ok(outcome?)
}

/// The files of a run while they are being written.
struct Files {
    dir: OutputDir,
    requests: RequestSink,
    iterations: Option<IterationSink>,
}

impl Files {
    fn open(
        path: &Path,
        resolved: &Resolved,
        workload: &Workload,
        force: bool,
    ) -> Result<Files, OutputError> {
        let dir = OutputDir::prepare(path, force)?;
        let metadata = FileMetadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_toml: config::to_toml(&resolved.scenario),
            seed: resolved.scenario.seed,
            trace_sha256: workload.sha256.clone(),
            row_order: RowOrder::Trace,
        };
        let granularity = match resolved.scenario.output.iterations {
            Iterations::Off => None,
            Iterations::Steps => Some(Granularity::Steps),
            Iterations::Runs => Some(Granularity::Runs),
        };
        let iterations = granularity.map(|granularity| dir.iterations(&metadata, granularity));
        Ok(Files {
            requests: dir.requests(&metadata)?,
            iterations: iterations.transpose()?,
            dir,
        })
    }

    /// Gives every file its final name, the summary last.
    fn finish(self, summary: &str) -> Result<(), OutputError> {
        self.requests.finish()?;
        if let Some(iterations) = self.iterations {
            iterations.finish()?;
        }
        self.dir.write_summary(summary)
    }

    /// Closes the files of an interrupted run under their partial names, which are returned.
    fn abandon(self) -> Result<Vec<PathBuf>, OutputError> {
        let mut partial = vec![self.requests.abandon()?];
        if let Some(iterations) = self.iterations {
            partial.push(iterations.abandon()?);
        }
        Ok(partial)
    }
}
