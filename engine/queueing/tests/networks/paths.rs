//! Theorems about single runs, disciplines compared under the same arrivals and sizes.

use kendall_kernel::Law;
use kendall_queueing::model::{Arrivals, Discipline, Route, Servers, Station, Visit};
use kendall_queueing::{Network, NetworkTotals, Stay};
use proptest::prelude::*;

use crate::support::{constant, polling, run_dry, run_to};

/// Those that serve whenever somebody is present, without loss to rounding.
fn exact() -> Vec<Discipline> {
    use Discipline as D;
    vec![
        D::Fcfs,
        D::Lcfs,
        D::Random,
        D::LcfsPreemptive,
        D::ShortestFirst,
        D::PreemptiveShortestFirst,
        D::ShortestRemaining,
        D::Priority(vec![0]),
        D::PreemptivePriority(vec![0]),
    ]
}

fn shared() -> Vec<Discipline> {
    use Discipline as D;
    vec![
        D::ProcessorSharing,
        D::Discriminatory(vec![2.0]),
        D::LeastAttained,
    ]
}

fn run(
    discipline: Discipline,
    servers: u32,
    service: &Law,
    gaps: &[u64],
    seed: u64,
) -> (NetworkTotals, Vec<Stay>) {
    let mut desk = Station::new("desk", Servers::Equal(servers), vec![service.clone()]);
    desk.discipline = discipline;
    desk.next = vec![Route::Exit];
    let mut now = 0;
    let next = |gap: &u64| {
        now += gap;
        now as f64
    };
    let arrivals = Arrivals::Given(gaps.iter().map(next).collect());
    let (totals, ledger) = run_dry(&Network::single(arrivals, desk), seed);
    (totals, ledger.by_customer())
}

fn departures(stays: &[Stay]) -> Vec<u64> {
    let mut left: Vec<u64> = stays.iter().map(|stay| stay.left_ns).collect();
    left.sort_unstable();
    left
}

fn gaps() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..60_u64, 1..60)
}

const SIZES: Law = Law::Uniform {
    min: 0.0,
    max: 50.0,
};

proptest! {
    /// Schrage, "A Proof of the Optimality of the Shortest Remaining Processing Time Discipline",
    /// Operations Research 16, 1968. With the same arrivals, never more customers at any time means
    /// that the k-th departure never comes later.
    #[test]
    fn shortest_remaining_has_the_fewest_customers(gaps in gaps(), seed in any::<u64>()) {
        let (_, stays) = run(Discipline::ShortestRemaining, 1, &SIZES, &gaps, seed);
        let best = departures(&stays);
        for other in exact().into_iter().chain(shared()) {
            let (_, stays) = run(other.clone(), 1, &SIZES, &gaps, seed);
            let later = departures(&stays).into_iter().zip(&best).all(|(a, b)| a >= *b);
            prop_assert!(later, "{other:?}");
        }
    }

    /// Work is the same whoever is served, so is the time that it takes and when it ends.
    #[test]
    fn disciplines_share_their_busy_time(gaps in gaps(), seed in any::<u64>()) {
        let (first, stays) = run(Discipline::Fcfs, 1, &SIZES, &gaps, seed);
        let end = departures(&stays).last().copied();
        for other in exact() {
            let (totals, stays) = run(other.clone(), 1, &SIZES, &gaps, seed);
            prop_assert_eq!(totals.stations[0].busy_ns, first.stations[0].busy_ns, "{:?}", other);
            prop_assert_eq!(departures(&stays).last().copied(), end, "{:?}", other);
        }
        for other in shared() {
            // Rounded up by less than a nanosecond per departure and per meeting of levels.
            let (totals, _) = run(other.clone(), 1, &SIZES, &gaps, seed);
            let busy = totals.stations[0].busy_ns;
            let most = first.stations[0].busy_ns + 2 * gaps.len() as u128;
            prop_assert!((first.stations[0].busy_ns..=most).contains(&busy), "{other:?}");
        }
    }

    /// Under equal sizes all that complete what they begin have the same instants of departure, and
    /// by the rearrangement inequality the squares of the times between add up to the least if
    /// arrivals and departures are matched in order.
    #[test]
    fn first_come_first_served_has_the_least_variance(
        gaps in gaps(),
        servers in 1..=3_u32,
        seed in any::<u64>(),
    ) {
        let squares = |stays: &[Stay]| -> u128 {
            let each = stays.iter().map(|s| u128::from(s.left_ns - s.arrived_ns));
            each.map(|sojourn| sojourn * sojourn).sum()
        };
        let (_, first) = run(Discipline::Fcfs, servers, &constant(25.0), &gaps, seed);
        for other in [Discipline::Lcfs, Discipline::Random, Discipline::ShortestFirst] {
            let (_, stays) = run(other, servers, &constant(25.0), &gaps, seed);
            prop_assert_eq!(departures(&stays), departures(&first));
            prop_assert!(squares(&first) <= squares(&stays));
        }
    }

    /// A walking server serves no sooner than one that is always there, and does the same work.
    #[test]
    fn walking_costs_time(gaps in gaps(), seed in any::<u64>()) {
        let (first, at_desk) = run(Discipline::Fcfs, 1, &SIZES, &gaps, seed);
        let last: u64 = gaps.iter().sum();
        for visit in [Visit::Exhaustive, Visit::Gated] {
            let mut desk = Station::new("desk", Servers::Equal(1), vec![SIZES]);
            desk.discipline = polling(visit, vec![constant(5.0)]);
            let mut now = 0;
            let times = gaps.iter().map(|gap| {
                now += gap;
                now as f64
            });
            let network = Network::single(Arrivals::Given(times.collect()), desk);
            let long = last + 200 * (gaps.len() as u64 + 1);
            let (totals, ledger, _) = run_to(&network, seed, long);
            prop_assert_eq!(totals.present, 0);
            prop_assert_eq!(totals.stations[0].busy_ns, first.stations[0].busy_ns);
            let walked = ledger.by_customer();
            prop_assert!(walked.iter().zip(&at_desk).all(|(a, b)| a.left_ns >= b.left_ns));
        }
    }
}
