//! Serving in ticks.
//!
//! - `ticks/BATCHING/LOAD`: a run of a million ticks with 4 slots, prefills of two ticks in two chunks
//!   and outputs of about 10 tokens, figures at the end included; its throughput is in steps.
//!   `concurrent` keeps 6 requests in the system, `rate` sends 0.3 per tick. `disaggregated` has 4
//!   slots for each part.
//! - `ticks/long`: outputs of about 1000 tokens, so that most steps are without an event.
//!
//! Steps that are passed over because nothing happens in them count: they are what a run has to
//! account for. The line `speed` tells steps and completed requests per second.

mod setting;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::clock;
use kendall_bench::ticks::digest;
use kendall_kernel::Streams;
use kendall_llm::ticks::{Batching, Config, Load, OutputLength, Summary, System, Work, run};
use setting::CpuTime;

criterion_group! {
    name = ticks;
    config = setting::criterion();
    targets = steps
}
criterion_main!(ticks);

/// A run by name.
struct Case {
    name: &'static str,
    system: System,
    load: Load,
    mean_tokens: f64,
}

impl Case {
    fn run(&self) -> Summary {
        let config = Config {
            system: self.system,
            load: self.load,
            work: Work {
                prefill_chunks: 2,
                ..Work::default()
            },
            end_ticks: 1e6,
        };
        let law = OutputLength {
            mean_tokens: self.mean_tokens,
            sd_tokens: 0.5 * self.mean_tokens,
        };
        let mut lengths = law.draw(&Streams::new(42)).expect("the law is valid");
        run(&config, &mut lengths, &mut ()).expect("the configuration is valid")
    }
}

fn cases() -> Vec<Case> {
    let concurrent = Load::Concurrent { requests: 6 };
    let colocated = |batching| System::Colocated { slots: 4, batching };
    let case = |name, system, load| Case {
        name,
        system,
        load,
        mean_tokens: 10.0,
    };
    let pools = System::Disaggregated {
        prefill_slots: 4,
        decode_slots: 4,
    };
    let in_flight = colocated(Batching::InFlight);
    vec![
        case("static/concurrent", colocated(Batching::Static), concurrent),
        case("in-flight/concurrent", in_flight, concurrent),
        case(
            "one-prefill/concurrent",
            colocated(Batching::OnePrefill),
            concurrent,
        ),
        case("in-flight/rate", in_flight, Load::Rate { per_tick: 0.3 }),
        case("disaggregated/concurrent", pools, concurrent),
        Case {
            mean_tokens: 1000.0,
            ..case("long", in_flight, concurrent)
        },
    ]
}

fn steps(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("ticks");
    for case in cases() {
        let begun = clock::thread_ns();
        let summary = case.run();
        let seconds = (clock::thread_ns() - begun) as f64 / 1e9;
        digest(&summary).print(&format!("ticks/{}", case.name));
        println!(
            "speed ticks/{}: {:.1} M steps/s, {:.2} M requests/s",
            case.name,
            summary.steps as f64 / seconds / 1e6,
            summary.completed as f64 / seconds / 1e6
        );
        group.throughput(Throughput::Elements(summary.steps));
        group.bench_function(case.name, |b| b.iter(|| case.run()));
    }
}
