//! What a step and a backlog cost, against their size.
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
    (0..RUNS)
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

fn decode_only(sequences: u32, block_size: u32) -> Case {
    let cache = Cache {
        block_size,
        prefix_caching: false,
    };
    workload::decode_only(sequences, 64 + 4096 + 8, cache)
}

/// Blocks are taken by one sequence in `block_size` per step and are work that cannot be saved.
/// With blocks that outlast the run the batch does not change at all, and a step of 4,096
/// sequences must cost what one of 16 does; a factor of 3 leaves room for caches, while a cost in
/// proportion would show as a factor of 256.
#[test]
#[ignore = "timing"]
fn a_step_costs_what_changes_and_not_the_batch() {
    let [small, middle, large] =
        [16, 256, 4096].map(|sequences| ns_per_step(&decode_only(sequences, ONE_BLOCK)));
    println!("ns per step of 16, 256, 4,096 sequences: {small:.0}, {middle:.0}, {large:.0}");
    let least = small.min(middle).min(large);
    let most = small.max(middle).max(large);
    assert!(most < 3.0 * least, "{small:.0}, {middle:.0}, {large:.0} ns");
}

/// The counterpart: with blocks of 16 tokens a step of 4,096 sequences takes 256 blocks, one of
/// 256 takes 16. What a step costs beyond an unchanging one is their price, which must not depend
/// on the batch either; four times leaves room for caches (the larger batch has 16 times the
/// tables).
#[test]
#[ignore = "timing"]
fn a_block_costs_the_same_in_every_batch() {
    let [middle, large] = [256_u32, 4096].map(|sequences| {
        let unchanging = ns_per_step(&decode_only(sequences, ONE_BLOCK));
        let blocks = f64::from(sequences) / 16.0;
        (ns_per_step(&decode_only(sequences, 16)) - unchanging) / blocks
    });
    println!("ns per block in batches of 256, 4,096: {middle:.1}, {large:.1}");
    assert!(large < 4.0 * middle, "{middle:.1}, {large:.1} ns");
}

/// 40,000 requests that arrive at once take 4 times as long as 10,000; 16 times would be the cost
/// of looking at all that wait whenever one is admitted.
#[test]
#[ignore = "timing"]
fn a_backlog_costs_in_proportion_to_its_length() {
    let [ten, twenty, forty] = [10_000, 20_000, 40_000].map(|requests| {
        let case = workload::backlog(requests);
        least(|| {
            let mut finished = Finished::default();
            let started = clock::thread_ns();
            case.run(&mut finished);
            let elapsed = clock::thread_ns() - started;
            assert_eq!(finished.requests, requests, "every request is served");
            elapsed as f64 / 1e6
        })
    });
    println!("ms for 10, 20, 40 thousand requests: {ten:.1}, {twenty:.1}, {forty:.1}");
    assert!(twenty < 3.0 * ten, "{ten:.1}, {twenty:.1} ms");
    assert!(forty < 6.0 * ten, "{ten:.1}, {forty:.1} ms");
}
