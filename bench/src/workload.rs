//! Workloads and the fleets that serve them.
//!
//! A fleet is the default scenario (Llama 3.1 8B on an H100, vLLM's scheduler) with what a
//! benchmark varies laid over it.

use kendall_io::config;
use kendall_kernel::{Law, Time};
use kendall_llm::{Content, Control, Recorder, RouterKind, RunStats, Trace, fleet};
use kendall_study::workload::{Arrivals, GenerateSpec, PrefixSpec, SessionSpec, generate};
use kendall_study::{Resolved, Scenario};

/// Seed of every generated workload.
const SEED: u64 = 42;

/// A workload and the fleet that serves it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The requests.
    pub trace: Trace,
    /// The fleet.
    pub fleet: Resolved,
}

impl Case {
    /// Runs it to its end, or until the recorder has heard enough.
    ///
    /// # Panics
    /// If the run fails; benchmarks are workloads that can be served.
    pub fn run<R: Recorder>(&self, recorder: &mut R) -> RunStats {
        let mut watch = |_| Control::Continue;
        fleet::run(&self.trace, &self.fleet.fleet, recorder, &mut watch)
            .expect("the workload can be served")
    }

    /// The same with every step by itself.
    #[must_use]
    pub fn in_single_steps(mut self) -> Case {
        self.fleet.fleet.merge_steps = false;
        self
    }

    /// The same requests with outputs `factor` times as long, arriving as much more slowly, so that
    /// about as many overlap.
    ///
    /// # Panics
    /// If an output does not fit 32 bits, or an arrival 64.
    #[must_use]
    pub fn stretched(mut self, factor: u32) -> Case {
        for output in &mut self.trace.output_tokens {
            *output = output.checked_mul(factor).expect("a length in tokens");
        }
        for arrival in &mut self.trace.arrival {
            let later = arrival.as_ns().checked_mul(factor.into());
            *arrival = Time::from_ns(later.expect("a time in ns"));
        }
        self
    }
}

/// KV cache of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Cache {
    /// Tokens of a block.
    pub block_size: u32,
    /// Whether prefixes are shared.
    pub prefix_caching: bool,
}

/// Fills in names and defaults.
///
/// # Panics
/// If the scenario cannot run.
#[must_use]
pub fn resolve(scenario: &Scenario) -> Resolved {
    scenario
        .resolve(&config::catalog())
        .expect("the scenario can run")
}

/// `sequences` requests at time 0 that all decode for `steps` steps at the least.
///
/// Their prompts are 1 to 64 tokens long, so that they need their next blocks at different steps.
/// The first step prefills them all; there are blocks for all of them.
#[must_use]
pub fn decode_only(sequences: u32, steps: u32, cache: Cache) -> Case {
    let rows = sequences as usize;
    let prompt_tokens: Vec<u32> = (0..sequences).map(|row| 1 + row % 64).collect();
    let trace = Trace {
        arrival: vec![Time::ZERO; rows],
        prompt_tokens,
        output_tokens: vec![steps + 1; rows],
        ..Trace::default()
    };
    let longest = 64 + steps + 1;
    let mut scenario = Scenario::default();
    scenario.llm.scheduler.max_num_seqs = sequences;
    scenario.llm.scheduler.max_num_batched_tokens = 64 * sequences;
    scenario.llm.scheduler.max_model_len = Some(longest);
    scenario.llm.kv.block_size = cache.block_size;
    scenario.llm.kv.enable_prefix_caching = cache.prefix_caching;
    // One more is vLLM's null block.
    let blocks = sequences * longest.div_ceil(cache.block_size) + 1;
    scenario.llm.kv.num_gpu_blocks = Some(blocks);
    Case {
        trace,
        fleet: resolve(&scenario),
    }
}

/// `batches` batches of 256 requests, a minute apart, so that each is over before the next comes.
/// Prompts of one token, outputs of 2,000; no prefix caching.
#[must_use]
pub fn decode_batches(batches: u32) -> Case {
    const BATCH: u32 = 256;
    let requests = batches * BATCH;
    let arrival_ns = |row| u64::from(row / BATCH) * 60_000_000_000;
    let trace = Trace {
        arrival: (0..requests).map(arrival_ns).map(Time::from_ns).collect(),
        prompt_tokens: vec![1; requests as usize],
        output_tokens: vec![2_000; requests as usize],
        ..Trace::default()
    };
    let mut scenario = Scenario::default();
    scenario.llm.scheduler.max_num_seqs = BATCH;
    scenario.llm.kv.num_gpu_blocks = Some(BATCH * 2_001_u32.div_ceil(16) + 1);
    scenario.llm.kv.enable_prefix_caching = false;
    Case {
        trace,
        fleet: resolve(&scenario),
    }
}

/// Requests that share nothing, as of a chat: prompts of 1,268 tokens and outputs of 276 in the
/// mean. `rate_per_s` arrive per second at each of `instances` instances of 256 sequences; more than
/// one are chosen by load.
#[must_use]
pub fn independent(requests: u64, rate_per_s: f64, instances: u16) -> Case {
    let spec = GenerateSpec {
        requests,
        arrivals: Arrivals::Poisson {
            rate_per_s: rate_per_s * f64::from(instances),
        },
        max_prompt_tokens: 16_000,
        max_output_tokens: 4_000,
        ..GenerateSpec::default()
    };
    let mut scenario = Scenario::default();
    scenario.llm.instances = instances;
    scenario.llm.router = RouterKind::LeastLoaded;
    scenario.llm.scheduler.max_num_seqs = 256;
    scenario.llm.kv.enable_prefix_caching = false;
    Case {
        trace: made(&spec),
        fleet: resolve(&scenario),
    }
}

/// `requests` requests that all arrive at time 0 at one instance of 256 sequences.
#[must_use]
pub fn backlog(requests: u64) -> Case {
    let spec = GenerateSpec {
        requests,
        arrivals: Arrivals::AtOnce {},
        prompt_tokens: lognormal(5.0, 0.7),
        output_tokens: lognormal(4.0, 0.8),
        ..GenerateSpec::default()
    };
    let mut scenario = Scenario::default();
    scenario.llm.scheduler.max_num_seqs = 256;
    Case {
        trace: made(&spec),
        fleet: resolve(&scenario),
    }
}

/// Conversations at a rate that one instance sustains: prefixes shared among sessions, turns that
/// repeat what was said before, admissions and finishes all along. The cache is small enough for
/// blocks to be evicted.
#[must_use]
pub fn chat(requests: u64, cache: Cache) -> Case {
    let spec = GenerateSpec {
        requests,
        arrivals: Arrivals::Poisson { rate_per_s: 3.0 },
        prompt_tokens: lognormal(5.0, 0.7),
        output_tokens: lognormal(4.5, 0.6),
        max_prompt_tokens: 8_192,
        max_output_tokens: 1_024,
        prefix: Some(PrefixSpec {
            groups: 8,
            zipf: 1.0,
            tokens: Law::Constant { value: 1_024.0 },
        }),
        sessions: Some(SessionSpec {
            turns: Law::Geometric { p: 0.25 },
            think_s: Law::Exponential { mean: 20.0 },
        }),
        ..GenerateSpec::default()
    };
    let mut scenario = Scenario::default();
    scenario.llm.scheduler.max_num_seqs = 128;
    scenario.llm.kv.block_size = cache.block_size;
    scenario.llm.kv.enable_prefix_caching = cache.prefix_caching;
    scenario.llm.kv.num_gpu_blocks = Some(400_000 / cache.block_size);
    Case {
        trace: made(&spec),
        fleet: resolve(&scenario),
    }
}

/// Requests at equal distances, 20 a second, alike but for three lengths in turn, so that the
/// instance that serves them comes to repeat itself. Their prompts begin alike.
///
/// `cache_tokens` is the size of the KV cache; a request takes at most 2,000.
#[must_use]
pub fn steady(requests: u64, cache: Cache, cache_tokens: u32) -> Case {
    // Two shared blocks, and two of its own, the latter not full.
    let ids = |row: u64| [0, 1, 2 + 2 * row, 3 + 2 * row];
    let in_turn = |row: u64| (row % 3) as u32;
    let trace = Trace {
        arrival: (0..requests)
            .map(|row| Time::from_ns(row * 50_000_000))
            .collect(),
        prompt_tokens: (0..requests).map(|row| 1600 + 100 * in_turn(row)).collect(),
        output_tokens: (0..requests).map(|row| 100 + 50 * in_turn(row)).collect(),
        content: Content::Hashed {
            ids: (0..requests).flat_map(ids).collect(),
            offsets: (0..=requests).map(|row| 4 * row).collect(),
            block_tokens: 512,
        },
        ..Trace::default()
    };
    let mut scenario = Scenario::default();
    scenario.llm.scheduler.max_num_seqs = 128;
    scenario.llm.kv.block_size = cache.block_size;
    scenario.llm.kv.enable_prefix_caching = cache.prefix_caching;
    scenario.llm.kv.num_gpu_blocks = Some(cache_tokens / cache.block_size);
    Case {
        trace,
        fleet: resolve(&scenario),
    }
}

fn lognormal(mu: f64, sigma: f64) -> Law {
    Law::Lognormal { mu, sigma }
}

/// Generates a workload.
///
/// # Panics
/// If the specification is impossible.
fn made(spec: &GenerateSpec) -> Trace {
    generate(spec, SEED).expect("the workload can be generated")
}
