//! What holds on every run, exactly.

use kendall_kernel::Streams;
use kendall_queueing::model::{Absence, Discipline, Servers, Station, WhenFull};
use kendall_queueing::{
    Network, NetworkTotals, Outcome, RunError, Simulation, StationTotals, Stay, Totals, Until,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::cases::{Case, draining_cases, one_by_one, open_cases};
use crate::support::{FOR_EVER, Ledger, NANOSECOND, run_to};

type Checked = Result<(), TestCaseError>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_is_counted_is_what_happened(case in open_cases()) {
        let (totals, ledger, outcome) = run_to(&case.network, case.seed, case.end_ns);
        match outcome {
            Ok(()) => prop_assert_eq!(totals.now_ns, case.end_ns),
            Err(RunError::Deadlock { .. }) => prop_assert!(totals.now_ns <= case.end_ns),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
        stays_are_in_order(&ledger, totals.now_ns)?;
        for at in 0..case.network.stations.len() {
            counts_are_those_of_stays(at, &totals, &ledger)?;
            present_is_the_integral_of_the_level(at, &totals, &ledger)?;
            capacity_is_kept(&case.network, at, &totals)?;
        }
        customers_are_conserved(&totals, &ledger)?;
    }

    #[test]
    fn pieces_of_a_run_make_the_run(case in open_cases(), cuts in cuts()) {
        let whole = run_to(&case.network, case.seed, case.end_ns);
        let pieces = in_pieces(&case, &cuts);
        prop_assert_eq!(whole.2, pieces.1);
        prop_assert_eq!(whole.0, pieces.0);
    }

    #[test]
    fn all_that_came_in_has_come_out(case in draining_cases()) {
        // Some stations never rest, so that a run does not end by itself.
        let long = 100_000;
        let (totals, ledger, outcome) = run_to(&case.network, case.seed, long);
        if let Err(error) = outcome {
            prop_assert!(matches!(error, RunError::Deadlock { .. }), "{error}");
            return Ok(());
        }
        prop_assert_eq!(totals.present, 0);
        prop_assert_eq!(totals.left, totals.entered);
        let present: u128 = totals.stations.iter().map(|s| s.all().present_ns).sum();
        prop_assert_eq!(present, ledger.stays.iter().map(length).sum::<u128>());
        for (at, station) in case.network.stations.iter().enumerate() {
            little_is_an_identity(at, &totals, &ledger)?;
            let served: Vec<&Stay> = ledger.of(at, Outcome::Served).collect();
            work_is_done(station, &totals.stations[at], &served, totals.events)?;
            if one_by_one(&station.discipline) {
                responses_are_waiting_and_service(&case.network, at, &served)?;
            }
        }
        paused_at(&case, &ledger)?;
    }
}

/// Times and numbers of customers at which to stop for a moment.
fn cuts() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0..3000_u64, 0..50_u64), 0..8)
}

fn in_pieces(case: &Case, cuts: &[(u64, u64)]) -> (NetworkTotals, Result<(), RunError>) {
    let streams = Streams::new(case.seed);
    let mut simulation = Simulation::new(&case.network, streams, NANOSECOND).unwrap();
    let mut before = 0;
    for &(time, customers) in cuts {
        let until = Until {
            customers,
            time_ns: time.min(case.end_ns),
        };
        // The last piece tells of faults.
        let _ = simulation.run(until, &mut ());
        assert!(simulation.now_ns() >= before);
        before = simulation.now_ns();
    }
    let until = Until {
        customers: FOR_EVER,
        time_ns: case.end_ns,
    };
    let outcome = simulation.run(until, &mut ());
    (simulation.totals(), outcome)
}

fn length(stay: &Stay) -> u128 {
    u128::from(stay.left_ns - stay.arrived_ns)
}

fn waiting(stay: &Stay) -> u128 {
    stay.started_ns
        .map_or(0, |started| u128::from(started - stay.arrived_ns))
}

fn stays_are_in_order(ledger: &Ledger, end_ns: u64) -> Checked {
    prop_assert!(ledger.stays.is_sorted_by_key(|stay| stay.left_ns));
    prop_assert!(ledger.exits.is_sorted_by_key(|(now, _)| *now));
    for stay in &ledger.stays {
        prop_assert!(
            stay.arrived_ns <= stay.left_ns && stay.left_ns <= end_ns,
            "{stay:?}"
        );
        match (stay.outcome, stay.started_ns) {
            (Outcome::Served, Some(started)) => {
                prop_assert!(
                    stay.arrived_ns <= started && started <= stay.left_ns,
                    "{stay:?}"
                );
            }
            (Outcome::Reneged, None) => {}
            (Outcome::Lost | Outcome::Balked, None) => {
                prop_assert_eq!((stay.left_ns, stay.size_ns), (stay.arrived_ns, 0));
            }
            _ => prop_assert!(false, "{:?}", stay),
        }
    }
    Ok(())
}

/// Everything that is summed over stays, from the stays; what only a run knows is copied.
fn from_stays(stays: &[&Stay], known: &Totals) -> Totals {
    let of = |outcome| stays.iter().filter(move |stay| stay.outcome == outcome);
    let count = |outcome| of(outcome).count() as u64;
    Totals {
        arrivals: stays.len() as u64 + known.present,
        served: count(Outcome::Served),
        waited: of(Outcome::Served).filter(|stay| waiting(stay) > 0).count() as u64,
        lost: count(Outcome::Lost),
        balked: count(Outcome::Balked),
        reneged: count(Outcome::Reneged),
        waiting_ns: of(Outcome::Served).map(|stay| waiting(stay)).sum(),
        sojourn_ns: of(Outcome::Served).map(|stay| length(stay)).sum(),
        reneged_ns: of(Outcome::Reneged).map(|stay| length(stay)).sum(),
        ..*known
    }
}

fn counts_are_those_of_stays(at: usize, totals: &NetworkTotals, ledger: &Ledger) -> Checked {
    for (class, counted) in totals.stations[at].classes.iter().enumerate() {
        let here = |stay: &&Stay| stay.station == at && usize::from(stay.class) == class;
        let stays: Vec<&Stay> = ledger.stays.iter().filter(here).collect();
        prop_assert_eq!(*counted, from_stays(&stays, counted));
    }
    Ok(())
}

fn present_is_the_integral_of_the_level(
    at: usize,
    totals: &NetworkTotals,
    ledger: &Ledger,
) -> Checked {
    let counted = totals.stations[at].all();
    let integral = ledger.integral(at, totals.now_ns, counted.present);
    prop_assert_eq!(counted.present_ns, integral);
    Ok(())
}

fn capacity_is_kept(network: &Network, at: usize, totals: &NetworkTotals) -> Checked {
    let station = &network.stations[at];
    let units = |class: usize| {
        station
            .units
            .get(class)
            .map_or(1, |&units| u64::from(units))
    };
    let classes = totals.stations[at].classes.iter().enumerate();
    let held: u64 = classes
        .map(|(class, totals)| totals.present * units(class))
        .sum();
    prop_assert!(station.capacity.is_none_or(|capacity| held <= capacity));
    if let Some(servers) = station.server_count() {
        let most = u128::from(servers) * u128::from(totals.now_ns);
        prop_assert!(totals.stations[at].busy_ns <= most);
    }
    prop_assert!(totals.stations[at].blocked_ns <= totals.stations[at].busy_ns);
    Ok(())
}

fn customers_are_conserved(totals: &NetworkTotals, ledger: &Ledger) -> Checked {
    prop_assert_eq!(totals.entered, totals.left + totals.present);
    prop_assert_eq!(totals.completed, ledger.exits.len() as u64);
    let sojourns = ledger
        .exits
        .iter()
        .map(|(now, born)| u128::from(now - born));
    prop_assert_eq!(totals.sojourn_ns, sojourns.sum::<u128>());
    Ok(())
}

/// Of an empty station: the integral of the number present is the sum of the stays.
fn little_is_an_identity(at: usize, totals: &NetworkTotals, ledger: &Ledger) -> Checked {
    let counted = totals.stations[at].all();
    let here = ledger.stays.iter().filter(|stay| stay.station == at);
    prop_assert_eq!(counted.present, 0);
    prop_assert_eq!(counted.present_ns, here.map(length).sum::<u128>());
    Ok(())
}

/// The same of a run that is paused, from the stays of the run that went on: those who have left
/// count with their stays, the others with their ages.
fn paused_at(case: &Case, drained: &Ledger) -> Checked {
    let (totals, _, _) = run_to(&case.network, case.seed, case.end_ns);
    for (at, station) in totals.stations.iter().enumerate() {
        let come = |stay: &&Stay| stay.station == at && stay.arrived_ns <= case.end_ns;
        let stays = drained.stays.iter().filter(come);
        let spent = stays.map(|s| u128::from(s.left_ns.min(case.end_ns) - s.arrived_ns));
        prop_assert_eq!(station.all().present_ns, spent.sum::<u128>());
    }
    Ok(())
}

fn brought(served: &[&Stay]) -> u128 {
    served.iter().map(|stay| u128::from(stay.size_ns)).sum()
}

/// The utilisation law: servers are busy for as long as the work takes.
fn work_is_done(
    station: &Station,
    counted: &StationTotals,
    served: &[&Stay],
    events: u64,
) -> Checked {
    let working = counted.busy_ns - counted.blocked_ns;
    let work = brought(served);
    let fluid = matches!(
        station.discipline,
        Discipline::ProcessorSharing | Discipline::Discriminatory(_) | Discipline::LeastAttained
    );
    if let Servers::Speeds(_) = station.servers {
        // Rounded to nearest for each customer; the slowest server here takes twice as long.
        prop_assert!(working <= 2 * work + served.len() as u128);
        prop_assert!(2 * (working + served.len() as u128) >= work);
    } else if fluid {
        // Each departure waits for the end of its nanosecond, on up to all servers, and so does
        // each merger of levels, of which there is at most one per arrival. Each event loses less
        // than 2^-24 ns per customer and unit of weight; weights here are below 16.
        let lost = 1 + events as u128 * 16 * served.len() as u128 / (1 << 24);
        let servers = u128::from(station.server_count().unwrap_or(1));
        let most = 2 * servers * served.len() as u128 + lost;
        prop_assert!(
            work <= working + lost && working <= work + most,
            "{work} {working} {most}"
        );
    } else {
        prop_assert_eq!(working, work);
    }
    Ok(())
}

/// R = W + S, where nothing comes between the begin of a service and departure.
fn responses_are_waiting_and_service(network: &Network, at: usize, served: &[&Stay]) -> Checked {
    let station = &network.stations[at];
    let plain = !matches!(station.servers, Servers::Speeds(_));
    let interrupted = matches!(station.absence, Absence::Breakdowns { .. });
    let blocked = network
        .stations
        .iter()
        .any(|s| s.when_full == WhenFull::Block);
    for stay in served.iter().filter(|_| plain) {
        let rest = length(stay) - waiting(stay);
        prop_assert!(rest >= u128::from(stay.size_ns));
        if !interrupted && !blocked {
            prop_assert_eq!(rest, u128::from(stay.size_ns));
        }
    }
    Ok(())
}

/// The random networks are worth their name: everything that can happen to customers does, often.
#[test]
fn random_networks_see_everything() {
    let mut runner = TestRunner::deterministic();
    let mut seen = [0; 7];
    for _ in 0..3000 {
        let case = open_cases().new_tree(&mut runner).unwrap().current();
        let (totals, ledger, outcome) = run_to(&case.network, case.seed, case.end_ns);
        let fates = Outcome::ALL.map(|fate| ledger.stays.iter().any(|stay| stay.outcome == fate));
        let blocked = totals.stations.iter().any(|station| station.blocked_ns > 0);
        let parts: u64 = totals.stations.iter().map(|s| s.all().present).sum();
        let all = fates
            .into_iter()
            .chain([blocked, parts > totals.present, outcome.is_err()]);
        all.zip(&mut seen)
            .for_each(|(happens, count)| *count += u32::from(happens));
    }
    assert!(seen.iter().all(|&count| count >= 10), "{seen:?}");
}
