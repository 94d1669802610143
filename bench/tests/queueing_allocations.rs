//! Queues allocate nothing per customer, and keep nothing of those who have left.
//!
//! A counting allocator under long runs. What may allocate is a buffer that has to hold more than
//! ever before, and buffers grow by doubling: between two looks at the allocator, a run may
//! allocate a few times for every time that the largest number present at a station, or in the
//! network, passed another power of two, and never otherwise. Such records become rare, their
//! number grows with the logarithm of the logarithm of the customers. Runs are deterministic, and
//! so are the counts.
//!
//! One test alone, since the allocator counts for all threads.

use std::alloc::System;

use kendall_bench::queues;
use kendall_queueing::model::Discipline;
use kendall_queueing::{Observer, Plain, Recursion, Simulation};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Customers between two looks; the first stretch lets buffers grow.
const CUSTOMERS: u64 = 300_000;
/// Looks after the first.
const STRETCHES: u64 = 4;
/// Buffers with an entry per customer: the pool, its free handles, and a line.
const BUFFERS: u64 = 3;
/// More bytes than any buffer has per customer.
const BYTES: u64 = 128;

/// Allocations so far, growth in place included, and bytes that are in use.
fn allocated() -> (u64, u64) {
    let stats = ALLOCATOR.stats();
    let count = stats.allocations + stats.reallocations;
    // Growth in place counts among the bytes allocated.
    let bytes = stats.bytes_allocated - stats.bytes_deallocated;
    (count as u64, bytes as u64)
}

/// The largest numbers present: at each station, and in the network at last.
#[derive(Default)]
struct Records {
    present: [u64; 4],
    most: [u64; 4],
    /// Times that one of the largest passed a power of two.
    doublings: u64,
}

impl Records {
    fn change(&mut self, place: usize, change: i64) {
        let present = &mut self.present[place];
        *present = present.wrapping_add_signed(change);
        let most = &mut self.most[place];
        if *present > *most {
            self.doublings += u64::from(most.is_power_of_two());
            *most = *present;
        }
    }
}

impl Observer for Records {
    const LEVELS: bool = true;

    fn level(&mut self, _: u64, station: usize, change: i64) {
        self.change(station, change);
        self.change(3, change);
    }
}

/// Runs on to so many customers, again and again.
fn assert_steady(name: &str, mut run: impl FnMut(u64, &mut Records)) {
    let mut records = Records::default();
    run(CUSTOMERS, &mut records);
    for stretch in 1..=STRETCHES {
        let doublings = records.doublings;
        let (count, bytes) = allocated();
        run(CUSTOMERS * (stretch + 1), &mut records);
        let (count_now, bytes_now) = allocated();
        let doublings = records.doublings - doublings;
        let most: u64 = records.most.iter().sum();
        let (count, grown) = (count_now - count, bytes_now.saturating_sub(bytes));
        assert!(
            count <= BUFFERS * doublings,
            "{name}: {count} allocations, {doublings} new records"
        );
        assert!(
            grown <= BYTES * 2 * most * doublings.min(1),
            "{name}: {grown} bytes more, {doublings} new records, {most} at most"
        );
    }
}

fn assert_simulation(name: &str, mut simulation: Simulation) {
    assert_steady(name, |customers, records| {
        let until = queues::after(customers);
        simulation.run(until, records).expect("goes on");
    });
}

fn assert_plain(name: &str, mut plain: Plain) {
    assert_steady(name, |customers, records| {
        let until = queues::after(customers);
        plain.run(until, records).expect("goes on");
    });
}

/// A recursion holds nobody: it may not allocate at all.
fn assert_recursion(name: &str, mut recursion: Recursion) {
    assert_steady(name, |customers, records| {
        recursion.run(customers, records).expect("goes on");
    });
}

#[test]
fn customers_cost_no_memory() {
    let (before, _) = allocated();
    assert_eq!(vec![before].len(), 1);
    assert!(allocated().0 > before, "the allocator counts");

    let (mm1, jackson) = (queues::mmk(1), queues::jackson());
    let srpt = queues::heavy_tailed(Discipline::ShortestRemaining);
    assert_simulation("M/M/1", queues::simulation(&mm1));
    assert_plain("plain M/M/1", queues::plain(&mm1));
    assert_recursion("M/M/1 by recursion", queues::recursion(&mm1));
    assert_recursion("M/M/8 by recursion", queues::recursion(&queues::mmk(8)));
    assert_simulation("SRPT", queues::simulation(&srpt));
    assert_plain("plain SRPT", queues::plain(&srpt));
    let ps = queues::heavy_tailed(Discipline::ProcessorSharing);
    assert_plain("plain PS", queues::plain(&ps));
    assert_simulation("Jackson", queues::simulation(&jackson));
    assert_plain("plain Jackson", queues::plain(&jackson));
}
