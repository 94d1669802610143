//! Cycles of a network: from one arrival that finds nobody to the next.
//!
//! A listener adds up each cycle's counts and times as it goes on, turns them into the sums of each
//! figure when it ends, and keeps sums over cycles only: memory does not grow with the run.

use kendall_kernel::stats::CycleSums;
use kendall_queueing::model::{Discipline, Joining, JunctionKind};
use kendall_queueing::{
    Network, NetworkTotals, Observer, Outcome, Probes, StationTotals, Stay, Totals,
};

use super::batch::Batch;
use super::figure::Figure;
use super::scale::Scale;

/// Sums over complete cycles, by figure, and the cycle that has begun.
#[derive(Clone, Debug)]
pub(super) struct Cycles {
    figures: Vec<Figure>,
    scale: Scale,
    /// By figure.
    pub(super) sums: Vec<CycleSums>,
    /// Complete cycles.
    pub(super) count: u64,
    /// Customers who left the network in complete cycles, served or not.
    pub(super) customers: u64,
    /// What was counted since the cycle began; `now_ns` when it did.
    current: Batch,
    stations: Vec<Here>,
    /// Whether customers may be in parts.
    forks: bool,
    /// Whether a first cycle has begun.
    begun: bool,
    /// Customers, or parts of them, at all stations.
    present: u64,
    /// Whether a customer has left a station after service and is not at its next place yet: a
    /// network that is empty of others is not empty then.
    on_the_way: bool,
}

/// How busy a station is.
#[derive(Clone, Copy, Debug)]
struct Here {
    busy: Busy,
    present: u64,
    changed_ns: u64,
}

/// What makes a server busy.
#[derive(Clone, Copy, Debug)]
enum Busy {
    /// The customer that it serves, from the begin of service until it leaves.
    ByCustomer,
    /// One of those present, of whom at most so many have servers.
    ByPresence(u64),
}

impl Cycles {
    /// No cycles yet of an empty network.
    pub(super) fn new(network: &Network, figures: &[Figure], scale: Scale) -> Cycles {
        let classes = network.classes.len();
        let station = StationTotals {
            classes: vec![Totals::default(); classes],
            ..StationTotals::default()
        };
        let here = network.stations.iter().map(|station| Here {
            busy: match station.discipline {
                Discipline::Fcfs
                | Discipline::Lcfs
                | Discipline::Random
                | Discipline::ShortestFirst
                | Discipline::Priority(_) => Busy::ByCustomer,
                _ => Busy::ByPresence(station.server_count().map_or(u64::MAX, u64::from)),
            },
            present: 0,
            changed_ns: 0,
        });
        Cycles {
            sums: vec![CycleSums::new(); figures.len()],
            figures: figures.to_vec(),
            scale,
            count: 0,
            customers: 0,
            current: Batch {
                totals: NetworkTotals {
                    stations: vec![station; network.stations.len()],
                    ..NetworkTotals::default()
                },
                probes: Probes::default(),
            },
            stations: here.collect(),
            forks: has_forks(network),
            begun: false,
            present: 0,
            on_the_way: false,
        }
    }

    /// Adds the cycles of a run that follows.
    pub(super) fn merge(&mut self, next: &Cycles) {
        let sums = self.sums.iter_mut().zip(&next.sums);
        sums.for_each(|(into, from)| into.merge(from));
        self.count += next.count;
        self.customers += next.customers;
    }

    /// The sums of a figure.
    pub(super) fn of(&self, figure: Figure) -> Option<&CycleSums> {
        let at = self.figures.iter().position(|own| *own == figure)?;
        Some(&self.sums[at])
    }

    /// Somebody arrives at an empty network: a cycle ends, and one begins.
    fn regenerate(&mut self, now_ns: u64) {
        if self.begun {
            self.close(now_ns);
        }
        self.begun = true;
        let totals = &mut self.current.totals;
        let fresh = |station: &mut StationTotals| {
            station.classes.fill(Totals::default());
            station.busy_ns = 0;
        };
        totals.stations.iter_mut().for_each(fresh);
        (totals.left, totals.completed) = (0, 0);
        (totals.sojourn_ns, totals.present_ns) = (0, 0);
        totals.now_ns = now_ns;
    }

    fn close(&mut self, now_ns: u64) {
        let totals = &mut self.current.totals;
        totals.now_ns = now_ns - totals.now_ns;
        for class in totals.stations.iter_mut().flat_map(|s| &mut s.classes) {
            // Everybody has left, so what came is what ended.
            class.arrivals = class.served + class.lost + class.balked + class.reneged;
            totals.present_ns += class.present_ns;
        }
        if self.forks {
            // Parts are at several stations; nobody is lost, see `kept`.
            totals.present_ns = totals.sojourn_ns;
        }
        self.count += 1;
        self.customers += totals.left;
        for (sums, figure) in self.sums.iter_mut().zip(&self.figures) {
            if let Some([reward, length, _]) = figure.parts(&self.current, &self.scale) {
                sums.push(reward, length);
            }
        }
    }
}

impl Here {
    /// The number present did not change until now; how long servers were busy.
    #[inline]
    fn busy_until(&mut self, now_ns: u64) -> u128 {
        let held = now_ns - self.changed_ns;
        self.changed_ns = now_ns;
        match self.busy {
            Busy::ByCustomer => 0,
            Busy::ByPresence(servers) => u128::from(self.present.min(servers)) * u128::from(held),
        }
    }
}

impl Observer for Cycles {
    const LEVELS: bool = true;

    #[inline]
    fn stay(&mut self, stay: &Stay) {
        let totals = &mut self.current.totals;
        let station = &mut totals.stations[stay.station];
        let class = &mut station.classes[usize::from(stay.class)];
        let stayed = u128::from(stay.left_ns - stay.arrived_ns);
        class.present_ns += stayed;
        self.on_the_way = stay.outcome == Outcome::Served;
        totals.left += u64::from(!self.on_the_way);
        match stay.outcome {
            Outcome::Served => {
                let started = stay.started_ns.unwrap_or(stay.left_ns);
                let waited = started - stay.arrived_ns;
                class.served += 1;
                class.waited += u64::from(waited > 0);
                class.waiting_ns += u128::from(waited);
                class.sojourn_ns += stayed;
                if let Busy::ByCustomer = self.stations[stay.station].busy {
                    station.busy_ns += u128::from(stay.left_ns - started);
                }
            }
            Outcome::Lost => class.lost += 1,
            Outcome::Balked => class.balked += 1,
            Outcome::Reneged => {
                class.reneged += 1;
                class.reneged_ns += stayed;
            }
        }
    }

    #[inline]
    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        if change > 0 {
            if self.present == 0 && !self.on_the_way {
                self.regenerate(now_ns);
            }
            self.on_the_way = false;
        }
        let here = &mut self.stations[station];
        self.current.totals.stations[station].busy_ns += here.busy_until(now_ns);
        here.present = here.present.wrapping_add_signed(change);
        self.present = self.present.wrapping_add_signed(change);
    }

    #[inline]
    fn exit(&mut self, now_ns: u64, born_ns: u64) {
        self.on_the_way = false;
        let totals = &mut self.current.totals;
        totals.left += 1;
        totals.completed += 1;
        totals.sojourn_ns += u128::from(now_ns - born_ns);
    }
}

/// Whether the sums of a figure over a cycle follow from stays, levels and exits.
pub(super) fn kept(figure: Figure, network: &Network) -> bool {
    match figure {
        Figure::Sojourn(_)
        | Figure::Waiting(_)
        | Figure::WaitingOfAll(_)
        | Figure::Present(_)
        | Figure::Queued(_)
        | Figure::Throughput(_)
        | Figure::ArrivalRate(_)
        | Figure::Waits(_)
        | Figure::Lost(_)
        | Figure::Balked(_)
        | Figure::Reneged(_)
        | Figure::Units(_)
        | Figure::NetworkSojourn
        | Figure::NetworkThroughput => true,
        Figure::Utilisation(at) | Figure::IdleServers(at) => {
            let station = network.stations.get(at);
            station.is_some_and(|station| station.server_count().is_some())
        }
        // Of those who leave unserved nobody says when they entered the network.
        Figure::NetworkPresent => !has_forks(network) || serves_all(network),
        _ => false,
    }
}

fn has_forks(network: &Network) -> bool {
    let mut junctions = network.junctions.iter();
    junctions.any(|junction| matches!(junction.kind, JunctionKind::Fork { .. }))
}

fn serves_all(network: &Network) -> bool {
    network.stations.iter().all(|station| {
        let patient = station.patience.iter().all(Option::is_none);
        station.capacity.is_none() && patient && station.joining == Joining::Always
    })
}

#[cfg(test)]
mod tests;
