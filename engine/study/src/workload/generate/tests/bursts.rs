//! Arrivals that come in bursts.

use super::super::generate;
use super::*;
use crate::workload::MmppState;

fn spec(requests: u64, arrivals: Arrivals) -> GenerateSpec {
    GenerateSpec {
        requests,
        arrivals,
        prompt_tokens: constant(1),
        output_tokens: constant(1),
        ..GenerateSpec::default()
    }
}

/// Gaps in seconds, the one before the first arrival included.
fn gaps_s(spec: &GenerateSpec, seed: u64) -> Vec<f64> {
    let trace = generate(spec, seed).unwrap();
    let mut before = 0.0;
    let gap = |arrival: &kendall_kernel::Time| {
        let now = arrival.as_secs_f64();
        let gap = now - before;
        before = now;
        gap
    };
    trace.arrival.iter().map(gap).collect()
}

#[test]
fn gaps_have_their_mean_and_variation() {
    let n = 40_000;
    for cv in [0.25, 1.0, 3.0] {
        let rate_per_s = 20.0;
        for arrivals in [
            Arrivals::Gamma { rate_per_s, cv },
            Arrivals::Weibull { rate_per_s, cv },
        ] {
            let gaps = gaps_s(&spec(n, arrivals.clone()), 3);
            let n = n as f64;
            let moment =
                |mean: f64, order| gaps.iter().map(|gap| (gap - mean).powi(order)).sum::<f64>() / n;
            let (mean, variance) = (0.05, (0.05 * cv).powi(2));
            let off = moment(0.0, 1) - mean;
            assert!(
                off.abs() < Z * (variance / n).sqrt(),
                "{arrivals:?}: mean off by {off}"
            );
            let off = moment(mean, 2) - variance;
            let error = ((moment(mean, 4) - variance * variance) / n).sqrt();
            assert!(off.abs() < Z * error, "{arrivals:?}: variance off by {off}");
        }
    }
}

fn state(rate_per_s: f64, mean_s: f64, next: &[f64]) -> MmppState {
    let next = next.to_vec();
    MmppState {
        rate_per_s,
        mean_s,
        next,
    }
}

/// On and off: half of the time 40 per second, else none.
fn on_off(mean_s: f64) -> Arrivals {
    Arrivals::Mmpp {
        states: vec![state(40.0, mean_s, &[]), state(0.0, mean_s, &[])],
    }
}

/// Counts in windows of a second have the mean and the variance of theory: the rate's covariance
/// over a lag u is 20^2 exp(-2u), so that the variance of a count in time t is
/// 20 t + 2 20^2 (t / 2 - (1 - exp(-2t)) / 4).
#[test]
fn counts_of_two_states_vary_as_theory_says() {
    let trace = generate(&spec(60_000, on_off(1.0)), 5).unwrap();
    let last_s = trace.arrival[trace.len() - 1].as_secs_f64() as usize;
    let mut counts = vec![0.0_f64; last_s];
    for arrival in &trace.arrival {
        if let Some(count) = counts.get_mut(arrival.as_secs_f64() as usize) {
            *count += 1.0;
        }
    }
    let n = counts.len() as f64;
    let variance_over = |t: f64| 20.0 * t + 800.0 * (t / 2.0 - (1.0 - (-2.0 * t).exp()) / 4.0);
    let mean = counts.iter().sum::<f64>() / n;
    let error = (variance_over(n) / n).sqrt() / n.sqrt();
    assert!((mean - 20.0).abs() < Z * error, "{mean} per s");
    // Batches of 30 s are all but independent; their sums of squares give the error.
    let squares: Vec<f64> = (counts.chunks_exact(30))
        .map(|batch| {
            batch
                .iter()
                .map(|count| (count - 20.0).powi(2))
                .sum::<f64>()
                / 30.0
        })
        .collect();
    let batches = squares.len() as f64;
    let found = squares.iter().sum::<f64>() / batches;
    let spread = squares
        .iter()
        .map(|square| (square - found).powi(2))
        .sum::<f64>();
    let error = (spread / (batches - 1.0) / batches).sqrt();
    let expected = variance_over(1.0);
    assert!(
        (found - expected).abs() < Z * error,
        "{found}, not {expected}"
    );
    // A Poisson process would have 20.
    assert!(expected > 100.0);
}

/// States last far longer than what is looked at, so that it shows in which one it begins.
#[test]
fn states_begin_as_they_go_on() {
    let arrivals = Arrivals::Mmpp {
        states: vec![state(10.0, 1e6, &[]), state(1e-3, 3e6, &[])],
    };
    let seeds = 2000;
    let fast = (0..seeds).filter(|&seed| gaps_s(&spec(1, arrivals.clone()), seed)[0] < 3.0);
    // One in four, and a gap beyond 3 s has a probability of 10^-13 there, of at most 3 10^-3 of
    // being shorter in the other.
    let (n, share) = (seeds as f64, 0.25);
    let off = fast.count() as f64 - n * share;
    let error = (n * share * (1.0 - share)).sqrt();
    assert!(off.abs() < Z * error + 3e-3 * n, "off by {off}");
}

/// A circle of three states, of which only the last has arrivals.
#[test]
fn states_follow_their_weights() {
    let states = vec![
        state(0.0, 2.0, &[0.0, 1.0, 0.0]),
        state(0.0, 1.0, &[0.0, 0.0, 5.0]),
        state(100.0, 1.0, &[2.0, 0.0, 0.0]),
    ];
    let n = 100_000;
    let gaps = gaps_s(&spec(n, Arrivals::Mmpp { states }), 2);
    let span_s: f64 = gaps.iter().sum();
    // A round takes 4 s with a variance of 2^2 + 1 + 1 and brings 100 arrivals with a variance of
    // 100 + 100^2; arrivals and time in the last state go together: the reward per round less its
    // mean rate times the time has the variance 100 + 75^2 + 25^2 (2^2 + 1).
    let rounds = span_s / 4.0;
    let variance = 100.0 + 75.0_f64.powi(2) + 25.0_f64.powi(2) * 5.0;
    let off = n as f64 - 25.0 * span_s;
    assert!(off.abs() < Z * (rounds * variance).sqrt(), "off by {off}");
}

#[test]
fn other_rates_leave_the_states_alone() {
    // The pause of 1,000 s between two bursts does not depend on the rate within these.
    let pauses = |rate_per_s| {
        let states = vec![state(rate_per_s, 10.0, &[]), state(0.0, 1000.0, &[])];
        let gaps = gaps_s(&spec(20_000, Arrivals::Mmpp { states }), 8);
        let long: Vec<f64> = gaps.into_iter().filter(|&gap| gap > 50.0).collect();
        long
    };
    let (slow, fast) = (pauses(200.0), pauses(400.0));
    assert!(fast.len() > 2);
    for (slow, fast) in slow.iter().zip(&fast).skip(1) {
        assert!((slow - fast).abs() < 1.0, "{slow} s, {fast} s");
    }
}
