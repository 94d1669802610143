//! A scenario: everything that determines a run, as a user writes it.
//!
//! The types mirror the TOML one to one; every field has a default, unknown keys are errors.
//! Invariant: a scenario and a seed determine every byte of the result.

mod resolve;

use kendall_cost::{Correction, LinearSpec, PhasesSpec};
use kendall_llm::{EventSetKind, Policy, Profile, RouterKind, SchedulerConfig};
use serde::{Deserialize, Serialize};

pub use self::resolve::{Catalog, Resolved, ScenarioError};
use crate::summary::SloTargets;
use crate::workload::GenerateSpec;

/// Everything that determines a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Name, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is about, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// How the simulation itself runs; results do not depend on it.
    pub engine: EngineSection,
    /// Which requests arrive when.
    pub workload: WorkloadSection,
    /// The serving system.
    pub llm: LlmSection,
    /// What counts as good service.
    pub slo: SloTargets,
    /// What is written.
    pub output: OutputSection,
}

/// How the simulation itself runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSection {
    /// `tournament` or `heap`.
    pub event_set: EventSetKind,
    /// Whether steps between which nothing is decided are taken together. Results are the same.
    pub merge_steps: bool,
}

impl Default for EngineSection {
    fn default() -> EngineSection {
        EngineSection {
            event_set: EventSetKind::default(),
            merge_steps: true,
        }
    }
}

/// What to do with a record that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBadRecord {
    /// End with an error.
    #[default]
    Fail,
    /// Leave it out and count it.
    Skip,
}

/// Whether requests are read or made while the run goes on, in memory of those in the system, or
/// all before it. Figures are the same; streamed, `requests.parquet` is in the order in which
/// requests leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Streaming {
    /// Long workloads are streamed.
    #[default]
    Auto,
    /// While the run goes on.
    Always,
    /// Before it.
    Never,
}

/// Which requests arrive when: a trace, or a generated workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkloadSection {
    /// Trace file; the built-in sample if neither this nor `generate` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Trace format; recognised from the content by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Column names of a plain trace: ours to theirs.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub columns: std::collections::BTreeMap<String, String>,
    /// Sort the trace by arrival instead of refusing times that go backwards.
    pub sort: bool,
    /// What to do with a record that cannot be read.
    pub on_bad_record: OnBadRecord,
    /// Whether requests are read or made during the run: `auto` for long workloads, `always`,
    /// `never`.
    pub stream: Streaming,
    /// Only the first so many requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Factor on the arrival rate: arrival times are divided by it.
    pub rate_scale: f64,
    /// End of the run, in seconds of simulated time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_s: Option<f64>,
    /// Requests at the start that the summary leaves out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up_requests: Option<u64>,
    /// Seconds at the start whose arrivals the summary leaves out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up_s: Option<f64>,
    /// A generated workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateSpec>,
}

impl Default for WorkloadSection {
    fn default() -> WorkloadSection {
        WorkloadSection {
            trace: None,
            format: None,
            columns: std::collections::BTreeMap::new(),
            sort: false,
            on_bad_record: OnBadRecord::Fail,
            stream: Streaming::Auto,
            limit: None,
            rate_scale: 1.0,
            until_s: None,
            warm_up_requests: None,
            warm_up_s: None,
            generate: None,
        }
    }
}

/// The serving system: equal instances behind a router.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LlmSection {
    /// Name of a model in the catalog.
    pub model: String,
    /// Name of an accelerator in the catalog.
    pub hardware: String,
    /// GPUs per instance, sharing each layer.
    pub tensor_parallel: u32,
    /// Number of instances.
    pub instances: u16,
    /// Who sends requests where.
    pub router: RouterKind,
    /// Every instance's batch scheduler.
    pub scheduler: SchedulerSection,
    /// Every instance's KV cache.
    pub kv: KvSection,
    /// Every instance's step time.
    pub cost: CostSection,
}

impl Default for LlmSection {
    fn default() -> LlmSection {
        LlmSection {
            model: "llama-3.1-8b".to_owned(),
            hardware: "h100-sxm".to_owned(),
            tensor_parallel: 1,
            instances: 1,
            router: RouterKind::RoundRobin,
            scheduler: SchedulerSection::default(),
            kv: KvSection::default(),
            cost: CostSection::default(),
        }
    }
}

/// A batch scheduler; names are vLLM's, defaults those of its H100 server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchedulerSection {
    /// Whose rules apply where engines differ, by a name of [`Profile::ALL`].
    pub profile: Profile,
    /// `fcfs` or `priority`.
    pub policy: Policy,
    /// Most requests running at once.
    pub max_num_seqs: u32,
    /// Most requests running at once for admission, where that is lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_active_seqs: Option<u32>,
    /// Most tokens in a step.
    pub max_num_batched_tokens: u32,
    /// Most tokens that the scheduler hands out in a step, where that is lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_scheduled_tokens: Option<u32>,
    /// Longest sequence, prompt and output together; the model's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_model_len: Option<u32>,
    /// Whether prompts may be split to fit the step.
    pub enable_chunked_prefill: bool,
    /// Most prompt tokens of one request in a step while others are present; 0: no cap.
    pub long_prefill_token_threshold: u32,
    /// Raise the cap to an equal share of the step.
    pub long_prefill_token_threshold_adaptive: bool,
    /// Steps from one with prefill to the next; 1: no restriction.
    pub prefill_schedule_interval: u32,
    /// Most requests that prefill at once; not one of vLLM's settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_prefills: Option<u32>,
    /// Admit only what fits as a whole, not just with its first chunk.
    pub scheduler_reserve_full_isl: bool,
    /// Share of the blocks that admission leaves free while others run.
    pub watermark: f64,
}

impl Default for SchedulerSection {
    fn default() -> SchedulerSection {
        SchedulerSection {
            profile: Profile::Vllm,
            policy: Policy::Fcfs,
            max_num_seqs: 1024,
            max_num_active_seqs: None,
            max_num_batched_tokens: 8192,
            max_num_scheduled_tokens: None,
            max_model_len: None,
            enable_chunked_prefill: true,
            long_prefill_token_threshold: 0,
            long_prefill_token_threshold_adaptive: false,
            prefill_schedule_interval: 1,
            max_num_prefills: None,
            scheduler_reserve_full_isl: true,
            watermark: 0.0,
        }
    }
}

/// A KV cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KvSection {
    /// Tokens of a block.
    pub block_size: u32,
    /// Blocks, vLLM's null block included; from memory by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_gpu_blocks: Option<u32>,
    /// Share of the GPUs' memory for weights and cache.
    pub gpu_memory_utilization: f64,
    /// Whether finished blocks serve later requests with the same prefix.
    pub enable_prefix_caching: bool,
}

impl Default for KvSection {
    fn default() -> KvSection {
        KvSection {
            block_size: 16,
            num_gpu_blocks: None,
            gpu_memory_utilization: 0.9,
            enable_prefix_caching: true,
        }
    }
}

/// Step times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CostSection {
    /// Arithmetic against memory traffic of model and hardware.
    Roofline(Correction),
    /// `c_s + a_s * max(0, tokens - b0_tokens)`.
    Linear(LinearSpec),
    /// A prefill part and a decode part, one after the other.
    Phases(PhasesSpec),
}

impl Default for CostSection {
    fn default() -> CostSection {
        CostSection::Roofline(Correction::default())
    }
}

/// Which steps are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Iterations {
    /// None.
    Off,
    /// A row per step.
    Steps,
    /// A row per run of steps with the same batch: much smaller, and as much is known.
    #[default]
    Runs,
}

/// Compression of the files' pages, on top of encodings that matter more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodecName {
    /// Cheap to write and read.
    #[default]
    Lz4,
    /// A little smaller, slower to write; a build has it if the feature `zstd` is on.
    Zstd,
}

/// What is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutputSection {
    /// `off`, `steps` or `runs`.
    pub iterations: Iterations,
    /// Time between two samples, in seconds of simulated time; none are written by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples_s: Option<f64>,
    /// `lz4` or `zstd`.
    pub codec: CodecName,
}

impl SchedulerSection {
    /// The engine's configuration, once the model's limit and the number of blocks are known.
    fn engine(&self, kv: &KvSection, max_model_len: u32, num_gpu_blocks: u32) -> SchedulerConfig {
        SchedulerConfig {
            profile: self.profile,
            policy: self.policy,
            max_num_seqs: self.max_num_seqs,
            max_num_active_seqs: self.max_num_active_seqs,
            max_num_batched_tokens: self.max_num_batched_tokens,
            max_num_scheduled_tokens: self.max_num_scheduled_tokens,
            max_model_len,
            enable_chunked_prefill: self.enable_chunked_prefill,
            long_prefill_token_threshold: self.long_prefill_token_threshold,
            long_prefill_token_threshold_adaptive: self.long_prefill_token_threshold_adaptive,
            prefill_schedule_interval: self.prefill_schedule_interval,
            max_num_prefills: self.max_num_prefills,
            scheduler_reserve_full_isl: self.scheduler_reserve_full_isl,
            watermark: self.watermark,
            block_size: kv.block_size,
            num_gpu_blocks,
            enable_prefix_caching: kv.enable_prefix_caching,
        }
    }
}
