//! `list`: what there is, one line each.

use kendall_cost::CostModel;
use kendall_io::config::catalog;
use kendall_llm::{Profile, RouterKind};
use kendall_queueing::disciplines::{DISCIPLINES, NamedDiscipline};

use super::{Ending, study, validate};
use crate::args::{ListArgs, Listing};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &ListArgs) -> Result<Ending, Failure> {
    let lines: Vec<(String, String)> = match args.what {
        Listing::Policies => named(&[
            (
                "fcfs",
                "first come, first served; the last admitted is preempted first",
            ),
            (
                "priority",
                "lower values first, then arrival; the least urgent is preempted first",
            ),
        ]),
        Listing::Profiles => {
            let profiles = Profile::ALL.iter();
            profiles
                .map(|&(profile, about)| (profile.name().to_owned(), about.to_owned()))
                .collect()
        }
        Listing::Routers => {
            let routers = RouterKind::ALL.iter();
            routers
                .map(|&(_, name, about)| (name.to_owned(), about.to_owned()))
                .collect()
        }
        Listing::Disciplines => DISCIPLINES.iter().map(discipline).collect(),
        Listing::CostModels => named(&CostModel::NAMES),
        Listing::Validations => {
            let checks = validate::CHECKS.iter();
            checks
                .map(|check| (check.name.to_owned(), check.about.to_owned()))
                .collect()
        }
        Listing::Studies => study::listed(),
        Listing::Traces => {
            let formats = kendall_io::trace::formats().iter();
            formats
                .map(|format| (format.name.to_owned(), format.about.to_owned()))
                .collect()
        }
        Listing::Hardware => {
            let hardware = catalog().hardware.into_iter();
            hardware
                .map(|(name, hardware)| {
                    let bandwidth = hardware.memory_bandwidth_bytes_per_s / 1e12;
                    let memory = hardware.memory_bytes as f64 / 1e9;
                    let about = format!("{}, {memory:.0} GB, {bandwidth:.2} TB/s", hardware.name);
                    (name, about)
                })
                .collect()
        }
        Listing::Models => {
            let models = catalog().models.into_iter();
            models
                .map(|(name, model)| {
                    let weights = model.weight_bytes() as f64 / 1e9;
                    let context = model.max_model_len;
                    let about = format!(
                        "{}, {weights:.0} GB of weights, {context} tokens",
                        model.name
                    );
                    (name, about)
                })
                .collect()
        }
    };
    output::print(&aligned(&lines))?;
    Ok(Ending::Fine)
}

/// A line for each name, what it is about in a column.
pub(super) fn aligned(lines: &[(String, String)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = lines.iter();
    lines
        .map(|(name, about)| format!("{name:width$}  {about}\n"))
        .collect()
}

/// A discipline without parameters, and its other names.
fn discipline(known: &NamedDiscipline) -> (String, String) {
    let (name, others) = (known.names[0], &known.names[1..]);
    let about = match others {
        [] => known.description.to_owned(),
        others => format!("{} (or {})", known.description, others.join(", ")),
    };
    (name.to_owned(), about)
}

fn named(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries
        .iter()
        .map(|&(name, about)| (name.to_owned(), about.to_owned()))
        .collect()
}
