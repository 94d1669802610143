//! Where a scenario comes from: a file, settings laid over it, defaults.

use std::path::Path;

use kendall_cost::CostError;
use kendall_io::config::{self, Setting};
use kendall_llm::ConfigError;
use kendall_study::workload::GenerateError;
use kendall_study::{Resolved, Scenario, ScenarioError};

use crate::failure::Failure;

/// A key of the scenario and the option that gives it.
pub(crate) type GivenBy = (&'static str, &'static str);

/// A file, settings and options, which errors about a scenario are traced back to.
#[derive(Clone, Debug)]
pub(crate) struct Origin<'a> {
    file: Option<&'a Path>,
    settings: &'a [Setting],
    options: Vec<GivenBy>,
}

impl<'a> Origin<'a> {
    /// From a file, or the defaults, with settings laid over.
    pub(crate) fn of(file: Option<&'a Path>, settings: &'a [Setting]) -> Origin<'a> {
        Origin {
            file,
            settings,
            options: Vec::new(),
        }
    }

    /// The same with the options in use that are laid over the settings.
    pub(crate) fn with_options(self, options: impl IntoIterator<Item = (bool, GivenBy)>) -> Self {
        let given = options.into_iter().filter(|(is_given, _)| *is_given);
        let options = given.map(|(_, option)| option).collect();
        Origin { options, ..self }
    }

    /// Reads the scenario.
    pub(crate) fn load(&self) -> Result<Scenario, Failure> {
        Ok(match self.file {
            Some(path) => config::load(path, self.settings)?,
            None => config::parse("--set", "", self.settings)?,
        })
    }

    /// Whether there is a file.
    pub(crate) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Whether the key was set by `--set`.
    pub(crate) fn is_set(&self, key: &str) -> bool {
        self.settings.iter().any(|setting| setting.sets(key))
    }

    /// Resolves a scenario that was loaded from here; an error names the place.
    pub(crate) fn resolve(&self, scenario: &Scenario) -> Result<Resolved, Failure> {
        scenario
            .resolve(&config::catalog())
            .map_err(|error| self.scenario_failure(error))
    }

    /// An error about a setting, with its place.
    pub(crate) fn scenario_failure(&self, error: ScenarioError) -> Failure {
        let place = self.place(&settings_of_scenario_error(&error));
        Failure::from(error).at(place)
    }

    /// An error about a generated workload, with its place.
    pub(crate) fn generate_failure(&self, error: GenerateError) -> Failure {
        let setting = error.setting();
        // A tenant's own setting, else the one that all share.
        let place = match (&error, setting.strip_prefix("workload.generate.")) {
            (GenerateError::Tenant { index, .. }, Some(name)) => {
                let tenant = format!("workload.generate.tenants.{index}");
                self.place(&[&format!("{tenant}.{name}"), &setting, &tenant])
            }
            _ => self.place(&[&setting]),
        };
        Failure::from(error).at(place)
    }

    /// Where the first of the keys that was given at all was given.
    pub(crate) fn place(&self, keys: &[&str]) -> Option<String> {
        let option = |wanted: &str| {
            let mut options = self.options.iter();
            let (_, option) = options.find(|(key, _)| wanted.starts_with(key))?;
            Some((*option).to_owned())
        };
        keys.iter()
            .find_map(|key| option(key).or_else(|| config::place(self.file, self.settings, key)))
    }
}

/// The settings that an error is about, the most telling first.
fn settings_of_scenario_error(error: &ScenarioError) -> Vec<&'static str> {
    match error {
        ScenarioError::UnknownName { kind, .. } if *kind == "model" => vec!["llm.model"],
        ScenarioError::UnknownName { .. } => vec!["llm.hardware"],
        ScenarioError::OutOfRange { field, .. } | ScenarioError::NotATime { field, .. } => {
            vec![field]
        }
        ScenarioError::BeyondModel { .. } => vec!["llm.scheduler.max_model_len"],
        ScenarioError::TooManyBlocks { .. } => vec!["llm.kv.block_size"],
        ScenarioError::Contradiction { one, other } => vec![other, one],
        ScenarioError::Cost(CostError::DoesNotFit { .. }) => vec![
            "llm.model",
            "llm.tensor_parallel",
            "llm.kv.gpu_memory_utilization",
            "llm.hardware",
        ],
        ScenarioError::Cost(_) => vec!["llm.cost"],
        ScenarioError::Config(error) => settings_of_config_error(error),
    }
}

fn settings_of_config_error(error: &ConfigError) -> Vec<&'static str> {
    match error {
        ConfigError::Zero { field } | ConfigError::TooLarge { field, .. } => {
            vec![full_name(field)]
        }
        ConfigError::Watermark { .. } => vec!["llm.scheduler.watermark"],
        ConfigError::NoBlocks { .. } => vec!["llm.kv.num_gpu_blocks"],
        ConfigError::BudgetBelowModelLen { .. } => vec![
            "llm.scheduler.enable_chunked_prefill",
            "llm.scheduler.max_num_batched_tokens",
            "llm.scheduler.max_num_scheduled_tokens",
        ],
    }
}

/// The scheduler knows its settings by their last names.
fn full_name(field: &'static str) -> &'static str {
    match field {
        "block_size" => "llm.kv.block_size",
        "max_num_seqs" => "llm.scheduler.max_num_seqs",
        "max_num_active_seqs" => "llm.scheduler.max_num_active_seqs",
        "max_num_batched_tokens" => "llm.scheduler.max_num_batched_tokens",
        "max_num_scheduled_tokens" => "llm.scheduler.max_num_scheduled_tokens",
        "max_model_len" => "llm.scheduler.max_model_len",
        "prefill_schedule_interval" => "llm.scheduler.prefill_schedule_interval",
        "max_num_prefills" => "llm.scheduler.max_num_prefills",
        other => other,
    }
}
