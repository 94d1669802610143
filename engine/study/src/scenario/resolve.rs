//! From names and defaults to a fleet that can run.

use std::collections::BTreeMap;

use kendall_cost::{CostError, CostModel, Deployment, HardwareSpec, ModelSpec, Roofline};
use kendall_kernel::{Dur, Time, TimeError};
use kendall_llm::{ConfigError, FleetConfig};

use super::{CostSection, Scenario, Streaming};

/// Hardware and models by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Accelerators.
    pub hardware: BTreeMap<String, HardwareSpec>,
    /// Models.
    pub models: BTreeMap<String, ModelSpec>,
}

/// Why a scenario cannot run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    /// A name that the catalog does not have.
    #[error("no {kind} is called `{name}`; there are {}", choices.join(", "))]
    UnknownName {
        /// Of what.
        kind: &'static str,
        /// As given.
        name: String,
        /// Those there are.
        choices: Vec<String>,
    },
    /// A setting out of its range.
    #[error("`{field}` is {value}, must be {expected}")]
    OutOfRange {
        /// Full name of the setting.
        field: &'static str,
        /// As given.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// A setting that is not a time.
    #[error("`{field}`: {source}")]
    NotATime {
        /// Full name of the setting.
        field: &'static str,
        /// What is wrong with it.
        source: TimeError,
    },
    /// The sequence limit exceeds the model's.
    #[error("`llm.scheduler.max_model_len` is {value}, but {model} ends at {limit} tokens")]
    BeyondModel {
        /// As given.
        value: u32,
        /// Name of the model.
        model: String,
        /// The model's limit.
        limit: u32,
    },
    /// More KV blocks than can be numbered.
    #[error("{blocks} KV blocks, at most {limit} are supported", limit = u32::MAX - 1)]
    TooManyBlocks {
        /// How many.
        blocks: u64,
    },
    /// Settings that contradict each other.
    #[error("`{one}` and `{other}` exclude each other")]
    Contradiction {
        /// Full name of a setting.
        one: &'static str,
        /// Full name of another.
        other: &'static str,
    },
    /// The cost model or the memory budget.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// The scheduler's limits.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A scenario with all its names and defaults filled in.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The scenario, every default written out.
    pub scenario: Scenario,
    /// What the engine runs.
    pub fleet: FleetConfig,
    /// The model.
    pub model: ModelSpec,
    /// The hardware.
    pub hardware: HardwareSpec,
}

impl Scenario {
    /// Looks names up, fills defaults in and checks what can be checked without the workload.
    ///
    /// # Errors
    /// Unknown names, impossible settings, a model that does not fit.
    pub fn resolve(&self, catalog: &Catalog) -> Result<Resolved, ScenarioError> {
        self.check_ranges()?;
        let llm = &self.llm;
        let model = find("model", &catalog.models, &llm.model)?;
        let hardware = find("hardware", &catalog.hardware, &llm.hardware)?;
        let max_model_len = llm.scheduler.max_model_len.unwrap_or(model.max_model_len);
        if max_model_len > model.max_model_len {
            let (value, limit) = (max_model_len, model.max_model_len);
            return Err(ScenarioError::BeyondModel {
                value,
                model: model.name.clone(),
                limit,
            });
        }
        let num_gpu_blocks = self.kv_blocks(model, hardware)?;
        let scheduler = llm.scheduler.engine(&llm.kv, max_model_len, num_gpu_blocks);
        scheduler.validate()?;
        let mut scenario = self.clone();
        scenario.llm.scheduler.max_model_len = Some(max_model_len);
        scenario.llm.kv.num_gpu_blocks = Some(num_gpu_blocks);
        let fleet = FleetConfig {
            instances: llm.instances,
            router: llm.router,
            scheduler,
            cost: self.cost_model(model, hardware)?,
            event_set: self.engine.event_set,
            until: self.until()?,
            in_order_only: false,
            merge_steps: self.engine.merge_steps,
            sample_interval: self.sample_interval()?,
        };
        Ok(Resolved {
            scenario,
            fleet,
            model: model.clone(),
            hardware: hardware.clone(),
        })
    }

    fn check_ranges(&self) -> Result<(), ScenarioError> {
        let llm = &self.llm;
        let positive = "a number above 0";
        let ranges = [
            (
                "llm.instances",
                f64::from(llm.instances),
                llm.instances > 0,
                "at least 1",
            ),
            (
                "llm.tensor_parallel",
                f64::from(llm.tensor_parallel),
                (1..=1024).contains(&llm.tensor_parallel),
                "1 to 1024",
            ),
            (
                "llm.kv.block_size",
                f64::from(llm.kv.block_size),
                llm.kv.block_size > 0,
                "at least 1",
            ),
            (
                "llm.kv.gpu_memory_utilization",
                llm.kv.gpu_memory_utilization,
                llm.kv.gpu_memory_utilization > 0.0 && llm.kv.gpu_memory_utilization <= 1.0,
                "above 0 and at most 1",
            ),
            (
                "workload.rate_scale",
                self.workload.rate_scale,
                self.workload.rate_scale > 0.0 && self.workload.rate_scale.is_finite(),
                positive,
            ),
        ];
        for (field, value, fine, expected) in ranges {
            if !fine {
                return Err(ScenarioError::OutOfRange {
                    field,
                    value,
                    expected,
                });
            }
        }
        let targets = [
            ("slo.ttft_s", self.slo.ttft_s),
            ("slo.tpot_s", self.slo.tpot_s),
            ("slo.e2e_s", self.slo.e2e_s),
        ];
        for (field, value) in targets {
            if let Some(value) = value
                && !(value > 0.0 && value.is_finite())
            {
                return Err(ScenarioError::OutOfRange {
                    field,
                    value,
                    expected: positive,
                });
            }
        }
        let exclusive = [
            (
                self.workload.trace.is_some() && self.workload.generate.is_some(),
                ("workload.trace", "workload.generate"),
            ),
            (
                self.workload.warm_up_requests.is_some() && self.workload.warm_up_s.is_some(),
                ("workload.warm_up_requests", "workload.warm_up_s"),
            ),
            (
                // The first row may be the last of the file.
                self.workload.stream == Streaming::Always
                    && self.workload.sort
                    && self.workload.generate.is_none(),
                ("workload.sort", "workload.stream"),
            ),
        ];
        match exclusive.into_iter().find(|(both, _)| *both) {
            Some((_, (one, other))) => Err(ScenarioError::Contradiction { one, other }),
            None => Ok(()),
        }
    }

    fn kv_blocks(&self, model: &ModelSpec, hardware: &HardwareSpec) -> Result<u32, ScenarioError> {
        let kv = &self.llm.kv;
        if let Some(blocks) = kv.num_gpu_blocks {
            return Ok(blocks);
        }
        let gpus = self.llm.tensor_parallel;
        let blocks = model.kv_blocks(hardware, gpus, kv.gpu_memory_utilization, kv.block_size)?;
        match u32::try_from(blocks) {
            Ok(blocks) if blocks < u32::MAX => Ok(blocks),
            _ => Err(ScenarioError::TooManyBlocks { blocks }),
        }
    }

    fn cost_model(
        &self,
        model: &ModelSpec,
        hardware: &HardwareSpec,
    ) -> Result<CostModel, ScenarioError> {
        Ok(match self.llm.cost {
            CostSection::Linear(linear) => CostModel::Linear(linear.build()?),
            CostSection::Phases(phases) => CostModel::Phases(phases.build()?),
            CostSection::Roofline(correction) => {
                let tensor_parallel = self.llm.tensor_parallel;
                let deployment = Deployment {
                    model,
                    hardware,
                    tensor_parallel,
                    correction,
                };
                CostModel::Roofline(Roofline::new(&deployment)?)
            }
        })
    }

    fn sample_interval(&self) -> Result<Option<Dur>, ScenarioError> {
        let field = "output.samples_s";
        let Some(value) = self.output.samples_s else {
            return Ok(None);
        };
        let interval = Dur::from_secs_f64(value);
        match interval.map_err(|source| ScenarioError::NotATime { field, source })? {
            Dur::ZERO => Err(ScenarioError::OutOfRange {
                field,
                value,
                expected: "at least a nanosecond (1e-9)",
            }),
            interval => Ok(Some(interval)),
        }
    }

    fn until(&self) -> Result<Time, ScenarioError> {
        let Some(until_s) = self.workload.until_s else {
            return Ok(Time::MAX);
        };
        let until = Dur::from_secs_f64(until_s).map_err(|source| ScenarioError::NotATime {
            field: "workload.until_s",
            source,
        })?;
        Ok(Time::ZERO + until)
    }
}

fn find<'a, T>(
    kind: &'static str,
    entries: &'a BTreeMap<String, T>,
    name: &str,
) -> Result<&'a T, ScenarioError> {
    entries.get(name).ok_or_else(|| ScenarioError::UnknownName {
        kind,
        name: name.to_owned(),
        choices: entries.keys().cloned().collect(),
    })
}
