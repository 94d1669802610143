//! Random workloads and settings, small enough that everything happens: pressure, preemption,
//! shared prefixes, withdrawals, rejections.

use kendall_cost::{CostModel, LinearSpec};
use kendall_kernel::Time;
use kendall_llm::{
    Content, EventSetKind, FleetConfig, Piece, Policy, Profile, RouterKind, SchedulerConfig, Trace,
};
use proptest::prelude::*;

/// A workload and a fleet to run it on.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) trace: Trace,
    pub(crate) config: FleetConfig,
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
        prop_oneof![
            4 => Just(Profile::Vllm),
            3 => Just(Profile::InferenceLab),
            1 => Just(Profile::RequestLevel),
            1 => Just(Profile::Orca),
            1 => Just(Profile::Sarathi),
        ],
    );
    (limits, options).prop_map(|(limits, options)| {
        let (max_num_seqs, max_num_active_seqs, budget, max_model_len, block_size, blocks) = limits;
        let (priority, caching, cap, adaptive, interval, reserve, watermark, profile) = options;
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
            },
        })
}
