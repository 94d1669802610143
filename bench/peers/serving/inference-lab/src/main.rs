//! Replays a list of requests in the simulator inference-lab, whose own command cannot read arrival
//! times.
//!
//! Usage: `peer-inference-lab LIST KEY=VALUE...`, LIST being in Mooncake's format, the keys those
//! of [`Setting`]. Prints one JSON object.
//!
//! The library's engine is driven as by its own batch driver, less that driver's time series and
//! request table; a request is read when it is due, so that none is held before or after its time.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Lines};

use inference_lab::catalog;
use inference_lab::config::{
    ClusterSpec, MemoryConfig, ParallelConfig, RouterConfig, SchedulerConfig, StepCostModel,
};
use inference_lab::request::Request;
use inference_lab::simulation::{Engine, RequestTiming, Topology};
use serde::{Deserialize, Serialize};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Tokens per hash id in Mooncake's format.
const HASHED_TOKENS: u32 = 512;

/// What the library has no defaults for; the rest are its own. Prompts are split over steps.
const SCHEDULER: &str = r#"{
    "max_num_batched_tokens": 0, "max_num_seqs": 0, "block_size": 0,
    "policy": "fcfs", "enable_chunked_prefill": true
}"#;

/// The serving system.
struct Setting {
    /// `model`, a name of the library's catalog.
    model: String,
    /// `parameters` of the model, instead of the catalog's round number.
    parameters: Option<u64>,
    /// `hardware`, a name of the library's catalog.
    hardware: String,
    /// `tensor_parallel`: GPUs per instance.
    tensor_parallel: u32,
    /// `instances`, taken in turn.
    instances: u32,
    /// `max_num_seqs` of an instance.
    max_num_seqs: u32,
    /// `max_num_batched_tokens` of a step.
    max_num_batched_tokens: u32,
    /// `block_size`, in tokens.
    block_size: u32,
    /// `gpu_memory_utilization`: share of the memory for weights and KV cache.
    gpu_memory_utilization: f64,
    /// `prefix_caching`: whether requests know what they share. The library has no other switch.
    prefix_caching: bool,
}

impl Setting {
    fn parse(words: impl Iterator<Item = String>) -> Result<Setting> {
        let mut setting = Setting {
            model: "llama-3-70b".into(),
            parameters: None,
            hardware: "h100".into(),
            tensor_parallel: 1,
            instances: 1,
            max_num_seqs: 256,
            max_num_batched_tokens: 8192,
            block_size: 16,
            gpu_memory_utilization: 0.9,
            prefix_caching: true,
        };
        for word in words {
            let (key, value) = word.split_once('=').ok_or("settings are KEY=VALUE")?;
            match key {
                "model" => setting.model = value.into(),
                "parameters" => setting.parameters = Some(value.parse()?),
                "hardware" => setting.hardware = value.into(),
                "tensor_parallel" => setting.tensor_parallel = value.parse()?,
                "instances" => setting.instances = value.parse()?,
                "max_num_seqs" => setting.max_num_seqs = value.parse()?,
                "max_num_batched_tokens" => setting.max_num_batched_tokens = value.parse()?,
                "block_size" => setting.block_size = value.parse()?,
                "gpu_memory_utilization" => setting.gpu_memory_utilization = value.parse()?,
                "prefix_caching" => setting.prefix_caching = value.parse()?,
                _ => return Err(format!("no setting {key}").into()),
            }
        }
        Ok(setting)
    }

    fn topology(&self) -> Result<Topology> {
        let mut model = catalog::model(&self.model)?;
        if let Some(parameters) = self.parameters {
            model.weights[0].active_params = parameters;
            model.weights[0].resident_params = parameters;
        }
        let cluster = ClusterSpec {
            hardware: catalog::hardware(&self.hardware)?,
            parallel: ParallelConfig {
                tp: self.tensor_parallel,
                ..Default::default()
            },
            num_workers: self.instances,
            memory: MemoryConfig::default(),
            step_cost: StepCostModel::default(),
        };
        let router = RouterConfig::RoundRobin {};
        Ok(Topology::aggregated(cluster, model, self.scheduler())?.with_router(&router))
    }

    fn scheduler(&self) -> SchedulerConfig {
        SchedulerConfig {
            max_num_batched_tokens: self.max_num_batched_tokens,
            max_num_seqs: self.max_num_seqs,
            block_size: self.block_size,
            gpu_memory_utilization: self.gpu_memory_utilization,
            ..serde_json::from_str(SCHEDULER).expect("the library reads its own keys")
        }
    }
}

/// One line of a list.
#[derive(Deserialize)]
struct Line {
    /// In ms.
    timestamp: f64,
    input_length: u32,
    output_length: u32,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

/// The requests of a list, in its order.
struct List {
    lines: Lines<BufReader<File>>,
    block_size: Option<u32>,
    read: u64,
}

impl List {
    fn next(&mut self) -> Result<Option<Request>> {
        let Some(line) = self.lines.next() else {
            return Ok(None);
        };
        let line: Line = serde_json::from_str(&line?)?;
        let (prompt, output) = (line.input_length, line.output_length);
        let id = self.read.to_string();
        self.read += 1;
        let mut request = Request::new(id, 0, line.timestamp / 1e3, prompt, output);
        if let Some(block_size) = self.block_size {
            request.prompt_block_hashes = block_hashes(&line.hash_ids, prompt, block_size);
        }
        Ok(Some(request))
    }
}

/// Hashes of the full blocks of a prompt. Mooncake's ids stand for all of a prompt up to their end,
/// as the library's hashes do.
fn block_hashes(ids: &[u64], prompt_tokens: u32, block_size: u32) -> Vec<u64> {
    assert!(HASHED_TOKENS.is_multiple_of(block_size));
    let per_id = HASHED_TOKENS / block_size;
    (0..prompt_tokens / block_size)
        .map(|block| ids[(block / per_id) as usize] * u64::from(per_id) + u64::from(block % per_id))
        .collect()
}

/// What came out. Latencies are in seconds, over the finished requests.
#[derive(Default, Serialize)]
struct Totals {
    finished: u64,
    rejected: u64,
    iterations: u64,
    output_tokens: u64,
    cached_tokens: u64,
    preemptions: u64,
    duration_s: f64,
    mean_ttft_s: f64,
    mean_e2e_s: f64,
}

impl Totals {
    fn count(&mut self, request: &RequestTiming) {
        if request.rejected {
            self.rejected += 1;
            return;
        }
        self.finished += 1;
        self.output_tokens += u64::from(request.num_output_tokens);
        self.cached_tokens += u64::from(request.num_cached_tokens);
        self.preemptions += u64::from(request.num_preemptions);
        self.duration_s = self.duration_s.max(request.completion_time);
        self.mean_ttft_s += request.ttft();
        self.mean_e2e_s += request.e2e();
    }

    fn divide(&mut self) {
        let requests = self.finished.max(1) as f64;
        self.mean_ttft_s /= requests;
        self.mean_e2e_s /= requests;
    }
}

fn replay(mut engine: Engine, mut list: List) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut next = list.next()?;
    while let Some(now) = engine
        .next_event_time()
        .or(next.as_ref().map(|it| it.arrival_time))
    {
        while let Some(request) = next.take_if(|it| it.arrival_time <= now) {
            engine.submit(request);
            next = list.next()?;
        }
        let outcome = engine.step()?;
        totals.iterations += u64::from(outcome.iteration.is_some());
        outcome.completions.iter().for_each(|it| totals.count(it));
    }
    totals.divide();
    Ok(totals)
}

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let path = words.next().ok_or("which list?")?;
    let setting = Setting::parse(words)?;
    let engine = Engine::new(setting.topology()?);
    let list = List {
        lines: BufReader::new(File::open(path)?).lines(),
        block_size: setting.prefix_caching.then_some(setting.block_size),
        read: 0,
    };
    let totals = replay(engine, list)?;
    println!("{}", serde_json::to_string(&totals)?);
    Ok(())
}
