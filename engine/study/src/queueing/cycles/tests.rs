use kendall_kernel::stats::ChiSquareVerdict;
use kendall_kernel::{Law, Streams};
use kendall_queueing::model::{
    Absence, Arrivals, Branch, Junction, Route, Servers, Source, Station, Target, WhenFull,
};
use kendall_queueing::{Simulation, Until};

use super::super::{At, Experiment, Plan};
use super::*;

fn exponential(mean: f64) -> Law {
    Law::Exponential { mean }
}

fn desk(servers: Servers) -> Station {
    Station::new("desk", servers, vec![exponential(1.0), exponential(0.5)])
}

/// Two classes that come at given times, 0.9 apart on average, from time 0 on.
fn coming_to(stations: Vec<Station>) -> Network {
    let times = |offset: u32| {
        let gap = |k: u32| f64::from((k * 7919 + offset) % 37) / 10.0;
        let mut now = 0.0;
        let next = |k| {
            let at = now;
            now += gap(k);
            at
        };
        Arrivals::Given((0..1500).map(next).collect())
    };
    let source = |class: u16| Source {
        class,
        arrivals: times(11 * u32::from(class)),
        batch: None,
        to: Target::Station(0),
    };
    Network {
        classes: vec!["gold".to_owned(), "silver".to_owned()],
        stations,
        sources: vec![source(0), source(1)],
        ..Network::default()
    }
}

/// Every kind of station.
fn stations() -> Vec<Station> {
    let two = || desk(Servers::Equal(2));
    let of = |discipline| Station {
        discipline,
        ..desk(Servers::Equal(1))
    };
    let two_of = |discipline| Station {
        discipline,
        ..two()
    };
    vec![
        two(),
        two_of(Discipline::Lcfs),
        two_of(Discipline::Random),
        two_of(Discipline::ShortestFirst),
        two_of(Discipline::Priority(vec![1, 0])),
        two_of(Discipline::LcfsPreemptive),
        two_of(Discipline::ProcessorSharing),
        two_of(Discipline::ShortestRemaining),
        two_of(Discipline::PreemptivePriority(vec![1, 0])),
        of(Discipline::LeastAttained),
        of(Discipline::Discriminatory(vec![1.0, 3.0])),
        desk(Servers::Speeds(vec![0.5, 2.0])),
        desk(Servers::Infinite),
        Station {
            absence: Absence::Setup(exponential(0.3)),
            ..desk(Servers::Equal(1))
        },
        Station {
            capacity: Some(4),
            patience: vec![Some(exponential(0.7)), None],
            joining: Joining::Reciprocal,
            ..two()
        },
        Station {
            capacity: Some(4),
            units: vec![1, 3],
            ..desk(Servers::Equal(4))
        },
    ]
}

/// Every kind of station alone, and stations in tandem, with feedback, blocking and forks.
fn networks() -> Vec<Network> {
    let mut all: Vec<Network> = stations().into_iter().map(|s| coming_to(vec![s])).collect();
    let named = |name: &str, next: Vec<Route>| Station {
        name: name.to_owned(),
        next,
        ..desk(Servers::Equal(2))
    };
    let to = |at| Route::To(Target::Station(at), 0);
    let back = Route::Random(vec![Branch {
        probability: 0.2,
        to: Target::Station(0),
        class: 1,
    }]);
    let first = named("first", vec![to(1), to(1)]);
    let second = named("second", vec![back, Route::Exit]);
    all.push(coming_to(vec![first.clone(), second.clone()]));
    let full = Station {
        capacity: Some(2),
        when_full: WhenFull::Block,
        next: vec![Route::Exit, Route::Exit],
        ..second
    };
    all.push(coming_to(vec![first, full]));
    let mut fork = coming_to(vec![
        named("left", vec![Route::Exit, Route::Exit]),
        named("right", vec![Route::Exit, Route::Exit]),
        named("behind", vec![Route::Exit, Route::Exit]),
    ]);
    fork.junctions.push(Junction {
        name: "split".to_owned(),
        kind: JunctionKind::Fork {
            stations: vec![0, 1],
            next: vec![to(2), Route::Exit],
        },
    });
    for source in &mut fork.sources {
        source.to = Target::Junction(0);
    }
    all.push(fork);
    all
}

fn figures(network: &Network) -> Vec<Figure> {
    let mut figures = vec![
        Figure::NetworkSojourn,
        Figure::NetworkThroughput,
        Figure::NetworkPresent,
    ];
    for at in 0..network.stations.len() {
        for place in [At::station(at), At::class(at, 0), At::class(at, 1)] {
            figures.extend([
                Figure::Sojourn(place),
                Figure::Waiting(place),
                Figure::WaitingOfAll(place),
                Figure::Present(place),
                Figure::Throughput(place),
                Figure::ArrivalRate(place),
                Figure::Waits(place),
                Figure::Lost(place),
                Figure::Balked(place),
                Figure::Reneged(place),
            ]);
        }
        figures.extend([Figure::Queued(at), Figure::Units(at)]);
        if network.stations[at].server_count().is_some() {
            figures.push(Figure::Utilisation(at));
        }
    }
    figures
}

/// When everybody has left, cycles hold what the simulation has counted since the first arrival,
/// which is at time 0.
#[test]
fn cycles_add_up_to_the_run() {
    for network in networks() {
        let plan = Plan::for_times(network, 1).unwrap();
        let figures = figures(&plan.network);
        let scale = Scale::of(&plan);
        let mut cycles = Cycles::new(&plan.network, &figures, scale.clone());
        let mut simulation = Simulation::new(&plan.network, Streams::new(5), 1.0).unwrap();
        let until = Until {
            customers: u64::MAX,
            time_ns: u64::MAX,
        };
        simulation.run(until, &mut cycles).unwrap();
        let totals = simulation.totals();
        assert_eq!(totals.present, 0);
        cycles.close(totals.now_ns);
        assert_eq!(cycles.customers, totals.left);
        // Otherwise there would be little to add up.
        assert!(cycles.count > 20, "{}: {:?}", cycles.count, plan.network);
        let whole = Batch {
            totals,
            probes: Probes::default(),
        };
        for (figure, sums) in figures.iter().zip(&cycles.sums) {
            let all = figure.value(figure.parts(&whole, &scale).unwrap());
            let Some(estimate) = sums.classical(cycles.customers, scale.level) else {
                assert!(all.is_nan(), "{figure:?} is {all}");
                continue;
            };
            let off = (estimate.value - all).abs();
            assert!(
                off <= 1e-9 * all.abs(),
                "{figure:?} is {all}, not {estimate} {:?}",
                plan.network
            );
            assert!(kept(*figure, &plan.network), "{figure:?}");
        }
    }
}

/// Scores of independent experiments against theory. They are standard normal but for terms of the
/// order of one over the number of cycles, here 10,000.
fn assert_normal(network: &Network, truths: &[(Figure, f64)]) {
    let figures: Vec<Figure> = truths.iter().map(|(figure, _)| *figure).collect();
    let experiments: Vec<Experiment> = (0..50)
        .map(|seed| {
            let plan = Plan::new(network.clone(), seed).unwrap();
            let plan = plan.in_cycles(&figures).unwrap();
            let mut experiment = Experiment::start(&plan).unwrap();
            experiment.extend(20_000).unwrap();
            experiment
        })
        .collect();
    for (figure, truth) in truths {
        let score = |experiment: &Experiment| {
            let estimate = experiment.regenerative(*figure).unwrap();
            assert_eq!(
                (estimate.groups, estimate.observations),
                experiment.cycles()
            );
            estimate.z_score(*truth).unwrap()
        };
        let scores: Vec<f64> = experiments.iter().map(score).collect();
        let verdict = ChiSquareVerdict::of(&scores).unwrap();
        assert!(verdict.passes(6e-7), "{figure:?}: {verdict:?}");
        let sum: f64 = scores.iter().sum();
        // Five standard deviations of a sum of 50.
        assert!(sum.abs() < 5.0 * 50.0_f64.sqrt(), "{figure:?}: {sum}");
    }
}

/// M/M/1 at utilisation 1/2, and with room for two: the chances of 0, 1 and 2 present are as 4, 2, 1.
#[test]
fn intervals_cover_what_theory_says() {
    let arrivals = || Arrivals::Renewal(exponential(2.0));
    let station = Station::new("desk", Servers::Equal(1), vec![exponential(1.0)]);
    let here = At::station(0);
    let truths = [
        (Figure::Sojourn(here), 2.0),
        (Figure::Waiting(here), 1.0),
        (Figure::Present(here), 1.0),
        (Figure::Queued(0), 0.5),
        (Figure::Utilisation(0), 0.5),
        (Figure::Waits(here), 0.5),
    ];
    assert_normal(&Network::single(arrivals(), station.clone()), &truths);
    let small = Station {
        capacity: Some(2),
        ..station
    };
    let truths = [
        (Figure::Lost(here), 1.0 / 7.0),
        (Figure::Present(here), 4.0 / 7.0),
        (Figure::NetworkPresent, 4.0 / 7.0),
        (Figure::Throughput(here), 3.0 / 7.0),
    ];
    assert_normal(&Network::single(arrivals(), small), &truths);
}

#[test]
fn longer_runs_go_on_and_other_figures_are_left_out() {
    let arrivals = Arrivals::Renewal(exponential(2.0));
    let station = Station::new("desk", Servers::Equal(1), vec![exponential(1.0)]);
    let here = At::station(0);
    let plan = Plan::new(Network::single(arrivals, station), 3).unwrap();
    let sojourn = Figure::Sojourn(here);
    let wanted = [
        sojourn,
        Figure::SojournQuantile(here, 0.5),
        Figure::Blocked(0),
    ];
    assert_eq!(
        Experiment::start(&plan).unwrap().regenerative(sojourn),
        None
    );
    let plan = plan.in_cycles(&wanted).unwrap();
    assert_eq!((&plan.cycles[..], plan.warm_up), (&[sojourn][..], 0));
    let mut experiment = Experiment::start(&plan).unwrap();
    assert_eq!(experiment.regenerative(sojourn), None);
    experiment.extend(4000).unwrap();
    let (cycles, customers) = experiment.cycles();
    experiment.extend(4000).unwrap();
    let (more, all) = experiment.cycles();
    assert!(more > cycles && all > customers && all <= experiment.customers());
    // The cycle of each replication that the end cuts off is all that is missing: 2 customers on
    // average in a cycle, 10 standard deviations of sqrt(6) around its size-biased mean of 5.
    assert!(experiment.customers() - all <= 4 * 30, "{all}");
    assert_eq!(experiment.regenerative(Figure::Blocked(0)), None);
}
