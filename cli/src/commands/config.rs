//! `config`: a scenario with every default filled in.

use kendall_io::config;

use super::Ending;
use crate::args::ConfigArgs;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &ConfigArgs) -> Result<Ending, Failure> {
    let scenario = match &args.scenario {
        Some(path) => config::load(path, &args.settings)?,
        None => config::parse("--set", "", &args.settings)?,
    };
    let resolved = scenario.resolve(&config::catalog())?;
    output::print(&config::to_toml(&resolved.scenario))?;
    Ok(Ending::Fine)
}
