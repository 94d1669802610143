//! Classic queues.
//!
//! - `queueing/MODEL/ENGINE`: time per customer that leaves. `textbook` is the plain loop around a
//!   `BinaryHeap` of [`textbook`], `simulation`, `plain` and `recursion` are the engine's ways to
//!   run a network. `mm1`, `mm8`, `mm64` have a utilisation of 0.8, as has M/G/1 with bounded
//!   Pareto services under a discipline (`heavy-NAME`).
//! - `experiment/THREADS`: time on the wall clock of an experiment with 4 replications of the
//!   Jackson network in a pool of so many threads, per customer.
//!
//! Besides what criterion prints, a line `speed` tells the median per customer, events per second
//! and, where there is a textbook loop, its time over the engine's.

mod setting;

use std::time::Instant;

use criterion::measurement::Measurement;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use kendall_bench::queues::{self, Serve};
use kendall_bench::{Digest, clock, textbook};
use kendall_queueing::disciplines;
use kendall_study::queueing::{Experiment, Plan};
use setting::CpuTime;

criterion_group! {
    name = queueing;
    config = setting::criterion().sample_size(10);
    targets = single, networks, preemption_and_sharing, limited, experiments
}
criterion_main!(queueing);

/// Customers of an iteration.
const BLOCK: u64 = 1000;
/// Customers whose totals make up the digest.
const DIGESTED: u64 = 200_000;
/// Customers of an experiment.
const EXPERIMENT: u64 = 800_000;
/// Shorter samples do not count for the medians that are printed, in ns.
const SHORTEST: f64 = 1e6;

/// What was measured of a benchmark.
#[derive(Clone, Copy)]
struct Speed {
    ns_per_customer: f64,
}

/// Measures a way to run a network, against a yardstick if there is one.
fn measure<E: Serve>(
    group: &mut BenchmarkGroup<'_, CpuTime>,
    name: &str,
    start: impl Fn() -> E,
    yardstick: Option<Speed>,
) -> Option<Speed> {
    let mut digested = start();
    digested.serve(DIGESTED);
    digested.digest().print(&format!("queueing/{name}"));
    let events = digested.events() as f64 / DIGESTED as f64;

    let (mut running, mut customers) = (start(), DIGESTED);
    running.serve(customers);
    let mut samples = Vec::new();
    group.bench_function(name, |b| {
        b.iter_custom(|blocks| {
            customers += blocks * BLOCK;
            let started = clock::thread_ns();
            running.serve(customers);
            let elapsed = (clock::thread_ns() - started) as f64;
            if elapsed >= SHORTEST {
                samples.push(elapsed / (blocks * BLOCK) as f64);
            }
            elapsed / BLOCK as f64
        });
    });
    let ns_per_customer = median(samples)?;
    let millions = events / ns_per_customer * 1e3;
    print!("speed queueing/{name}: {ns_per_customer:.1} ns per customer, ");
    print!("{millions:.1} M events/s");
    if let Some(yardstick) = yardstick {
        let ratio = yardstick.ns_per_customer / ns_per_customer;
        print!(", {ratio:.2} times the textbook loop");
    }
    println!();
    Some(Speed { ns_per_customer })
}

fn median(mut samples: Vec<f64>) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied()
}

fn single(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("queueing");
    for servers in [1, 8, 64] {
        let network = queues::mmk(servers);
        let name = |engine: &str| format!("mm{servers}/{engine}");
        let group = &mut group;
        let loops = || textbook::Single::new(servers, 0.8 * f64::from(servers));
        let yardstick = measure(group, &name("textbook"), loops, None);
        measure(group, &name("plain"), || queues::plain(&network), yardstick);
        let simulation = || queues::simulation(&network);
        measure(group, &name("simulation"), simulation, yardstick);
        let recursion = || queues::recursion(&network);
        measure(group, &name("recursion"), recursion, yardstick);
    }
}

fn networks(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("queueing");
    let network = queues::jackson();
    let group = &mut group;
    let yardstick = measure(group, "jackson/textbook", textbook::Jackson::new, None);
    let plain = || queues::plain(&network);
    measure(group, "jackson/plain", plain, yardstick);
    let simulation = || queues::simulation(&network);
    measure(group, "jackson/simulation", simulation, yardstick);
}

fn preemption_and_sharing(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("queueing");
    for name in ["srpt", "psjf", "sjf", "fb", "ps", "lcfs-pr"] {
        let discipline = disciplines::by_name(name).expect("a discipline");
        let network = queues::heavy_tailed(discipline);
        let simulation = || queues::simulation(&network);
        measure(
            &mut group,
            &format!("heavy-{name}/simulation"),
            simulation,
            None,
        );
        if queues::is_plain(&network) {
            let plain = || queues::plain(&network);
            measure(&mut group, &format!("heavy-{name}/plain"), plain, None);
        }
    }
}

fn limited(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("queueing");
    for (name, network) in [("mm10-10", queues::loss()), ("mm5+m", queues::impatient())] {
        let simulation = || queues::simulation(&network);
        measure(&mut group, &format!("{name}/simulation"), simulation, None);
    }
}

/// How replications use several cores. Here it is the wall clock that counts, and a machine with
/// other things to do shows less; processor time of all threads tells what parallelism costs.
fn experiments<M: Measurement<Value = f64>>(criterion: &mut Criterion<M>) {
    let plan = Plan::new(queues::jackson(), 1).expect("a steady state");
    let mut group = criterion.benchmark_group("experiment");
    let mut one_thread = None;
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads");
        let run = || {
            pool.install(|| {
                let mut experiment = Experiment::start(&plan).expect("starts");
                experiment.extend(EXPERIMENT).expect("goes on");
                experiment
            })
        };
        let mut digest = Digest::default();
        run()
            .batches()
            .for_each(|batch| digest.totals(&batch.totals));
        digest.print(&format!("experiment/{threads}"));
        let (mut walls, mut processors) = (Vec::new(), Vec::new());
        group.bench_function(threads.to_string(), |b| {
            b.iter_custom(|runs| {
                let (started, used) = (Instant::now(), clock::other_threads_ns());
                (0..runs).for_each(|_| drop(run()));
                let elapsed = started.elapsed().as_nanos() as f64;
                let used = (clock::other_threads_ns() - used) as f64;
                let customers = (runs * EXPERIMENT) as f64;
                walls.push(elapsed / customers);
                processors.push(used / customers);
                elapsed / EXPERIMENT as f64
            });
        });
        let (Some(wall), Some(processor)) = (median(walls), median(processors)) else {
            continue;
        };
        let scaling = *one_thread.get_or_insert(wall) / wall;
        print!("speed experiment/{threads}: {wall:.1} ns per customer, {scaling:.2} times 1; ");
        println!("{processor:.1} ns of all processors");
    }
}
