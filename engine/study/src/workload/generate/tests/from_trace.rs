//! Workloads drawn from a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use kendall_kernel::Time;

use super::super::generate;
use super::*;
use crate::workload::{FromTraceSpec, TraceColumns};

const S: u64 = 1_000_000_000;

/// Five requests, the gaps between them 1, 2, 4 and 8 s.
fn from_trace(lengths: bool) -> Option<FromTraceSpec> {
    let columns = TraceColumns {
        arrival: [5, 6, 8, 12, 20].map(|s| Time::from_ns(s * S)).to_vec(),
        prompt_tokens: vec![100, 200, 300, 400, 500],
        output_tokens: vec![10, 20, 30, 40, 9000],
    };
    Some(FromTraceSpec {
        trace: "five.csv".to_owned(),
        format: None,
        columns: BTreeMap::new(),
        lengths,
        columns_read: Some(Arc::new(columns)),
    })
}

fn lengths(requests: u64) -> GenerateSpec {
    GenerateSpec {
        requests,
        from_trace: from_trace(true),
        ..GenerateSpec::default()
    }
}

#[test]
fn lengths_are_those_of_rows() {
    let trace = generate(&lengths(10_000), 1).unwrap();
    let mut counts = BTreeMap::new();
    for pair in trace.prompt_tokens.iter().zip(&trace.output_tokens) {
        *counts.entry(pair).or_insert(0) += 1;
    }
    let pairs: Vec<_> = counts.keys().copied().collect();
    // The longest output is cut to `max_output_tokens`.
    assert_eq!(
        pairs,
        [
            (&100, &10),
            (&200, &20),
            (&300, &30),
            (&400, &40),
            (&500, &8192)
        ]
    );
    let error = (10_000.0 * 0.2 * 0.8_f64).sqrt();
    for (pair, count) in counts {
        let off = f64::from(count) - 2000.0;
        assert!(off.abs() < Z * error, "{pair:?}: {count}");
    }
    assert_ne!(trace, generate(&lengths(10_000), 2).unwrap());
}

#[test]
fn arrivals_do_not_depend_on_where_lengths_are_from() {
    let plain = GenerateSpec {
        from_trace: None,
        ..lengths(100)
    };
    let [drawn, plain] = [lengths(100), plain].map(|spec| generate(&spec, 3).unwrap());
    assert_eq!(drawn.arrival, plain.arrival);
    assert_ne!(drawn.prompt_tokens, plain.prompt_tokens);
}

fn gaps(gap_block: u32, rate_per_s: Option<f64>) -> GenerateSpec {
    GenerateSpec {
        requests: 8000,
        arrivals: Arrivals::FromTrace {
            gap_block,
            rate_per_s,
        },
        from_trace: from_trace(false),
        ..GenerateSpec::default()
    }
}

fn gaps_ns(spec: &GenerateSpec) -> Vec<u64> {
    let trace = generate(spec, 4).unwrap();
    let ns: Vec<u64> = trace
        .arrival
        .iter()
        .map(|arrival| arrival.as_ns())
        .collect();
    let first = std::iter::once(ns[0]);
    first
        .chain(ns.windows(2).map(|pair| pair[1] - pair[0]))
        .collect()
}

#[test]
fn gaps_are_those_between_rows() {
    for gap_block in [1, 3, 4] {
        let gaps = gaps_ns(&gaps(gap_block, None));
        let error = (8000.0 * 0.25 * 0.75_f64 * f64::from(gap_block)).sqrt();
        for gap in [1, 2, 4, 8] {
            let count = gaps.iter().filter(|&&ns| ns == gap * S).count();
            let off = count as f64 - 2000.0;
            assert!(off.abs() < Z * error, "{gap} s: {count}");
        }
    }
}

/// Within a block the gaps follow each other as in the trace, the first behind the last.
#[test]
fn blocks_keep_neighbours_together() {
    let next = |gap: u64| if gap == 8 * S { S } else { 2 * gap };
    let follow = |gap_block: u32| {
        let gaps = gaps_ns(&gaps(gap_block, None));
        let pairs = gaps.windows(2).enumerate();
        let within = pairs.filter(|(at, _)| (at + 1) % gap_block as usize != 0);
        within
            .map(|(_, pair)| pair[1] == next(pair[0]))
            .collect::<Vec<_>>()
    };
    assert!(follow(3).iter().all(|&follows| follows));
    assert!(follow(4).iter().all(|&follows| follows));
    let independent = gaps_ns(&gaps(1, None));
    let neighbours = independent
        .windows(2)
        .filter(|pair| pair[1] == next(pair[0]));
    let off = neighbours.count() as f64 - 7999.0 / 4.0;
    assert!(off.abs() < Z * (7999.0 * 0.25 * 0.75_f64).sqrt());
}

#[test]
fn gaps_are_scaled_to_a_rate() {
    // Four gaps in 15 s; at 16 in 15 s each is a quarter as long.
    let quarter = gaps_ns(&gaps(2, Some(16.0 / 15.0)));
    let own = gaps_ns(&gaps(2, None));
    for (quarter, own) in quarter.iter().zip(&own) {
        assert!(quarter.abs_diff(own / 4) <= 1);
    }
}

fn message(change: impl FnOnce(&mut GenerateSpec)) -> String {
    let mut spec = gaps(2, None);
    change(&mut spec);
    generate(&spec, 0).unwrap_err().to_string()
}

fn columns(spec: &mut GenerateSpec) -> &mut TraceColumns {
    let read = spec.from_trace.as_mut().unwrap().columns_read.as_mut();
    Arc::make_mut(read.unwrap())
}

#[test]
fn what_a_trace_cannot_give() {
    assert_eq!(
        message(|spec| spec.from_trace = None),
        "`workload.generate.arrivals.process` is from-trace, must have a trace in `workload.generate.from_trace`"
    );
    assert_eq!(
        message(|spec| spec.from_trace.as_mut().unwrap().columns_read = None),
        "`workload.generate.from_trace.trace` is five.csv, which must have been read before"
    );
    for gap_block in [0, 5] {
        assert_eq!(
            message(|spec| {
                spec.arrivals = Arrivals::FromTrace {
                    gap_block,
                    rate_per_s: None,
                };
            }),
            format!(
                "`workload.generate.arrivals.gap_block` is {gap_block}, must be from 1 to 4, the gaps of the trace"
            )
        );
    }
    let must = "must have two that arrive at different times, for gaps";
    assert_eq!(
        message(|spec| columns(spec).arrival.fill(Time::ZERO)),
        format!(
            "`workload.generate.from_trace.trace` is five.csv, which has 5 rows in 0 s, {must}"
        )
    );
    assert_eq!(
        message(|spec| columns(spec).arrival.truncate(1)),
        format!(
            "`workload.generate.from_trace.trace` is five.csv, which has 1 rows in 0 s, {must}"
        )
    );
    let rate = message(|spec| {
        let rate_per_s = Some(0.0);
        spec.arrivals = Arrivals::FromTrace {
            gap_block: 1,
            rate_per_s,
        };
    });
    assert!(
        rate.starts_with("`workload.generate.arrivals.rate_per_s` is 0"),
        "{rate}"
    );
    assert_eq!(
        message(|spec| {
            spec.arrivals = GenerateSpec::default().arrivals;
            spec.from_trace.as_mut().unwrap().lengths = true;
            columns(spec).prompt_tokens.clear();
            columns(spec).output_tokens.clear();
        }),
        "`workload.generate.from_trace.trace` is five.csv, which has 0 rows in 0 s, must have at least one, for lengths"
    );
}

#[test]
fn laws_have_no_effect_beside_rows() {
    type Change = fn(&mut GenerateSpec);
    let cases: [(&str, Change); 3] = [
        ("prompt_tokens", |spec| spec.prompt_tokens = constant(3)),
        ("output_tokens", |spec| spec.output_tokens = constant(3)),
        ("length_correlation", |spec| spec.length_correlation = 0.5),
    ];
    for (field, change) in cases {
        let mut spec = lengths(10);
        change(&mut spec);
        let found = generate(&spec, 0).unwrap_err().to_string();
        assert_eq!(
            found,
            format!(
                "`workload.generate.{field}` has no effect beside `workload.generate.from_trace.lengths`, must be left out"
            )
        );
    }
}
