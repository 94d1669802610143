//! The steady state allocates nothing.
//!
//! A counting allocator under whole runs, read by a recorder whenever a step ends. What may
//! allocate is a buffer that meets a new record: the longest table of its slot, the most requests
//! at once, the index of the prefix cache. A workload that repeats itself sets its last record
//! early; from half of its requests until the last arrives (then it runs empty, another record),
//! not one allocation is allowed. Runs are deterministic, and so is the count.
//!
//! One test alone, since the allocator counts for all threads.

use std::alloc::System;

use kendall_bench::workload::{self, Cache, Case};
use kendall_llm::{Recorder, RequestRecord, RunStats, StepRecord};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Requests of a run.
const REQUESTS: u64 = 20_000;

/// Tokens of a KV cache in which everybody finds room, and finished prefixes are evicted.
const ROOMY: u32 = 400_000;

/// Without and with prefix caching: tokens of a KV cache in which requests preempt each other.
const TIGHT: [(bool, u32); 2] = [(false, 40_000), (true, 12_000)];

/// Allocations so far, growth in place included.
fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Counts the allocations from the end of each step to the end of the next, admissions, finishes
/// and arrivals in between included.
#[derive(Default)]
struct Watcher {
    arrived: u64,
    left: u64,
    steps: u64,
    at_latest_step: usize,
    /// Steps of the steady state that allocated, and the number of the latest.
    allocating: u64,
    latest: Option<u64>,
}

impl Recorder for Watcher {
    const STEPS: bool = true;

    fn arrived(&mut self, _: u32) {
        self.arrived += 1;
    }

    fn request(&mut self, _: &RequestRecord) {
        self.left += 1;
    }

    fn step(&mut self, record: &StepRecord) {
        let now = allocations();
        if self.left >= REQUESTS / 2 && self.arrived < REQUESTS {
            self.steps += 1;
            // The first ends an interval of which a part lies before.
            if self.steps > 1 && now > self.at_latest_step {
                self.allocating += 1;
                self.latest = Some(record.iteration);
            }
        }
        self.at_latest_step = now;
    }
}

fn assert_steady(case: &Case, name: &str) -> RunStats {
    let mut watcher = Watcher::default();
    let stats = case.run(&mut watcher);
    assert!(watcher.steps > 10_000, "{name}: {} steps", watcher.steps);
    assert_eq!(
        watcher.allocating, 0,
        "{name}: of {} steps so many allocated, the latest is {:?}",
        watcher.steps, watcher.latest
    );
    stats
}

#[test]
fn steps_allocate_nothing_once_buffers_have_grown() {
    let before = allocations();
    assert_eq!(vec![before].len(), 1);
    assert!(allocations() > before, "the allocator counts");

    for block_size in [16, 512] {
        for prefix_caching in [false, true] {
            let cache = Cache {
                block_size,
                prefix_caching,
            };
            let case = workload::steady(REQUESTS, cache, ROOMY);
            let stats = assert_steady(&case, &format!("{cache:?}"));
            let hit = stats.instances[0].hit_tokens;
            assert_eq!(hit > 0, prefix_caching, "{cache:?}: {hit} tokens found");
        }
    }
    for (prefix_caching, cache_tokens) in TIGHT {
        let cache = Cache {
            block_size: 16,
            prefix_caching,
        };
        let case = workload::steady(REQUESTS, cache, cache_tokens);
        let stats = assert_steady(&case, &format!("{cache:?} of {cache_tokens} tokens"));
        let preemptions = stats.instances[0].preemptions;
        assert!(preemptions > 100, "{cache:?}: {preemptions} preemptions");
    }
}
