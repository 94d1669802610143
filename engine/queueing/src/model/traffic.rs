//! How much work is offered where: the traffic equations.

use kendall_kernel::Law;

use super::{
    Arrivals, Joining, JunctionKind, ModelError, Network, Policy, Rate, Route, Source, Station,
    Target,
};

/// Rounds of the iteration before customers are said never to leave.
const MOST_ROUNDS: u32 = 1_000_000;
/// What a round may still move, relative to what arrives.
const SETTLED: f64 = 1e-13;

/// Rates and utilisations that follow from a description, if nobody is lost on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// By station.
    pub stations: Vec<StationLoad>,
}

/// What is offered to a station.
#[derive(Clone, Debug, PartialEq)]
pub struct StationLoad {
    /// Name of the station.
    pub name: String,
    /// Arrivals per time unit, by class.
    pub rates: Vec<f64>,
    /// Offered work per time unit over what the servers can do; 0 with a server for everybody,
    /// infinite where a mean is.
    pub utilisation: f64,
    /// Whether customers turn away or give up rather than let the queue grow for ever.
    pub bounded: bool,
}

impl Load {
    /// Stations that are offered as much work as they can do, or more, and cannot turn it away.
    #[must_use]
    pub fn overloaded(&self) -> Vec<(String, f64)> {
        let full = self
            .stations
            .iter()
            .filter(|s| !s.bounded && s.utilisation >= 1.0);
        full.map(|s| (s.name.clone(), s.utilisation)).collect()
    }
}

impl Network {
    /// Solves the traffic equations of an open network; a network that nobody enters has no
    /// offered load. The description must have been [checked](Network::check).
    ///
    /// Dispatching junctions are taken to send equal shares (in turn, at random) or shares in
    /// proportion to the stations' speed (policies that look at the queues, unless a station has
    /// a server for everybody). Blocking is not taken into account: a network that passes may still
    /// be slowed down by it to less than what arrives.
    ///
    /// # Errors
    /// If customers from outside never leave.
    pub fn load(&self) -> Result<Load, ModelError> {
        let classes = self.classes.len();
        let mut flow = Flow {
            network: self,
            rates: vec![vec![0.0; classes]; self.stations.len()],
            moving: vec![vec![0.0; classes]; self.stations.len()],
        };
        for source in &self.sources {
            flow.send(source.to, source.class, source.rate());
        }
        let offered = flow.in_motion();
        let mut rounds = 0;
        while flow.in_motion() > SETTLED * offered {
            flow.round();
            rounds += 1;
            if rounds == MOST_ROUNDS {
                let at = flow
                    .moving
                    .iter()
                    .position(|row| row.iter().any(|r| *r > 0.0));
                let place = self.stations[at.unwrap_or(0)].name.clone();
                return Err(ModelError::NeverLeaves { place });
            }
        }
        let stations = self.stations.iter().zip(flow.rates);
        Ok(Load {
            stations: stations
                .map(|(station, rates)| station.load(rates))
                .collect(),
        })
    }

    /// Refuses a network that has no steady state.
    ///
    /// # Errors
    /// The stations that are offered too much; customers that never leave.
    pub fn check_stable(&self) -> Result<Load, ModelError> {
        let load = self.load()?;
        let stations = load.overloaded();
        if stations.is_empty() {
            Ok(load)
        } else {
            Err(ModelError::Unstable { stations })
        }
    }
}

impl Station {
    fn load(&self, rates: Vec<f64>) -> StationLoad {
        let work = rates.iter().zip(&self.service).map(|(rate, law)| {
            let mean = law.mean().unwrap_or(f64::INFINITY);
            if *rate > 0.0 { rate * mean } else { 0.0 }
        });
        let impatient = !self.patience.is_empty() && self.patience.iter().all(Option::is_some);
        let utilisation = utilisation(work.sum(), self.speed() * self.availability());
        // What still joins a long queue must be less than what is served.
        let discouraged = match &self.joining {
            Joining::Always => false,
            Joining::Reciprocal => true,
            Joining::Table(table) => table.last().is_some_and(|last| utilisation * last < 1.0),
        };
        StationLoad {
            name: self.name.clone(),
            utilisation,
            bounded: self.capacity.is_some() || impatient || discouraged,
            rates,
        }
    }

    /// Share of the time in which a server that is needed is not down.
    fn availability(&self) -> f64 {
        match &self.absence {
            super::Absence::Breakdowns { up, down, .. } => {
                let up = up.mean().unwrap_or(f64::INFINITY);
                let down = down.mean().unwrap_or(f64::INFINITY);
                if down.is_infinite() {
                    0.0
                } else {
                    1.0 / (1.0 + down / up)
                }
            }
            _ => 1.0,
        }
    }
}

fn utilisation(work: f64, speed: f64) -> f64 {
    // Infinite work stays so even with a server for everybody.
    if work.is_infinite() {
        work
    } else {
        work / speed
    }
}

impl Source {
    /// Customers per time unit, in the long run.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let mean = |law: &Law| law.mean().unwrap_or(f64::INFINITY);
        let arrivals = match &self.arrivals {
            Arrivals::Renewal(law) => 1.0 / mean(law),
            Arrivals::Markovian { silent, marked } => markovian_rate(silent, marked),
            Arrivals::Varying(Rate::Sinusoidal { mean, .. }) => *mean,
            Arrivals::Varying(Rate::Piecewise { lengths, rates }) => {
                let customers: f64 = lengths.iter().zip(rates).map(|(l, r)| l * r).sum();
                customers / lengths.iter().sum::<f64>()
            }
            Arrivals::Given(times) => {
                let span = times.last().copied().unwrap_or(0.0);
                if span > 0.0 {
                    times.len() as f64 / span
                } else {
                    0.0
                }
            }
        };
        arrivals * self.batch.as_ref().map_or(1.0, mean)
    }
}

/// Arrivals per time unit under the stationary law of the phases, by the power method on the
/// uniformised chain.
fn markovian_rate(silent: &[Vec<f64>], marked: &[Vec<f64>]) -> f64 {
    let phases = silent.len();
    let rate = |from: usize, to: usize| {
        let quiet = if from == to { 0.0 } else { silent[from][to] };
        quiet + marked[from][to]
    };
    let others = |from: usize| (0..phases).filter(move |&to| to != from);
    let out: Vec<f64> = (0..phases)
        .map(|from| others(from).map(|to| rate(from, to)).sum())
        .collect();
    // Twice the fastest, so that the chain is not periodic.
    let fastest = 2.0 * out.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    // A run starts in the first phase, from where not all others need be reached.
    let mut law = vec![0.0; phases];
    law[0] = 1.0;
    for _ in 0..MOST_ROUNDS {
        let flow = |to: usize| {
            let stays = law[to] * (1.0 - out[to] / fastest);
            let comes: f64 = others(to).map(|from| law[from] * rate(from, to)).sum();
            stays + comes / fastest
        };
        let next: Vec<f64> = (0..phases).map(flow).collect();
        let moved: f64 = next.iter().zip(&law).map(|(a, b)| (a - b).abs()).sum();
        law = next;
        if moved < 1e-15 {
            break;
        }
    }
    let arrivals = law.iter().zip(marked);
    arrivals
        .map(|(share, rates)| share * rates.iter().sum::<f64>())
        .sum()
}

/// Rates, and what of them has not been sent on yet; by station and class.
struct Flow<'a> {
    network: &'a Network,
    rates: Vec<Vec<f64>>,
    moving: Vec<Vec<f64>>,
}

impl Flow<'_> {
    fn in_motion(&self) -> f64 {
        self.moving.iter().flatten().sum()
    }

    /// Sends on what is in motion, by one service.
    fn round(&mut self) {
        let network = self.network;
        let classes = network.classes.len();
        let empty = vec![vec![0.0; classes]; network.stations.len()];
        let moving = std::mem::replace(&mut self.moving, empty);
        for (station, rates) in network.stations.iter().zip(&moving) {
            for (route, &rate) in station
                .next
                .iter()
                .zip(rates)
                .filter(|(_, rate)| **rate > 0.0)
            {
                self.follow(route, rate);
            }
        }
    }

    fn follow(&mut self, route: &Route, rate: f64) {
        match route {
            Route::Exit => {}
            Route::To(target, class) => self.send(*target, *class, rate),
            Route::Random(branches) => {
                for branch in branches {
                    self.send(branch.to, branch.class, rate * branch.probability);
                }
            }
        }
    }

    fn send(&mut self, target: Target, class: u16, rate: f64) {
        let network = self.network;
        match target {
            Target::Station(at) => {
                self.rates[at][usize::from(class)] += rate;
                self.moving[at][usize::from(class)] += rate;
            }
            Target::Junction(at) => match &network.junctions[at].kind {
                JunctionKind::Dispatch { policy, stations } => {
                    let everybody = |at: &usize| network.stations[*at].speed().is_infinite();
                    let blind = matches!(policy, Policy::RoundRobin | Policy::Random)
                        || stations.iter().any(everybody);
                    let weight = |at: usize| {
                        if blind {
                            1.0
                        } else {
                            network.stations[at].speed()
                        }
                    };
                    let total: f64 = stations.iter().map(|&at| weight(at)).sum();
                    for &at in stations {
                        self.send(Target::Station(at), class, rate * weight(at) / total);
                    }
                }
                JunctionKind::Fork { stations, next } => {
                    for &at in stations {
                        // Parts go on until their stations say exit; the whole goes on from here.
                        self.send(Target::Station(at), class, rate);
                    }
                    self.follow(&next[usize::from(class)], rate);
                }
            },
        }
    }
}
