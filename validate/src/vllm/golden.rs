//! The recordings' file format: one JSON object per line, told apart by `k`.

use std::collections::BTreeMap;
use std::path::Path;

use kendall_cost::{CostModel, Linear};
use kendall_kernel::{Dur, Time};
use kendall_llm::{
    Content, EventSetKind, FleetConfig, Piece, Policy, Profile, RouterKind, SchedulerConfig, Trace,
};
use serde::Deserialize;

use super::Options;
use crate::{ValidateError, files};

/// A recorded run.
pub(super) struct Golden {
    pub(super) config: Config,
    pub(super) requests: Vec<Request>,
    pub(super) steps: Vec<Step>,
    pub(super) notes: Vec<Note>,
    pub(super) end: End,
}

#[derive(Deserialize)]
#[serde(tag = "k", rename_all = "lowercase")]
enum Line {
    Config(Box<Config>),
    Req(Request),
    Step(Box<Step>),
    Upd {},
    Note(Note),
    End(End),
}

#[derive(Deserialize)]
pub(super) struct Config {
    policy: Policy,
    block_size: u32,
    pub(super) num_gpu_blocks: u32,
    enable_prefix_caching: bool,
    enable_chunked_prefill: bool,
    max_num_seqs: u32,
    max_num_batched_tokens: u32,
    #[serde(default)]
    max_num_scheduled_tokens: Option<u32>,
    max_model_len: u32,
    long_prefill_token_threshold: u32,
    long_prefill_token_threshold_adaptive: bool,
    max_num_active_seqs: Option<u32>,
    scheduler_reserve_full_isl: bool,
    watermark: f64,
    prefill_schedule_interval: u32,
    pub(super) async_scheduling: bool,
    c_ns: u64,
    a_ns: u64,
    pub(super) record_blocks: bool,
}

#[derive(Deserialize)]
pub(super) struct Request {
    pub(super) id: u32,
    arrival_ns: u64,
    priority: i32,
    prompt: Vec<(u64, u32, u32)>,
    max_tokens: u32,
    #[serde(default)]
    out_stream: Option<u64>,
    abort_ns: Option<u64>,
}

/// One `schedule()` call, ids as recorded.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    pub(super) i: u64,
    pub(super) t: u64,
    pub(super) adm: Vec<u32>,
    pub(super) abort: Vec<u32>,
    pub(super) tok: u64,
    pub(super) s: Vec<(u32, u32)>,
    pub(super) new: Vec<u32>,
    pub(super) res: Vec<u32>,
    pub(super) pre: Vec<u32>,
    pub(super) hit: Vec<(u32, u32)>,
    pub(super) free: u32,
    pub(super) nrun: u32,
    pub(super) nwait: u32,
    pub(super) blk: Vec<(u32, Vec<u32>)>,
    pub(super) run: Vec<u32>,
    pub(super) wait: Vec<u32>,
    pub(super) fin: Vec<u32>,
    pub(super) free2: Option<u32>,
}

/// Arrivals and aborts with nothing left to schedule.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub(super) t: u64,
    pub(super) adm: Vec<u32>,
    pub(super) abort: Vec<u32>,
}

/// Id, first token, finish, cached tokens and preemptions of a request.
pub(super) type RequestTotals = (u32, Option<u64>, Option<u64>, Option<u32>, u32);

/// Totals by request.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct End {
    pub(super) reqs: Vec<RequestTotals>,
}

impl Golden {
    pub(super) fn read(path: &Path) -> Result<Golden, ValidateError> {
        let missing = |what: &str| ValidateError::Format {
            path: path.to_owned(),
            line: 1,
            what: format!("no `{what}` line"),
        };
        let (mut config, mut end) = (None, None);
        let (mut requests, mut steps, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for line in files::parse_lines(path)? {
            match line {
                Line::Config(line) => config = Some(*line),
                Line::Req(line) => requests.push(line),
                Line::Step(line) => steps.push(*line),
                Line::Upd {} => {}
                Line::Note(line) => notes.push(line),
                Line::End(line) => end = Some(line),
            }
        }
        requests.sort_by_key(|request: &Request| (request.arrival_ns, request.id));
        Ok(Golden {
            config: config.ok_or_else(|| missing("config"))?,
            requests,
            steps,
            notes,
            end: end.ok_or_else(|| missing("end"))?,
        })
    }

    /// The requests as a trace: row = rank by (arrival, id).
    pub(super) fn trace(&self) -> Trace {
        let (mut pieces, mut offsets, mut output_streams) = (Vec::new(), vec![0], Vec::new());
        let mut trace = Trace::default();
        for request in &self.requests {
            trace.arrival.push(Time::from_ns(request.arrival_ns));
            trace
                .prompt_tokens
                .push(request.prompt.iter().map(|piece| piece.2).sum());
            trace.output_tokens.push(request.max_tokens);
            trace.priority.push(request.priority);
            trace
                .abort
                .push(request.abort_ns.map_or(Time::MAX, Time::from_ns));
            let cut = request.prompt.iter();
            pieces.extend(cut.map(|&(stream, offset, tokens)| Piece {
                stream,
                offset,
                tokens,
            }));
            offsets.push(pieces.len() as u64);
            let own = (1 << 40) + u64::from(request.id);
            output_streams.push(request.out_stream.unwrap_or(own));
        }
        trace.content = Content::Pieces {
            pieces,
            offsets,
            output_streams,
        };
        trace
    }

    /// Row of each recorded id.
    pub(super) fn rows(&self) -> BTreeMap<u32, u32> {
        self.requests
            .iter()
            .map(|request| request.id)
            .zip(0..)
            .collect()
    }

    pub(super) fn fleet(&self, options: Options) -> Result<FleetConfig, kendall_cost::CostError> {
        let config = &self.config;
        let (c, a) = (Dur::from_ns(config.c_ns), Dur::from_ns(config.a_ns));
        let scheduler = SchedulerConfig {
            profile: Profile::Vllm,
            policy: config.policy,
            max_num_seqs: config.max_num_seqs,
            max_num_active_seqs: config.max_num_active_seqs,
            max_num_batched_tokens: config.max_num_batched_tokens,
            max_num_scheduled_tokens: config.max_num_scheduled_tokens,
            max_model_len: config.max_model_len,
            enable_chunked_prefill: config.enable_chunked_prefill,
            long_prefill_token_threshold: config.long_prefill_token_threshold,
            long_prefill_token_threshold_adaptive: config.long_prefill_token_threshold_adaptive,
            prefill_schedule_interval: config.prefill_schedule_interval,
            max_num_prefills: None,
            scheduler_reserve_full_isl: config.scheduler_reserve_full_isl,
            watermark: config.watermark,
            block_size: config.block_size,
            num_gpu_blocks: config.num_gpu_blocks,
            enable_prefix_caching: config.enable_prefix_caching,
        };
        Ok(FleetConfig {
            instances: 1,
            router: RouterKind::RoundRobin,
            scheduler,
            cost: CostModel::Linear(Linear::from_ns(c, a, 0)?),
            event_set: if options.heap {
                EventSetKind::Heap
            } else {
                EventSetKind::Tournament
            },
            until: Time::MAX,
            in_order_only: options.in_order_only,
            merge_steps: options.merge_steps,
            sample_interval: None,
        })
    }
}
