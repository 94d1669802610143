//! Cases as networks of the engine.

use kendall_kernel::Law;
use kendall_queueing::model::{
    Absence, Arrivals, Branch, Discipline, Joining, Junction, JunctionKind, Network, Policy,
    Polling, Population, Rate, Route, Servers, Source, Station, Target, Visit, WhenFull,
};

use crate::queueing::model::{self, Class, Dispatch, Model, RateFunction};
use crate::theory::Dist;

/// Servers that stand for very many, in the mean-field limit of power of d choices. The mean
/// differs from that of the limit by an amount of order 1 / n (Mitzenmacher, "The power of two
/// choices in randomized load balancing", IEEE TPDS 12, 2001; Ying, "On the approximation error
/// of mean-field models", Stochastic Systems 6, 2016).
pub(super) const MANY: u32 = 1000;

/// Pieces that a varying rate is cut into over the time of interest: enough that the error of
/// holding each at its middle, of the order of the square of their length, is not seen.
const PIECES: usize = 4096;

/// The largest number present for which joining probabilities are tabulated.
const JOINING: u32 = 4096;

/// A case as a network. `until` is the time of interest of cases that are not about the long run.
pub(super) fn network(model: &Model, until: f64) -> Network {
    match model {
        Model::Station(station) => single(station),
        Model::Priority {
            classes,
            servers,
            preemptive,
        } => {
            let ranks = (0..classes.len() as u32).collect();
            let discipline = if *preemptive {
                Discipline::PreemptivePriority(ranks)
            } else {
                Discipline::Priority(ranks)
            };
            of_classes(classes, Servers::Equal(*servers), discipline)
        }
        Model::Sharing { classes } => {
            let weights: Vec<f64> = classes.iter().map(|class| class.weight).collect();
            let equal = weights.iter().all(|weight| *weight == weights[0]);
            let discipline = if equal {
                Discipline::ProcessorSharing
            } else {
                Discipline::Discriminatory(weights)
            };
            of_classes(classes, Servers::Equal(1), discipline)
        }
        Model::Impatient {
            lam,
            mu,
            servers,
            patience,
        } => {
            let mut station = exponential(*mu, *servers);
            station.patience = vec![Some(law(patience))];
            open(*lam, station)
        }
        Model::Balking { lam, mu, join } => {
            let mut station = exponential(*mu, 1);
            let probability = |n: u32| join.value(f64::from(n)).clamp(0.0, 1.0);
            station.joining = Joining::Table((0..JOINING).map(probability).collect());
            open(*lam, station)
        }
        Model::Batches {
            lam_batch,
            batch,
            mu,
        } => {
            let mut network = open(*lam_batch, exponential(*mu, 1));
            network.sources[0].batch = Some(law(batch));
            network
        }
        Model::Vacations {
            lam,
            service,
            vacation,
        } => {
            let mut station = station(law(service), 1);
            station.absence = Absence::Vacations(law(vacation));
            open(*lam, station)
        }
        Model::Setup {
            lam,
            service,
            setup,
        } => {
            let mut station = station(law(service), 1);
            station.absence = Absence::Setup(law(setup));
            open(*lam, station)
        }
        Model::Modulated { rates, switch, mu } => {
            let arrivals = Arrivals::Markovian {
                silent: vec![vec![0.0, switch[0]], vec![switch[1], 0.0]],
                marked: vec![vec![rates[0], 0.0], vec![0.0, rates[1]]],
            };
            Network::single(arrivals, exponential(*mu, 1))
        }
        Model::TimeVarying { lam_t, service } => {
            let mut station = station(law(service), 1);
            station.servers = Servers::Infinite;
            Network::single(Arrivals::Varying(varying(lam_t, until)), station)
        }
        Model::Open { stations } => jackson(stations),
        Model::Closed {
            customers,
            think_time,
            stations,
        } => closed(*customers, *think_time, stations),
        Model::MachineRepair {
            machines,
            repairers,
            fail_rate,
            repair_rate,
        } => {
            let mut working = exponential(*fail_rate, 1);
            working.servers = Servers::Infinite;
            ring(
                vec![exponential(*repair_rate, *repairers), working],
                *machines,
                1,
            )
        }
        Model::Tandem { lam, mu, capacity2 } => {
            let mut network = open(*lam, exponential(mu[0], 1));
            network.stations[0].next = vec![to_station(1)];
            network.stations.push(limited(mu[1], *capacity2));
            name(network)
        }
        Model::SaturatedLine { mu, capacity2 } => {
            // Two more than find room at station 2 and on server 1: one always waits.
            let stations = vec![exponential(mu[0], 1), limited(mu[1], Some(*capacity2))];
            ring(stations, capacity2 + 2, 0)
        }
        Model::Parallel {
            lam,
            mu,
            queues,
            dispatch,
        } => {
            let policy = match dispatch {
                Dispatch::ShortestQueue => Policy::ShortestQueue,
                Dispatch::RoundRobin => Policy::RoundRobin,
                Dispatch::Random => Policy::Random,
            };
            farm(*lam, *mu, *queues, policy)
        }
        Model::MeanField { rho, mu, choices } => {
            let lam = rho * mu * f64::from(MANY);
            farm(lam, *mu, MANY, Policy::PowerOf(*choices))
        }
        Model::Heterogeneous { lam, mu } => {
            let mut station = exponential(1.0, 1);
            station.servers = Servers::Speeds(mu.clone());
            open(*lam, station)
        }
        Model::ForkJoin { lam, mu, servers } => {
            let mut network = farm(*lam, *mu, *servers, Policy::Random);
            network.junctions[0].kind = JunctionKind::Fork {
                stations: (0..*servers as usize).collect(),
                next: vec![Route::Exit],
            };
            network
        }
        Model::Polling {
            queues,
            lam_each,
            service,
            switchover,
            rule,
        } => {
            let class = Class {
                lam: *lam_each,
                service: service.clone(),
                weight: 1.0,
            };
            let classes = vec![class; *queues as usize];
            let visit = match rule {
                model::Polling::Exhaustive => Visit::Exhaustive,
                model::Polling::Gated => Visit::Gated,
            };
            let switchover = vec![law(switchover); classes.len()];
            let polling = Polling { visit, switchover };
            of_classes(&classes, Servers::Equal(1), Discipline::Polling(polling))
        }
        Model::MultirateLoss { units, classes } => {
            let plain: Vec<Class> = classes.iter().map(holding).collect();
            let mut network = of_classes(&plain, Servers::Infinite, Discipline::Fcfs);
            network.stations[0].capacity = Some(u64::from(*units));
            network.stations[0].units = classes.iter().map(|class| class.units).collect();
            network
        }
        Model::BusyPeriod { lam, service } => open(*lam, station(law(service), 1)),
        Model::Transient { lam, mu, .. } => open(*lam, exponential(*mu, 1)),
    }
}

fn holding(class: &model::LossClass) -> Class {
    Class {
        lam: class.lam,
        service: class.service.clone(),
        weight: 1.0,
    }
}

fn single(case: &model::Station) -> Network {
    let mut station = station(law(&case.service), 1);
    station.servers = case.servers.map_or(Servers::Infinite, Servers::Equal);
    station.capacity = case.capacity.map(u64::from);
    station.discipline = match case.discipline {
        // With a server for everybody there is no order.
        _ if case.servers.is_none() => Discipline::Fcfs,
        model::Discipline::Fcfs => Discipline::Fcfs,
        model::Discipline::Lcfs => Discipline::Lcfs,
        model::Discipline::LcfsPr => Discipline::LcfsPreemptive,
        model::Discipline::Ros => Discipline::Random,
        model::Discipline::Ps => Discipline::ProcessorSharing,
        model::Discipline::Sjf => Discipline::ShortestFirst,
        model::Discipline::Psjf => Discipline::PreemptiveShortestFirst,
        model::Discipline::Srpt => Discipline::ShortestRemaining,
        model::Discipline::Fb => Discipline::LeastAttained,
    };
    Network::single(Arrivals::Renewal(law(&case.arrival)), station)
}

/// One station with a Poisson source per class.
fn of_classes(classes: &[Class], servers: Servers, discipline: Discipline) -> Network {
    let services = classes.iter().map(|class| law(&class.service)).collect();
    let mut station = Station::new("station", servers, services);
    station.discipline = discipline;
    let sources = classes.iter().enumerate().map(|(class, spec)| Source {
        class: class as u16,
        arrivals: poisson(spec.lam),
        batch: None,
        to: Target::Station(0),
    });
    Network {
        classes: (1..=classes.len())
            .map(|class| format!("class {class}"))
            .collect(),
        sources: sources.collect(),
        stations: vec![station],
        ..Network::default()
    }
}

fn jackson(stations: &[model::OpenStation]) -> Network {
    let branch = |(to, probability): (usize, &f64)| Branch {
        probability: *probability,
        to: Target::Station(to),
        class: 0,
    };
    let made = stations.iter().map(|spec| {
        let mut station = exponential(spec.mu, spec.servers);
        station.next = vec![Route::Random(
            spec.routing.iter().enumerate().map(branch).collect(),
        )];
        station
    });
    let entered = stations
        .iter()
        .enumerate()
        .filter(|(_, spec)| spec.gamma > 0.0);
    let sources = entered.map(|(at, spec)| Source {
        class: 0,
        arrivals: poisson(spec.gamma),
        batch: None,
        to: Target::Station(at),
    });
    name(Network {
        classes: vec!["customers".to_owned()],
        sources: sources.collect(),
        stations: made.collect(),
        ..Network::default()
    })
}

/// The stations in a cycle; where customers think, as the last station.
fn closed(customers: u32, think_time: f64, stations: &[model::ClosedStation]) -> Network {
    let served = stations
        .iter()
        .map(|spec| exponential(1.0 / spec.demand, spec.servers));
    let mut all: Vec<Station> = served.collect();
    let start = if think_time > 0.0 {
        let mut thinking = exponential(1.0 / think_time, 1);
        thinking.servers = Servers::Infinite;
        all.push(thinking);
        all.len() - 1
    } else {
        0
    };
    ring(all, customers, start)
}

/// Stations that customers visit one after the other, for ever.
fn ring(mut stations: Vec<Station>, customers: u32, start: usize) -> Network {
    let count = stations.len();
    for (at, station) in stations.iter_mut().enumerate() {
        station.next = vec![to_station((at + 1) % count)];
    }
    name(Network {
        classes: vec!["customers".to_owned()],
        stations,
        populations: vec![Population {
            class: 0,
            count: u64::from(customers),
            station: start,
        }],
        ..Network::default()
    })
}

/// Equal exponential servers with a queue each behind a dispatcher.
fn farm(lam: f64, mu: f64, servers: u32, policy: Policy) -> Network {
    let stations = (0..servers).map(|_| exponential(mu, 1)).collect();
    name(Network {
        classes: vec!["customers".to_owned()],
        stations,
        sources: vec![Source {
            class: 0,
            arrivals: poisson(lam),
            batch: None,
            to: Target::Junction(0),
        }],
        junctions: vec![Junction {
            name: "dispatcher".to_owned(),
            kind: JunctionKind::Dispatch {
                policy,
                stations: (0..servers as usize).collect(),
            },
        }],
        ..Network::default()
    })
}

fn limited(mu: f64, capacity: Option<u32>) -> Station {
    let mut station = exponential(mu, 1);
    if let Some(capacity) = capacity {
        station.capacity = Some(u64::from(capacity));
        station.when_full = WhenFull::Block;
    }
    station
}

fn open(lam: f64, station: Station) -> Network {
    Network::single(poisson(lam), station)
}

fn poisson(rate: f64) -> Arrivals {
    Arrivals::Renewal(Law::Exponential { mean: 1.0 / rate })
}

fn exponential(mu: f64, servers: u32) -> Station {
    station(Law::Exponential { mean: 1.0 / mu }, servers)
}

fn station(service: Law, servers: u32) -> Station {
    Station::new("station", Servers::Equal(servers), vec![service])
}

fn to_station(at: usize) -> Route {
    Route::To(Target::Station(at), 0)
}

/// Gives every station a name of its own.
fn name(mut network: Network) -> Network {
    for (at, station) in network.stations.iter_mut().enumerate() {
        station.name = format!("station {}", at + 1);
    }
    network
}

/// A rate as pieces up to `until`.
fn varying(rate: &RateFunction, until: f64) -> Rate {
    let length = until / PIECES as f64;
    let middle = |piece: usize| rate.at((piece as f64 + 0.5) * length);
    Rate::Piecewise {
        lengths: vec![length; PIECES],
        rates: (0..PIECES).map(middle).collect(),
    }
}

/// A law of theory as one of the engine.
pub(crate) fn law(dist: &Dist) -> Law {
    match dist {
        Dist::Exp { mean } => Law::Exponential { mean: *mean },
        Dist::Det { value } => Law::Constant { value: *value },
        Dist::Uniform { lo, hi } => Law::Uniform { min: *lo, max: *hi },
        Dist::Erlang { k, mean } => Law::Erlang { k: *k, mean: *mean },
        Dist::Hyperexp { p, rates } => Law::Hyperexponential {
            weights: p.clone(),
            means: rates.iter().map(|rate| 1.0 / rate).collect(),
        },
        Dist::Lognormal { mu, sigma } => Law::Lognormal {
            mu: *mu,
            sigma: *sigma,
        },
        Dist::BoundedPareto { alpha, lo, hi } => Law::Pareto {
            alpha: *alpha,
            min: *lo,
            max: Some(*hi),
        },
        Dist::Geometric { mean } => Law::Geometric { p: 1.0 / mean },
    }
}
