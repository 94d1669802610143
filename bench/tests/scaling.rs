//! What steps and runs cost, against their size.
//!
//! Timing, so ignored by default; run with `--release -- --ignored`. Each measurement is the least
//! processor time of several runs: what disturbs a run only ever adds to it.

use kendall_bench::workload::{self, Cache, Case};
use kendall_bench::{Finished, Stopwatch, clock};

const RUNS: u32 = 7;

/// Longer than any sequence here, so that a step changes nothing but the sums.
const ONE_BLOCK: u32 = 8192;

/// The least of several measurements.
fn least(measure: impl Fn() -> f64) -> f64 {
    least_of(RUNS, measure)
}

/// The least of `runs` measurements.
fn least_of(runs: u32, measure: impl Fn() -> f64) -> f64 {
    (0..runs)
        .map(|_| measure())
        .min_by(f64::total_cmp)
        .expect("several runs")
}

fn ns_per_step(case: &Case) -> f64 {
    least(|| {
        let mut stopwatch = Stopwatch::new(64, 4096);
        case.run(&mut stopwatch);
        stopwatch.ns_per_step()
    })
}

/// Steps are taken one by one: a run of them costs nothing for each.
fn decode_only(sequences: u32, block_size: u32) -> Case {
    let cache = Cache {
        block_size,
        prefix_caching: false,
    };
    workload::decode_only(sequences, 64 + 4096 + 8, cache).in_single_steps()
}

/// A step of 4,096 sequences must cost what one of 16 does, whether the batch does not change at all
/// (blocks that outlast the run) or 256 sequences take a block each, which is done by number. A
/// factor of 3 leaves room for caches; a cost in proportion would show as a factor of 256.
#[test]
#[ignore = "timing"]
fn a_step_costs_the_same_in_every_batch() {
    for block_size in [ONE_BLOCK, 16] {
        let [small, middle, large] =
            [16, 256, 4096].map(|sequences| ns_per_step(&decode_only(sequences, block_size)));
        println!(
            "blocks of {block_size}: ns per step of 16, 256, 4,096 sequences: {small:.0}, {middle:.0}, {large:.0}"
        );
        let least = small.min(middle).min(large);
        let most = small.max(middle).max(large);
        assert!(most < 3.0 * least, "{small:.0}, {middle:.0}, {large:.0} ns");
    }
}

/// ms of a run, with every request served.
fn ms(case: &Case, runs: u32) -> f64 {
    least_of(runs, || {
        let mut finished = Finished::default();
        let started = clock::thread_ns();
        case.run(&mut finished);
        let elapsed = clock::thread_ns() - started;
        let requests = case.trace.len() as u64;
        assert_eq!(finished.requests, requests, "every request is served");
        elapsed as f64 / 1e6
    })
}

/// The exponent b of a cost a x^b: the least-squares slope of its logarithm against that of x.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs = || points.iter().map(|&(x, cost)| (x.ln(), cost.ln()));
    let count = points.len() as f64;
    let mean_x = logs().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = logs().map(|(_, y)| y).sum::<f64>() / count;
    let covariance: f64 = logs().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = logs().map(|(x, _)| (x - mean_x).powi(2)).sum();
    covariance / variance
}

/// Costs must grow with an exponent below 1.15. Over the three decades here, a cost of n log n
/// would have an exponent of 1.11, one of n^1.5 or n^2 that much; caches, which hold the short
/// lists but not the long ones, may double the price of a request, which adds 0.1.
fn assert_proportional(name: &str, case: impl Fn(u64) -> Case) {
    let measured: Vec<(f64, f64)> = [1_000, 10_000, 100_000, 1_000_000]
        .map(|requests| {
            let runs = if requests > 100_000 { 2 } else { RUNS };
            let cost = ms(&case(requests), runs);
            let each = cost * 1e6 / requests as f64;
            println!("{name}, {requests} requests: {cost:.2} ms, {each:.0} ns each");
            (requests as f64, cost)
        })
        .into();
    let exponent = exponent(&measured);
    println!("{name}: time grows with the power {exponent:.3} of the requests");
    assert!(exponent < 1.15, "{name}: {exponent:.3}");
}

#[test]
#[ignore = "timing"]
fn a_run_costs_in_proportion_to_its_requests() {
    assert_proportional("chat", |requests| workload::independent(requests, 5.0, 1));
}

/// Looking at all that wait whenever one is admitted would cost the square.
#[test]
#[ignore = "timing"]
fn a_backlog_costs_in_proportion_to_its_length() {
    assert_proportional("all at once", workload::backlog);
}

/// The same requests with outputs ten times as long, arriving ten times as slowly: ten times the
/// tokens and steps, and as many decisions. The counterpart, step by step, shows that there is
/// something to save.
#[test]
#[ignore = "timing"]
fn long_outputs_cost_hardly_more() {
    let short = workload::independent(20_000, 5.0, 1);
    let long = short.clone().stretched(10);
    let merged = [&short, &long].map(|case| ms(case, RUNS));
    let [short, long] = [short, long].map(Case::in_single_steps);
    let single = [&short, &long].map(|case| ms(case, 2));
    for (name, [short, long]) in [("merged", merged), ("single", single)] {
        let ratio = long / short;
        println!("{name}: {short:.2} ms, outputs 10 times as long {long:.2} ms, {ratio:.2} times");
    }
    assert!(merged[1] < 1.5 * merged[0], "{merged:.2?} ms");
    assert!(single[1] > 5.0 * single[0], "{single:.2?} ms");
}
