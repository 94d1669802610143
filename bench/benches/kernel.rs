//! The kernel's parts: event sets, histogram, samplers.
//!
//! - `hold/SET/N`: time of one hold, which removes the least of N pending events and inserts one
//!   an exponential time later. `std` is the standard library's binary heap over the same keys.
//! - `slots/N`: time of finding the least of N slots and setting it anew.
//! - `histogram/record_n`: time of counting one value of random magnitude in bulk.
//! - `sampler/LAW`: time of one value, drawn 1,024 at a time.

mod setting;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::records::mix;
use kendall_bench::{Digest, clock};
use kendall_kernel::{
    Dur, EventKey, EventSet, Histogram, Law, Purpose, QuaternaryHeap, SlotTree, Streams, Time,
    TimingWheel, TournamentTree,
};
use setting::CpuTime;

criterion_group! {
    name = kernel;
    config = setting::criterion();
    targets = holds, slots, histogram, samplers
}
criterion_main!(kernel);

/// Numbers drawn in advance and used in turn; a power of two.
const DRAWN: usize = 4096;

/// Increments drawn in advance; more than a branch predictor can learn by heart.
const INCREMENTS: usize = 1 << 18;

/// The standard library's heap, to compare with.
#[derive(Default)]
struct StdHeap(BinaryHeap<Reverse<EventKey>>);

impl EventSet for StdHeap {
    fn insert(&mut self, key: EventKey) {
        self.0.push(Reverse(key));
    }

    fn peek(&self) -> Option<EventKey> {
        self.0.peek().map(|key| key.0)
    }

    fn pop(&mut self) -> Option<EventKey> {
        self.0.pop().map(|key| key.0)
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// A set with one pending event per entity.
struct Holds<E> {
    set: E,
    increments: Vec<Dur>,
    next: usize,
}

impl<E: EventSet> Holds<E> {
    fn new(mut set: E, pending: u32) -> Holds<E> {
        let mut rng = Streams::new(1).stream(0, Purpose::Service);
        let sampler = Law::Exponential { mean: 1e-3 }.sampler().expect("valid");
        let mut draw = || Dur::from_secs_f64(sampler.sample(&mut rng)).expect("a time");
        for entity in 0..pending {
            set.insert(EventKey::new(Time::ZERO + draw(), 0, entity));
        }
        Holds {
            set,
            increments: (0..INCREMENTS).map(|_| draw()).collect(),
            next: 0,
        }
    }

    #[inline]
    fn hold(&mut self) -> EventKey {
        let key = self.set.pop().expect("as many events as before");
        let later = key.time() + self.increments[self.next % INCREMENTS];
        self.next += 1;
        self.set.insert(EventKey::new(later, 0, key.entity()));
        key
    }

    /// What the first holds give out.
    fn digest(mut self) -> Digest {
        let mut digest = Digest::default();
        for _ in 0..20_000 {
            let key = self.hold();
            digest.words([key.time().as_ns(), key.entity().into()]);
        }
        digest
    }
}

fn holds(criterion: &mut Criterion<CpuTime>) {
    for pending in [16, 256, 4096, 65_536, 1_048_576] {
        let tree = || TournamentTree::new(&[pending]);
        let digest = Holds::new(tree(), pending).digest();
        digest.print(&format!("hold/{pending}"));
        hold(criterion, "tournament", pending, digest, tree);
        let heap = QuaternaryHeap::new;
        hold(criterion, "4-ary heap", pending, digest, heap);
        hold(criterion, "wheel", pending, digest, TimingWheel::new);
        hold(criterion, "std", pending, digest, StdHeap::default);
    }
    // M/M/1 has two entities.
    for pending in [2, 4, 8] {
        let tree = || TournamentTree::new(&[pending]);
        let digest = Holds::new(tree(), pending).digest();
        hold(criterion, "tournament", pending, digest, tree);
    }
}

/// Measures one set, after a look at whether it gives out what `digest` says.
fn hold<E: EventSet>(
    criterion: &mut Criterion<CpuTime>,
    name: &str,
    pending: u32,
    digest: Digest,
    set: impl Fn() -> E,
) {
    assert_eq!(Holds::new(set(), pending).digest(), digest, "sets agree");
    let mut holds = Holds::new(set(), pending);
    // Long enough for every event to have been replaced.
    for _ in 0..4 * pending {
        holds.hold();
    }
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new(name, pending), |b| {
        b.iter_custom(|count| {
            let started = clock::thread_ns();
            for _ in 0..count {
                holds.hold();
            }
            black_box(&mut holds);
            (clock::thread_ns() - started) as f64
        });
    });
}

fn slots(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("slots");
    group.throughput(Throughput::Elements(1));
    let increments: Vec<u64> = (0..INCREMENTS as u64).map(|i| 1 + mix(i) % 1000).collect();
    for slots in [2, 4, 8, 16, 256, 4096] {
        let mut tree = SlotTree::new(slots);
        (0..slots).for_each(|slot| tree.set(slot, increments[slot]));
        let mut next = 0;
        let mut step = |tree: &mut SlotTree| {
            let (slot, key) = tree.min().expect("all slots are set");
            tree.set(slot, key + increments[next % INCREMENTS]);
            next += 1;
            [slot as u64, key]
        };
        let mut digest = Digest::default();
        (0..20_000).for_each(|_| digest.words(step(&mut tree)));
        digest.print(&format!("slots/{slots}"));
        group.bench_function(slots.to_string(), |b| {
            b.iter_custom(|count| {
                let started = clock::thread_ns();
                for _ in 0..count {
                    step(&mut tree);
                }
                black_box(&mut tree);
                (clock::thread_ns() - started) as f64
            });
        });
    }
}

fn histogram(criterion: &mut Criterion<CpuTime>) {
    // All magnitudes up to 2^40 ns alike, a third of an hour.
    let value = |index: u64| mix(index) >> (24 + mix(index + 1) % 40);
    let values: Vec<u64> = (0..DRAWN as u64).map(value).collect();
    let mut recorded = Histogram::new();
    values.iter().for_each(|&value| recorded.record_n(value, 3));
    let mut digest = Digest::default();
    for bucket in recorded.buckets() {
        digest.words([bucket.low, bucket.high, bucket.count]);
    }
    digest.print("histogram/record_n");

    let mut group = criterion.benchmark_group("histogram");
    group.throughput(Throughput::Elements(1));
    let mut next = 0;
    group.bench_function("record_n", |b| {
        b.iter(|| {
            recorded.record_n(values[next % DRAWN], black_box(3));
            next += 1;
        });
    });
    black_box(recorded);
}

fn samplers(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("sampler");
    let laws = [
        "exponential:mean=1",
        "uniform:min=0,max=2",
        "lognormal:mu=6.9,sigma=0.7",
        "gamma:shape=0.5,scale=2",
        "erlang:k=4,mean=1",
        "weibull:shape=0.7,scale=1",
        "pareto:alpha=1.5,min=1,max=1000",
        "geometric:p=0.1",
        "zipf:n=1000,s=1",
        "hyperexponential:weights=0.9|0.1,means=0.5|5.5",
        "phase_type:initial=1|0,generator=-2|1.5/0|-3",
        "empirical:values=1|2|30,weights=5|3|2",
    ];
    for text in laws {
        let law: Law = text.parse().expect("a law");
        let sampler = law.sampler().expect("valid");
        let name = text.split(':').next().unwrap_or(text);
        let stream = || Streams::new(1).stream(0, Purpose::Service);
        let mut values = vec![0.0; 1024];
        sampler.fill(&mut stream(), &mut values);
        let mut digest = Digest::default();
        digest.words(values.iter().map(|value: &f64| value.to_bits()));
        digest.print(&format!("sampler/{name}"));

        let mut rng = stream();
        group.throughput(Throughput::Elements(1));
        group.bench_function(name, |b| {
            b.iter_custom(|fills| {
                let started = clock::thread_ns();
                for _ in 0..fills {
                    sampler.fill(&mut rng, black_box(&mut values));
                }
                let elapsed = clock::thread_ns() - started;
                elapsed as f64 / values.len() as f64
            });
        });
    }
}
