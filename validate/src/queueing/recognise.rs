//! Networks of the engine as models that theory knows.

use kendall_kernel::Law;
use kendall_queueing::Network;
use kendall_queueing::model::{
    self as engine, Absence, Arrivals, Joining, Route, Servers, Target, WhenFull,
};

use super::expression::Expression;
use super::model::{Class, ClosedStation, Discipline, Model, OpenStation, Polling, Station};
use crate::theory::Dist;

/// The model that a network is, where it is one of [`Model`]; `None` if theory has nothing to say.
#[must_use]
pub fn recognise(network: &Network) -> Option<Model> {
    if !network.junctions.is_empty() {
        return None;
    }
    match (network.sources.as_slice(), network.populations.as_slice()) {
        ([_], []) if network.classes.len() == 1 && network.stations.len() == 1 => {
            one_class(network)
        }
        ([_, ..], []) if network.stations.len() == 1 => several_classes(network),
        ([_, ..], []) => jackson(network),
        ([], [_]) => closed(network),
        _ => None,
    }
}

/// One station, one class, customers leave afterwards.
fn one_class(network: &Network) -> Option<Model> {
    let (station, source) = (&network.stations[0], &network.sources[0]);
    if source.to != Target::Station(0) || station.next != [Route::Exit] {
        return jackson(network);
    }
    let service = dist(&station.service[0])?;
    if let Arrivals::Markovian { silent, marked } = &source.arrivals {
        return plain(station).then(|| modulated(silent, marked, &service))?;
    }
    let Arrivals::Renewal(gaps) = &source.arrivals else {
        return None;
    };
    let arrival = dist(gaps)?;
    let lam = rate(&arrival);
    let patient = station.patience.iter().all(Option::is_none);
    let unlimited = station.capacity.is_none();
    let fcfs = station.discipline == engine::Discipline::Fcfs;
    let alone = station.servers == Servers::Equal(1);
    if let Some(batch) = &source.batch {
        let mu = rate(&service).filter(|_| plain(station) && alone && fcfs)?;
        return Some(Model::Batches {
            lam_batch: lam?,
            batch: dist(batch)?,
            mu,
        });
    }
    if !patient {
        let plain = unlimited && fcfs && station.joining == Joining::Always;
        let patience = dist(station.patience[0].as_ref()?)?;
        return Some(Model::Impatient {
            lam: lam?,
            mu: rate(&service).filter(|_| plain && station.absence == Absence::None)?,
            servers: equal(&station.servers)?,
            patience,
        });
    }
    if station.joining != Joining::Always {
        let join = match &station.joining {
            Joining::Reciprocal => Expression::parse("1/(n+1)", "n").ok()?,
            _ => return None,
        };
        let simple = alone && unlimited && station.absence == Absence::None;
        let mu = rate(&service).filter(|_| simple)?;
        return Some(Model::Balking {
            lam: lam?,
            mu,
            join,
        });
    }
    match &station.absence {
        Absence::Vacations(law) if alone && unlimited && fcfs => Some(Model::Vacations {
            lam: lam?,
            service,
            vacation: dist(law)?,
        }),
        Absence::Setup(law) if alone && unlimited && fcfs => Some(Model::Setup {
            lam: lam?,
            service,
            setup: dist(law)?,
        }),
        Absence::None => limited_or_not(station, arrival, service),
        _ => None,
    }
}

fn limited_or_not(station: &engine::Station, arrival: Dist, service: Dist) -> Option<Model> {
    if let Servers::Speeds(speeds) = &station.servers {
        let unlimited = station.capacity.is_none();
        let mu = rate(&service).filter(|_| unlimited)?;
        return Some(Model::Heterogeneous {
            lam: rate(&arrival)?,
            mu: speeds.iter().map(|speed| speed * mu).collect(),
        });
    }
    let servers = match &station.servers {
        Servers::Infinite => None,
        servers => Some(equal(servers)?),
    };
    let capacity = match station.capacity {
        Some(capacity) if station.units.is_empty() => Some(u32::try_from(capacity).ok()?),
        Some(_) => return None,
        None => None,
    };
    Some(Model::Station(Station {
        arrival,
        service,
        servers,
        capacity,
        discipline: discipline(&station.discipline)?,
    }))
}

fn modulated(silent: &[Vec<f64>], marked: &[Vec<f64>], service: &Dist) -> Option<Model> {
    let [_, _] = silent else { return None };
    let diagonal = marked[0][1] == 0.0 && marked[1][0] == 0.0;
    Some(Model::Modulated {
        rates: [marked[0][0], marked[1][1]],
        switch: [silent[0][1], silent[1][0]],
        mu: rate(service).filter(|_| diagonal)?,
    })
}

/// One station, a Poisson source per class, customers leave afterwards.
fn several_classes(network: &Network) -> Option<Model> {
    let station = &network.stations[0];
    let mut classes = Vec::new();
    for (class, law) in station.service.iter().enumerate() {
        let mut sources = network
            .sources
            .iter()
            .filter(|s| usize::from(s.class) == class);
        let (source, None) = (sources.next()?, sources.next()) else {
            return None;
        };
        let Arrivals::Renewal(gaps) = &source.arrivals else {
            return None;
        };
        let own = source.batch.is_none() && source.to == Target::Station(0);
        classes.push(Class {
            lam: rate(&dist(gaps)?).filter(|_| own)?,
            service: dist(law)?,
            weight: 1.0,
        });
    }
    let leaves = station.next.iter().all(|next| *next == Route::Exit);
    if !leaves || !plain(station) {
        return None;
    }
    let servers = equal(&station.servers)?;
    match &station.discipline {
        engine::Discipline::Priority(ranks) => priority(classes, ranks, servers, false),
        engine::Discipline::PreemptivePriority(ranks) => priority(classes, ranks, servers, true),
        engine::Discipline::ProcessorSharing if servers == 1 => Some(Model::Sharing { classes }),
        engine::Discipline::Discriminatory(weights) => {
            let weighted = classes.iter_mut().zip(weights);
            weighted.for_each(|(class, weight)| class.weight = *weight);
            Some(Model::Sharing { classes })
        }
        engine::Discipline::Polling(polling) => {
            let same = |class: &Class| *class == classes[0];
            let (first, laws) = (polling.switchover.first()?, &polling.switchover);
            let symmetric = classes.iter().all(same) && laws.iter().all(|law| law == first);
            let queues = u32::try_from(classes.len()).ok().filter(|_| symmetric)?;
            Some(Model::Polling {
                queues,
                lam_each: classes[0].lam,
                service: classes[0].service.clone(),
                switchover: dist(first)?,
                rule: match polling.visit {
                    engine::Visit::Exhaustive => Polling::Exhaustive,
                    engine::Visit::Gated => Polling::Gated,
                },
            })
        }
        _ => None,
    }
}

/// Theory orders classes from the most to the least urgent; so must the network.
fn priority(classes: Vec<Class>, ranks: &[u32], servers: u32, preemptive: bool) -> Option<Model> {
    let ordered = ranks.windows(2).all(|pair| pair[0] < pair[1]);
    ordered.then_some(Model::Priority {
        classes,
        servers,
        preemptive,
    })
}

/// Exponential stations with Poisson arrivals and routing that forgets.
fn jackson(network: &Network) -> Option<Model> {
    if network.classes.len() != 1 {
        return None;
    }
    let count = network.stations.len();
    let mut stations = Vec::new();
    for (at, station) in network.stations.iter().enumerate() {
        let insensitive = matches!(
            station.discipline,
            engine::Discipline::Fcfs | engine::Discipline::Lcfs | engine::Discipline::Random
        );
        let here = |source: &&engine::Source| source.to == Target::Station(at);
        let mut gamma = 0.0;
        for source in network.sources.iter().filter(here) {
            let Arrivals::Renewal(gaps) = &source.arrivals else {
                return None;
            };
            gamma += rate(&dist(gaps)?).filter(|_| source.batch.is_none())?;
        }
        stations.push(OpenStation {
            gamma,
            mu: rate(&dist(&station.service[0])?).filter(|_| plain(station) && insensitive)?,
            servers: equal(&station.servers)?,
            routing: routing(&station.next[0], count)?,
        });
    }
    Some(Model::Open { stations })
}

fn routing(route: &Route, stations: usize) -> Option<Vec<f64>> {
    let mut row = vec![0.0; stations];
    match route {
        Route::Exit => {}
        Route::To(Target::Station(to), _) => row[*to] = 1.0,
        Route::Random(branches) => {
            for branch in branches {
                let Target::Station(to) = branch.to else {
                    return None;
                };
                row[to] += branch.probability;
            }
        }
        Route::To(Target::Junction(_), _) => return None,
    }
    Some(row)
}

/// A population that goes around, with at most one place to think, the last one.
fn closed(network: &Network) -> Option<Model> {
    let customers = u32::try_from(network.populations[0].count).ok()?;
    let count = network.stations.len();
    let mut think_time = 0.0;
    let mut stations = Vec::new();
    for (at, station) in network.stations.iter().enumerate() {
        let onwards = station.next == [Route::To(Target::Station((at + 1) % count), 0)];
        let exponential =
            rate(&dist(&station.service[0])?).filter(|_| plain(station) && onwards)?;
        if station.servers == Servers::Infinite {
            think_time = Some(1.0 / exponential).filter(|_| at + 1 == count)?;
        } else if station.discipline == engine::Discipline::Fcfs {
            stations.push(ClosedStation {
                demand: 1.0 / exponential,
                servers: equal(&station.servers)?,
            });
        } else {
            return None;
        }
    }
    Some(Model::Closed {
        customers,
        think_time,
        stations,
    })
}

/// Whether a station has room for all, loses nobody and serves whenever it can.
fn plain(station: &engine::Station) -> bool {
    station.capacity.is_none()
        && station.when_full == WhenFull::Lose
        && station.joining == Joining::Always
        && station.absence == Absence::None
        && station.patience.iter().all(Option::is_none)
}

fn equal(servers: &Servers) -> Option<u32> {
    match servers {
        Servers::Equal(count) => Some(*count),
        Servers::Speeds(_) | Servers::Infinite => None,
    }
}

fn discipline(discipline: &engine::Discipline) -> Option<Discipline> {
    Some(match discipline {
        engine::Discipline::Fcfs => Discipline::Fcfs,
        engine::Discipline::Lcfs => Discipline::Lcfs,
        engine::Discipline::LcfsPreemptive => Discipline::LcfsPr,
        engine::Discipline::Random => Discipline::Ros,
        engine::Discipline::ProcessorSharing => Discipline::Ps,
        engine::Discipline::ShortestFirst => Discipline::Sjf,
        engine::Discipline::PreemptiveShortestFirst => Discipline::Psjf,
        engine::Discipline::ShortestRemaining => Discipline::Srpt,
        engine::Discipline::LeastAttained => Discipline::Fb,
        _ => return None,
    })
}

/// The rate of an exponential law.
fn rate(dist: &Dist) -> Option<f64> {
    match dist {
        Dist::Exp { mean } => Some(1.0 / mean),
        _ => None,
    }
}

/// A law of the engine as one of theory.
fn dist(law: &Law) -> Option<Dist> {
    Some(match law {
        Law::Constant { value } => Dist::Det { value: *value },
        Law::Exponential { mean } => Dist::Exp { mean: *mean },
        Law::Uniform { min, max } => Dist::Uniform { lo: *min, hi: *max },
        Law::Erlang { k: 1, mean } => Dist::Exp { mean: *mean },
        Law::Erlang { k, mean } => Dist::Erlang { k: *k, mean: *mean },
        Law::Lognormal { mu, sigma } if *sigma > 0.0 => Dist::Lognormal {
            mu: *mu,
            sigma: *sigma,
        },
        Law::Pareto {
            alpha,
            min,
            max: Some(max),
        } => Dist::BoundedPareto {
            alpha: *alpha,
            lo: *min,
            hi: *max,
        },
        Law::Geometric { p } => Dist::Geometric { mean: 1.0 / p },
        Law::Hyperexponential { weights, means } => {
            let total: f64 = weights.iter().sum();
            let equal = 1.0 / means.len() as f64;
            let share = |at: usize| weights.get(at).map_or(equal, |weight| weight / total);
            Dist::Hyperexp {
                p: (0..means.len()).map(share).collect(),
                rates: means.iter().map(|mean| 1.0 / mean).collect(),
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::queueing::by_simulation::as_network;
    use crate::queueing::{expected, read_cases};

    /// What is recognised in the network of a case has the figures of the case.
    #[test]
    fn networks_of_cases_are_recognised_or_left_alone() {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/queueing/exact.csv");
        let mut figures = 0;
        for case in read_cases(&cases).unwrap() {
            let model = case.model.unwrap();
            let Some(recognised) = recognise(&as_network(&model)) else {
                continue;
            };
            for figure in &case.figures {
                // Models of a different form may name their figures in another way.
                let Some(value) = expected(&recognised, &figure.metric) else {
                    continue;
                };
                let off = (value - figure.expected).abs() / figure.expected.abs();
                assert!(off < 1e-6, "{} {}: {value}", case.name, figure.metric);
                figures += 1;
            }
        }
        assert!(figures > 200, "{figures}");
    }
}
