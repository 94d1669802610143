//! What is drawn: rates and shares within five standard errors, and streams of their own.

use kendall_kernel::{Law, Time};

use super::super::generate;
use super::*;

fn last_s(spec: &GenerateSpec) -> f64 {
    let trace = generate(spec, 1).unwrap();
    trace.arrival[trace.len() - 1].as_secs_f64()
}

#[test]
fn arrivals_come_at_their_rate() {
    let requests = 40_000;
    let n = requests as f64;
    let spec = |arrivals| GenerateSpec {
        requests,
        arrivals,
        ..steady()
    };
    // The last arrival is the sum of n gaps, each of mean 0.2 and standard deviation `sd`.
    let poisson = spec(Arrivals::Poisson { rate_per_s: 5.0 });
    let gap_s = Law::Erlang { k: 4, mean: 0.2 };
    let renewal = spec(Arrivals::Renewal { gap_s });
    for (spec, sd) in [(poisson, 0.2), (renewal, 0.1)] {
        let off = last_s(&spec) - 0.2 * n;
        assert!(off.abs() < Z * sd * n.sqrt(), "{off} s");
    }
    // Four requests on average come every 0.8 s.
    let size = Law::Empirical {
        values: vec![1.0, 7.0],
        weights: vec![],
    };
    let rate_per_s = 1.25;
    let batch = spec(Arrivals::Batch { rate_per_s, size });
    // A compound Poisson process counts in time t a variance of rate t E[size^2]; over its drift
    // of 5 per second that is a deviation in time.
    let sd = (rate_per_s * 0.2 * n * 25.0).sqrt() / 5.0;
    let off = last_s(&batch) - 0.2 * n;
    assert!(off.abs() < Z * sd, "{off} s");
}

#[test]
fn prefixes_are_as_popular_as_zipf_says() {
    let spec = GenerateSpec {
        requests: 10_000,
        prompt_tokens: constant(1),
        prefix: Some(PrefixSpec {
            groups: 3,
            zipf: 1.0,
            tokens: constant(512),
        }),
        ..steady()
    };
    let trace = generate(&spec, 2).unwrap();
    let mut counts = [0_u32; 3];
    let mut firsts: Vec<u64> = vec![];
    for ids in rows_of_ids(&trace) {
        let at = firsts.iter().position(|&id| id == ids[0]);
        counts[at.unwrap_or(firsts.len())] += 1;
        if at.is_none() {
            firsts.push(ids[0]);
        }
    }
    counts.sort_unstable_by(|a, b| b.cmp(a));
    for (rank, count) in (1..).zip(counts) {
        let (n, share) = (10_000.0, 1.0 / f64::from(rank) / (11.0 / 6.0));
        let off = f64::from(count) - n * share;
        assert!(off.abs() < Z * (n * share * (1.0 - share)).sqrt());
    }
}

/// Whole numbers from 1 to 1,000, all alike.
const UNIFORM: Law = Law::Uniform {
    min: 0.5,
    max: 1000.5,
};

/// Whether lengths look like draws from [`UNIFORM`].
fn assert_uniform(lengths: &[u32]) {
    let n = lengths.len() as f64;
    let mean = lengths.iter().map(|&tokens| f64::from(tokens)).sum::<f64>() / n;
    let variance: f64 = (1000.0 * 1000.0 - 1.0) / 12.0;
    assert!((mean - 500.5).abs() < Z * (variance / n).sqrt(), "{mean}");
}

#[test]
fn lengths_follow_their_laws() {
    let spec = GenerateSpec {
        requests: 10_000,
        prompt_tokens: UNIFORM,
        output_tokens: UNIFORM,
        ..steady()
    };
    let trace = generate(&spec, 6).unwrap();
    assert_uniform(&trace.prompt_tokens);
    assert_uniform(&trace.output_tokens);
    assert!(trace.prompt_tokens != trace.output_tokens, "one stream");
    // So many prefixes that hardly any is chosen twice; one token follows each.
    let spec = GenerateSpec {
        prompt_tokens: constant(1),
        prefix: Some(PrefixSpec {
            groups: u32::MAX,
            zipf: 0.0,
            tokens: UNIFORM,
        }),
        ..spec
    };
    let trace = generate(&spec, 6).unwrap();
    let prefixes = trace.prompt_tokens.iter().map(|&tokens| tokens - 1);
    assert_uniform(&prefixes.collect::<Vec<_>>());
}

#[test]
fn turns_follow_their_laws() {
    let spec = |arrivals, turns, think_s| GenerateSpec {
        requests: 10_000,
        arrivals,
        prompt_tokens: constant(1),
        output_tokens: constant(1),
        sessions: Some(SessionSpec { turns, think_s }),
        ..GenerateSpec::default()
    };
    // Every turn ends its session with probability p, and without time the sessions come one
    // after another.
    let (n, p) = (10_000.0, 0.2);
    let at_once = spec(Arrivals::AtOnce {}, Law::Geometric { p }, constant(0));
    let trace = generate(&at_once, 8).unwrap();
    let sessions = f64::from(trace.session[trace.len() - 1]);
    let off = sessions - (n - 1.0) * p;
    assert!(off.abs() < Z * (n * p * (1.0 - p)).sqrt(), "{off}");
    // One session, the next being far away: n - 1 exponential gaps.
    let far = Arrivals::Constant { rate_per_s: 1e-9 };
    let alone = spec(far, constant(1e6), Law::Exponential { mean: 0.5 });
    let trace = generate(&alone, 8).unwrap();
    let span = trace.arrival[trace.len() - 1] - trace.arrival[0];
    let off = span.as_secs_f64() - 0.5 * (n - 1.0);
    assert!(off.abs() < Z * 0.5 * n.sqrt(), "{off} s");
}

#[test]
fn one_seed_gives_one_trace() {
    let spec = chatty();
    assert_eq!(generate(&spec, 9), generate(&spec, 9));
    assert_ne!(generate(&spec, 9), generate(&spec, 10));
}

/// What the laws drew, in the order of sessions and turns.
fn by_session(trace: &Trace) -> Vec<(u32, Time, u32, u32)> {
    let row = |row: usize| {
        (
            trace.session[row],
            trace.arrival[row],
            trace.prompt_tokens[row],
            trace.output_tokens[row],
        )
    };
    let mut rows: Vec<_> = (0..trace.len()).map(row).collect();
    rows.sort_by_key(|row| row.0);
    rows
}

#[test]
fn changing_one_law_leaves_the_others_alone() {
    let plain = GenerateSpec {
        sessions: None,
        ..chatty()
    };
    let before = generate(&plain, 4).unwrap();
    let longer = GenerateSpec {
        output_tokens: Law::Lognormal {
            mu: 5.0,
            sigma: 1.0,
        },
        ..plain.clone()
    };
    let after = generate(&longer, 4).unwrap();
    assert_ne!(before.output_tokens, after.output_tokens);
    assert_eq!(before.arrival, after.arrival);
    assert_eq!(before.prompt_tokens, after.prompt_tokens);
    assert_eq!(before.content, after.content);

    // First turns are those of the plain trace, however long the sessions are.
    let sessions = generate(&chatty(), 4).unwrap();
    let rows = by_session(&sessions);
    let firsts = rows.chunk_by(|a, b| a.0 == b.0).map(|turns| turns[0]);
    for (row, (_, arrival, prompt, output)) in firsts.enumerate() {
        assert_eq!(arrival, before.arrival[row]);
        assert_eq!(prompt, before.prompt_tokens[row]);
        assert_eq!(output, before.output_tokens[row]);
    }
}
