//! Whole runs: a trace through a fleet to a summary, without files.
//!
//! `replay/NAME`: time of one run; elements are requests. A line `speed` tells what a run before
//! those made of its time, in requests, engine steps and output tokens per second.
//!
//! - `decode`: 100 batches of 256 that only decode, outputs of 2,000 tokens, no prefix caching.
//! - `chat`: requests that share nothing, on one instance; `chat-8`: on eight, the least loaded
//!   chosen; `at-once`: all at time 0.
//! - `prefix-16`, `prefix-512`: conversations that share prefixes, with blocks of so many tokens.
//! - `sample`, `conversation`: the Mooncake traces, ours and the public one (if it is there), on four
//!   instances.
//! - `NAME/single`: the same with every step by itself. Its digest is that of `NAME`, which is
//!   checked.

mod setting;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::traces::{self, TraceFile};
use kendall_bench::workload::{self, Cache, Case};
use kendall_bench::{Digest, RequestDigest, clock};
use kendall_io::trace::{ReadOptions, read_bytes};
use kendall_llm::{Control, InstanceStats};
use kendall_study::{Outcome, Scenario, run};
use setting::CpuTime;

criterion_group! {
    name = replay;
    config = setting::criterion().sample_size(10);
    targets = replays
}
criterion_main!(replay);

fn four_instances(file: &TraceFile) -> Case {
    let loaded = read_bytes(file.name, &file.bytes, &ReadOptions::default());
    let mut scenario = Scenario::default();
    scenario.llm.instances = 4;
    scenario.llm.scheduler.max_num_seqs = 256;
    Case {
        trace: loaded.expect("a good trace").trace,
        fleet: workload::resolve(&scenario),
    }
}

/// Runs by name, and whether to run them in single steps too: where that takes long, no.
fn cases() -> Vec<(&'static str, Case, bool)> {
    let shared = |block_size| {
        let cache = Cache {
            block_size,
            prefix_caching: true,
        };
        workload::chat(20_000, cache)
    };
    let sample = traces::own("sample", "mooncake/sample.jsonl");
    let public = traces::shared("conversation", "mooncake/conversation_trace.jsonl");
    let mut cases = vec![
        ("decode", workload::decode_batches(100), true),
        ("chat", workload::independent(20_000, 5.0, 1), true),
        ("chat-8", workload::independent(20_000, 5.0, 8), false),
        ("at-once", workload::backlog(100_000), true),
        ("prefix-16", shared(16), true),
        ("prefix-512", shared(512), true),
        ("sample", four_instances(&sample), true),
    ];
    cases.extend(public.map(|file| (file.name, four_instances(&file), false)));
    cases
}

/// Runs a case to its summary.
fn summarised(case: &Case) -> Outcome {
    let mut watch = |_| Control::Continue;
    run(&case.fleet, &case.trace, &mut (), &mut watch).expect("the workload can be served")
}

fn speed(name: &str, case: &Case) {
    let started = clock::thread_ns();
    let outcome = summarised(case);
    let elapsed_s = (clock::thread_ns() - started) as f64 / 1e9;
    let total = |of: fn(&InstanceStats) -> u64| -> f64 {
        outcome.stats.instances.iter().map(of).sum::<u64>() as f64
    };
    println!(
        "speed replay/{name}: {:.3} s, {:.2} M requests/s, {:.1} M steps/s, {:.0} M tokens/s",
        elapsed_s,
        case.trace.len() as f64 / elapsed_s / 1e6,
        total(|instance| instance.iterations) / elapsed_s / 1e6,
        total(|instance| instance.output_tokens) / elapsed_s / 1e6,
    );
}

fn measure(group: &mut BenchmarkGroup<'_, CpuTime>, name: &str, case: &Case) {
    speed(name, case);
    group.throughput(Throughput::Elements(case.trace.len() as u64));
    group.bench_function(name, |b| b.iter_with_large_drop(|| summarised(case)));
}

fn digest(case: &Case) -> Digest {
    let mut digest = RequestDigest::default();
    case.run(&mut digest);
    digest.0
}

fn replays(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("replay");
    for (name, case, single_too) in cases() {
        let merged = digest(&case);
        merged.print(&format!("replay/{name}"));
        measure(&mut group, name, &case);
        if single_too {
            let single = case.in_single_steps();
            assert_eq!(
                digest(&single),
                merged,
                "{name}: single steps give the same"
            );
            measure(&mut group, &format!("{name}/single"), &single);
        }
    }
}
