//! Single situations, worked out by hand. Times are whole nanoseconds.

use kendall_kernel::{Law, Streams};
use kendall_queueing::model::{
    Absence, Arrivals, Discipline, Junction, JunctionKind, Policy, Population, Route, Servers,
    Source, Station, Target, WhenFull,
};
use kendall_queueing::{Network, Outcome, RunError, Simulation, Until};

use crate::support::{
    FOR_EVER, NANOSECOND, constant, exponential, poisson, run_dry, run_to, station, to_station,
};

fn desk(name: &str, service: f64) -> Station {
    Station::new(name, Servers::Equal(1), vec![constant(service)])
}

fn given(times: &[f64]) -> Arrivals {
    Arrivals::Given(times.to_vec())
}

/// Nobody comes; who is there was there from the start, at stations of one class.
fn closed(stations: Vec<Station>, counts: &[u64]) -> Network {
    let population = |(station, &count)| Population {
        class: 0,
        count,
        station,
    };
    Network {
        classes: vec!["customers".to_owned()],
        stations,
        populations: counts.iter().enumerate().map(population).collect(),
        ..Network::default()
    }
}

fn blocking(mut station: Station, capacity: u64, next: Route) -> Station {
    station.capacity = Some(capacity);
    station.when_full = WhenFull::Block;
    station.next = vec![next];
    station
}

#[test]
fn a_deadline_ends_with_the_wait_that_it_was_for() {
    let classes = |service: f64| vec![constant(service), constant(service)];
    let mut first = Station::new("first", Servers::Equal(1), classes(4.0));
    first.patience = vec![Some(constant(20.0)), Some(constant(15.0))];
    first.next = vec![to_station(1), Route::Exit];
    let second = Station::new("second", Servers::Equal(1), classes(100.0));
    let source = |class, times: &[f64]| Source {
        class,
        arrivals: given(times),
        batch: None,
        to: Target::Station(0),
    };
    let network = Network {
        classes: vec!["on".to_owned(), "out".to_owned()],
        stations: vec![first, second],
        sources: vec![source(0, &[0.0, 0.0]), source(1, &[0.0, 0.0])],
        ..Network::default()
    };
    // The second customer waits at the second station when its deadline at the first passes, which
    // the earlier deadline of the last one has kept from being looked at.
    let (totals, ledger) = run_dry(&network, 1);
    assert_eq!(totals.completed, 4);
    let last = ledger.of(1, Outcome::Served).last().unwrap();
    assert_eq!((last.arrived_ns, last.started_ns), (8, Some(104)));
}

#[test]
fn a_server_that_failed_while_it_was_blocked_is_repaired() {
    let mut first = desk("first", 10.0);
    first.next = vec![to_station(1)];
    first.absence = Absence::Breakdowns {
        up: constant(15.0),
        down: constant(10.0),
        while_busy: true,
    };
    let mut network = Network::single(given(&[0.0, 0.0, 0.0]), first);
    network
        .stations
        .push(blocking(desk("second", 85.0), 1, Route::Exit));
    // Down from 15 to 25, so that the second service ends at 30; blocked until 95, down again from
    // 90 to 100.
    let (_, ledger) = run_dry(&network, 1);
    let served: Vec<_> = ledger.of(0, Outcome::Served).collect();
    assert_eq!((served[1].started_ns, served[1].left_ns), (Some(10), 95));
    assert_eq!(served[2].started_ns, Some(100));
}

#[test]
fn the_clock_is_not_set_back() {
    let network = Network::single(given(&[10.0, 50.0]), desk("desk", 1.0));
    let mut simulation = Simulation::new(&network, Streams::new(1), NANOSECOND).unwrap();
    for (time_ns, now) in [(40, 40), (20, 40), (45, 45)] {
        let until = Until {
            customers: FOR_EVER,
            time_ns,
        };
        simulation.run(until, &mut ()).unwrap();
        assert_eq!(simulation.now_ns(), now);
    }
}

#[test]
fn services_are_counted_where_somebody_starts() {
    let mut second = desk("second", 3.0);
    second.next = vec![to_station(1)];
    let network = closed(vec![desk("first", 1.0), second], &[0, 1]);
    let mut simulation = Simulation::new(&network, Streams::new(1), NANOSECOND).unwrap();
    let until = Until {
        customers: 5,
        time_ns: 1000,
    };
    simulation.run(until, &mut ()).unwrap();
    assert_eq!((simulation.progress(), simulation.now_ns()), (5, 15));
}

#[test]
fn a_station_with_idle_servers_may_be_stuck() {
    let first = blocking(desk("first", 3.0), 1, to_station(1));
    let mut second = blocking(desk("second", 5.0), 1, to_station(0));
    second.servers = Servers::Equal(3);
    let (_, _, outcome) = run_to(&closed(vec![first, second], &[1, 1]), 1, 100);
    assert!(
        matches!(outcome, Err(RunError::Deadlock { .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_station_with_too_little_room_left_may_be_stuck() {
    let first = blocking(desk("first", 3.0), 1, to_station(1));
    let mut second = blocking(desk("second", 5.0), 3, to_station(0));
    second.servers = Servers::Equal(2);
    second.units = vec![2];
    let (_, _, outcome) = run_to(&closed(vec![first, second], &[1, 1]), 1, 100);
    assert!(
        matches!(outcome, Err(RunError::Deadlock { .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_station_whose_customers_may_give_up_is_not_stuck() {
    let first = blocking(desk("first", 1.0), 1, to_station(1));
    let mut second = blocking(desk("second", 2.0), 2, to_station(0));
    second.patience = vec![Some(constant(50.0))];
    let network = closed(vec![first, second], &[1, 2]);
    let (totals, ledger, outcome) = run_to(&network, 1, 60);
    assert_eq!(outcome, Ok(()));
    assert_eq!(ledger.of(1, Outcome::Reneged).count(), 1);
    assert_eq!((totals.left, totals.present), (1, 2));
    assert!(totals.stations[0].classes[0].served > 1);
}

#[test]
fn phases_without_arrivals_end_a_source() {
    let markovian = |silent, marked| Arrivals::Markovian { silent, marked };
    // An arrival, then phases that follow each other for ever.
    let silent = vec![vec![0.0; 3], vec![0.0, 0.0, 1.0], vec![0.0, 1.0, 0.0]];
    let marked = vec![vec![0.0, 1.0, 0.0], vec![0.0; 3], vec![0.0; 3]];
    let (totals, _) = run_dry(
        &Network::single(markovian(silent, marked), desk("desk", 1.0)),
        1,
    );
    assert_eq!(totals.completed, 1);
}

#[test]
fn phases_out_of_reach_do_not_count_in_a_rate() {
    let source = Source {
        class: 0,
        arrivals: Arrivals::Markovian {
            silent: vec![vec![0.0; 2]; 2],
            marked: vec![vec![1.0, 0.0], vec![0.0, 5.0]],
        },
        batch: None,
        to: Target::Station(0),
    };
    assert_eq!(source.rate(), 1.0);
}

#[test]
fn work_at_a_server_that_is_down_is_still_to_be_done() {
    let mut fails = desk("fails", 100.0);
    fails.absence = Absence::Breakdowns {
        up: constant(10.0),
        down: constant(1000.0),
        while_busy: true,
    };
    let mut network = closed(vec![fails, desk("works", 50.0)], &[1, 1]);
    network.sources.push(Source {
        class: 0,
        arrivals: given(&[20.0]),
        batch: None,
        to: Target::Junction(0),
    });
    network.junctions.push(Junction {
        name: "door".to_owned(),
        kind: JunctionKind::Dispatch {
            policy: Policy::LeastWork,
            stations: vec![0, 1],
        },
    });
    // 90 ns are left at the one that is down, 30 at the other.
    let (totals, _, _) = run_to(&network, 1, 20);
    assert_eq!(totals.stations[1].classes[0].arrivals, 2);
}

#[test]
fn four_share_three_servers_exactly() {
    let mut shared = desk("desk", 1e9);
    shared.servers = Servers::Equal(3);
    shared.discipline = Discipline::ProcessorSharing;
    let (totals, ledger) = run_dry(&Network::single(given(&[0.0; 4]), shared), 1);
    // 4/3 s, rounded up.
    assert!(
        ledger
            .stays
            .iter()
            .all(|stay| stay.left_ns == 1_333_333_334)
    );
    assert_eq!(totals.stations[0].busy_ns, 3 * 1_333_333_334);
}

#[test]
fn only_the_ratios_of_weights_matter() {
    let runs = [1.0, 1e-3].map(|scale| {
        let law = Law::Uniform { min: 0.0, max: 1e6 };
        let mut shared = Station::new("desk", Servers::Equal(1), vec![law.clone(), law]);
        shared.discipline = Discipline::Discriminatory(vec![scale, 3.0 * scale]);
        let source = |class| Source {
            class,
            arrivals: given(&[0.0, 1e5, 2e5, 3e5]),
            batch: None,
            to: Target::Station(0),
        };
        let network = Network {
            classes: vec!["light".to_owned(), "heavy".to_owned()],
            stations: vec![shared],
            sources: vec![source(0), source(1)],
            ..Network::default()
        };
        run_dry(&network, 1).1.stays
    });
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn parts_of_customers_are_offered_to_stations_further_on() {
    let mut network = Network::single(poisson(0.25), station("first", 1));
    network.stations[0].next = vec![to_station(1)];
    network.stations.push(station("second", 1));
    network.sources[0].to = Target::Junction(0);
    network.junctions.push(Junction {
        name: "fork".to_owned(),
        kind: JunctionKind::Fork {
            stations: vec![0, 0],
            next: vec![Route::Exit],
        },
    });
    let load = network.load().unwrap();
    assert!(
        load.stations
            .iter()
            .all(|s| (s.utilisation - 0.5).abs() < 1e-12),
        "{load:?}"
    );
}

#[test]
fn work_without_a_mean_has_no_steady_state_even_with_a_server_for_everybody() {
    let mut network = Network::single(poisson(0.25), station("desk", 1));
    network.stations[0].servers = Servers::Infinite;
    assert_eq!(network.check_stable().unwrap().stations[0].utilisation, 0.0);
    network.stations[0].service = vec![Law::Pareto {
        alpha: 0.9,
        min: 1.0,
        max: None,
    }];
    assert!(network.check_stable().is_err());
}

#[test]
fn batches_are_rounded_to_whole_customers() {
    let mut network = Network::single(given(&[1.0, 2.0]), desk("desk", 1.0));
    for (size, customers) in [(0.4, 0), (0.6, 2), (2.6, 6)] {
        network.sources[0].batch = Some(constant(size));
        assert_eq!(run_dry(&network, 1).0.completed, customers);
    }
    network.sources[0].batch = Some(exponential(1.0));
    assert_eq!(network.check(), Ok(()));
}
