//! Random systems and workloads.

use kendall_kernel::FineTime;
use proptest::prelude::*;

use super::reference::at_ns;
use crate::token_budget::{Config, Rules, Scheduler, Service, ServiceLaw, Workload};

fn scheduler() -> impl Strategy<Value = Scheduler> {
    prop_oneof![
        Just(Scheduler::DecodePrioritizing),
        Just(Scheduler::PrefillPrioritizing),
        (0..=10_u32).prop_map(|tenths| Scheduler::Hybrid {
            decode_share: f64::from(tenths) / 10.0
        }),
    ]
}

/// Small limits, so that they bind; times in whole microseconds, so that ends of batches and
/// arrivals often coincide.
pub(super) fn config() -> impl Strategy<Value = Config> {
    let limits = (
        1..4_u16,
        1..12_u32,
        1..40_u32,
        prop::option::of(1..12_u32),
        prop::option::of(1..10_u32),
    );
    let service = (0..4_u32, 0..3_u32, 0..6_u32);
    (scheduler(), any::<bool>(), limits, service).prop_map(
        |(
            scheduler,
            corrected,
            (gpus, max_sequences, max_tokens, chunk_tokens, max_resident),
            (c, a, b0),
        )| {
            Config {
                scheduler,
                rules: if corrected {
                    Rules::Corrected
                } else {
                    Rules::Orie5580
                },
                gpus,
                max_sequences,
                max_tokens,
                max_resident,
                chunk_tokens,
                service: Service {
                    c_ms: f64::from(c) / 1e3,
                    a_ms: f64::from(a) / 1e3,
                    b0_tokens: b0,
                    law: ServiceLaw::Deterministic,
                },
            }
        },
    )
}

pub(super) fn workload() -> impl Strategy<Value = Workload> {
    let request = (0..40_u64, 1..60_u32, 0..30_u32);
    prop::collection::vec(request, 1..40).prop_map(|requests| {
        let mut now_us = 0;
        let mut workload = Workload::default();
        for (gap_us, prompt, output) in requests {
            now_us += gap_us;
            workload.arrival.push(at_ns(1000 * now_us));
            workload.prompt_tokens.push(prompt);
            workload.output_tokens.push(output);
        }
        workload
    })
}

/// Requests that come at given microseconds.
pub(super) fn requests(rows: &[(u64, u32, u32)]) -> Workload {
    let arrival = |&(us, ..): &(u64, u32, u32)| -> FineTime { at_ns(1000 * us) };
    Workload {
        arrival: rows.iter().map(arrival).collect(),
        prompt_tokens: rows.iter().map(|row| row.1).collect(),
        output_tokens: rows.iter().map(|row| row.2).collect(),
    }
}
