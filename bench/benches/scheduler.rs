//! Scheduler steps, each taken by itself, and backlogs, with steps merged.
//!
//! - `step/CACHE/BLOCK/N`: time of one step of N decoding sequences with blocks of BLOCK tokens,
//!   admissions and finishes apart; CACHE says whether prefixes are cached. Per step, N / BLOCK
//!   blocks are taken and, with caching, as many are registered, which is what grows with N.
//! - `step/chat`: time of one step of a busy instance with admissions, hits and evictions.
//! - `backlog/N`: time of a whole run over N requests that arrive at once, per request: equal
//!   values mean a cost of O(N).

mod setting;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::workload::{self, Cache, Case};
use kendall_bench::{Digest, Stopwatch, clock};
use setting::CpuTime;

criterion_group! {
    name = scheduler;
    config = setting::criterion();
    targets = decode_steps, chat_steps, backlogs
}
criterion_main!(scheduler);

/// Steps until every sequence decodes and the caches are warm.
const SKIP: u64 = 64;
/// Steps of a measurement.
const STEPS: u64 = 2048;

fn digest(case: &Case, name: &str) {
    let mut digest = Digest::default();
    case.run(&mut digest);
    digest.print(name);
}

/// Sum of the mean time of a step over several runs.
fn time_steps(case: &Case, runs: u64, skip: u64, steps: u64) -> f64 {
    let timed = |_| {
        let mut stopwatch = Stopwatch::new(skip, steps);
        case.run(&mut stopwatch);
        stopwatch.ns_per_step()
    };
    (0..runs).map(timed).sum()
}

fn decode_steps(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("step");
    group.throughput(Throughput::Elements(1));
    for prefix_caching in [false, true] {
        for block_size in [16, 512] {
            for sequences in [16, 256, 4096] {
                let cache = Cache {
                    block_size,
                    prefix_caching,
                };
                let steps = (SKIP + STEPS + 8) as u32;
                let case = workload::decode_only(sequences, steps, cache).in_single_steps();
                let caching = if prefix_caching { "cached" } else { "uncached" };
                let name = format!("{caching}/{block_size}/{sequences}");
                digest(&case, &format!("step/{name}"));
                group.bench_function(&name, |b| {
                    b.iter_custom(|runs| time_steps(&case, runs, SKIP, STEPS));
                });
            }
        }
    }
}

fn chat_steps(criterion: &mut Criterion<CpuTime>) {
    let cache = Cache {
        block_size: 16,
        prefix_caching: true,
    };
    let case = workload::chat(6_000, cache).in_single_steps();
    digest(&case, "step/chat");
    let mut group = criterion.benchmark_group("step");
    group.throughput(Throughput::Elements(1));
    group.bench_function("chat", |b| {
        b.iter_custom(|runs| time_steps(&case, runs, 2_000, 20_000));
    });
}

fn backlogs(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("backlog");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    for requests in [10_000, 20_000, 40_000] {
        let case = workload::backlog(requests);
        digest(&case, &format!("backlog/{requests}"));
        group.bench_function(BenchmarkId::from_parameter(requests), |b| {
            b.iter_custom(|runs| {
                let started = clock::thread_ns();
                for _ in 0..runs {
                    case.run(&mut ());
                }
                (clock::thread_ns() - started) as f64 / requests as f64
            });
        });
    }
}
