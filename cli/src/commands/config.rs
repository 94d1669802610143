//! `config`: a scenario with every default filled in.

use kendall_io::config::{self, ScenarioKind};

use super::{Ending, kind_of, queueing, ticks, token_budget};
use crate::args::ConfigArgs;
use crate::failure::Failure;
use crate::origin::Origin;
use crate::output;

pub(crate) fn run(args: &ConfigArgs) -> Result<Ending, Failure> {
    if let Some(path) = args.scenario.as_deref() {
        match kind_of(path) {
            ScenarioKind::Queueing => return queueing::print_config(path, &args.settings),
            ScenarioKind::Ticks => return ticks::print_config(path, &args.settings),
            ScenarioKind::TokenBudget => return token_budget::print_config(path, &args.settings),
            ScenarioKind::Serving => {}
        }
    }
    let origin = Origin::of(args.scenario.as_deref(), &args.settings);
    let mut scenario = origin.load()?;
    // What is printed may be kept elsewhere, and traces are looked for beside their scenario.
    let section = &mut scenario.workload;
    let drawn = section.generate.iter_mut().flat_map(|it| it.traces_mut());
    let drawn = drawn.map(|(_, from_trace)| &mut from_trace.trace);
    for trace in section.trace.iter_mut().chain(drawn) {
        if trace != "-"
            && let Ok(absolute) = std::path::absolute(&*trace)
        {
            *trace = absolute.display().to_string();
        }
    }
    let resolved = origin.resolve(&scenario)?;
    output::print(&config::to_toml(&resolved.scenario))?;
    Ok(Ending::Fine)
}
