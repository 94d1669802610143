//! Queueing networks in ODEM-rs: servers as agents that sleep while their queue is empty, the
//! form of its own M/M/1 example.
//!
//! Usage: `peer-odem MODEL CUSTOMERS SEED`, MODEL being `mm1`, `mm8` or `jackson`. Prints one JSON
//! object.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::Waker;

use odem_rs::prelude::*;
use odem_rs::rand::SeedableRng;
use odem_rs::rand_distr::{Distribution, Exp1};
use odem_rs::rand_pcg::Pcg64;

#[derive(Clone, Copy, Default)]
enum Route {
    #[default]
    Out,
    /// To the second or third station with equal probability.
    Split,
    /// To the first station with probability 0.2, else out.
    Back,
}

/// A queue and the wakers of its idle servers.
#[derive(Default)]
struct Station {
    /// When each waiting customer entered the network.
    waiting: RefCell<VecDeque<f64>>,
    idle: RefCell<Vec<Waker>>,
    route: Route,
}

impl Station {
    fn join(&self, entered: f64) {
        self.waiting.borrow_mut().push_back(entered);
        if let Some(server) = self.idle.borrow_mut().pop() {
            server.wake();
        }
    }
}

#[derive(Config, Default)]
struct Network {
    stations: Vec<Station>,
    servers: u32,
    arrival_rate: f64,
    customers: u64,
    seed: u64,
    left: Cell<u64>,
    happened: Cell<u64>,
    sojourn: Cell<f64>,
    closed: Cell<bool>,
    /// Of the main process, which sleeps until everybody has left.
    end: Cell<Option<Waker>>,
}

struct Server {
    station: usize,
    rng: RefCell<Pcg64>,
}

impl Server {
    fn draw(&self) -> f64 {
        Exp1.sample(&mut *self.rng.borrow_mut())
    }

    fn route(&self, route: Route) -> Option<usize> {
        let mut rng = self.rng.borrow_mut();
        match route {
            Route::Out => None,
            Route::Split => Some(if rng.random::<f64>() < 0.5 { 1 } else { 2 }),
            Route::Back => (rng.random::<f64>() < 0.2).then_some(0),
        }
    }
}

impl Behavior<Network> for Server {
    type Output = ();

    async fn actions(&self, sim: &Sim<Network>) {
        let network = sim.global();
        let station = &network.stations[self.station];
        loop {
            let next = station.waiting.borrow_mut().pop_front();
            let Some(entered) = next else {
                if network.closed.get() {
                    break;
                }
                station.idle.borrow_mut().push(waker().await);
                sleep().await;
                continue;
            };
            sim.advance(self.draw()).await;
            network.happened.set(network.happened.get() + 1);
            match self.route(station.route) {
                Some(station) => network.stations[station].join(entered),
                None => {
                    let sojourn = sim.now() - entered;
                    network.sojourn.set(network.sojourn.get() + sojourn);
                    network.left.set(network.left.get() + 1);
                    if network.left.get() == network.customers
                        && let Some(main) = network.end.take()
                    {
                        main.wake();
                    }
                }
            }
        }
    }
}

/// Spawns the servers, then lets customers arrive and waits for the last to leave.
async fn run(sim: &Sim<Network>) {
    let network = sim.global();
    let mut rng = Pcg64::seed_from_u64(network.seed);
    for station in 0..network.stations.len() {
        for _ in 0..network.servers {
            let rng = RefCell::new(Pcg64::from_rng(&mut rng));
            sim.spawn(Server { station, rng });
        }
    }
    for _ in 0..network.customers {
        let unit: f64 = Exp1.sample(&mut rng);
        sim.advance(unit / network.arrival_rate).await;
        network.happened.set(network.happened.get() + 1);
        network.stations[0].join(sim.now());
    }
    while network.left.get() < network.customers {
        network.end.set(Some(waker().await));
        sleep().await;
    }
    // The servers go home, since no reference to them may outlive the run.
    network.closed.set(true);
    for station in &network.stations {
        let servers = station.idle.take();
        servers.into_iter().for_each(Waker::wake);
    }
    sim.advance(1.0).await;
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("MODEL CUSTOMERS SEED");
    let (routes, servers, arrival_rate): (&[Route], _, _) = match argument().as_str() {
        "mm1" => (&[Route::Out], 1, 0.8),
        "mm8" => (&[Route::Out], 8, 6.4),
        "jackson" => (&[Route::Split, Route::Back, Route::Back], 1, 0.5),
        other => panic!("no model {other}"),
    };
    let station = |&route: &Route| Station {
        route,
        ..Station::default()
    };
    let network = Network {
        stations: routes.iter().map(station).collect(),
        servers,
        arrival_rate,
        customers: argument().parse().expect("a number of customers"),
        seed: argument().parse().expect("a seed"),
        ..Network::default()
    };
    let simulator = Simulator::new(network);
    simulator
        .run(async |sim| run(sim).await)
        .expect("the last customer to leave wakes the main process");
    let network = simulator.inner();
    let (left, events) = (network.left.get(), network.happened.get());
    let mean_sojourn = network.sojourn.get() / left as f64;
    println!(r#"{{"customers": {left}, "events": {events}, "mean_sojourn": {mean_sojourn}}}"#);
}
