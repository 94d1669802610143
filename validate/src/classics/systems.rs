//! Systems of many kinds, on which laws must hold that hold for all.

use kendall_kernel::Law;
use kendall_queueing::model::{
    Absence, Arrivals, Discipline, Joining, Junction, JunctionKind, Network, Polling, Population,
    Route, Servers, Source, Station, Target, Visit, WhenFull,
};

use super::jackson;
use super::setting::poisson;

/// A system.
pub(super) struct System {
    pub(super) name: &'static str,
    pub(super) network: Network,
}

/// What is done to customers in service at a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Serving {
    /// A service takes its size, from begin to end.
    Whole,
    /// It takes longer: others displace or share it, the server fails, or the customer is held
    /// until there is room elsewhere.
    Longer,
    /// It takes more or less than its size: servers have speeds.
    Scaled,
}

impl System {
    /// What is done to customers in service at a station.
    pub(super) fn serving(&self, at: usize) -> Serving {
        let station = &self.network.stations[at];
        let displaces = matches!(
            station.discipline,
            Discipline::LcfsPreemptive
                | Discipline::ProcessorSharing
                | Discipline::Discriminatory(_)
                | Discipline::PreemptiveShortestFirst
                | Discipline::ShortestRemaining
                | Discipline::LeastAttained
                | Discipline::PreemptivePriority(_)
        );
        let holds = station.next.iter().any(|route| match route {
            Route::To(Target::Station(next), _) => {
                self.network.stations[*next].when_full == WhenFull::Block
            }
            _ => false,
        });
        match station.servers {
            Servers::Speeds(_) => Serving::Scaled,
            _ if displaces || holds || self.fails(at) => Serving::Longer,
            _ => Serving::Whole,
        }
    }

    /// Whether customers share a server at one time: then services end between nanoseconds, and
    /// departures are at the next whole one.
    pub(super) fn shares(&self, at: usize) -> bool {
        matches!(
            self.network.stations[at].discipline,
            Discipline::ProcessorSharing
                | Discipline::Discriminatory(_)
                | Discipline::LeastAttained
        )
    }

    /// Whether servers fail.
    fn fails(&self, at: usize) -> bool {
        let absence = &self.network.stations[at].absence;
        matches!(absence, Absence::Breakdowns { .. })
    }

    /// Whether a server works, or holds a customer, whenever there is one for it.
    pub(super) fn never_idles(&self, at: usize) -> bool {
        let station = &self.network.stations[at];
        let walks = matches!(station.discipline, Discipline::Polling(_));
        station.absence == Absence::None && !walks
    }
}

/// All systems.
pub(super) fn all() -> Vec<System> {
    let mut systems = single_stations();
    systems.extend(disciplines());
    systems.extend(networks());
    systems
}

fn exponential(mean: f64) -> Law {
    Law::Exponential { mean }
}

fn skewed() -> Law {
    Law::Hyperexponential {
        weights: vec![0.9, 0.1],
        means: vec![0.5, 5.5],
    }
}

fn station(service: Law, servers: u32) -> Station {
    Station::new("queue", Servers::Equal(servers), vec![service])
}

fn open(name: &'static str, rate: f64, station: Station) -> System {
    let network = Network::single(poisson(rate), station);
    System { name, network }
}

fn with(mut station: Station, change: impl FnOnce(&mut Station)) -> Station {
    change(&mut station);
    station
}

fn single_stations() -> Vec<System> {
    let batches = open("M^X/M/1", 0.3, station(exponential(1.0), 1));
    vec![
        open("M/M/1", 0.8, station(exponential(1.0), 1)),
        open("M/G/4", 3.0, station(skewed(), 4)),
        System {
            name: "D/E3/1",
            network: Network::single(
                Arrivals::Renewal(Law::Constant { value: 1.25 }),
                station(Law::Erlang { k: 3, mean: 1.0 }, 1),
            ),
        },
        System {
            network: {
                let mut network = batches.network;
                let size = Law::Geometric { p: 0.5 };
                network
                    .sources
                    .iter_mut()
                    .for_each(|s| s.batch = Some(size.clone()));
                network
            },
            ..batches
        },
        open(
            "M/M/2/6, losses",
            2.4,
            with(station(exponential(1.0), 2), |s| s.capacity = Some(6)),
        ),
        open(
            "M/M/3 with impatience",
            3.3,
            with(station(exponential(1.0), 3), |s| {
                s.patience = vec![Some(exponential(2.0))];
            }),
        ),
        open(
            "M/M/1 with balking",
            1.5,
            with(station(exponential(1.0), 1), |s| {
                s.joining = Joining::Reciprocal
            }),
        ),
        open(
            "M/M/1 with vacations",
            0.6,
            with(station(exponential(1.0), 1), |s| {
                s.absence = Absence::Vacations(exponential(2.0));
            }),
        ),
        open(
            "M/G/1 with set-up",
            0.6,
            with(station(skewed(), 1), |s| {
                s.absence = Absence::Setup(exponential(1.0));
            }),
        ),
        open(
            "M/M/2 with breakdowns",
            1.2,
            with(station(exponential(1.0), 2), |s| {
                s.absence = Absence::Breakdowns {
                    up: exponential(20.0),
                    down: exponential(2.0),
                    while_busy: false,
                };
            }),
        ),
        open(
            "M/M/3, servers of three speeds",
            2.4,
            with(station(exponential(1.0), 3), |s| {
                s.servers = Servers::Speeds(vec![2.0, 1.0, 0.5]);
            }),
        ),
        open(
            "M/G/inf",
            5.0,
            with(station(skewed(), 1), |s| s.servers = Servers::Infinite),
        ),
    ]
}

fn disciplines() -> Vec<System> {
    let one = |name, discipline| {
        let station = with(station(skewed(), 1), |s| s.discipline = discipline);
        open(name, 0.8, station)
    };
    let two = |name, discipline| System {
        name,
        network: two_classes(discipline),
    };
    vec![
        one("M/G/1 LCFS", Discipline::Lcfs),
        one("M/G/1 in random order", Discipline::Random),
        one("M/G/1 SJF", Discipline::ShortestFirst),
        two("two classes by priority", Discipline::Priority(vec![1, 0])),
        two(
            "two queues polled",
            Discipline::Polling(Polling {
                visit: Visit::Gated,
                switchover: vec![exponential(0.1); 2],
            }),
        ),
        one("M/G/1 LCFS preemptive", Discipline::LcfsPreemptive),
        one("M/G/1 PS", Discipline::ProcessorSharing),
        one("M/G/1 PSJF", Discipline::PreemptiveShortestFirst),
        one("M/G/1 SRPT", Discipline::ShortestRemaining),
        one("M/G/1 FB", Discipline::LeastAttained),
        two(
            "two classes by preemptive priority",
            Discipline::PreemptivePriority(vec![1, 0]),
        ),
        two(
            "two classes sharing 1 : 3",
            Discipline::Discriminatory(vec![1.0, 3.0]),
        ),
    ]
}

fn two_classes(discipline: Discipline) -> Network {
    let services = vec![exponential(1.0), skewed()];
    let mut station = Station::new("queue", Servers::Equal(1), services);
    station.discipline = discipline;
    let source = |class, rate| Source {
        class,
        arrivals: poisson(rate),
        batch: None,
        to: Target::Station(0),
    };
    Network {
        classes: vec!["first".to_owned(), "second".to_owned()],
        stations: vec![station],
        sources: vec![source(0, 0.4), source(1, 0.35)],
        ..Network::default()
    }
}

fn networks() -> Vec<System> {
    vec![
        System {
            name: "three stations with feedback",
            network: jackson::network(1.0),
        },
        System {
            name: "two stations, blocking",
            network: blocking(),
        },
        System {
            name: "fork and join of two",
            network: fork_join(),
        },
        System {
            name: "terminals and two servers",
            network: terminals(),
        },
    ]
}

fn named(name: &str, servers: Servers, mean: f64, next: Route) -> Station {
    let mut station = Station::new(name, servers, vec![exponential(mean)]);
    station.next = vec![next];
    station
}

fn blocking() -> Network {
    let first = named(
        "first",
        Servers::Equal(1),
        1.0,
        Route::To(Target::Station(1), 0),
    );
    let mut second = named("second", Servers::Equal(1), 1.0, Route::Exit);
    second.capacity = Some(2);
    second.when_full = WhenFull::Block;
    let mut network = Network::single(poisson(0.5), first);
    network.stations.push(second);
    network
}

fn fork_join() -> Network {
    let part = |name| named(name, Servers::Equal(1), 1.0, Route::Exit);
    let mut network = Network::single(poisson(0.7), part("one part"));
    network.stations.push(part("other part"));
    network.junctions.push(Junction {
        name: "fork".to_owned(),
        kind: JunctionKind::Fork {
            stations: vec![0, 1],
            next: vec![Route::Exit],
        },
    });
    network.sources[0].to = Target::Junction(0);
    network
}

/// Customers who think at the first station and are served at the others, for ever.
pub(super) fn terminals() -> Network {
    let to = |station| Route::To(Target::Station(station), 0);
    Network {
        classes: vec!["customers".to_owned()],
        stations: vec![
            named("terminals", Servers::Infinite, 10.0, to(1)),
            named("processor", Servers::Equal(1), 0.8, to(2)),
            named("discs", Servers::Equal(2), 1.5, to(0)),
        ],
        populations: vec![Population {
            class: 0,
            count: 12,
            station: 0,
        }],
        ..Network::default()
    }
}
