//! The scenarios that a study begins with.

use kendall_io::config::token_budget::Sweep;
use kendall_io::config::{TokenBudgetScenario, parse_token_budget};
use kendall_llm::token_budget::Scheduler;
use kendall_study::published::{Base, Case, Demo, SCHEDULERS};
use kendall_study::token_budget::Setting;

use super::Context;
use crate::failure::Failure;

/// Scenarios with the settings of the command line laid over them.
pub(super) struct Bases {
    /// One at least.
    pub(super) bases: Vec<Base>,
    /// By scenario; all three unless settings choose some.
    pub(super) schedulers: Vec<Vec<Scheduler>>,
    /// As TOML, one after the other.
    pub(super) config: String,
}

/// A setting as a scenario, under its own scheduler.
fn scenario(context: &Context<'_>, name: &str, setting: &Setting) -> TokenBudgetScenario {
    TokenBudgetScenario {
        name: name.to_owned(),
        description: String::new(),
        seed: context.seed,
        trials: 1,
        level: context.level().probability(),
        schedulers: vec![setting.config.scheduler],
        setting: setting.clone(),
        sweep: Sweep::None,
    }
}

/// Cases as TOML, one after the other.
pub(super) fn config_of(context: &Context<'_>, cases: &[Case]) -> String {
    let of_case = |case: &Case| {
        let name = format!("{} {}", case.scenario, case.variant);
        let scenario = scenario(context, name.trim_end(), &case.point.setting);
        format!("# {}\n{}\n", scenario.name, scenario.to_toml())
    };
    cases.iter().map(of_case).collect()
}

impl Bases {
    /// The chosen scenarios, or the study's own, over a window of so many seconds unless the
    /// command line says otherwise.
    pub(super) fn of(context: &Context<'_>, own: &[Demo], window_s: f64) -> Result<Bases, Failure> {
        let args = context.args;
        let demos = args.scenario.map_or(own, |scenario| scenario.demos());
        let mut bases = Bases {
            bases: Vec::new(),
            schedulers: Vec::new(),
            config: String::new(),
        };
        for &demo in demos {
            let mut base = Base::of(demo);
            base.setting.load.window_s = args.window.unwrap_or(window_s);
            let mut scenario = scenario(context, demo.name(), &base.setting);
            scenario.schedulers = SCHEDULERS.to_vec();
            if !args.settings.is_empty() {
                let text = scenario.to_toml();
                scenario = parse_token_budget(demo.name(), &text, &args.settings)?;
                base.setting = scenario.setting.clone();
            }
            bases.config += &format!("# {}\n{}\n", demo.name(), scenario.to_toml());
            bases.schedulers.push(scenario.schedulers);
            bases.bases.push(base);
        }
        Ok(bases)
    }

    /// Each scenario with its schedulers.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Base, &[Scheduler])> {
        let schedulers = self.schedulers.iter().map(Vec::as_slice);
        self.bases.iter().zip(schedulers)
    }
}
