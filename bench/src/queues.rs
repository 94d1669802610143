//! Networks of queues to measure, and one way to run whatever runs them. Services have a mean of
//! 1 s where nothing else is said.

use kendall_kernel::{Law, Streams};
use kendall_queueing::model::{
    Arrivals, Branch, Discipline, Route, Servers, Source, Station, Target,
};
use kendall_queueing::{Network, NetworkTotals, Plain, Recursion, Simulation, Until};

use crate::Digest;
use crate::textbook;

const SEED: u64 = 1;

fn poisson(rate: f64) -> Arrivals {
    Arrivals::Renewal(Law::Exponential { mean: 1.0 / rate })
}

fn exponential_station(servers: u32) -> Station {
    let service = Law::Exponential { mean: 1.0 };
    Station::new("station", Servers::Equal(servers), vec![service])
}

/// M/M/k with a utilisation of 0.8.
#[must_use]
pub fn mmk(servers: u32) -> Network {
    Network::single(
        poisson(0.8 * f64::from(servers)),
        exponential_station(servers),
    )
}

/// M/M/10/10 with an offered load of 8: of eight customers one is lost.
#[must_use]
pub fn loss() -> Network {
    let mut station = exponential_station(10);
    station.capacity = Some(10);
    Network::single(poisson(8.0), station)
}

/// M/M/5+M with an offered load of 5 and a mean patience of 1 s.
#[must_use]
pub fn impatient() -> Network {
    let mut station = exponential_station(5);
    station.patience = vec![Some(Law::Exponential { mean: 1.0 })];
    Network::single(poisson(5.0), station)
}

/// M/G/1 with a utilisation of 0.8; service is bounded Pareto from 1 to 100 s with exponent 1.5,
/// whose mean is 2.703 s.
///
/// # Panics
/// If the law does not read.
#[must_use]
pub fn heavy_tailed(discipline: Discipline) -> Network {
    let law = "pareto:alpha=1.5,min=1,max=100";
    let service: Law = law.parse().expect("a law");
    let mut station = Station::new("station", Servers::Equal(1), vec![service]);
    station.discipline = discipline;
    Network::single(poisson(0.296), station)
}

/// Three single servers. 0.5 customers per second come to the first, from which they go to the
/// second or third with equal chances; from there one in five goes back to the first. 3.5 events
/// per customer.
#[must_use]
pub fn jackson() -> Network {
    let branch = |at, probability| Branch {
        probability,
        to: Target::Station(at),
        class: 0,
    };
    let station = |name: &str, next| {
        let mut station = exponential_station(1);
        station.name = name.to_owned();
        station.next = vec![Route::Random(next)];
        station
    };
    Network {
        classes: vec!["customers".to_owned()],
        stations: vec![
            station("first", vec![branch(1, 0.5), branch(2, 0.5)]),
            station("second", vec![branch(0, 0.2)]),
            station("third", vec![branch(0, 0.2)]),
        ],
        sources: vec![Source {
            class: 0,
            arrivals: poisson(0.5),
            batch: None,
            to: Target::Station(0),
        }],
        ..Network::default()
    }
}

/// The network, to be run by [`Simulation`].
///
/// # Panics
/// If the description is at fault.
#[must_use]
pub fn simulation(network: &Network) -> Simulation {
    Simulation::new(network, Streams::new(SEED), 1.0).expect("a good network")
}

/// Whether [`Plain`] can run the network.
///
/// # Panics
/// If the description is at fault.
#[must_use]
pub fn is_plain(network: &Network) -> bool {
    let plain = Plain::new(network, Streams::new(SEED), 1.0).expect("a good network");
    plain.is_some()
}

/// The network, to be run by [`Plain`].
///
/// # Panics
/// If the description is at fault, or something in it is not plain.
#[must_use]
pub fn plain(network: &Network) -> Plain {
    let plain = Plain::new(network, Streams::new(SEED), 1.0).expect("a good network");
    plain.expect("a plain network")
}

/// The network, to be followed by [`Recursion`].
///
/// # Panics
/// If the description is at fault, or no single queue, first come first served.
#[must_use]
pub fn recursion(network: &Network) -> Recursion {
    let recursion = Recursion::new(network, Streams::new(SEED), 1.0).expect("a good network");
    recursion.expect("a single queue")
}

/// The network, to be run by whatever is fastest: [`Recursion`], [`Plain`], [`Simulation`].
///
/// # Panics
/// If the description is at fault.
#[must_use]
pub fn fastest(network: &Network) -> Box<dyn Serve> {
    let streams = || Streams::new(SEED);
    let recursion = Recursion::new(network, streams(), 1.0).expect("a good network");
    if let Some(recursion) = recursion {
        return Box::new(recursion);
    }
    match Plain::new(network, streams(), 1.0).expect("a good network") {
        Some(plain) => Box::new(plain),
        None => Box::new(simulation(network)),
    }
}

/// Something that serves customers.
pub trait Serve {
    /// Runs on until so many customers have left since the start.
    ///
    /// # Panics
    /// If the run cannot go on.
    fn serve(&mut self, customers: u64);

    /// Events so far.
    fn events(&self) -> u64;

    /// A fingerprint of all that was counted.
    fn digest(&self) -> Digest;
}

/// After so many customers, whatever the time.
#[must_use]
pub fn after(customers: u64) -> Until {
    let time_ns = u64::MAX;
    Until { customers, time_ns }
}

impl Serve for Simulation {
    #[inline(never)]
    fn serve(&mut self, customers: u64) {
        self.run(after(customers), &mut ()).expect("goes on");
    }

    fn events(&self) -> u64 {
        self.totals().events
    }

    fn digest(&self) -> Digest {
        of_totals(&self.totals())
    }
}

impl Serve for Plain {
    #[inline(never)]
    fn serve(&mut self, customers: u64) {
        self.run(after(customers), &mut ()).expect("goes on");
    }

    fn events(&self) -> u64 {
        self.totals().events
    }

    fn digest(&self) -> Digest {
        of_totals(&self.totals())
    }
}

impl Serve for Recursion {
    #[inline(never)]
    fn serve(&mut self, customers: u64) {
        self.run(customers, &mut ()).expect("goes on");
    }

    fn events(&self) -> u64 {
        self.totals().events
    }

    fn digest(&self) -> Digest {
        of_totals(&self.totals())
    }
}

impl Serve for textbook::Single {
    fn serve(&mut self, customers: u64) {
        self.run(customers);
    }

    fn events(&self) -> u64 {
        self.counts().events
    }

    fn digest(&self) -> Digest {
        of_counts(self.counts())
    }
}

impl Serve for textbook::Jackson {
    fn serve(&mut self, customers: u64) {
        self.run(customers);
    }

    fn events(&self) -> u64 {
        self.counts().events
    }

    fn digest(&self) -> Digest {
        of_counts(self.counts())
    }
}

fn of_totals(totals: &NetworkTotals) -> Digest {
    let mut digest = Digest::default();
    digest.totals(totals);
    digest
}

fn of_counts(counts: textbook::Counts) -> Digest {
    let mut digest = Digest::default();
    digest.words([counts.events, counts.left]);
    digest.long(counts.waiting_ns);
    digest.long(counts.sojourn_ns);
    digest
}
