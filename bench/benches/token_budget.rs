//! Schedulers under a token budget.
//!
//! - `token-budget/DEMO/SCHEDULER`: one trial over a window of 1000 s, drawing its requests and
//!   making its figures included.
//!
//! Besides what criterion prints, a line `digest` has the times of all requests, and a line
//! `batches` their number.

mod setting;

use criterion::{Criterion, criterion_group, criterion_main};
use kendall_bench::Digest;
use kendall_kernel::{Streams, Time};
use kendall_llm::token_budget::{Metrics, Outcome, Scheduler, Workload};
use kendall_study::token_budget::Setting;
use setting::CpuTime;

criterion_group! {
    name = token_budget;
    config = setting::criterion();
    targets = trials
}
criterion_main!(token_budget);

const SCHEDULERS: [Scheduler; 3] = [
    Scheduler::DecodePrioritizing,
    Scheduler::PrefillPrioritizing,
    Scheduler::Hybrid { decode_share: 0.5 },
];

fn trials(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("token-budget");
    for scheduler in SCHEDULERS {
        for (demo, setting) in [
            ("demo2", Setting::demo2(scheduler)),
            ("demo3", Setting::demo3(scheduler)),
        ] {
            let name = format!("{demo}/{}", scheduler.name());
            let (_, outcome) = trial(&setting);
            digest(&outcome).print(&format!("token-budget/{name}"));
            println!("batches token-budget/{name}: {}", outcome.batches);
            group.bench_function(&name, |b| {
                b.iter(|| {
                    let (workload, outcome) = trial(&setting);
                    Metrics::of(&workload, &outcome, Time::ZERO)
                });
            });
        }
    }
}

fn trial(setting: &Setting) -> (Workload, Outcome) {
    let ran = setting.run(Streams::new(1));
    ran.expect("the demos are valid")
}

fn digest(outcome: &Outcome) -> Digest {
    let mut digest = Digest::default();
    for times in &outcome.times {
        let all = [
            times.scheduled,
            times.prefill_done,
            times.first_token,
            times.done,
        ];
        digest.words(all.map(Time::as_ns));
    }
    digest
}
