//! Prompts and outputs that go together.

use std::f64::consts::PI;

use super::super::generate;
use super::*;

fn lognormal(mu: f64, sigma: f64) -> Law {
    Law::Lognormal { mu, sigma }
}

fn spec(length_correlation: f64) -> GenerateSpec {
    GenerateSpec {
        requests: 20_000,
        prompt_tokens: lognormal(9.0, 0.8),
        output_tokens: lognormal(8.0, 0.5),
        max_prompt_tokens: u32::MAX,
        max_output_tokens: u32::MAX,
        length_correlation,
        ..steady()
    }
}

/// Ranks from 0; lengths that are equal, which are few, in the order of the rows.
fn ranks(lengths: &[u32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&row| lengths[row]);
    let mut ranks = vec![0.0; lengths.len()];
    for (rank, row) in order.into_iter().enumerate() {
        ranks[row] = rank as f64;
    }
    ranks
}

fn rank_correlation(trace: &Trace) -> f64 {
    let (prompts, outputs) = (ranks(&trace.prompt_tokens), ranks(&trace.output_tokens));
    let n = prompts.len() as f64;
    let mean = (n - 1.0) / 2.0;
    let products = prompts
        .iter()
        .zip(&outputs)
        .map(|(a, b)| (a - mean) * (b - mean));
    products.sum::<f64>() / n / ((n * n - 1.0) / 12.0)
}

/// At most the standard error of independent lengths, 1 / sqrt(n - 1), which correlation makes
/// smaller.
#[test]
fn ranks_are_as_correlated_as_asked_for() {
    for r in [-0.9, -0.3, 0.2, 0.6, 0.95] {
        let found = rank_correlation(&generate(&spec(r), 3).unwrap());
        let expected = 6.0 / PI * (r / 2.0_f64).asin();
        let error = 1.0 / (20_000.0_f64 - 1.0).sqrt();
        assert!(
            (found - expected).abs() < Z * error,
            "{found}, not {expected}"
        );
    }
}

#[test]
fn whole_correlation_orders_outputs_like_prompts() {
    for (r, sign) in [(1.0, 1), (-1.0, -1)] {
        let trace = generate(&spec(r), 3).unwrap();
        let pair = |row: usize| {
            let output = i64::from(trace.output_tokens[row]);
            (trace.prompt_tokens[row], sign * output)
        };
        let mut rows: Vec<_> = (0..trace.len()).map(pair).collect();
        rows.sort_unstable();
        assert!(rows.is_sorted_by_key(|row| row.1));
    }
}

/// The means and variances of every law with an inverse, within standard errors from sample moments.
#[test]
fn laws_stay_what_they_are() {
    let laws = [
        lognormal(7.0, 0.5),
        Law::Exponential { mean: 700.0 },
        Law::Gamma {
            shape: 2.0,
            scale: 300.0,
        },
        Law::Geometric { p: 0.002 },
        Law::Empirical {
            values: vec![100.0, 200.0, 900.0],
            weights: vec![1.0, 2.0, 1.0],
        },
        Law::Hyperexponential {
            means: vec![100.0, 900.0],
            weights: vec![3.0, 1.0],
        },
        Law::Mixture {
            weights: vec![0.8, 0.2],
            laws: vec![lognormal(5.0, 0.5), lognormal(7.5, 0.3)],
        },
    ];
    for law in laws {
        let spec = GenerateSpec {
            requests: 4000,
            prompt_tokens: lognormal(7.0, 0.5),
            output_tokens: law.clone(),
            ..spec(0.7)
        };
        let trace = generate(&spec, 12).unwrap();
        let n = trace.len() as f64;
        let (mean, variance) = (law.mean().unwrap(), law.variance().unwrap());
        let moment = |order| {
            let powers = trace
                .output_tokens
                .iter()
                .map(|&x| (f64::from(x) - mean).powi(order));
            powers.sum::<f64>() / n
        };
        // Rounded to whole tokens, and up to 1 where there are fewer.
        let off = moment(1);
        assert!(
            off.abs() < Z * (variance / n).sqrt() + 0.5,
            "{law:?}: mean off by {off}"
        );
        let off = moment(2) - variance;
        let error = ((moment(4) - variance * variance).max(0.0) / n).sqrt();
        assert!(
            off.abs() < Z * error + 1.0 + variance.sqrt(),
            "{law:?}: variance off by {off}"
        );
    }
}

/// The first of the normal variables makes the prompts, whatever the correlation.
#[test]
fn another_correlation_leaves_the_prompts_alone() {
    let [some, more] = [0.3, 0.6].map(|r| generate(&spec(r), 2).unwrap());
    assert_eq!(some.prompt_tokens, more.prompt_tokens);
    assert_ne!(some.output_tokens, more.output_tokens);
    assert_eq!(some.arrival, more.arrival);
    // None at all is drawn in the way that is fastest.
    let absent: GenerateSpec = serde_json::from_str("{}").unwrap();
    let zero = serde_json::from_str("{\"length_correlation\": 0.0}").unwrap();
    assert_eq!(absent, zero);
    assert_eq!(generate(&absent, 2), generate(&GenerateSpec::default(), 2));
}

/// Each turn's new tokens and output go together.
#[test]
fn turns_are_correlated_too() {
    let spec = GenerateSpec {
        requests: 300,
        sessions: Some(SessionSpec {
            turns: constant(3),
            think_s: constant(1.0),
        }),
        prompt_tokens: Law::Uniform {
            min: 99.5,
            max: 200.5,
        },
        output_tokens: Law::Uniform {
            min: 1.5,
            max: 102.5,
        },
        ..spec(1.0)
    };
    let trace = generate(&spec, 7).unwrap();
    let mut said = std::collections::BTreeMap::new();
    for row in 0..trace.len() {
        let (prompt, output) = (trace.prompt_tokens[row], trace.output_tokens[row]);
        let before = said
            .insert(trace.session[row], prompt + output)
            .unwrap_or(0);
        // The same uniform number rounds to the same place of both ranges.
        assert_eq!(prompt - before - 98, output, "row {row}");
    }
}
