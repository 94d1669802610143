//! Queueing networks as a loop over the standard library's binary heap: what one writes without a
//! simulator.
//!
//! Usage: `peer-heap MODEL CUSTOMERS SEED`, MODEL being `mm1`, `mm8` or `jackson`. Prints one JSON
//! object.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1};
use rand_pcg::Pcg64;

/// What happens: the station whose customer leaves, or [`ARRIVAL`].
type Place = u32;

const ARRIVAL: Place = u32::MAX;

struct Station {
    servers: u32,
    busy: u32,
    /// When each waiting customer entered the network, in ns.
    waiting: VecDeque<u64>,
}

struct Network {
    arrival_rate: f64,
    stations: Vec<Station>,
    jackson: bool,
}

impl Network {
    fn new(model: &str) -> Network {
        let (arrival_rate, servers): (f64, &[u32]) = match model {
            "mm1" => (0.8, &[1]),
            "mm8" => (6.4, &[8]),
            "jackson" => (0.5, &[1, 1, 1]),
            other => panic!("no model {other}"),
        };
        let station = |&servers: &u32| Station {
            servers,
            busy: 0,
            waiting: VecDeque::new(),
        };
        Network {
            arrival_rate,
            stations: servers.iter().map(station).collect(),
            jackson: model == "jackson",
        }
    }

    /// Where a customer who leaves a station goes; `None` for out.
    #[inline]
    fn next(&self, from: Place, rng: &mut Pcg64) -> Option<Place> {
        if !self.jackson {
            None
        } else if from == 0 {
            Some(if rng.random::<f64>() < 0.5 { 1 } else { 2 })
        } else {
            (rng.random::<f64>() < 0.2).then_some(0)
        }
    }
}

#[inline]
fn exponential_ns(mean_ns: f64, rng: &mut Pcg64) -> u64 {
    let unit: f64 = Exp1.sample(rng);
    (mean_ns * unit).round() as u64
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("MODEL CUSTOMERS SEED");
    let mut network = Network::new(&argument());
    let customers: u64 = argument().parse().expect("a number of customers");
    let mut rng = Pcg64::seed_from_u64(argument().parse().expect("a seed"));

    let between_ns = 1e9 / network.arrival_rate;
    let service_ns = 1e9;
    // Time, place, and when the customer entered the network.
    let mut events: BinaryHeap<Reverse<(u64, Place, u64)>> = BinaryHeap::new();
    let (mut arrived, mut left, mut happened, mut sojourn_ns) = (0_u64, 0_u64, 0_u64, 0_u128);
    events.push(Reverse((exponential_ns(between_ns, &mut rng), ARRIVAL, 0)));
    while let Some(Reverse((now, place, entered))) = events.pop() {
        happened += 1;
        let joins = if place == ARRIVAL {
            arrived += 1;
            if arrived < customers {
                let then = now + exponential_ns(between_ns, &mut rng);
                events.push(Reverse((then, ARRIVAL, 0)));
            }
            Some((0, now))
        } else {
            let station = &mut network.stations[place as usize];
            if let Some(next) = station.waiting.pop_front() {
                let then = now + exponential_ns(service_ns, &mut rng);
                events.push(Reverse((then, place, next)));
            } else {
                station.busy -= 1;
            }
            let joins = network.next(place, &mut rng);
            if joins.is_none() {
                left += 1;
                sojourn_ns += u128::from(now - entered);
            }
            joins.map(|station| (station, entered))
        };
        if let Some((place, entered)) = joins {
            let station = &mut network.stations[place as usize];
            if station.busy < station.servers {
                station.busy += 1;
                let then = now + exponential_ns(service_ns, &mut rng);
                events.push(Reverse((then, place, entered)));
            } else {
                station.waiting.push_back(entered);
            }
        }
    }
    let mean_sojourn = sojourn_ns as f64 / 1e9 / left as f64;
    println!(r#"{{"customers": {left}, "events": {happened}, "mean_sojourn": {mean_sojourn}}}"#);
}
