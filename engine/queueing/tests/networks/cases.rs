//! Random networks. Each is read from a tape of bytes, nothing but zeros after its end; a shorter
//! tape with smaller bytes is a simpler network, so that cases shrink.

use kendall_kernel::Law;
use kendall_queueing::Network;
use kendall_queueing::model::{
    Absence, Arrivals, Branch, Discipline, Joining, Junction, JunctionKind, Policy, Population,
    Rate, Route, Servers, Source, Station, Target, Visit, WhenFull,
};
use proptest::prelude::*;

use crate::support::{constant, exponential, polling};

/// A network, a seed for its run, and when to look at it, in ns.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) network: Network,
    pub(crate) seed: u64,
    pub(crate) end_ns: u64,
}

/// Networks of any kind, in the middle of a run.
pub(crate) fn open_cases() -> impl Strategy<Value = Case> {
    cases(false)
}

/// Networks that few customers enter and all leave.
pub(crate) fn draining_cases() -> impl Strategy<Value = Case> {
    cases(true)
}

fn cases(drains: bool) -> impl Strategy<Value = Case> {
    let tape = prop::collection::vec(any::<u8>(), 0..250);
    let tape = (tape, any::<u64>(), 1..3000_u64);
    tape.prop_map(move |(bytes, seed, end_ns)| Case {
        network: network(&mut Tape { bytes, at: 0 }, drains),
        seed,
        end_ns,
    })
}

struct Tape {
    bytes: Vec<u8>,
    at: usize,
}

impl Tape {
    fn below(&mut self, count: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    fn times(&mut self, count: usize) -> std::ops::Range<usize> {
        0..self.below(count)
    }

    fn some<T>(&mut self, count: usize, mut make: impl FnMut(&mut Tape) -> T) -> Vec<T> {
        (0..count).map(|_| make(self)).collect()
    }
}

/// How many there are of what a place may refer to.
#[derive(Clone, Copy)]
struct Sizes {
    classes: usize,
    stations: usize,
    junctions: usize,
    drains: bool,
    /// Customers may go round for ever. Then there are no forks, which would multiply them.
    loops: bool,
    flavour: Flavour,
}

/// What a network is made to show; left to chance, it is mended away mostly.
#[derive(Clone, Copy, PartialEq)]
enum Flavour {
    Any,
    /// Servers complete what they begin, so that they may be blocked.
    Blocking,
    /// No customers are lost, so that they may be in parts.
    Lossless,
}

fn network(tape: &mut Tape, drains: bool) -> Network {
    let flavour = [Flavour::Any, Flavour::Blocking, Flavour::Lossless][tape.below(3)];
    let sizes = Sizes {
        flavour,
        classes: 1 + tape.below(3),
        stations: 1 + tape.below(4),
        junctions: tape.below(3),
        drains,
        loops: !drains && flavour != Flavour::Lossless && tape.one_in(2),
    };
    let mut network = Network {
        classes: (0..sizes.classes)
            .map(|class| format!("class {class}"))
            .collect(),
        stations: (0..sizes.stations)
            .map(|at| station(tape, at, sizes))
            .collect(),
        sources: (0..=tape.below(2)).map(|_| source(tape, sizes)).collect(),
        populations: Vec::new(),
        junctions: (0..sizes.junctions)
            .map(|at| junction(tape, at, sizes))
            .collect(),
    };
    if !drains {
        let populations = tape.times(3);
        network.populations = populations.map(|_| population(tape, sizes)).collect();
        if tape.one_in(4) && network.populations.iter().any(|p| p.count > 0) {
            network.sources.clear();
        }
    }
    mend(&mut network);
    network
}

/// Takes back what does not go together.
fn mend(network: &mut Network) {
    for at in 0..network.stations.len() {
        let here = network.populations.iter().filter(|p| p.station == at);
        let count: u64 = here.map(|p| p.count).sum();
        let station = &mut network.stations[at];
        let most = station.units.iter().copied().max().unwrap_or(1);
        station.capacity = station
            .capacity
            .map(|room| room.max(u64::from(most) * count));
    }
    if network.check().is_err() {
        for station in &mut network.stations {
            station.when_full = WhenFull::Lose;
        }
    }
    if network.check().is_err() {
        for junction in &mut network.junctions {
            if let JunctionKind::Fork { stations, .. } = &junction.kind {
                junction.kind = JunctionKind::Dispatch {
                    policy: Policy::ShortestQueue,
                    stations: stations.clone(),
                };
            }
        }
    }
    for junction in &mut network.junctions {
        if let JunctionKind::Dispatch { policy, stations } = &mut junction.kind {
            let counts = |at: &usize| {
                let station = &network.stations[*at];
                one_by_one(&station.discipline) && station.server_count().is_some()
            };
            if *policy == Policy::LeastWork && !stations.iter().all(counts) {
                *policy = Policy::PowerOf(2);
            }
        }
    }
    assert_eq!(network.check(), Ok(()));
}

pub(crate) fn one_by_one(discipline: &Discipline) -> bool {
    use Discipline::{Fcfs, Lcfs, Priority, Random, ShortestFirst};
    matches!(
        discipline,
        Fcfs | Lcfs | Random | ShortestFirst | Priority(_)
    )
}

/// Times around 20 ns.
fn times(tape: &mut Tape) -> Law {
    match tape.below(4) {
        0 => constant(1.0 + tape.below(30) as f64),
        1 => Law::Uniform {
            min: 0.0,
            max: 40.0,
        },
        2 => exponential(20.0),
        _ => Law::Empirical {
            values: vec![0.0, 5.0, 50.0],
            weights: Vec::new(),
        },
    }
}

fn station(tape: &mut Tape, at: usize, sizes: Sizes) -> Station {
    let service = tape.some(sizes.classes, times);
    let mut station = Station::new(&format!("station {at}"), Servers::Equal(1), service);
    station.discipline = discipline(tape, sizes.classes);
    if sizes.flavour == Flavour::Blocking && !one_by_one(&station.discipline) {
        station.discipline = Discipline::Fcfs;
    }
    let simple = one_by_one(&station.discipline);
    use Discipline::{Discriminatory, LeastAttained, Polling};
    if !matches!(
        station.discipline,
        LeastAttained | Discriminatory(_) | Polling(_)
    ) {
        station.servers = Servers::Equal(1 + tape.below(3) as u32);
    }
    if simple {
        match tape.below(8) {
            6 => station.servers = Servers::Speeds(vec![0.5, 2.0]),
            7 if station.discipline == Discipline::Fcfs => station.servers = Servers::Infinite,
            _ => {}
        }
    }
    let open = sizes.flavour == Flavour::Lossless;
    let small = sizes.flavour == Flavour::Blocking;
    if !open && (small || tape.one_in(3)) {
        let capacity = 1 + tape.below(5) as u64;
        station.capacity = Some(capacity);
        if small || tape.one_in(2) {
            station.when_full = WhenFull::Block;
        }
        // Where small customers can slip by large ones that block each other, a deadlock is told
        // only if it begins when none of them is there.
        let may_hide = sizes.drains && station.when_full == WhenFull::Block;
        if capacity >= 3 && !may_hide && tape.one_in(3) {
            station.units = tape.some(sizes.classes, |tape| 1 + tape.below(3) as u32);
        }
    }
    station.joining = match tape.below(8) {
        6 if !open => Joining::Reciprocal,
        7 if !open => Joining::Table(vec![1.0, 0.5]),
        _ => Joining::Always,
    };
    if simple && station.servers != Servers::Infinite {
        if !open && tape.one_in(3) {
            let patience = |tape: &mut Tape| (!tape.one_in(3)).then(|| times(tape));
            station.patience = tape.some(sizes.classes, patience);
        }
        station.absence = absence(tape);
    }
    station.next = tape.some(sizes.classes, |tape| route(tape, sizes));
    station
}

fn discipline(tape: &mut Tape, classes: usize) -> Discipline {
    let ranks = |tape: &mut Tape| tape.some(classes, |tape| tape.below(2) as u32);
    match tape.below(16) {
        1 => Discipline::Lcfs,
        2 => Discipline::LcfsPreemptive,
        3 => Discipline::Random,
        4 => Discipline::ProcessorSharing,
        5 => Discipline::Discriminatory(tape.some(classes, |tape| 0.3 + tape.below(4) as f64)),
        6 => Discipline::ShortestFirst,
        7 => Discipline::PreemptiveShortestFirst,
        8 => Discipline::ShortestRemaining,
        9 => Discipline::LeastAttained,
        10 => Discipline::Priority(ranks(tape)),
        11 => Discipline::PreemptivePriority(ranks(tape)),
        12 => polling(Visit::Exhaustive, vec![constant(3.0); classes]),
        13 => polling(Visit::Gated, vec![exponential(9.0); classes]),
        _ => Discipline::Fcfs,
    }
}

fn absence(tape: &mut Tape) -> Absence {
    match tape.below(8) {
        4 => Absence::Vacations(constant(7.0)),
        5 => Absence::Setup(exponential(9.0)),
        kind @ (6 | 7) => Absence::Breakdowns {
            up: exponential(60.0),
            down: exponential(20.0),
            while_busy: kind == 7,
        },
        _ => Absence::None,
    }
}

fn target(tape: &mut Tape, sizes: Sizes) -> Target {
    let places = sizes.stations + sizes.junctions;
    match tape.below(places) {
        at if at < sizes.stations => Target::Station(at),
        at => Target::Junction(at - sizes.stations),
    }
}

fn class(tape: &mut Tape, sizes: Sizes) -> u16 {
    tape.below(sizes.classes) as u16
}

fn route(tape: &mut Tape, sizes: Sizes) -> Route {
    match tape.below(4) {
        1 if sizes.loops => Route::To(target(tape, sizes), class(tape, sizes)),
        0 => Route::Exit,
        _ => {
            let count = 1 + tape.below(3);
            let branch = |tape: &mut Tape| Branch {
                // A fork makes up to four of one: fewer than one of them comes back.
                probability: if sizes.loops { 0.8 } else { 0.2 } / count as f64,
                to: target(tape, sizes),
                class: class(tape, sizes),
            };
            Route::Random(tape.some(count, branch))
        }
    }
}

fn source(tape: &mut Tape, sizes: Sizes) -> Source {
    let arrivals = match tape.below(4) {
        1 if !sizes.drains => Arrivals::Renewal(times(tape)),
        2 if !sizes.drains => Arrivals::Markovian {
            silent: vec![vec![0.0, 0.01], vec![0.02, 0.0]],
            marked: vec![vec![0.1, 0.0], vec![0.01, 0.0]],
        },
        3 if !sizes.drains => Arrivals::Varying(Rate::Piecewise {
            lengths: vec![100.0, 50.0],
            rates: vec![0.0, 0.1],
        }),
        _ => {
            let count = 1 + tape.below(40);
            let mut now = 0.0;
            let next = |tape: &mut Tape| {
                now += tape.below(60) as f64 / 2.0;
                now
            };
            Arrivals::Given(tape.some(count, next))
        }
    };
    Source {
        class: class(tape, sizes),
        arrivals,
        batch: tape
            .one_in(4)
            .then_some(Law::Uniform { min: 0.0, max: 4.0 }),
        to: target(tape, sizes),
    }
}

fn population(tape: &mut Tape, sizes: Sizes) -> Population {
    Population {
        class: class(tape, sizes),
        count: tape.below(5) as u64,
        station: tape.below(sizes.stations),
    }
}

fn junction(tape: &mut Tape, at: usize, sizes: Sizes) -> Junction {
    let count = 1 + tape.below(3);
    let stations = tape.some(count, |tape| tape.below(sizes.stations));
    let kind = match tape.below(if sizes.loops { 5 } else { 6 }) {
        0 => dispatch(Policy::RoundRobin, stations),
        1 => dispatch(Policy::Random, stations),
        2 => dispatch(Policy::ShortestQueue, stations),
        3 => dispatch(Policy::PowerOf(2), stations),
        4 => dispatch(Policy::LeastWork, stations),
        _ => JunctionKind::Fork {
            stations,
            next: tape.some(sizes.classes, |tape| route(tape, sizes)),
        },
    };
    Junction {
        name: format!("junction {at}"),
        kind,
    }
}

fn dispatch(policy: Policy, stations: Vec<usize>) -> JunctionKind {
    JunctionKind::Dispatch { policy, stations }
}
