//! The scenarios that a study begins with.

use kendall_io::config::token_budget::Sweep;
use kendall_io::config::{TokenBudgetScenario, parse_token_budget};
use kendall_llm::token_budget::Scheduler;
use kendall_study::published::{Base, Demo, SCHEDULERS};

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
            let mut scenario = TokenBudgetScenario {
                name: demo.name().to_owned(),
                description: String::new(),
                seed: context.seed,
                trials: 1,
                level: context.level().probability(),
                schedulers: SCHEDULERS.to_vec(),
                setting: base.setting.clone(),
                sweep: Sweep::None,
            };
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
