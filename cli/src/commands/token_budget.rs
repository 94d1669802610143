//! `run` for systems under a token budget: trials of every point, their means and intervals.

mod files;
mod report;

use std::path::Path;

use kendall_io::config::token_budget::{NamedPoint, Sweep};
use kendall_io::config::{self, Setting, TokenBudgetScenario};
use kendall_io::records::{OutputDir, TrialVariants};
use kendall_kernel::{Level, Streams};
use kendall_study::token_budget::{self, Figure, Point, TrialsError};
use kendall_study::trials::Metric;

use self::files::record_first;
use self::report::Report;
use super::series::Series;
use super::trials::{
    Following, MOST_TRIALS, Recorded, Wanted, record, record_partial, tell_interrupted,
};
use super::{Ending, TABLES};
use crate::args::RunArgs;
use crate::failure::Failure;
use crate::time_arg::WarmUpArg;
use crate::{interrupt, output};

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
    let scenario = overridden(args)?;
    let points = scenario.points()?;
    let metrics: Vec<Metric> = Figure::ALL.into_iter().map(Figure::metric).collect();
    let wanted = Wanted::of(&args.trials.precision, &metrics, Figure::MeanRts.name())?;
    let level = Level::new(scenario.level)?;
    let plan = wanted.plan(points.len(), scenario.trials, level)?;
    let series = Series::of(options)?;
    if let (Some(interval), Some(_)) = (series.samples, &options.output) {
        let Point { setting, seed } = &points[0].point;
        let first = Streams::new(*seed).replication(0);
        let checked = setting.check_samples(first, interval);
        checked.map_err(TrialsError::from)?;
    }
    let dir = options
        .output
        .as_deref()
        .map(|path| OutputDir::prepare(path, options.force))
        .transpose()?;
    if !options.quiet {
        tell_warnings(&points)?;
    }
    interrupt::listen();
    let trials = {
        let points: Vec<Point> = points.iter().map(|named| named.point.clone()).collect();
        token_budget::run(&points, &plan, &Following::new(&plan, options.quiet))?
    };
    let config_toml = scenario.to_toml();
    let recorded = Recorded {
        config_toml: &config_toml,
        seed: scenario.seed,
        variants: variants(&scenario, &points),
        metrics: &metrics,
    };
    let seed_of = |point: usize, _| points[point].point.seed;
    if !trials.is_complete() {
        tell_interrupted(&trials, &plan);
        if let Some(dir) = &dir {
            record_partial(dir, &recorded, &trials, seed_of)?;
        }
        return Ok(Ending::Interrupted);
    }
    let report = Report {
        scenario: &scenario,
        points: &points,
        trials: &trials,
        level,
        wanted: &wanted,
    };
    let json = report.json();
    if let Some(dir) = &dir {
        record_first(dir, &scenario, &points[0].point, series)?;
        record(dir, &recorded, &trials, seed_of, &json, &TABLES)?;
    }
    if options.json {
        output::print(&json)?;
        return Ok(Ending::Fine);
    }
    output::print(&report.table())?;
    output::results_in(options.output.as_deref())?;
    Ok(Ending::Fine)
}

/// The scenario with the command line's options laid over it.
fn overridden(args: &RunArgs) -> Result<TokenBudgetScenario, Failure> {
    let options = &args.run;
    let mut scenario = config::load_token_budget(&args.scenario, &options.settings)?;
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    scenario.trials = match args.trials.precision.as_slice() {
        [] => args.trials.count.unwrap_or(scenario.trials),
        _ => args.trials.count.unwrap_or(MOST_TRIALS),
    };
    let level = args.trials.level;
    scenario.level = level.map_or(scenario.level, Level::probability);
    if let Some(WarmUpArg::Seconds(seconds)) = options.warm_up {
        scenario.setting.warm_up_s = seconds;
    }
    scenario.setting.load.rate_per_s *= options.rate_scale.unwrap_or(1.0);
    Ok(scenario)
}

/// Points as trials.parquet names them.
fn variants(scenario: &TokenBudgetScenario, points: &[NamedPoint]) -> TrialVariants {
    let scheduler = |named: &NamedPoint| named.point.setting.config.scheduler.name().to_owned();
    let mut varied = vec![(
        "scheduler".to_owned(),
        points.iter().map(scheduler).collect(),
    )];
    if scenario.sweep != Sweep::None {
        let values = points.iter().map(|named| named.value.clone());
        varied.push((scenario.sweep.name().to_owned(), values.collect()));
    }
    TrialVariants {
        names: points.iter().map(report::name).collect(),
        varied,
    }
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

/// Refuses options that mean nothing here.
fn refuse_foreign(args: &RunArgs) -> Result<(), Failure> {
    let options = &args.run;
    if !args.trials.vary.is_empty() {
        return Err(Failure::usage(
            format!(
                "--vary is not for systems under a token budget, as {} has: they list what they compare",
                args.scenario.display()
            ),
            "set token_budget.schedulers and one list of token_budget.sweep, for example --set \
             'token_budget.sweep.gpus=[1,2]'",
        ));
    }
    let foreign = [
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
