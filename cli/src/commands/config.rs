//! `config`: a scenario with every default filled in.

use kendall_io::config;

use super::{Ending, queueing, ticks};
use crate::args::ConfigArgs;
use crate::failure::Failure;
use crate::origin::Origin;
use crate::output;

pub(crate) fn run(args: &ConfigArgs) -> Result<Ending, Failure> {
    if let Some(path) = args.scenario.as_deref() {
        if queueing::is_network(path) {
            return queueing::print_config(path, &args.settings);
        }
        if ticks::is_in_ticks(path) {
            return ticks::print_config(path, &args.settings);
        }
    }
    let origin = Origin::of(args.scenario.as_deref(), &args.settings);
    let mut scenario = origin.load()?;
    // What is printed may be kept elsewhere, and a trace is looked for beside its scenario.
    if let Some(trace) = &mut scenario.workload.trace
        && trace != "-"
        && let Ok(absolute) = std::path::absolute(&*trace)
    {
        *trace = absolute.display().to_string();
    }
    let resolved = origin.resolve(&scenario)?;
    output::print(&config::to_toml(&resolved.scenario))?;
    Ok(Ending::Fine)
}
