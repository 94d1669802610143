//! `capacity`: the largest arrival rates that a system takes.

mod report;
mod watch;

use kendall_io::config::token_budget::Sweep;
use kendall_io::config::{self, ScenarioKind, TokenBudgetScenario};
use kendall_study::capacity::{
    CapacityError, Objective, ObjectiveLimit, Search, SearchSettings, ServingLoad, Stability,
    TokenBudgetLoad, UnderLoad,
};
use kendall_study::summary::SloTargets;
use kendall_study::token_budget::{RuleRuns, Verdicts};
use kendall_study::trials::Watch;
use kendall_study::workload::generate;

use self::report::Report;
use self::watch::Following;
use super::{Ending, drawn, kind_of, workload};
use crate::args::CapacityArgs;
use crate::failure::Failure;
use crate::origin::Origin;
use crate::{interrupt, output};

/// Share of the requests that must meet the bounds unless told otherwise.
const ATTAINMENT: f64 = 0.99;

/// Bounds, and the share of the requests that must meet them.
#[derive(Clone, Copy)]
struct Wanted {
    slo: SloTargets,
    objective: Objective,
}

/// What was found out about one system.
struct Found<'a> {
    name: String,
    search: Search<'a>,
    stability: Stability,
    /// `None` without objectives; `Some(None)` if they are met at no rate.
    limit: Option<Option<ObjectiveLimit>>,
    /// What the published rule says of the rates it was asked about.
    verdicts: Vec<Verdicts>,
}

pub(crate) fn run(args: &CapacityArgs) -> Result<Ending, Failure> {
    if args.requests < 100 {
        return Err(Failure::usage(
            format!("--requests is {}, must be at least 100", args.requests),
            "runs have to be many times longer than what the system holds, for example 20k",
        ));
    }
    interrupt::listen();
    let following = Following::new(args.quiet);
    let told = match kind_of(&args.scenario) {
        ScenarioKind::TokenBudget => token_budget(args, &following),
        ScenarioKind::Serving => serving(args, &following),
        ScenarioKind::Queueing | ScenarioKind::Ticks => Err(Failure::usage(
            format!(
                "capacity is for serving systems and token budgets, {} is neither",
                args.scenario.display()
            ),
            "kendall run FILE tells the load of a network of queues",
        )),
    };
    match told {
        Err(_) if interrupt::requested() => {
            output::note("interrupted: the search is incomplete");
            Ok(Ending::Interrupted)
        }
        told => told,
    }
}

/// Every scheduler of the file, under the same requests.
fn token_budget(args: &CapacityArgs, following: &Following) -> Result<Ending, Failure> {
    let scenario = config::load_token_budget(&args.scenario, &args.settings)?;
    let TokenBudgetScenario {
        name,
        schedulers,
        setting,
        sweep,
        ..
    } = &scenario;
    let seed = args.seed.unwrap_or(scenario.seed);
    let wanted = wanted(args, SloTargets::default())?;
    if *sweep != Sweep::None && !args.quiet {
        let varied = sweep.name();
        output::note(&format!(
            "note: the sweep over {varied} is left out, only the rate varies"
        ));
    }
    let of_scheduler = |&scheduler: &_| {
        let mut setting = setting.clone();
        setting.config.scheduler = scheduler;
        TokenBudgetLoad {
            setting,
            requests: args.requests as f64,
            seed,
        }
    };
    let loads: Vec<TokenBudgetLoad> = schedulers.iter().map(of_scheduler).collect();
    let mut found = Vec::with_capacity(loads.len());
    for load in &loads {
        let name = load.setting.config.scheduler.name().to_owned();
        let start_per_s = setting.load.rate_per_s;
        let runs = RuleRuns::published(args.rule_seeds);
        let rates = args.rule_rates.iter();
        let asked = rates.take_while(|_| !following.stops());
        let verdicts = asked.map(|&rate| Verdicts::of(&load.setting, &[rate], runs, seed));
        let verdicts = verdicts.collect::<Result<Vec<_>, _>>()?.concat();
        let replications = args.replications;
        let search = search(
            name,
            load,
            args,
            start_per_s,
            replications,
            wanted,
            following,
        );
        found.push(Found {
            verdicts,
            ..search?
        });
    }
    let title = match name.as_str() {
        "" => "systems under a token budget",
        name => name,
    };
    let workload = format!(
        "about {} requests a run, {} runs a rate, seed {seed}",
        args.requests, args.replications
    );
    tell(
        args,
        title,
        &workload,
        wanted,
        &found,
        seed,
        &scenario.to_toml(),
    )
}

/// A serving system with generated requests, or those of a trace at other rates.
fn serving(args: &CapacityArgs, following: &Following) -> Result<Ending, Failure> {
    if !args.rule_rates.is_empty() {
        return Err(Failure::usage(
            "--rule-rates is for token budgets, whose published rule it asks",
            "leave it out for serving systems",
        ));
    }
    let origin = Origin::of(Some(&args.scenario), &args.settings);
    let mut scenario = origin.load()?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    // A run ends when its requests have.
    scenario.workload.until_s = None;
    let wanted = wanted(args, scenario.slo)?;
    let section = &mut scenario.workload;
    let from_laws = section.trace.is_none();
    if let Some(spec) = section.generate.as_mut().filter(|_| from_laws) {
        spec.requests = args.requests;
        section.limit = None;
    }
    let resolved = origin.resolve(&scenario)?;
    let (traces, workload) = match scenario.workload.generate.as_ref().filter(|_| from_laws) {
        Some(spec) => {
            let spec = &drawn::read(spec, &scenario.workload, &origin)?.spec;
            let traces: Result<Vec<_>, _> = (0..args.replications)
                .map(|index| generate(spec, scenario.seed.wrapping_add(u64::from(index))))
                .collect();
            let traces = traces.map_err(|error| origin.generate_failure(error))?;
            let workload = format!(
                "{} generated requests a run, {} runs a rate, seeds from {}",
                args.requests, args.replications, scenario.seed
            );
            (traces, workload)
        }
        None => {
            if !args.quiet {
                output::note(
                    "note: a trace is one sample: its rate is scaled, and nothing has an interval",
                );
            }
            let loaded = workload::read_whole(&scenario.workload)?;
            let workload = format!(
                "{} ({}, {} requests) at other rates",
                loaded.name,
                loaded.format,
                loaded.trace.len()
            );
            (vec![loaded.trace], workload)
        }
    };
    let replications = traces.len() as u32;
    let load = ServingLoad::new(resolved.fleet, traces)?;
    let start_per_s = load.rate_per_s();
    let name = format!("{} instance(s)", scenario.llm.instances);
    let found = search(
        name,
        &load,
        args,
        start_per_s,
        replications,
        wanted,
        following,
    )?;
    let title = match scenario.name.as_str() {
        "" => "serving system",
        name => name,
    };
    let config = config::to_toml(&resolved.scenario);
    tell(
        args,
        title,
        &workload,
        wanted,
        &[found],
        scenario.seed,
        &config,
    )
}

/// The bounds of the scenario and of the command line.
fn wanted(args: &CapacityArgs, own: SloTargets) -> Result<Option<Wanted>, Failure> {
    let arg = args.slo.unwrap_or_default();
    let slo = arg.over(own);
    if !slo.any() {
        return match arg.objective {
            None => Ok(None),
            Some(_) => Err(Failure::usage(
                "--slo has an attainment but no bound to attain",
                "add one, for example --slo ttft=0.5s,attainment=99%",
            )),
        };
    }
    let objective = match arg.objective {
        Some(objective) => objective,
        None => Objective::new(ATTAINMENT)?,
    };
    Ok(Some(Wanted { slo, objective }))
}

fn search<'a>(
    name: String,
    load: &'a dyn UnderLoad,
    args: &CapacityArgs,
    start_per_s: f64,
    replications: u32,
    wanted: Option<Wanted>,
    following: &'a Following,
) -> Result<Found<'a>, Failure> {
    let settings = SearchSettings {
        start_per_s,
        replications,
        tolerance: args.tolerance,
        level: args.level,
        slo: wanted.map_or_else(SloTargets::default, |wanted| wanted.slo),
    };
    let mut search = Search::new(load, settings)?.watched(following);
    let of_system = |error: CapacityError| Failure::from(error).at(Some(name.clone()));
    let stability = search.stability().map_err(of_system)?;
    let limit = wanted.map(|wanted| search.limit(wanted.objective, stability.stable_per_s));
    let limit = limit.transpose().map_err(of_system)?;
    Ok(Found {
        name,
        search,
        stability,
        limit,
        verdicts: Vec::new(),
    })
}

fn tell(
    args: &CapacityArgs,
    title: &str,
    workload: &str,
    wanted: Option<Wanted>,
    found: &[Found<'_>],
    seed: u64,
    config: &str,
) -> Result<Ending, Failure> {
    let report = Report {
        title,
        workload,
        wanted,
        found,
    };
    output::print(&if args.json {
        report.json(seed, config)
    } else {
        report.text()
    })?;
    if found.iter().any(|found| found.limit == Some(None)) {
        return Ok(Ending::CheckFailed);
    }
    Ok(Ending::Fine)
}
