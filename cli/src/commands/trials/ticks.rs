//! Trials of serving in ticks.

use kendall_io::config::{self, TicksScenario};
use kendall_kernel::Streams;
use kendall_llm::ticks;
use kendall_study::trials::{tick_metrics, tick_values};
use serde_json::Value;

use super::variants::variants;
use super::{Study, conduct, most, refuse_of_single_runs};
use crate::args::RunArgs;
use crate::commands::Ending;
use crate::failure::Failure;
use crate::phrase;

const HEADLINE: [&str; 8] = [
    "throughput.requests_per_s",
    "throughput.output_tokens_per_s",
    "ttft_s.mean",
    "ttft_s.p99",
    "itl_s.mean",
    "e2e_s.mean",
    "e2e_s.p99",
    "ticks.mean_queue",
];

/// Runs trials of a scenario in ticks, trial k under the k-th seed from that of the scenario on.
/// `overridden` lays the options of the command line over a scenario and checks it.
pub(crate) fn run_ticks(
    args: &RunArgs,
    overridden: impl Fn(TicksScenario) -> Result<TicksScenario, Failure>,
) -> Result<Ending, Failure> {
    let variants = variants(&args.run.settings, &args.trials.vary)?;
    let mut scenarios = Vec::with_capacity(variants.len());
    for variant in &variants {
        let scenario = config::load_ticks(&args.scenario, &variant.settings)?;
        scenarios.push(overridden(scenario)?);
    }
    let first = &scenarios[0];
    refuse_of_single_runs(args, first.seed)?;
    let title = phrase::title(&first.name, &first.description, "serving in ticks");
    let tomls: Vec<String> = scenarios.iter().map(TicksScenario::to_toml).collect();
    let study = Study {
        title,
        variants,
        config_toml: tomls[0].clone(),
        configs: tomls.into_iter().map(Value::String).collect(),
        metrics: tick_metrics(),
        headline: &HEADLINE,
        main: "e2e_s.mean",
        seed: first.seed,
    };
    conduct(
        args,
        &study,
        |variant, trial| {
            let TicksScenario { config, output, .. } = &scenarios[variant];
            let mut lengths = output.draw(&Streams::new(study.seed(trial)))?;
            let summary = ticks::run(config, &mut lengths, &mut ())?;
            Ok(Some(tick_values(&summary)))
        },
        || note_of_constants(&scenarios, most(args)),
    )
}

/// Says that trials are in vain where nothing is drawn.
fn note_of_constants(scenarios: &[TicksScenario], trials: u32) -> Vec<String> {
    let constant = |scenario: &TicksScenario| scenario.output.sd_tokens == 0.0;
    let note = "warning: output lengths are constant (ticks.work.sd_tokens is 0) and nothing else is drawn, \
                so that all trials are the same";
    match trials > 1 && scenarios.iter().all(constant) {
        true => vec![note.to_owned()],
        false => Vec::new(),
    }
}
