//! `validate`: the engine against recorded results, theory and published figures.

mod checks;
mod show;

use std::path::{Path, PathBuf};

use kendall_io::config::{self, nearest};
use kendall_llm::EventSetKind;
use kendall_validate::{Report, Verdict, vllm};

pub(crate) use self::checks::CHECKS;
use self::checks::{Check, Kind};
use super::Ending;
use crate::args::ValidateArgs;
use crate::failure::Failure;
use crate::output;

/// Where a clone keeps recorded results.
const SHIPPED: &str = "validate/oracles";

pub(crate) fn run(args: &ValidateArgs) -> Result<Ending, Failure> {
    let options = options(args)?;
    let mut all = Report::default();
    if args.names.is_empty() {
        if args.oracles.is_some() {
            return Err(one_name_per_folder());
        }
        let mut reports = Vec::new();
        for check in CHECKS {
            let report = run_if_possible(check, options)?;
            if let Some(report) = &report {
                all.extend(report.clone());
            }
            reports.push((check, report));
        }
        output::print(&show::overview(&reports))?;
    } else {
        for (index, check) in chosen(args)?.into_iter().enumerate() {
            let report = run_one(check, args, options)?;
            let apart = if index > 0 { "\n" } else { "" };
            output::print(&format!("{apart}{}", show::report(&report)))?;
            all.extend(report);
        }
    }
    if let Some(path) = &args.json {
        write_json(path, &all)?;
    }
    output::print(&format!("{}\n", all.summary()))?;
    let failed = all.count(Verdict::Failed) > 0;
    Ok(if failed {
        Ending::CheckFailed
    } else {
        Ending::Fine
    })
}

fn options(args: &ValidateArgs) -> Result<vllm::Options, Failure> {
    let scenario = config::parse("--set", "", &args.settings)?;
    if let Some(setting) = args.settings.iter().find(|given| !given.sets("engine")) {
        return Err(Failure::usage(
            format!(
                "{}: not for validate, where checks bring their own scenario",
                setting.place()
            ),
            "only engine.* can be set, for example engine.event_set=heap",
        ));
    }
    Ok(vllm::Options {
        heap: scenario.engine.event_set == EventSetKind::Heap,
        in_order_only: false,
        merge_steps: scenario.engine.merge_steps,
    })
}

fn chosen(args: &ValidateArgs) -> Result<Vec<&'static Check>, Failure> {
    let checks: Vec<&Check> = args
        .names
        .iter()
        .map(|name| find(name))
        .collect::<Result<_, _>>()?;
    if args.oracles.is_some() && checks.len() > 1 {
        return Err(one_name_per_folder());
    }
    Ok(checks)
}

fn one_name_per_folder() -> Failure {
    Failure::usage(
        "--oracles goes with the name of one check",
        "for example: kendall validate vllm --oracles DIR",
    )
}

fn find(name: &str) -> Result<&'static Check, Failure> {
    let names = || CHECKS.iter().map(|check| check.name);
    CHECKS
        .iter()
        .find(|check| check.name == name)
        .ok_or_else(|| {
            let hint = match nearest(name, names()) {
                Some(choice) => format!("did you mean `{choice}`?"),
                None => "kendall list validations describes them".to_owned(),
            };
            let all: Vec<&str> = names().collect();
            Failure::usage(
                format!("no check is called `{name}`; there are {}", all.join(", ")),
                hint,
            )
        })
}

/// Runs a check that was asked for.
fn run_one(check: &Check, args: &ValidateArgs, options: vllm::Options) -> Result<Report, Failure> {
    let name = check.name;
    match (&check.kind, &args.oracles) {
        (Kind::BuiltIn(run), None) => Ok(run()?),
        (Kind::BuiltIn(_), Some(_)) => Err(Failure::usage(
            format!("{name} is built in and reads no recorded results"),
            format!("without --oracles: kendall validate {name}"),
        )),
        (Kind::Recorded(run) | Kind::Long(run), Some(path)) => Ok(run(path, options)?),
        (Kind::Recorded(run) | Kind::Long(run), None) => {
            let shipped = shipped(check);
            if shipped.is_dir() {
                return Ok(run(&shipped, options)?);
            }
            Err(Failure::usage(
                format!(
                    "{name} needs recorded results, and {} is not here",
                    shipped.display()
                ),
                format!(
                    "run it in a clone, or name a folder: kendall validate {name} --oracles DIR"
                ),
            ))
        }
    }
}

/// Runs a check as one of all; nothing if its recordings are not here or it takes too long.
fn run_if_possible(check: &Check, options: vllm::Options) -> Result<Option<Report>, Failure> {
    match check.kind {
        Kind::BuiltIn(run) => Ok(Some(run()?)),
        Kind::Recorded(run) => {
            let shipped = shipped(check);
            let here = shipped.is_dir();
            Ok(here.then(|| run(&shipped, options)).transpose()?)
        }
        Kind::Long(_) => Ok(None),
    }
}

fn shipped(check: &Check) -> PathBuf {
    Path::new(SHIPPED).join(check.name)
}

fn write_json(path: &Path, report: &Report) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report).unwrap_or_default();
    output::write_file(path, |out| {
        writeln!(out, "{json}").map_err(|error| {
            Failure::usage(format!("{}: {error}", path.display()), "is the disk full?")
        })
    })
}
