//! `validate`: the engine against recorded results.

use std::path::{Path, PathBuf};

use kendall_io::config::{self, nearest};
use kendall_llm::EventSetKind;
use kendall_validate::{Report, ValidateError, Verdict, inference_lab, vllm};

use super::Ending;
use crate::args::ValidateArgs;
use crate::failure::Failure;
use crate::output;

/// The checks, with what they compare.
pub(crate) const CHECKS: [(&str, &str); 2] = [
    (
        "inference-lab",
        "times of every request against runs of the simulator inference-lab",
    ),
    (
        "vllm",
        "every scheduling step against schedules recorded from vLLM",
    ),
];

/// Where a clone keeps recorded results.
const SHIPPED: &str = "validate/oracles";

pub(crate) fn run(args: &ValidateArgs) -> Result<Ending, Failure> {
    let checks = chosen(&args.names)?;
    if args.oracles.is_some() && checks.len() > 1 {
        return Err(Failure::usage(
            "--oracles goes with the name of one check",
            "for example: kendall validate vllm --oracles DIR",
        ));
    }
    let scenario = config::parse("--set", "", &args.settings)?;
    if let Some(setting) = args.settings.iter().find(|given| !given.sets("engine")) {
        return Err(Failure::usage(
            format!(
                "{}: not for validate, where recordings bring their own scenario",
                setting.place()
            ),
            "only engine.* can be set, for example engine.event_set=heap",
        ));
    }
    let options = vllm::Options {
        heap: scenario.engine.event_set == EventSetKind::Heap,
        in_order_only: false,
    };
    let mut all = Report::default();
    for name in checks {
        let path = oracles(args, name)?;
        let report = check(name, &path, options)?;
        output::print(&lines(&report))?;
        all.cases.extend(report.cases);
    }
    if let Some(path) = &args.json {
        let json = serde_json::to_string_pretty(&all).unwrap_or_default();
        output::write_file(path, |out| {
            writeln!(out, "{json}").map_err(|error| {
                Failure::usage(format!("{}: {error}", path.display()), "is the disk full?")
            })
        })?;
    }
    output::print(&format!("{}\n", all.summary()))?;
    let failed = all.count(Verdict::Failed) > 0;
    Ok(if failed {
        Ending::CheckFailed
    } else {
        Ending::Fine
    })
}

fn chosen(names: &[String]) -> Result<Vec<&'static str>, Failure> {
    let all = CHECKS.map(|(name, _)| name);
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let find = |name: &String| {
        all.iter()
            .copied()
            .find(|check| check == name)
            .ok_or_else(|| {
                let hint = match nearest(name, all) {
                    Some(choice) => format!("did you mean `{choice}`?"),
                    None => "kendall list validations describes them".to_owned(),
                };
                Failure::usage(
                    format!("no check is called `{name}`; there are {}", all.join(", ")),
                    hint,
                )
            })
    };
    names.iter().map(find).collect()
}

fn oracles(args: &ValidateArgs, name: &str) -> Result<PathBuf, Failure> {
    if let Some(path) = &args.oracles {
        return Ok(path.clone());
    }
    let shipped = Path::new(SHIPPED).join(name);
    if shipped.is_dir() {
        return Ok(shipped);
    }
    Err(Failure::usage(
        format!(
            "{name} needs recorded results, and {} is not here",
            shipped.display()
        ),
        format!("run it in a clone, or name a folder: kendall validate {name} --oracles DIR"),
    ))
}

fn check(name: &str, path: &Path, options: vllm::Options) -> Result<Report, ValidateError> {
    match name {
        "vllm" => vllm::check(path, options),
        _ => inference_lab::check(path),
    }
}

fn lines(report: &Report) -> String {
    let width = report
        .cases
        .iter()
        .map(|case| case.name.len())
        .max()
        .unwrap_or(0);
    let line = |case: &kendall_validate::Case| {
        let detail: String = case.detail.chars().take(400).collect();
        format!(
            "{:width$}  {:7}  {detail}\n",
            case.name,
            case.verdict.name()
        )
    };
    report.cases.iter().map(line).collect()
}
