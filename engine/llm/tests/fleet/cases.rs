//! Random workloads and settings, small enough that everything happens: pressure, preemption,
//! shared prefixes, withdrawals, rejections.

use kendall_cost::{
    Correction, CostModel, Deployment, Fabric, HardwareSpec, LinearSpec, ModelSpec, PhasesSpec,
    Precision, Rates, Roofline, ScaleOut, ScaleUp,
};
use kendall_kernel::Time;
use kendall_llm::{
    Content, EventSetKind, FleetConfig, Piece, Policy, Profile, RouterKind, SchedulerConfig, Trace,
};
use proptest::prelude::*;

/// How many cases a property is tried on: 1,500, or what `KENDALL_TEST_CASES` says.
pub(crate) fn many() -> ProptestConfig {
    let cases = std::env::var("KENDALL_TEST_CASES").ok();
    ProptestConfig::with_cases(cases.and_then(|cases| cases.parse().ok()).unwrap_or(1_500))
}

/// A quarter of them, for a property that is slow to try or that others imply.
pub(crate) fn some() -> ProptestConfig {
    ProptestConfig::with_cases(many().cases.div_ceil(4))
}

/// A workload and a fleet to run it on.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) trace: Trace,
    pub(crate) config: FleetConfig,
}

impl Case {
    /// Its configuration, changed.
    pub(crate) fn with(&self, change: impl Fn(&mut FleetConfig)) -> FleetConfig {
        let mut config = self.config.clone();
        change(&mut config);
        config
    }
}

#[derive(Clone, Debug)]
struct Row {
    gap_ns: u64,
    priority: i32,
    output_tokens: u32,
    patience_ns: Option<u64>,
    /// (stream, tokens); every piece starts its stream, so prompts share prefixes.
    pieces: Vec<(u64, u32)>,
    /// Another request's output to begin with, for conversations.
    continues: bool,
}

fn row() -> impl Strategy<Value = Row> {
    (
        prop_oneof![3 => Just(0_u64), 1 => 0..3_000_000_u64],
        0..3_i32,
        prop_oneof![4 => 1..40_u32, 1 => 40..200_u32],
        prop::option::weighted(0.15, 0..20_000_000_u64),
        prop::collection::vec((0..6_u64, 1..40_u32), 1..4),
        any::<bool>(),
    )
        .prop_map(
            |(gap_ns, priority, output_tokens, patience_ns, pieces, continues)| Row {
                gap_ns,
                priority,
                output_tokens,
                patience_ns,
                pieces,
                continues,
            },
        )
}

fn trace(rows: &[Row]) -> Trace {
    let mut trace = Trace::default();
    let (mut flat, mut offsets) = (Vec::new(), vec![0]);
    let mut now = 0;
    for (index, row) in rows.iter().enumerate() {
        now += row.gap_ns;
        trace.arrival.push(Time::from_ns(now));
        trace.priority.push(row.priority);
        trace.output_tokens.push(row.output_tokens);
        trace.abort.push(
            row.patience_ns
                .map_or(Time::MAX, |ns| Time::from_ns(now + ns)),
        );
        let piece = |&(stream, tokens): &(u64, u32)| Piece {
            stream,
            offset: 0,
            tokens,
        };
        let mut pieces: Vec<Piece> = row.pieces.iter().map(piece).collect();
        if row.continues && index > 0 {
            let stream = 1_000 + index as u64 - 1;
            pieces.push(Piece {
                stream,
                offset: 0,
                tokens: 7,
            });
        }
        trace
            .prompt_tokens
            .push(pieces.iter().map(|piece| piece.tokens).sum());
        flat.extend(pieces);
        offsets.push(flat.len() as u64);
    }
    let output_streams = (0..rows.len() as u64).map(|row| 1_000 + row).collect();
    trace.content = Content::Pieces {
        pieces: flat,
        offsets,
        output_streams,
    };
    trace
}

fn scheduler() -> impl Strategy<Value = SchedulerConfig> {
    let limits = (
        prop_oneof![Just(1_u32), Just(3), Just(8), Just(64)],
        prop::option::weighted(0.2, 1..6_u32),
        prop_oneof![Just(5_u32), Just(8), Just(17), Just(64), Just(300)],
        prop_oneof![Just(64_u32), Just(150), Just(400)],
        prop_oneof![Just(1_u32), Just(3), Just(4), Just(16)],
        2..60_u32,
    );
    let options = (
        any::<bool>(),
        any::<bool>(),
        prop_oneof![2 => Just(0_u32), 1 => Just(5), 1 => Just(16)],
        any::<bool>(),
        prop_oneof![3 => Just(1_u32), 1 => Just(2), 1 => Just(4)],
        any::<bool>(),
        prop_oneof![2 => Just(0.0), 1 => Just(0.1), 1 => Just(0.3)],
        prop_oneof![3 => Just(None), 2 => Just(Some(1_u32)), 1 => Just(Some(2))],
        prop_oneof![
            4 => Just(Profile::Vllm),
            3 => Just(Profile::InferenceLab),
            1 => Just(Profile::RequestLevel),
            1 => Just(Profile::Static),
            1 => Just(Profile::Orca),
            1 => Just(Profile::Sarathi),
        ],
    );
    (limits, options).prop_map(|(limits, options)| {
        let (max_num_seqs, max_num_active_seqs, budget, max_model_len, block_size, blocks) = limits;
        let (priority, caching, cap, adaptive, interval, reserve, watermark, prefills, profile) =
            options;
        SchedulerConfig {
            profile: if profile == Profile::InferenceLab && (priority || caching) {
                Profile::Vllm
            } else {
                profile
            },
            policy: if priority {
                Policy::Priority
            } else {
                Policy::Fcfs
            },
            max_num_seqs,
            max_num_active_seqs,
            max_num_batched_tokens: budget,
            max_num_scheduled_tokens: None,
            max_model_len,
            enable_chunked_prefill: budget < max_model_len,
            long_prefill_token_threshold: cap,
            long_prefill_token_threshold_adaptive: adaptive,
            prefill_schedule_interval: interval,
            max_num_prefills: prefills,
            scheduler_reserve_full_isl: reserve,
            watermark,
            block_size,
            num_gpu_blocks: blocks,
            enable_prefix_caching: caching,
        }
    })
}

/// Random cases.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let instances = prop_oneof![3 => Just(1_u16), 1 => Just(3)];
    let routers = prop_oneof![Just(RouterKind::RoundRobin), Just(RouterKind::LeastLoaded)];
    let cost = (1..2_000_000_u64, 0..50_000_u64).prop_map(|(c_ns, a_ns)| LinearSpec {
        c_s: c_ns as f64 / 1e9 + 0.3e-9,
        a_s: a_ns as f64 / 1e9,
        b0_tokens: 3,
    });
    let until = prop_oneof![4 => Just(Time::MAX), 1 => (0..60_000_000_u64).prop_map(Time::from_ns)];
    (
        prop::collection::vec(row(), 1..40),
        scheduler(),
        instances,
        routers,
        cost,
        until,
    )
        .prop_map(|(rows, scheduler, instances, router, cost, until)| Case {
            trace: trace(&rows),
            config: FleetConfig {
                instances,
                router,
                scheduler,
                cost: CostModel::Linear(cost.build().expect("a positive c is a time")),
                event_set: EventSetKind::Tournament,
                until,
                in_order_only: false,
                merge_steps: true,
                sample_interval: None,
            },
        })
}

/// Random cases of every kind of content and cost model, some of them with time between arrivals
/// in which batches are left to themselves.
pub(crate) fn varied_cases() -> impl Strategy<Value = Case> {
    let contents = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Content::Unique)),
        3 => (prop_oneof![Just(4_u32), Just(7), Just(16)], any::<u64>())
            .prop_map(|(block_tokens, seed)| {
                let (ids, offsets) = (vec![seed], Vec::new());
                Some(Content::Hashed { ids, offsets, block_tokens })
            }),
    ];
    let costs = prop_oneof![
        3 => Just(None),
        1 => (0..3_000_u64).prop_map(|context_ps| Some(phases(context_ps))),
        1 => (1_u64..40).prop_map(|tenths| Some(endless(tenths as f64 * 1e8))),
        3 => (any::<bool>(), 1..40_000_u32).prop_map(|(fp8, heads)| Some(roofline(fp8, heads))),
    ];
    let stretch = prop_oneof![Just(1_u64), Just(10), Just(100)];
    (cases(), contents, costs, stretch).prop_map(|(mut case, content, cost, stretch)| {
        for time in case.trace.arrival.iter_mut().chain(&mut case.trace.abort) {
            if *time != Time::MAX {
                *time = Time::from_ns(time.as_ns() * stretch);
            }
        }
        case.trace.content = match content {
            None => case.trace.content,
            Some(Content::Hashed {
                ids, block_tokens, ..
            }) => hashed(&case.trace.prompt_tokens, block_tokens, ids[0]),
            Some(content) => content,
        };
        case.config.cost = cost.unwrap_or(case.config.cost);
        case
    })
}

/// Prompts that share prefixes of random length; some ids do not cover the whole prompt.
fn hashed(prompt_tokens: &[u32], block_tokens: u32, seed: u64) -> Content {
    let (mut ids, mut offsets) = (Vec::new(), vec![0]);
    let mut state = seed;
    for &tokens in prompt_tokens {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let family = state >> 62;
        let shared = (state >> 40) % 6;
        for block in 0..u64::from(tokens.div_ceil(block_tokens)) {
            let unique = 1_000 * (offsets.len() as u64) + block;
            ids.push(if block < shared {
                family * 100 + block
            } else {
                10_000 + unique
            });
        }
        offsets.push(ids.len() as u64);
    }
    Content::Hashed {
        ids,
        offsets,
        block_tokens,
    }
}

/// Steps that take years, so that time runs out.
fn endless(step_s: f64) -> CostModel {
    let spec = LinearSpec {
        c_s: step_s,
        a_s: 1e-3,
        b0_tokens: 0,
    };
    CostModel::Linear(spec.build().expect("years are a time"))
}

fn phases(context_ps: u64) -> CostModel {
    let spec = PhasesSpec {
        prefill_token_s: 5e-6,
        decode_base_s: 3e-4,
        decode_sequence_s: 1e-5,
        decode_context_token_s: context_ps as f64 * 1e-12,
    };
    CostModel::Phases(spec.build().expect("time passes"))
}

/// A small model on slow hardware: from many heads on, attention is bound by arithmetic, and
/// batches cross from one bound to the other as their contexts grow.
fn roofline(fp8: bool, heads: u32) -> CostModel {
    let model = ModelSpec {
        name: "toy".into(),
        parameters: 3_000_000,
        hidden_size: 64,
        layers: 2,
        attention_heads: heads,
        kv_heads: 8,
        head_dim: 16,
        max_model_len: 400,
        weight_precision: if fp8 { Precision::Fp8 } else { Precision::Bf16 },
        kv_precision: Precision::Bf16,
        attention_precision: Precision::Bf16,
        sources: Vec::new(),
    };
    let hardware = HardwareSpec {
        name: "toy".into(),
        memory_bytes: 1_000_000_000,
        memory_bandwidth_bytes_per_s: 2e10,
        flops_per_s: Rates {
            fp8: Some(2e12),
            bf16: Some(1e12),
            ..Rates::default()
        },
        fabric: Fabric {
            gpus_per_node: 1,
            scale_up: ScaleUp {
                bandwidth_bytes_per_s: 1e9,
                latency_s: 1e-6,
                in_network_reduction: false,
            },
            scale_out: ScaleOut {
                bandwidth_bytes_per_s: 1e9,
                latency_s: 1e-6,
            },
        },
        sources: Vec::new(),
    };
    let deployment = Deployment {
        model: &model,
        hardware: &hardware,
        tensor_parallel: 1,
        correction: Correction::default(),
    };
    CostModel::Roofline(Roofline::new(&deployment).expect("a toy is priced"))
}
