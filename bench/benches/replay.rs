//! Whole runs: a trace through a fleet to a summary, without files.
//!
//! `replay/NAME`: time of one run; elements are requests. `sample` and `conversation` are the
//! Mooncake traces, ours and the public one (if it is there), on four instances of Llama 3.1 8B on
//! an H100; `chat` is generated, on one.

mod setting;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::Digest;
use kendall_bench::traces::{self, TraceFile};
use kendall_bench::workload::{self, Cache, Case};
use kendall_io::trace::{ReadOptions, read_bytes};
use kendall_llm::Control;
use kendall_study::{Scenario, run};
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

fn replays(criterion: &mut Criterion<CpuTime>) {
    let cache = Cache {
        block_size: 16,
        prefix_caching: true,
    };
    let sample = traces::own("sample", "mooncake/sample.jsonl");
    let public = traces::shared("conversation", "mooncake/conversation_trace.jsonl");
    let mut cases = vec![
        ("chat", workload::chat(20_000, cache)),
        ("sample", four_instances(&sample)),
    ];
    cases.extend(public.map(|file| (file.name, four_instances(&file))));

    let mut group = criterion.benchmark_group("replay");
    for (name, case) in &cases {
        let mut digest = Digest::default();
        let stats = case.run(&mut digest);
        digest.print(&format!("replay/{name}"));
        let total = |of: fn(&kendall_llm::InstanceStats) -> u64| -> u64 {
            stats.instances.iter().map(of).sum()
        };
        println!(
            "replay/{name}: {} requests, {} steps, {} output tokens",
            case.trace.len(),
            total(|instance| instance.iterations),
            total(|instance| instance.output_tokens),
        );
        group.throughput(Throughput::Elements(case.trace.len() as u64));
        group.bench_function(*name, |b| {
            b.iter_with_large_drop(|| {
                run(&case.fleet, &case.trace, &mut (), &mut |_| {
                    Control::Continue
                })
            });
        });
    }
}
