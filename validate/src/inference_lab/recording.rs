//! The recordings' folders: configuration, requests, results.

use std::path::Path;

use kendall_cost::{
    Correction, CostModel, Deployment, Fabric, HardwareSpec, ModelSpec, Precision, Rates, Roofline,
    ScaleOut, ScaleUp,
};
use kendall_kernel::{Dur, Time};
use kendall_llm::{EventSetKind, FleetConfig, Policy, Profile, RouterKind, SchedulerConfig, Trace};
use serde::Deserialize;
use serde_json::Value;

use crate::{ValidateError, files};

/// A recorded run of inference-lab.
pub(super) struct Recording {
    config: Config,
    /// Ordered by arrival.
    requests: Vec<Request>,
    results: Vec<Measured>,
    summary: Summary,
}

#[derive(Deserialize)]
struct Config {
    hardware: Hardware,
    parallel: Parallel,
    replicas: u16,
    router: Router,
    disaggregated: Value,
    model: Model,
    derived: Derived,
    scheduler: Scheduler,
    time_correction: Option<TimeCorrection>,
    speculative: Value,
    memory: Value,
}

#[derive(Deserialize)]
struct Router {
    policy: String,
}

#[derive(Deserialize)]
struct Hardware {
    name: String,
    flops_per_gpu: Rates,
    mem_bw_bytes_per_s: f64,
    vram_bytes: u64,
    fabric: Links,
}

#[derive(Deserialize)]
struct Links {
    gpus_per_node: u32,
    scale_up: Link,
    scale_out: Link,
}

#[derive(Deserialize)]
struct Link {
    bandwidth: f64,
    latency: f64,
    #[serde(default)]
    in_network_reduction: bool,
}

#[derive(Deserialize)]
struct Parallel {
    tp: u32,
    ep: u32,
    dp_attention: bool,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    hidden_dim: u32,
    attention_precision: Option<Precision>,
    weights: Vec<Weights>,
    layers: Vec<Layers>,
}

#[derive(Deserialize)]
struct Weights {
    precision: Precision,
    active_params: u64,
    resident_params: u64,
}

#[derive(Deserialize)]
struct Layers {
    kind: String,
    count: u32,
    #[serde(default)]
    heads: u32,
    #[serde(default)]
    head_dim: u32,
    #[serde(default)]
    kv_heads: u32,
    #[serde(default)]
    kv_precision: Option<Precision>,
    #[serde(default)]
    window: Option<u32>,
    #[serde(default)]
    kv_shared: bool,
}

#[derive(Deserialize)]
struct Derived {
    kv_total_blocks_per_worker: u32,
}

#[derive(Deserialize)]
struct Scheduler {
    max_num_batched_tokens: u32,
    max_num_seqs: u32,
    policy: String,
    enable_chunked_prefill: bool,
    block_size: u32,
    #[serde(default)]
    long_prefill_token_threshold: u32,
    #[serde(default)]
    kv_cache_capacity: Option<u64>,
    #[serde(default)]
    enable_preemption_free: bool,
}

#[derive(Deserialize)]
struct TimeCorrection {
    alpha: f64,
    beta: f64,
}

#[derive(Deserialize)]
struct Request {
    id: String,
    arrival: f64,
    prompt: u32,
    output: u32,
    #[serde(default)]
    hashes: Vec<u64>,
}

/// What the recording says of a request, in seconds.
#[derive(Clone, Deserialize)]
pub(super) struct Measured {
    id: String,
    pub(super) ttft: f64,
    pub(super) e2e: f64,
}

#[derive(Deserialize)]
struct Summary {
    iterations: u64,
}

impl Recording {
    /// Whether a folder holds a recording.
    pub(super) fn is_at(folder: &Path) -> bool {
        ["config.json", "result.json"]
            .iter()
            .all(|name| folder.join(name).is_file())
    }

    pub(super) fn read(folder: &Path) -> Result<Recording, ValidateError> {
        let mut requests: Vec<Request> =
            files::parse_lines(&files::either(folder, "requests.jsonl"))?;
        requests.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
        Ok(Recording {
            config: files::parse_whole(&folder.join("config.json"))?,
            requests,
            results: files::parse_lines(&files::either(folder, "per_request.jsonl"))?,
            summary: files::parse_whole(&folder.join("result.json"))?,
        })
    }

    /// Why the engine cannot rerun it, if it cannot.
    pub(super) fn unsupported(&self) -> Option<&'static str> {
        let config = &self.config;
        let dense = |layers: &Layers| {
            layers.kind == "attention" && layers.window.is_none() && !layers.kv_shared
        };
        let active = |weights: &Weights| weights.active_params == weights.resident_params;
        let reasons = [
            (
                !config.disaggregated.is_null(),
                "disaggregated prefill and decode",
            ),
            (!config.speculative.is_null(), "speculative decoding"),
            (!config.memory.is_null(), "memory tiers"),
            (config.parallel.dp_attention, "data-parallel attention"),
            (config.parallel.ep > 1, "expert parallelism"),
            (
                !config.model.weights.iter().all(active),
                "mixture of experts",
            ),
            (
                config.model.weights.len() != 1,
                "weights in several precisions",
            ),
            (
                config.model.layers.len() != 1 || !config.model.layers.iter().all(dense),
                "attention other than grouped-query over the full context",
            ),
            (
                config.scheduler.enable_preemption_free,
                "preemption-free admission",
            ),
            (
                config.scheduler.policy != "fcfs",
                "scheduling other than first come first served",
            ),
            (
                self.requests
                    .iter()
                    .any(|request| !request.hashes.is_empty()),
                "a radix-tree prefix cache",
            ),
            (
                config.replicas != 1 && config.router.policy != "round_robin",
                "several replicas behind a router other than round robin",
            ),
        ];
        reasons
            .iter()
            .find(|(applies, _)| *applies)
            .map(|&(_, reason)| reason)
    }

    pub(super) fn iterations(&self) -> u64 {
        self.summary.iterations
    }

    /// Recorded results in the order of the requests.
    pub(super) fn measured(&self) -> Result<Vec<Option<Measured>>, String> {
        let by_id: std::collections::BTreeMap<&str, &Measured> = self
            .results
            .iter()
            .map(|result| (result.id.as_str(), result))
            .collect();
        if by_id.len() != self.results.len() {
            return Err("the recorded results name a request twice".to_owned());
        }
        let result = |request: &Request| by_id.get(request.id.as_str()).copied().cloned();
        Ok(self.requests.iter().map(result).collect())
    }

    pub(super) fn trace(&self) -> Result<Trace, String> {
        let mut trace = Trace::default();
        for request in &self.requests {
            let arrival = Dur::from_secs_f64(request.arrival).map_err(|e| e.to_string())?;
            trace.arrival.push(Time::ZERO + arrival);
            trace.prompt_tokens.push(request.prompt);
            trace.output_tokens.push(request.output);
        }
        Ok(trace)
    }

    pub(super) fn fleet(&self) -> Result<FleetConfig, String> {
        let config = &self.config;
        let (model, hardware) = (self.model(), self.hardware());
        let correction = config.time_correction.as_ref();
        let deployment = Deployment {
            model: &model,
            hardware: &hardware,
            tensor_parallel: config.parallel.tp,
            correction: correction.map_or_else(Correction::default, |c| Correction {
                alpha: c.alpha,
                beta_s: c.beta,
            }),
        };
        let roofline = Roofline::new(&deployment).map_err(|error| error.to_string())?;
        Ok(FleetConfig {
            instances: self.config.replicas,
            router: RouterKind::RoundRobin,
            scheduler: self.scheduler(self.kv_blocks(&model, &hardware)?),
            cost: CostModel::Roofline(roofline),
            event_set: EventSetKind::Tournament,
            until: Time::MAX,
            in_order_only: false,
            merge_steps: true,
            sample_interval: None,
        })
    }

    /// KV blocks by our own arithmetic; the recording's figure must agree.
    fn kv_blocks(&self, model: &ModelSpec, hardware: &HardwareSpec) -> Result<u32, String> {
        let block_size = self.config.scheduler.block_size;
        let blocks = match self.config.scheduler.kv_cache_capacity {
            Some(bytes) => bytes / (model.kv_bytes_per_token() * u64::from(block_size)),
            None => model
                .kv_blocks(hardware, self.config.parallel.tp, 0.9, block_size)
                .map_err(|error| error.to_string())?,
        };
        let recorded = self.config.derived.kv_total_blocks_per_worker;
        if blocks == u64::from(recorded) {
            Ok(recorded)
        } else {
            Err(format!("{blocks} KV blocks, recorded {recorded}"))
        }
    }

    fn scheduler(&self, blocks: u32) -> SchedulerConfig {
        let scheduler = &self.config.scheduler;
        SchedulerConfig {
            profile: Profile::InferenceLab,
            policy: Policy::Fcfs,
            max_num_seqs: scheduler.max_num_seqs,
            max_num_active_seqs: None,
            max_num_batched_tokens: scheduler.max_num_batched_tokens,
            max_num_scheduled_tokens: None,
            max_model_len: SchedulerConfig::MAX_MODEL_LEN_LIMIT,
            enable_chunked_prefill: scheduler.enable_chunked_prefill,
            long_prefill_token_threshold: scheduler.long_prefill_token_threshold,
            long_prefill_token_threshold_adaptive: false,
            prefill_schedule_interval: 1,
            max_num_prefills: None,
            scheduler_reserve_full_isl: false,
            watermark: 0.0,
            block_size: scheduler.block_size,
            num_gpu_blocks: blocks,
            enable_prefix_caching: false,
        }
    }

    fn model(&self) -> ModelSpec {
        let model = &self.config.model;
        let (layers, weights) = (&model.layers[0], &model.weights[0]);
        ModelSpec {
            name: model.name.clone(),
            parameters: weights.active_params,
            hidden_size: model.hidden_dim,
            layers: layers.count,
            attention_heads: layers.heads,
            kv_heads: layers.kv_heads,
            head_dim: layers.head_dim,
            max_model_len: SchedulerConfig::MAX_MODEL_LEN_LIMIT,
            weight_precision: weights.precision,
            kv_precision: layers.kv_precision.unwrap_or(Precision::Bf16),
            attention_precision: model.attention_precision.unwrap_or(Precision::Bf16),
            sources: Vec::new(),
        }
    }

    fn hardware(&self) -> HardwareSpec {
        let hardware = &self.config.hardware;
        let (up, out) = (&hardware.fabric.scale_up, &hardware.fabric.scale_out);
        HardwareSpec {
            name: hardware.name.clone(),
            memory_bytes: hardware.vram_bytes,
            memory_bandwidth_bytes_per_s: hardware.mem_bw_bytes_per_s,
            flops_per_s: hardware.flops_per_gpu,
            fabric: Fabric {
                gpus_per_node: hardware.fabric.gpus_per_node,
                scale_up: ScaleUp {
                    bandwidth_bytes_per_s: up.bandwidth,
                    latency_s: up.latency,
                    in_network_reduction: up.in_network_reduction,
                },
                scale_out: ScaleOut {
                    bandwidth_bytes_per_s: out.bandwidth,
                    latency_s: out.latency,
                },
            },
            sources: Vec::new(),
        }
    }
}
