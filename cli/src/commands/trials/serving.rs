//! Trials of serving systems.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::{Mutex, PoisonError};

use kendall_io::config;
use kendall_study::scenario::{Iterations, WorkloadSection};
use kendall_study::summary::Summary;
use kendall_study::trials::{serving_metrics, serving_values};
use kendall_study::warnings::Warning;
use kendall_study::{Resolved, Scenario};
use serde_json::Value;

use super::variants::{Variant, variants};
use super::{Study, conduct, most, refuse_of_single_runs};
use crate::args::{RunArgs, Varied};
use crate::commands::{Ending, simulate, workload};
use crate::failure::Failure;
use crate::interrupt;
use crate::origin::{GivenBy, Origin};
use crate::phrase;

const HEADLINE: [&str; 10] = [
    "throughput.requests_per_s",
    "throughput.output_tokens_per_s",
    "ttft_s.mean",
    "ttft_s.p99",
    "tpot_s.mean",
    "tpot_s.p99",
    "e2e_s.mean",
    "e2e_s.p99",
    "kv_use.mean",
    "slo.attainment",
];

/// Runs trials of a serving system, trial k under the k-th seed from that of the scenario on.
pub(crate) fn run_serving(args: &RunArgs) -> Result<Ending, Failure> {
    let variants = variants(&args.run.settings, &args.trials.vary)?;
    let given = args.run.given();
    refuse_overruled(&args.trials.vary, &given)?;
    let origin = |variant| of_variant(args, variant).with_options(given);
    let origins: Vec<Origin<'_>> = variants.iter().map(origin).collect();
    let load = |origin: &Origin<'_>| {
        let scenario = without_records(origin.load()?);
        simulate::resolve(scenario, origin, &args.run)
    };
    let systems: Vec<Resolved> = origins.iter().map(load).collect::<Result<_, _>>()?;
    let seed = systems[0].scenario.seed;
    refuse_of_single_runs(args, seed)?;
    for system in &systems {
        refuse_same_trials(args, &system.scenario.workload, systems.len())?;
    }
    let warnings = Warnings::default();
    let study = study(variants.clone(), &systems, seed);
    conduct(
        args,
        &study,
        |variant, trial| {
            let mut system = systems[variant].clone();
            system.scenario.seed = study.seed(trial);
            run_trial(&system, &origins[variant], |found| {
                warnings.add((trial, variant), found);
            })
        },
        || warnings.notes(&study.variants),
    )
}

/// Refuses to vary what an option gives to all variants alike.
fn refuse_overruled(vary: &[Varied], given: &[(bool, GivenBy)]) -> Result<(), Failure> {
    let given = || given.iter().filter(|(is_given, _)| *is_given);
    for Varied { key, values } in vary {
        let sets = |known: &str| values.iter().any(|(_, setting)| setting.sets(known));
        if let Some((_, (_, option))) = given().find(|(_, (known, _))| sets(known)) {
            return Err(Failure::usage(
                format!("--vary {key} is without effect, {option} overrules it in every variant"),
                format!("leave out {option}"),
            ));
        }
    }
    Ok(())
}

fn of_variant<'a>(args: &'a RunArgs, variant: &'a Variant) -> Origin<'a> {
    Origin::of(Some(&args.scenario), &variant.settings)
}

/// What single runs write is nothing to trials.
fn without_records(mut scenario: Scenario) -> Scenario {
    scenario.output.iterations = Iterations::Off;
    scenario.output.samples_s = None;
    scenario
}

fn study(variants: Vec<Variant>, systems: &[Resolved], seed: u64) -> Study {
    let scenario = &systems[0].scenario;
    let title = phrase::title(&scenario.name, &scenario.description, "a serving system");
    let configs = systems.iter().map(|system| &system.scenario);
    Study {
        title,
        variants,
        configs: configs
            .map(|scenario| serde_json::to_value(scenario).unwrap_or(Value::Null))
            .collect(),
        config_toml: config::to_toml(scenario),
        metrics: serving_metrics(systems.iter().any(|system| system.scenario.slo.any())),
        headline: &HEADLINE,
        main: "e2e_s.mean",
        seed,
    }
}

/// Refuses several trials of what does not depend on the seed: nothing does but generated requests.
fn refuse_same_trials(
    args: &RunArgs,
    workload: &WorkloadSection,
    variants: usize,
) -> Result<(), Failure> {
    let is_drawn = workload.trace.is_none() && workload.generate.is_some();
    let most = most(args);
    if !is_drawn && most > 1 {
        return Err(Failure::usage(
            format!(
                "{} replays a trace, which is one sample, and nothing else is drawn: {most} trials would be \
                 the same",
                args.scenario.display()
            ),
            "draw requests from the trace ([workload.generate.from_trace]) or from laws \
             ([workload.generate]), or take one trial: --trials 1 compares variants (--vary) on the trace",
        ));
    }
    if workload.trace.as_deref() == Some("-") && variants > 1 {
        return Err(Failure::usage(
            "standard input can be read once, and there are several variants",
            "put the trace into a file",
        ));
    }
    Ok(())
}

/// One trial; nothing if Ctrl-C ended it.
fn run_trial(
    system: &Resolved,
    origin: &Origin<'_>,
    warn: impl FnOnce(Vec<Warning>),
) -> Result<Option<Vec<Option<f64>>>, Failure> {
    let mut requests = workload::load(&system.scenario, origin)?;
    let outcome = requests.run(system, &mut (), &mut |_| interrupt::go_on())?;
    if outcome.stopped {
        return Ok(None);
    }
    let skipped = requests.ended(origin)?.skipped_records;
    let counts = outcome.requests.counts();
    warn(Warning::about(system, &outcome.demand, &counts, skipped));
    let seed = system.scenario.seed;
    let summary = Summary::new(outcome.requests, &outcome.stats, skipped, seed, ());
    Ok(Some(serving_values(&summary)))
}

/// What trials warn of, by trial and variant.
#[derive(Default)]
struct Warnings(Mutex<BTreeMap<(u32, usize), Vec<Warning>>>);

impl Warnings {
    fn add(&self, run: (u32, usize), found: Vec<Warning>) {
        if !found.is_empty() {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(run, found);
        }
    }

    /// Each kind once, as the first run has it, and how many have it.
    fn notes(&self, variants: &[Variant]) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds: Vec<(&Warning, (u32, usize), usize)> = Vec::new();
        for (&run, found) in all.iter() {
            for warning in found {
                let same = |(known, ..): &&mut (&Warning, _, _)| {
                    discriminant(*known) == discriminant(warning)
                };
                match kinds.iter_mut().find(same) {
                    Some((_, _, runs)) => *runs += 1,
                    None => kinds.push((warning, run, 1)),
                }
            }
        }
        let note = |(warning, (trial, variant), runs): (&Warning, (u32, usize), usize)| {
            let of = match variants[variant].name.as_str() {
                "" => String::new(),
                name => format!(" of {name}"),
            };
            let more = match runs {
                1 => String::new(),
                runs => format!(", and of {} more", runs - 1),
            };
            format!("warning: {warning} (of trial {trial}{of}{more})")
        };
        kinds.into_iter().map(note).collect()
    }
}
