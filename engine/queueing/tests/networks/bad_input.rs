//! Every error has a description or a run that leads to it.

use kendall_kernel::{Law, LawError, Streams};
use kendall_queueing::model::{
    Absence, Arrivals, Branch, Discipline, Joining, Junction, JunctionKind, Policy, Population,
    Rate, Route, Servers, Source, Station, Target, Visit, WhenFull,
};
use kendall_queueing::{ModelError, Network, RunError, Simulation, Until};

use crate::support::{FOR_EVER, constant, exponential, poisson, polling, station, to_station};

fn valid() -> Network {
    Network::single(poisson(0.5), station("desk", 1))
}

fn with_station(change: impl FnOnce(&mut Station)) -> Result<(), ModelError> {
    let mut network = valid();
    change(&mut network.stations[0]);
    network.check()
}

fn with_arrivals(arrivals: Arrivals) -> Result<(), ModelError> {
    Network::single(arrivals, station("desk", 1)).check()
}

#[track_caller]
fn out_of_range(outcome: Result<(), ModelError>, expected: &str) {
    match outcome {
        Err(ModelError::Range { what, .. }) if what == expected => {}
        other => panic!("{other:?} is not a bad `{expected}`"),
    }
}

#[track_caller]
fn refused_together(outcome: Result<(), ModelError>) {
    assert!(
        matches!(outcome, Err(ModelError::Together { .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_plain_description_is_right() {
    assert_eq!(valid().check(), Ok(()));
}

#[test]
fn things_that_are_missing_are_named() {
    let no_stations = Network {
        stations: Vec::new(),
        ..valid()
    };
    let outcome = no_stations.check();
    assert!(matches!(
        outcome,
        Err(ModelError::Missing {
            what: "stations",
            ..
        })
    ));
    let outcome = with_station(|s| s.servers = Servers::Equal(0));
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "station `desk` has no servers"
    );
    let outcome = with_station(|s| s.servers = Servers::Speeds(Vec::new()));
    assert!(matches!(outcome, Err(ModelError::Missing { .. })));
    let outcome = with_station(|s| s.joining = Joining::Table(Vec::new()));
    assert!(matches!(outcome, Err(ModelError::Missing { .. })));
}

#[test]
fn an_empty_network_has_no_customers() {
    let mut network = valid();
    network.sources.clear();
    assert_eq!(network.check(), Err(ModelError::NoCustomers));
    network.populations.push(population(0));
    let error = network.check().unwrap_err();
    assert_eq!(error, ModelError::NoCustomers);
    assert!(error.hint().is_some());
}

fn population(count: u64) -> Population {
    Population {
        class: 0,
        count,
        station: 0,
    }
}

#[test]
fn names_are_unique() {
    let mut network = valid();
    network.stations.push(station("desk", 1));
    let name = "desk".to_owned();
    let what = "stations";
    assert_eq!(network.check(), Err(ModelError::SameName { what, name }));
}

#[test]
fn lists_go_by_class() {
    let wrong: [fn(&mut Station); 7] = [
        |s| s.service.clear(),
        |s| s.next.clear(),
        |s| s.units = vec![1, 1],
        |s| s.patience = vec![None, None],
        |s| s.discipline = Discipline::Priority(vec![0, 1]),
        |s| s.discipline = Discipline::Discriminatory(Vec::new()),
        |s| s.discipline = polling(Visit::Gated, Vec::new()),
    ];
    for change in wrong {
        let outcome = with_station(change);
        assert!(
            matches!(outcome, Err(ModelError::Length { wanted: 1, .. })),
            "{outcome:?}"
        );
    }
    let ragged = Arrivals::Markovian {
        silent: vec![vec![0.0]],
        marked: vec![vec![1.0, 2.0]],
    };
    assert!(matches!(
        with_arrivals(ragged),
        Err(ModelError::Length { .. })
    ));
}

#[test]
fn numbers_keep_to_their_ranges() {
    out_of_range(with_station(|s| s.capacity = Some(0)), "capacity");
    out_of_range(
        with_station(|s| s.servers = Servers::Equal(1_000_001)),
        "servers",
    );
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        out_of_range(
            with_station(|s| s.servers = Servers::Speeds(vec![1.0, speed])),
            "speeds",
        );
        let weights = Discipline::Discriminatory(vec![speed]);
        out_of_range(with_station(|s| s.discipline = weights), "weights");
    }
    for bad in [-0.1, 1.1, f64::NAN] {
        out_of_range(
            with_station(|s| s.joining = Joining::Table(vec![0.5, bad])),
            "joining",
        );
        out_of_range(
            with_station(|s| s.next = vec![branches(&[bad])]),
            "probability",
        );
    }
    let no_vacation = Absence::Vacations(constant(0.0));
    out_of_range(with_station(|s| s.absence = no_vacation), "vacations");
    let never_up = Absence::Breakdowns {
        up: constant(0.0),
        down: exponential(1.0),
        while_busy: false,
    };
    out_of_range(with_station(|s| s.absence = never_up), "up");
    let no_walk = polling(Visit::Exhaustive, vec![constant(0.0)]);
    out_of_range(with_station(|s| s.discipline = no_walk), "switchover");
    let mut full = valid();
    full.populations.push(population(3));
    full.stations[0].capacity = Some(5);
    full.stations[0].units = vec![2];
    out_of_range(full.check(), "count");
}

#[test]
fn arrivals_keep_to_their_ranges() {
    out_of_range(with_arrivals(Arrivals::Renewal(constant(0.0))), "arrivals");
    for times in [
        vec![-1.0],
        vec![2.0, 1.0],
        vec![f64::NAN],
        vec![f64::INFINITY],
    ] {
        out_of_range(with_arrivals(Arrivals::Given(times)), "times");
    }
    for bad in [-1.0, f64::NAN] {
        let silent = vec![vec![0.0, bad], vec![0.0, 0.0]];
        let marked = vec![vec![1.0, 0.0], vec![0.0, 0.0]];
        out_of_range(
            with_arrivals(Arrivals::Markovian { silent, marked }),
            "rates",
        );
        let piecewise = |lengths, rates| Arrivals::Varying(Rate::Piecewise { lengths, rates });
        out_of_range(with_arrivals(piecewise(vec![1.0], vec![bad])), "rates");
        out_of_range(with_arrivals(piecewise(vec![bad], vec![1.0])), "lengths");
    }
    let silent_only = Arrivals::Markovian {
        silent: vec![vec![0.0]],
        marked: vec![vec![0.0]],
    };
    out_of_range(with_arrivals(silent_only), "marked");
    let sine = |mean, amplitude, period| {
        with_arrivals(Arrivals::Varying(Rate::Sinusoidal {
            mean,
            amplitude,
            period,
            shift: 0.0,
        }))
    };
    out_of_range(sine(0.0, 0.0, 1.0), "mean");
    out_of_range(sine(1.0, 1.5, 1.0), "amplitude");
    out_of_range(sine(1.0, f64::NAN, 1.0), "amplitude");
    out_of_range(sine(1.0, 0.5, 0.0), "period");
}

#[test]
fn times_are_not_negative() {
    let negative = [
        constant(-1.0),
        Law::Normal { mean: 5.0, sd: 1.0 },
        Law::Uniform {
            min: -1.0,
            max: 1.0,
        },
        Law::Mixture {
            weights: Vec::new(),
            laws: vec![exponential(1.0), constant(-2.0)],
        },
    ];
    for law in negative {
        let outcome = with_station(|s| s.service = vec![law.clone()]);
        assert!(matches!(
            outcome,
            Err(ModelError::NegativeTimes {
                what: "service",
                ..
            })
        ));
        let outcome = with_station(|s| s.patience = vec![Some(law.clone())]);
        assert!(matches!(
            outcome,
            Err(ModelError::NegativeTimes {
                what: "patience",
                ..
            })
        ));
        let outcome = with_arrivals(Arrivals::Renewal(law));
        assert!(matches!(
            outcome,
            Err(ModelError::NegativeTimes {
                what: "arrivals",
                ..
            })
        ));
    }
}

#[test]
fn laws_are_valid() {
    for mean in [f64::NAN, -1.0, 0.0, f64::INFINITY] {
        match with_station(|s| s.service = vec![exponential(mean)]) {
            Err(ModelError::Law {
                place,
                what,
                source,
            }) => {
                assert_eq!((place.as_str(), what), ("station `desk`", "service"));
                assert!(matches!(source, LawError::OutOfRange { .. }));
            }
            other => panic!("{other:?}"),
        }
    }
}

fn branches(probabilities: &[f64]) -> Route {
    let branch = |&probability| Branch {
        probability,
        to: Target::Station(0),
        class: 0,
    };
    Route::Random(probabilities.iter().map(branch).collect())
}

#[test]
fn rows_of_probabilities_stay_below_one() {
    let outcome = with_station(|s| s.next = vec![branches(&[0.7, 0.4])]);
    match outcome {
        Err(ModelError::Routing { class: 0, sum, .. }) => assert!((sum - 1.1).abs() < 1e-12),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        with_station(|s| s.next = vec![branches(&[0.1; 10])]),
        Ok(())
    );
}

#[test]
fn references_lead_somewhere() {
    let wrong = [
        Route::To(Target::Station(1), 0),
        Route::To(Target::Junction(0), 0),
        Route::To(Target::Station(0), 1),
    ];
    for route in wrong {
        let outcome = with_station(|s| s.next = vec![route.clone()]);
        assert!(
            matches!(outcome, Err(ModelError::NoSuch { .. })),
            "{route:?}"
        );
    }
    let mut network = valid();
    network.sources[0].class = 7;
    assert!(matches!(
        network.check(),
        Err(ModelError::NoSuch { what: "class", .. })
    ));
}

#[test]
fn settings_that_exclude_each_other_are_refused() {
    let wrong: [fn(&mut Station); 8] = [
        |s| s.when_full = WhenFull::Block,
        |s| {
            s.servers = Servers::Speeds(vec![1.0, 2.0]);
            s.discipline = Discipline::ProcessorSharing;
        },
        |s| {
            s.servers = Servers::Equal(2);
            s.discipline = Discipline::LeastAttained;
        },
        |s| {
            s.servers = Servers::Infinite;
            s.discipline = Discipline::Lcfs;
        },
        |s| {
            s.patience = vec![Some(exponential(1.0))];
            s.discipline = Discipline::ShortestRemaining;
        },
        |s| {
            s.absence = Absence::Setup(exponential(1.0));
            s.discipline = Discipline::ProcessorSharing;
        },
        |s| {
            s.absence = Absence::Vacations(exponential(1.0));
            s.servers = Servers::Infinite;
        },
        |s| {
            s.discipline = polling(Visit::Gated, vec![constant(1.0)]);
            s.servers = Servers::Equal(2);
        },
    ];
    for change in wrong {
        refused_together(with_station(change));
    }
}

#[test]
fn only_servers_that_complete_what_they_begin_come_before_one_that_blocks() {
    let others = [
        Discipline::ShortestRemaining,
        Discipline::ProcessorSharing,
        Discipline::LeastAttained,
        polling(Visit::Gated, vec![constant(1.0)]),
    ];
    for discipline in others {
        let mut network = tandem();
        network.stations[0].discipline = discipline;
        refused_together(network.check());
    }
    assert_eq!(tandem().check(), Ok(()));
    let mut never_fits = tandem();
    never_fits.stations[1].units = vec![2];
    out_of_range(never_fits.check(), "units");
}

/// Two stations, the second with room for one and blocking.
fn tandem() -> Network {
    let mut network = valid();
    let mut second = station("second", 1);
    second.capacity = Some(1);
    second.when_full = WhenFull::Block;
    network.stations.push(second);
    network.stations[0].next = vec![to_station(1)];
    network
}

fn with_junction(kind: JunctionKind, change: impl FnOnce(&mut Station)) -> Result<(), ModelError> {
    let mut network = valid();
    network.stations[0].next = vec![to_station(1)];
    network.stations.push(station("second", 1));
    network.sources[0].to = Target::Junction(0);
    network.junctions.push(Junction {
        name: "crossing".to_owned(),
        kind,
    });
    change(&mut network.stations[1]);
    network.check()
}

#[test]
fn junctions_are_checked() {
    let dispatch = |policy, stations| JunctionKind::Dispatch { policy, stations };
    let none = dispatch(Policy::Random, Vec::new());
    assert!(matches!(
        with_junction(none, |_| ()),
        Err(ModelError::Missing { .. })
    ));
    out_of_range(
        with_junction(dispatch(Policy::PowerOf(0), vec![0]), |_| ()),
        "choices",
    );
    let least_work = || dispatch(Policy::LeastWork, vec![0, 1]);
    refused_together(with_junction(least_work(), |s| {
        s.discipline = Discipline::ProcessorSharing;
    }));
    refused_together(with_junction(least_work(), |s| {
        s.servers = Servers::Infinite
    }));
    let fork = |stations| JunctionKind::Fork {
        stations,
        next: vec![Route::Exit],
    };
    refused_together(with_junction(fork(vec![0, 1]), |s| s.capacity = Some(5)));
    // The second station follows the first.
    refused_together(with_junction(fork(vec![0]), |s| s.capacity = Some(5)));
    refused_together(with_junction(fork(vec![0]), |s| {
        s.joining = Joining::Reciprocal
    }));
    let blocking = |s: &mut Station| {
        s.capacity = Some(5);
        s.when_full = WhenFull::Block;
    };
    assert_eq!(with_junction(fork(vec![0]), blocking), Ok(()));
}

#[test]
fn networks_without_a_steady_state_are_named() {
    let busy = Network::single(poisson(2.0), station("desk", 2));
    let stations = vec![("desk".to_owned(), 1.0)];
    let error = busy.check_stable().unwrap_err();
    assert_eq!(error, ModelError::Unstable { stations });
    assert!(error.hint().is_some());
    let mut impatient = busy.clone();
    impatient.stations[0].patience = vec![Some(exponential(9.0))];
    assert!(impatient.check_stable().is_ok());
    let mut failing = Network::single(poisson(0.8), station("desk", 1));
    failing.stations[0].absence = Absence::Breakdowns {
        up: exponential(3.0),
        down: exponential(1.0),
        while_busy: true,
    };
    assert!(matches!(
        failing.check_stable(),
        Err(ModelError::Unstable { .. })
    ));
}

#[test]
fn customers_that_never_leave_are_noticed() {
    let mut network = valid();
    network.stations[0].next = vec![to_station(0)];
    let place = "desk".to_owned();
    let error = network.load().unwrap_err();
    assert_eq!(error, ModelError::NeverLeaves { place });
    assert!(error.hint().is_some());
}

fn run(network: &Network, unit_s: f64) -> Result<(), RunError> {
    let until = Until {
        customers: 1_000_000,
        time_ns: FOR_EVER,
    };
    Simulation::new(network, Streams::new(1), unit_s)?.run(until, &mut ())
}

#[test]
fn descriptions_at_fault_do_not_run() {
    let mut network = valid();
    network.stations[0].capacity = Some(0);
    let outcome = run(&network, 1.0);
    assert!(matches!(
        outcome,
        Err(RunError::Model(ModelError::Range { .. }))
    ));
}

#[test]
fn gaps_that_round_to_nothing_are_refused() {
    let refused = |outcome| matches!(outcome, Err(RunError::GapsTooShort { .. }));
    assert!(refused(run(&valid(), 1e-12)));
    let mut batches = valid();
    batches.sources[0].batch = Some(constant(2.0));
    assert!(refused(run(&batches, 1e-12)), "simulated by events");
}

#[test]
fn time_ends() {
    let ends = |outcome| matches!(outcome, Err(RunError::TimeOverflow { .. }));
    assert!(ends(run(&valid(), 1e9)), "arrivals");
    let given = || Arrivals::Given(vec![1.0, 2.0]);
    let disciplines = [
        Discipline::Fcfs,
        Discipline::ShortestRemaining,
        Discipline::ProcessorSharing,
        Discipline::Discriminatory(vec![1e-3]),
        Discipline::LeastAttained,
    ];
    for discipline in disciplines {
        let mut network = Network::single(given(), station("desk", 1));
        network.stations[0].service = vec![constant(1e10)];
        network.stations[0].discipline = discipline;
        assert!(
            ends(run(&network, 1.0)),
            "{:?}",
            network.stations[0].discipline
        );
    }
    let mut slow = Network::single(given(), station("desk", 1));
    slow.stations[0].servers = Servers::Speeds(vec![2e-6]);
    slow.stations[0].service = vec![constant(1e9)];
    assert!(ends(run(&slow, 1.0)), "slow servers");
}

#[test]
fn too_many_customers_are_refused() {
    let mut network = valid();
    network.populations = vec![population(1 << 31), population(1 << 31)];
    assert_eq!(run(&network, 1.0), Err(RunError::TooManyCustomers));
}

#[test]
fn a_deadlock_is_named_and_final() {
    let mut network = tandem();
    network.sources.clear();
    network.populations = vec![population(3)];
    network.stations[0].capacity = Some(3);
    network.stations[0].when_full = WhenFull::Block;
    network.stations[1].next = vec![to_station(0)];
    network.populations.push(Population {
        class: 0,
        count: 1,
        station: 1,
    });
    let mut simulation = Simulation::new(&network, Streams::new(1), 1.0).unwrap();
    let until = Until {
        customers: FOR_EVER,
        time_ns: FOR_EVER,
    };
    let first = simulation.run(until, &mut ());
    match &first {
        Err(RunError::Deadlock { time_s, stations }) => {
            assert!(*time_s > 0.0);
            assert_eq!(stations, &["desk", "second"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(simulation.run(until, &mut ()), first);
}

#[test]
fn sources_without_a_station_are_refused() {
    let mut network = valid();
    network.sources.push(Source {
        class: 0,
        arrivals: poisson(1.0),
        batch: None,
        to: Target::Junction(3),
    });
    assert!(matches!(
        network.check(),
        Err(ModelError::NoSuch {
            what: "junction",
            ..
        })
    ));
}
