//! The engine against plain simulators of one station, to the nanosecond.

use kendall_kernel::Law;
use kendall_queueing::model::{Arrivals, Discipline, Servers, Source, Station, Target};
use kendall_queueing::{Network, NetworkTotals, Outcome, Stay};
use proptest::prelude::*;

use crate::fluid::{SAME, departures};
use crate::reference::{Desk, Fate, Job, simulate};
use crate::support::run_dry;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_order_is_that_of_the_plain_simulator(
        discipline in orders(),
        servers in 1..=3_u32,
        capacity in prop::option::of(1..6_u64),
        patience in prop::option::of(0..60_u32),
        gaps in gaps(),
        seed in any::<u64>(),
    ) {
        let mut desk = station(discipline, servers);
        desk.capacity = capacity;
        let completes = crate::cases::one_by_one(&desk.discipline);
        let patience = patience.filter(|_| completes);
        desk.patience = vec![patience.map(|value| Law::Constant { value: value.into() }); 2];
        let (_, stays) = run(&desk, &gaps, seed);
        let reference = simulate(&plain(&desk, patience), &jobs(&stays));
        let fate = |stay: &Stay| Fate {
            started: stay.started_ns,
            left: stay.left_ns,
            outcome: stay.outcome,
        };
        prop_assert_eq!(stays.iter().map(fate).collect::<Vec<_>>(), reference);
    }

    /// Departures are rounded up to whole nanoseconds, meanwhile the customer keeps its share; and
    /// each event loses less than 2^-24 ns of everybody's service for a unit of weight. So the
    /// engine's run is an exact run of customers who bring a little more, each less than a
    /// nanosecond plus that loss. Nobody leaves earlier for anybody bringing more, so departures lie
    /// between those of the sizes as they are and of the sizes with the most that is added. Under
    /// least attained service, what two levels overshoot when they meet is lost too, at most a
    /// nanosecond, once for each arrival at most.
    #[test]
    fn shares_are_those_of_the_plain_simulator(
        (discipline, servers) in shares(),
        capacity in prop::option::of(2..6_u64),
        gaps in gaps(),
        seed in any::<u64>(),
    ) {
        let merges = u32::from(discipline == Discipline::LeastAttained);
        let mut desk = station(discipline, servers);
        let (totals, stays) = run(&desk, &gaps, seed);
        let most = f64::from(1 + merges) + totals.events as f64 * 16.0 / f64::from(1 << 24);
        let (plain, jobs) = (plain(&desk, None), jobs(&stays));
        let soonest = departures(&plain, &jobs, 0.0);
        let latest = departures(&plain, &jobs, most);
        for (stay, (soonest, latest)) in stays.iter().zip(soonest.into_iter().zip(latest)) {
            let left = stay.left_ns as f64;
            prop_assert_eq!(stay.started_ns, Some(stay.arrived_ns));
            // Work over a weight is rounded down, by less than `SAME`.
            let between = soonest - SAME <= left && left <= latest.ceil() + SAME;
            prop_assert!(between, "{soonest} {stay:?} {latest}");
        }
        // With little room the engine's own decisions are replayed: whoever got in.
        desk.capacity = capacity;
        let (_, stays) = run(&desk, &gaps, seed);
        let inside: Vec<Stay> = stays.into_iter().filter(|s| s.outcome == Outcome::Served).collect();
        let soonest = departures(&plain, &self::jobs(&inside), 0.0);
        for (stay, soonest) in inside.iter().zip(soonest) {
            prop_assert!(soonest - SAME <= stay.left_ns as f64);
        }
    }
}

fn orders() -> impl Strategy<Value = Discipline> {
    use Discipline as D;
    prop_oneof![
        Just(D::Fcfs),
        Just(D::Lcfs),
        Just(D::LcfsPreemptive),
        Just(D::ShortestFirst),
        Just(D::PreemptiveShortestFirst),
        Just(D::ShortestRemaining),
        prop::collection::vec(0..2_u32, 2).prop_map(D::Priority),
        prop::collection::vec(0..2_u32, 2).prop_map(D::PreemptivePriority),
    ]
}

fn shares() -> impl Strategy<Value = (Discipline, u32)> {
    let weight = || prop::sample::select(vec![0.25, 0.5, 1.0, 3.0]);
    prop_oneof![
        (1..=3_u32).prop_map(|servers| (Discipline::ProcessorSharing, servers)),
        (weight(), weight()).prop_map(|(a, b)| (Discipline::Discriminatory(vec![a, b]), 1)),
        Just((Discipline::LeastAttained, 1)),
    ]
}

/// Gaps between arrivals, in ns, and classes.
fn gaps() -> impl Strategy<Value = Vec<(u64, bool)>> {
    prop::collection::vec((0..40_u64, any::<bool>()), 1..40)
}

fn station(discipline: Discipline, servers: u32) -> Station {
    let few = Law::Empirical {
        values: vec![0.0, 3.0, 10.0, 25.0],
        weights: Vec::new(),
    };
    let many = Law::Uniform {
        min: 0.0,
        max: 50.0,
    };
    let mut station = Station::new("desk", Servers::Equal(servers), vec![few, many]);
    station.discipline = discipline;
    station
}

fn plain(desk: &Station, patience: Option<u32>) -> Desk {
    Desk {
        discipline: desk.discipline.clone(),
        servers: desk.server_count().unwrap() as usize,
        capacity: desk.capacity.map(|capacity| capacity as usize),
        patience: patience.map(u64::from),
    }
}

/// Runs until everybody has left; stays by customer, that is, in the order of arrival.
fn run(desk: &Station, gaps: &[(u64, bool)], seed: u64) -> (NetworkTotals, Vec<Stay>) {
    let mut now = 0;
    let mut times = [Vec::new(), Vec::new()];
    for &(gap, second) in gaps {
        now += gap;
        times[usize::from(second)].push(now as f64);
    }
    let source = |(class, times): (usize, Vec<f64>)| Source {
        class: class as u16,
        arrivals: Arrivals::Given(times),
        batch: None,
        to: Target::Station(0),
    };
    let network = Network {
        classes: vec!["first".to_owned(), "second".to_owned()],
        stations: vec![desk.clone()],
        sources: times.into_iter().enumerate().map(source).collect(),
        ..Network::default()
    };
    let (totals, ledger) = run_dry(&network, seed);
    let stays = ledger.by_customer();
    assert_eq!(stays.len(), gaps.len());
    (totals, stays)
}

fn jobs(stays: &[Stay]) -> Vec<Job> {
    let job = |stay: &Stay| Job {
        arrived: stay.arrived_ns,
        size: stay.size_ns,
        class: stay.class,
    };
    stays.iter().map(job).collect()
}
