//! The file as it is written.

use kendall_kernel::{Law, Level};
use kendall_llm::token_budget::{
    Config, Load, Rules, Scheduler, Service, ServiceLaw, TokenBudgetError, TokenLaw,
};
use kendall_study::token_budget::Setting;
use serde::{Deserialize, Serialize};

use super::{Sweep, TokenBudgetScenario};
use crate::config::keys::Root;

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    seed: u64,
    token_budget: Section,
}

impl Root for File {
    const NAMED: &[&str] = &[];
}

/// The system, and how it is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    schedulers: Vec<SchedulerName>,
    decode_share: f64,
    rules: Rules,
    gpus: u16,
    max_sequences: u32,
    max_tokens: u32,
    /// 0 for no limit.
    max_resident: u32,
    /// 0 for whole prompts.
    chunk_tokens: u32,
    trials: u32,
    level: f64,
    service: ServiceSection,
    load: LoadSection,
    sweep: SweepSection,
}

impl Default for Section {
    /// The defaults of the original's `SimConfig`, over a shorter window.
    fn default() -> Section {
        Section {
            schedulers: vec![
                SchedulerName::DecodePrioritizing,
                SchedulerName::PrefillPrioritizing,
                SchedulerName::Hybrid,
            ],
            decode_share: 0.5,
            rules: Rules::Corrected,
            gpus: 1,
            max_sequences: 32,
            max_tokens: 2048,
            max_resident: 0,
            chunk_tokens: 0,
            trials: 20,
            level: 0.95,
            service: ServiceSection::default(),
            load: LoadSection::default(),
            sweep: SweepSection::default(),
        }
    }
}

/// A scheduler without its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SchedulerName {
    DecodePrioritizing,
    PrefillPrioritizing,
    Hybrid,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ServiceSection {
    c_ms: f64,
    a_ms: f64,
    b0_tokens: u32,
    law: ServiceLaw,
}

impl Default for ServiceSection {
    fn default() -> ServiceSection {
        ServiceSection {
            c_ms: 45.5,
            a_ms: 0.3,
            b0_tokens: 64,
            law: ServiceLaw::Deterministic,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LoadSection {
    rate_per_s: f64,
    window_s: f64,
    warm_up_s: f64,
    prompt_tokens: Law,
    max_prompt_tokens: u32,
    output_tokens: Law,
    max_output_tokens: u32,
}

impl Default for LoadSection {
    fn default() -> LoadSection {
        LoadSection {
            rate_per_s: 2.0,
            window_s: 1000.0,
            warm_up_s: 0.0,
            prompt_tokens: Law::Empirical {
                values: vec![32.0, 128.0, 512.0],
                weights: vec![0.6, 0.3, 0.1],
            },
            max_prompt_tokens: u32::MAX,
            output_tokens: Law::Geometric { p: 0.0056 },
            max_output_tokens: 1024,
        }
    }
}

/// What is varied: at most one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SweepSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    windows: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rate_per_s: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chunk_tokens: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decode_share: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    max_sequences: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gpus: Vec<u16>,
}

/// What is wrong with a file whose values are all of the right kind.
pub(super) struct Fault {
    /// The key's full name.
    pub(super) key: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

fn fault(key: &str, message: impl Into<String>, hint: &str) -> Fault {
    Fault {
        key: format!("token_budget.{key}"),
        message: message.into(),
        hint: Some(hint.to_owned()),
    }
}

impl File {
    pub(super) fn describe(scenario: &TokenBudgetScenario) -> File {
        let Setting {
            config,
            load,
            warm_up_s,
        } = &scenario.setting;
        let share = scenario.schedulers.iter().find_map(|own| match own {
            Scheduler::Hybrid { decode_share } => Some(*decode_share),
            _ => None,
        });
        let name = |scheduler: &Scheduler| match scheduler {
            Scheduler::DecodePrioritizing => SchedulerName::DecodePrioritizing,
            Scheduler::PrefillPrioritizing => SchedulerName::PrefillPrioritizing,
            Scheduler::Hybrid { .. } => SchedulerName::Hybrid,
        };
        File {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
            token_budget: Section {
                schedulers: scenario.schedulers.iter().map(name).collect(),
                decode_share: share.unwrap_or(Section::default().decode_share),
                rules: config.rules,
                gpus: config.gpus,
                max_sequences: config.max_sequences,
                max_tokens: config.max_tokens,
                max_resident: config.max_resident.unwrap_or(0),
                chunk_tokens: config.chunk_tokens.unwrap_or(0),
                trials: scenario.trials,
                level: scenario.level,
                service: ServiceSection {
                    c_ms: config.service.c_ms,
                    a_ms: config.service.a_ms,
                    b0_tokens: config.service.b0_tokens,
                    law: config.service.law,
                },
                load: LoadSection {
                    rate_per_s: load.rate_per_s,
                    window_s: load.window_s,
                    warm_up_s: *warm_up_s,
                    prompt_tokens: load.prompt_tokens.law.clone(),
                    max_prompt_tokens: load.prompt_tokens.max,
                    output_tokens: load.output_tokens.law.clone(),
                    max_output_tokens: load.output_tokens.max,
                },
                sweep: SweepSection::describe(&scenario.sweep),
            },
        }
    }

    pub(super) fn resolve(self) -> Result<TokenBudgetScenario, Fault> {
        let section = self.token_budget;
        let decode_share = section.decode_share;
        if !(0.0..=1.0).contains(&decode_share) {
            let message = format!("`decode_share` is {decode_share}, must lie in 0 to 1");
            return Err(fault("decode_share", message, "0.5 gives each side half"));
        }
        let scheduler = |name: &SchedulerName| match name {
            SchedulerName::DecodePrioritizing => Scheduler::DecodePrioritizing,
            SchedulerName::PrefillPrioritizing => Scheduler::PrefillPrioritizing,
            SchedulerName::Hybrid => Scheduler::Hybrid { decode_share },
        };
        let schedulers: Vec<Scheduler> = section.schedulers.iter().map(scheduler).collect();
        let Some(&first) = schedulers.first() else {
            let hint = "schedulers = [\"hybrid\"]";
            return Err(fault("schedulers", "`schedulers` is empty", hint));
        };
        if section.trials == 0 {
            let message = "`trials` is 0, must be at least 1";
            return Err(fault("trials", message, "two or more have an interval"));
        }
        if let Err(error) = Level::new(section.level) {
            return Err(fault("level", error.to_string(), "95 % is 0.95"));
        }
        let LoadSection {
            rate_per_s,
            window_s,
            warm_up_s,
            prompt_tokens,
            max_prompt_tokens,
            output_tokens,
            max_output_tokens,
        } = section.load;
        let ServiceSection {
            c_ms,
            a_ms,
            b0_tokens,
            law,
        } = section.service;
        let chunk_tokens = (section.chunk_tokens > 0).then_some(section.chunk_tokens);
        let scenario = TokenBudgetScenario {
            name: self.name,
            description: self.description,
            seed: self.seed,
            trials: section.trials,
            level: section.level,
            schedulers,
            setting: Setting {
                config: Config {
                    scheduler: first,
                    rules: section.rules,
                    gpus: section.gpus,
                    max_sequences: section.max_sequences,
                    max_tokens: section.max_tokens,
                    max_resident: (section.max_resident > 0).then_some(section.max_resident),
                    chunk_tokens,
                    service: Service {
                        c_ms,
                        a_ms,
                        b0_tokens,
                        law,
                    },
                },
                load: Load {
                    rate_per_s,
                    window_s,
                    prompt_tokens: TokenLaw::new(prompt_tokens, 1).at_most(max_prompt_tokens),
                    output_tokens: TokenLaw::new(output_tokens, 0).at_most(max_output_tokens),
                },
                warm_up_s,
            },
            sweep: section.sweep.resolve()?,
        };
        check(&scenario)?;
        Ok(scenario)
    }
}

/// Checks every point by its own check.
fn check(scenario: &TokenBudgetScenario) -> Result<(), Fault> {
    scenario.setting.validate().map_err(of_system)?;
    let in_sweep = |message: String| {
        let key = format!("sweep.{}", scenario.sweep.name());
        fault(
            &key,
            message,
            "every value has to be one of the setting's own",
        )
    };
    let points = scenario.points().map_err(|e| in_sweep(e.to_string()))?;
    for named in points {
        let checked = named.point.setting.validate();
        checked.map_err(|error| in_sweep(error.to_string()))?;
    }
    Ok(())
}

/// Puts an error of the system into the section it comes from.
fn of_system(error: TokenBudgetError) -> Fault {
    let field = match &error {
        TokenBudgetError::Zero { field }
        | TokenBudgetError::OutOfRange { field, .. }
        | TokenBudgetError::NotATime { field, .. }
        | TokenBudgetError::Law { field, .. } => *field,
        _ => "",
    };
    let key = match field {
        "c_ms" | "a_ms" => format!("service.{field}"),
        "rate_per_s" | "window_s" | "warm_up_s" | "prompt_tokens" | "output_tokens" => {
            format!("load.{field}")
        }
        "prompt_tokens.max" => "load.max_prompt_tokens".to_owned(),
        "output_tokens.max" => "load.max_output_tokens".to_owned(),
        other => other.to_owned(),
    };
    let hint = "kendall config FILE shows every setting; --set KEY=VALUE changes one";
    fault(&key, error.to_string(), hint)
}

impl SweepSection {
    fn describe(sweep: &Sweep) -> SweepSection {
        let mut section = SweepSection::default();
        match sweep.clone() {
            Sweep::None => {}
            Sweep::Windows(count) => section.windows = Some(count),
            Sweep::Rates(values) => section.rate_per_s = values,
            Sweep::Chunks(values) => section.chunk_tokens = values,
            Sweep::DecodeShares(values) => section.decode_share = values,
            Sweep::Sequences(values) => section.max_sequences = values,
            Sweep::Gpus(values) => section.gpus = values,
        }
        section
    }

    fn resolve(self) -> Result<Sweep, Fault> {
        let mut sweeps = Vec::new();
        sweeps.extend(self.windows.map(Sweep::Windows));
        sweeps.extend(given(self.rate_per_s, Sweep::Rates));
        sweeps.extend(given(self.chunk_tokens, Sweep::Chunks));
        sweeps.extend(given(self.decode_share, Sweep::DecodeShares));
        sweeps.extend(given(self.max_sequences, Sweep::Sequences));
        sweeps.extend(given(self.gpus, Sweep::Gpus));
        match sweeps.len() {
            0 => Ok(Sweep::None),
            1 => Ok(sweeps.remove(0)),
            _ => {
                let names: Vec<&str> = sweeps.iter().map(Sweep::name).collect();
                let message = format!("a sweep varies one thing, here {}", names.join(" and "));
                Err(fault(
                    "sweep",
                    message,
                    "keep one, and run the file once for each",
                ))
            }
        }
    }
}

fn given<T>(values: Vec<T>, sweep: fn(Vec<T>) -> Sweep) -> Option<Sweep> {
    (!values.is_empty()).then(|| sweep(values))
}
