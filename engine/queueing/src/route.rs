//! Where customers go next.

use kendall_kernel::{Purpose, Rng, Streams};
use rand::RngExt;

use crate::model::{self, JunctionKind, Policy, Target};
use crate::station::Station;

/// Where a customer of one class goes after one station.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    Exit,
    To(Target, u16),
    /// Cumulative probabilities; above the last one, the customer leaves.
    Random(Vec<(f64, Target, u16)>),
}

impl Route {
    pub(crate) fn new(spec: &model::Route) -> Route {
        match spec {
            model::Route::Exit => Route::Exit,
            model::Route::To(target, class) => Route::To(*target, *class),
            model::Route::Random(branches) => {
                let mut below = 0.0;
                let cumulative = branches.iter().map(|branch| {
                    below += branch.probability;
                    (below, branch.to, branch.class)
                });
                let mut cumulative: Vec<_> = cumulative.collect();
                // What rounding left of a whole row is nobody's.
                if let Some(last) = cumulative.last_mut()
                    && last.0 > 1.0 - 1e-9
                {
                    last.0 = f64::INFINITY;
                }
                Route::Random(cumulative)
            }
        }
    }

    /// The next place and class; `None` to leave.
    #[inline(always)]
    pub(crate) fn choose(&self, rng: &mut Rng) -> Option<(Target, u16)> {
        match self {
            Route::Exit => None,
            Route::To(target, class) => Some((*target, *class)),
            Route::Random(branches) => {
                let draw: f64 = rng.random();
                let taken = branches.iter().find(|(below, ..)| draw < *below);
                taken.map(|&(_, target, class)| (target, class))
            }
        }
    }
}

/// A junction of a running network.
#[derive(Clone, Debug)]
pub(crate) enum Junction {
    Dispatch(Dispatcher),
    Fork {
        stations: Vec<usize>,
        next: Vec<Route>,
    },
}

impl Junction {
    pub(crate) fn new(spec: &model::Junction, number: usize, streams: Streams) -> Junction {
        match &spec.kind {
            JunctionKind::Dispatch { policy, stations } => Junction::Dispatch(Dispatcher {
                policy: *policy,
                stations: stations.clone(),
                turn: 0,
                rng: streams.stream(number as u64 + 1, Purpose::Routing),
            }),
            JunctionKind::Fork { stations, next } => Junction::Fork {
                stations: stations.clone(),
                next: next.iter().map(Route::new).collect(),
            },
        }
    }
}

impl Junction {
    /// Stations that must keep account of their work for it.
    pub(crate) fn asks_for_work(&self) -> &[usize] {
        match self {
            Junction::Dispatch(dispatcher) if dispatcher.policy == Policy::LeastWork => {
                &dispatcher.stations
            }
            _ => &[],
        }
    }
}

/// Chooses a station by a policy.
#[derive(Clone, Debug)]
pub(crate) struct Dispatcher {
    policy: Policy,
    stations: Vec<usize>,
    turn: usize,
    rng: Rng,
}

impl Dispatcher {
    /// The chosen station; `work` tells what is unfinished at one.
    pub(crate) fn choose(&mut self, stations: &[Station], work: impl Fn(usize) -> u64) -> usize {
        match self.policy {
            Policy::RoundRobin => {
                let chosen = self.stations[self.turn];
                self.turn = (self.turn + 1) % self.stations.len();
                chosen
            }
            Policy::Random => self.stations[self.rng.random_range(0..self.stations.len())],
            Policy::ShortestQueue => {
                let all = self.stations.iter().copied();
                least(all, |station| stations[station].present(), &mut self.rng)
            }
            Policy::LeastWork => {
                let all = self.stations.iter().copied();
                least(all, work, &mut self.rng)
            }
            Policy::PowerOf(choices) => {
                // The first places of a shuffle (Fisher and Yates): drawn without replacement.
                let count = self.stations.len();
                let choices = (choices as usize).min(count);
                for place in 0..choices {
                    let other = self.rng.random_range(place..count);
                    self.stations.swap(place, other);
                }
                let drawn = self.stations[..choices].iter().copied();
                least(drawn, |station| stations[station].present(), &mut self.rng)
            }
        }
    }
}

/// One of those with the least measure, each with the same chance.
fn least(
    candidates: impl Iterator<Item = usize>,
    measure: impl Fn(usize) -> u64,
    rng: &mut Rng,
) -> usize {
    let mut best = (u64::MAX, 0);
    let mut ties = 0_u32;
    for candidate in candidates {
        let measured = measure(candidate);
        if ties == 0 || measured < best.0 {
            best = (measured, candidate);
            ties = 1;
        } else if measured == best.0 {
            ties += 1;
            if rng.random_range(0..ties) == 0 {
                best.1 = candidate;
            }
        }
    }
    best.1
}
