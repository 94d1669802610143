//! What queues cost, against the number of customers.
//!
//! Timing, so ignored by default; run with `--release -- --ignored`. Each measurement is the least
//! processor time of several runs: what disturbs a run only ever adds to it.

use kendall_bench::clock;
use kendall_bench::queues::{self, Serve};
use kendall_queueing::Network;
use kendall_queueing::model::Discipline;

const RUNS: u32 = 7;
const CUSTOMERS: u64 = 200_000;

/// The least time of several runs of so many customers, in ms.
fn least<E: Serve>(start: impl Fn() -> E, customers: u64) -> f64 {
    let measure = |_| {
        let mut engine = start();
        let started = clock::thread_ns();
        engine.serve(customers);
        let elapsed = clock::thread_ns() - started;
        assert!(engine.events() >= customers, "customers are served");
        elapsed as f64 / 1e6
    };
    (0..RUNS)
        .map(measure)
        .min_by(f64::total_cmp)
        .expect("several runs")
}

fn assert_linear<E: Serve>(name: &str, start: impl Fn() -> E) {
    let [one, two, four] = [1, 2, 4].map(|factor| least(&start, factor * CUSTOMERS));
    println!("{name}: ms for 200, 400, 800 thousand customers: {one:.1}, {two:.1}, {four:.1}");
    assert!(two < 3.0 * one, "{name}: {one:.1}, {two:.1} ms");
    assert!(four < 6.0 * one, "{name}: {one:.1}, {four:.1} ms");
}

fn assert_simulation_linear(name: &str, network: &Network) {
    assert_linear(name, || queues::simulation(network));
}

/// Four times the customers take four times as long, whatever serves them: 16 times would be the
/// cost of looking at all that came before.
#[test]
#[ignore = "timing"]
fn runs_cost_in_proportion_to_their_customers() {
    let (mm1, jackson) = (queues::mmk(1), queues::jackson());
    assert_linear("M/M/1 by recursion", || queues::recursion(&mm1));
    assert_linear("plain M/M/1", || queues::plain(&mm1));
    assert_linear("plain Jackson", || queues::plain(&jackson));
    assert_simulation_linear("M/M/1", &mm1);
    assert_simulation_linear("Jackson", &jackson);
    assert_simulation_linear("M/M/5+M", &queues::impatient());
    for (name, discipline) in [
        ("SRPT", Discipline::ShortestRemaining),
        ("PS", Discipline::ProcessorSharing),
        ("FB", Discipline::LeastAttained),
    ] {
        let network = queues::heavy_tailed(discipline);
        assert_simulation_linear(name, &network);
        if queues::is_plain(&network) {
            assert_linear(&format!("plain {name}"), || queues::plain(&network));
        }
    }
}
