//! `run --trials`: independent trials of variants of a scenario, their means, intervals and
//! differences.
//!
//! A family of scenarios says what a trial is and what it measures (serving.rs, ticks.rs); the rest
//! is the same for all. Token budgets have points instead of variants, and reports of their own; they
//! share the targets, the file of trials and the figures.

mod figures;
mod precision;
mod record;
mod report;
mod serving;
mod ticks;
mod variants;
mod watch;

use kendall_io::records::OutputDir;
use kendall_study::trials::{Metric, run};
use serde_json::Value;

pub(super) use self::figures::{
    DIFFERENCE_TITLES, difference_cells, difference_json, sd, with_width,
};
pub(super) use self::precision::Wanted;
pub(super) use self::record::{Recorded, record, record_partial};
use self::report::Report;
pub(super) use self::serving::run_serving;
pub(super) use self::ticks::run_ticks;
use self::variants::Variant;
pub(super) use self::watch::{Following, tell_interrupted};
use super::Ending;
use crate::args::RunArgs;
use crate::failure::Failure;
use crate::{interrupt, output};

/// Most trials of a run that goes on until it is precise.
pub(super) const MOST_TRIALS: u32 = 1000;

/// What a family says of the scenario and its variants.
struct Study {
    /// For people.
    title: String,
    variants: Vec<Variant>,
    /// The whole configuration of each variant.
    configs: Vec<Value>,
    /// That of the first, for footers.
    config_toml: String,
    metrics: Vec<Metric>,
    /// Metrics in tables that have no room for all.
    headline: &'static [&'static str],
    /// What a width without a metric is about.
    main: &'static str,
    seed: u64,
}

impl Study {
    /// Seed of a trial, under which a single run gives it again.
    fn seed(&self, trial: u32) -> u64 {
        self.seed.wrapping_add(u64::from(trial))
    }
}

/// Refuses options that single runs alone have.
fn refuse_of_single_runs(args: &RunArgs, seed: u64) -> Result<(), Failure> {
    let options = &args.run;
    let given = [
        (
            options.iterations.is_some_and(|rows| rows.are_written()),
            "--iterations",
        ),
        (options.samples.is_some(), "--samples"),
    ];
    match given.iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, option)) => Err(Failure::usage(
            format!("{option} is for single runs, not for trials"),
            format!(
                "trial k is the run with --seed {seed} + k; leave out --trials, --vary and --precision"
            ),
        )),
    }
}

/// How many trials there are to be at most.
fn most(args: &RunArgs) -> u32 {
    let unless_given = match args.trials.precision.as_slice() {
        [] => 1,
        _ => MOST_TRIALS,
    };
    args.trials.count.unwrap_or(unless_given)
}

/// Runs the trials of a study and reports them.
fn conduct(
    args: &RunArgs,
    study: &Study,
    trial: impl Fn(usize, u32) -> Result<Option<Vec<Option<f64>>>, Failure> + Sync,
    notes: impl FnOnce() -> Vec<String>,
) -> Result<Ending, Failure> {
    let options = &args.run;
    let level = args.trials.level.unwrap_or_default();
    let wanted = Wanted::of(&args.trials.precision, &study.metrics, study.main)?;
    let plan = wanted.plan(study.variants.len(), most(args), level)?;
    let dir = options.output.as_deref();
    let dir = dir.map(|path| OutputDir::prepare(path, options.force));
    let dir = dir.transpose()?;
    interrupt::listen();
    let trials = {
        let following = Following::new(&plan, options.quiet);
        let trials = run(&plan, &following, |variant, number| {
            trial(variant, number).map_err(|failure| (variant, number, failure))
        });
        trials.map_err(|(variant, number, failure)| {
            tell_failed(study, variant, number);
            failure
        })?
    };
    let recorded = Recorded {
        config_toml: &study.config_toml,
        seed: study.seed,
        variants: variants::columns(&study.variants),
        metrics: &study.metrics,
    };
    let seed_of = |_, trial| study.seed(trial);
    if !trials.is_complete() {
        tell_interrupted(&trials, &plan);
        if let Some(dir) = &dir {
            record_partial(dir, &recorded, &trials, seed_of)?;
        }
        return Ok(Ending::Interrupted);
    }
    let report = Report {
        study,
        trials: &trials,
        level,
        wanted: &wanted,
    };
    let json = report.json();
    if let Some(dir) = &dir {
        record(dir, &recorded, &trials, seed_of, &json, &[])?;
    }
    if !options.quiet {
        notes().iter().for_each(|note| output::note(note));
    }
    if options.json {
        return output::print(&json).map(|()| Ending::Fine);
    }
    output::print(&report.text())?;
    output::results_in(options.output.as_deref())?;
    Ok(Ending::Fine)
}

/// Says which trial failed, before the error says why. The first of a scenario without variants is
/// the scenario as it stands.
fn tell_failed(study: &Study, variant: usize, trial: u32) {
    let name = match study.variants[variant].name.as_str() {
        "" if trial == 0 => return,
        "" => String::new(),
        name => format!(" of {name}"),
    };
    let seed = study.seed(trial);
    output::note(&format!(
        "trial {trial}{name} failed; --seed {seed} alone repeats it"
    ));
}
