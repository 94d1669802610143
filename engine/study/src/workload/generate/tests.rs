//! Traces by hand, in numbers, and wrong.

mod bursts;
mod errors;
mod from_trace;
mod laws;
mod lengths;
mod modulation;
mod shape;
mod stretches;
mod tenants;

use kendall_kernel::Law;
use kendall_llm::{Content, Trace};

use crate::workload::{Arrivals, GenerateSpec, PrefixSpec, SessionSpec};

/// Standard errors that a figure may be off.
const Z: f64 = 5.0;

fn constant(value: impl Into<f64>) -> Law {
    let value = value.into();
    Law::Constant { value }
}

/// One request per second of 1,000 prompt and 100 output tokens.
fn steady() -> GenerateSpec {
    GenerateSpec {
        requests: 3,
        arrivals: Arrivals::Constant { rate_per_s: 1.0 },
        prompt_tokens: constant(1000),
        output_tokens: constant(100),
        ..GenerateSpec::default()
    }
}

/// Overlapping conversations over a few prefixes, everything random.
fn chatty() -> GenerateSpec {
    GenerateSpec {
        requests: 500,
        arrivals: Arrivals::Poisson { rate_per_s: 2.0 },
        prompt_tokens: Law::Exponential { mean: 300.0 },
        output_tokens: Law::Exponential { mean: 150.0 },
        max_prompt_tokens: 9_000,
        prefix: Some(PrefixSpec {
            groups: 5,
            zipf: 1.0,
            tokens: Law::Uniform {
                min: 0.0,
                max: 3000.0,
            },
        }),
        sessions: Some(SessionSpec {
            turns: Law::Geometric { p: 0.2 },
            think_s: Law::Exponential { mean: 10.0 },
        }),
        ..GenerateSpec::default()
    }
}

fn arrivals_ms(trace: &Trace) -> Vec<u64> {
    let ns = trace.arrival.iter().map(|arrival| arrival.as_ns());
    ns.map(|ns| {
        assert_eq!(ns % 1_000_000, 0);
        ns / 1_000_000
    })
    .collect()
}

/// The block ids of every row.
fn rows_of_ids(trace: &Trace) -> Vec<&[u64]> {
    let Content::Hashed { ids, offsets, .. } = &trace.content else {
        panic!("no block ids");
    };
    let row = |ends: &[u64]| &ids[ends[0] as usize..ends[1] as usize];
    offsets.windows(2).map(row).collect()
}
