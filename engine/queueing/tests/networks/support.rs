//! What the tests share: short descriptions, a listener that keeps everything, ways to run.

use kendall_kernel::{Law, Streams, Time, TimeWeighted};
use kendall_queueing::model::{Arrivals, Discipline, Polling, Route, Servers, Station, Target};
use kendall_queueing::{
    Network, NetworkTotals, Observer, Outcome, RunError, Simulation, Stay, Until,
};

/// A time unit of one nanosecond: times that are whole numbers meet each other often.
pub(crate) const NANOSECOND: f64 = 1e-9;
/// No limit.
pub(crate) const FOR_EVER: u64 = u64::MAX;

/// Keeps what it hears, and integrates the number present from the changes alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) stays: Vec<Stay>,
    /// Time of exit and time of birth.
    pub(crate) exits: Vec<(u64, u64)>,
    /// The number present, by station.
    levels: Vec<TimeWeighted>,
}

impl Ledger {
    pub(crate) fn new(network: &Network) -> Ledger {
        let at_first = |station: usize| {
            let here = network.populations.iter().filter(|p| p.station == station);
            TimeWeighted::new(Time::ZERO, here.map(|population| population.count).sum())
        };
        Ledger {
            levels: (0..network.stations.len()).map(at_first).collect(),
            ..Ledger::default()
        }
    }

    /// Customers present at a station, integrated up to now, when there are so many.
    pub(crate) fn integral(&self, station: usize, now_ns: u64, present: u64) -> u128 {
        assert_eq!(self.levels[station].value(), present, "changes told");
        self.levels[station].integral(Time::from_ns(now_ns))
    }

    pub(crate) fn of(&self, station: usize, outcome: Outcome) -> impl Iterator<Item = &Stay> {
        let here = move |stay: &&Stay| stay.station == station && stay.outcome == outcome;
        self.stays.iter().filter(here)
    }

    /// Stays by number of the customer, where everybody comes once.
    pub(crate) fn by_customer(&self) -> Vec<Stay> {
        let mut stays = self.stays.clone();
        stays.sort_by_key(|stay| stay.customer);
        stays
    }
}

impl Observer for Ledger {
    const LEVELS: bool = true;

    fn stay(&mut self, stay: &Stay) {
        self.stays.push(*stay);
    }

    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        let level = &mut self.levels[station];
        let present = level.value().checked_add_signed(change);
        // Panics if time goes back.
        level.set(
            Time::from_ns(now_ns),
            present.expect("nobody leaves who is not there"),
        );
    }

    fn exit(&mut self, now_ns: u64, born_ns: u64) {
        self.exits.push((now_ns, born_ns));
    }
}

pub(crate) fn exponential(mean: f64) -> Law {
    Law::Exponential { mean }
}

pub(crate) fn constant(value: f64) -> Law {
    Law::Constant { value }
}

pub(crate) fn poisson(rate: f64) -> Arrivals {
    Arrivals::Renewal(exponential(1.0 / rate))
}

/// A first-come-first-served station with exponential service of mean 1.
pub(crate) fn station(name: &str, servers: u32) -> Station {
    Station::new(name, Servers::Equal(servers), vec![exponential(1.0)])
}

pub(crate) fn to_station(at: usize) -> Route {
    Route::To(Target::Station(at), 0)
}

pub(crate) fn polling(visit: kendall_queueing::model::Visit, switchover: Vec<Law>) -> Discipline {
    Discipline::Polling(Polling { visit, switchover })
}

/// Runs up to a time, a time unit being a nanosecond.
pub(crate) fn run_to(
    network: &Network,
    seed: u64,
    time_ns: u64,
) -> (NetworkTotals, Ledger, Result<(), RunError>) {
    let mut ledger = Ledger::new(network);
    let mut simulation = Simulation::new(network, Streams::new(seed), NANOSECOND).unwrap();
    let until = Until {
        customers: FOR_EVER,
        time_ns,
    };
    let outcome = simulation.run(until, &mut ledger);
    (simulation.totals(), ledger, outcome)
}

/// Runs until nothing is to happen any more; everybody must have left.
pub(crate) fn run_dry(network: &Network, seed: u64) -> (NetworkTotals, Ledger) {
    let (totals, ledger, outcome) = run_to(network, seed, FOR_EVER);
    outcome.unwrap();
    assert_eq!(totals.present, 0, "{totals:?}");
    (totals, ledger)
}
