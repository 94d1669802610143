//! Queueing networks in NeXosim: a model per station, linked by ports.
//!
//! Usage: `peer-nexosim MODEL CUSTOMERS SEED`, MODEL being `mm1`, `mm8` or `jackson`. Prints one
//! JSON object.
//!
//! Customers arrive by events that the first station schedules for itself, which saves a message
//! for each. One thread: models of this size gain nothing from more.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

/// What all stations count, read when the simulation is over.
static LEFT: AtomicU64 = AtomicU64::new(0);
static EVENTS: AtomicU64 = AtomicU64::new(0);
static SOJOURN_NS: AtomicU64 = AtomicU64::new(0);

/// One thread writes, so a load and a store will do.
fn add(counter: &AtomicU64, amount: u64) {
    counter.store(counter.load(Relaxed) + amount, Relaxed);
}

/// When a customer entered the network, in ns.
type Customer = u64;

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Route {
    /// All leave.
    Out,
    /// To either output with equal probability.
    Split,
    /// To the first output with probability 0.2, else out.
    Back,
}

#[derive(Serialize, Deserialize)]
struct Station {
    servers: u32,
    busy: u32,
    waiting: VecDeque<Customer>,
    route: Route,
    to: [Output<Customer>; 2],
    /// Customers that are still to arrive from outside.
    to_arrive: u64,
    between_ns: f64,
    rng: Pcg64,
}

#[Model]
impl Station {
    fn new(servers: u32, route: Route, seed: u64) -> Station {
        Station {
            servers,
            busy: 0,
            waiting: VecDeque::new(),
            route,
            to: [Output::default(), Output::default()],
            to_arrive: 0,
            between_ns: 0.0,
            rng: Pcg64::seed_from_u64(seed),
        }
    }

    /// An exponential time, of the one nanosecond that NeXosim demands at least.
    fn draw(&mut self, mean_ns: f64) -> Duration {
        let unit: f64 = Exp1.sample(&mut self.rng);
        Duration::from_nanos(((mean_ns * unit).round() as u64).max(1))
    }

    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        if self.to_arrive > 0 {
            let gap = self.draw(self.between_ns);
            cx.schedule_event(gap, schedulable!(Self::arrive), ())
                .expect("in the future");
        }
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), cx: &Context<Self>) {
        add(&EVENTS, 1);
        self.to_arrive -= 1;
        if self.to_arrive > 0 {
            let gap = self.draw(self.between_ns);
            cx.schedule_event(gap, schedulable!(Self::arrive), ())
                .expect("in the future");
        }
        self.join(now_ns(cx), cx);
    }

    /// A customer joins the queue -- input port.
    pub fn join(&mut self, customer: Customer, cx: &Context<Self>) {
        if self.busy < self.servers {
            self.busy += 1;
            self.serve(customer, cx);
        } else {
            self.waiting.push_back(customer);
        }
    }

    fn serve(&mut self, customer: Customer, cx: &Context<Self>) {
        let service = self.draw(1e9);
        cx.schedule_event(service, schedulable!(Self::finish), customer)
            .expect("in the future");
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self, customer: Customer, cx: &Context<Self>) {
        add(&EVENTS, 1);
        match self.waiting.pop_front() {
            Some(next) => self.serve(next, cx),
            None => self.busy -= 1,
        }
        let to = match self.route {
            Route::Out => None,
            Route::Split => Some(usize::from(self.rng.random::<f64>() < 0.5)),
            Route::Back => (self.rng.random::<f64>() < 0.2).then_some(0),
        };
        match to {
            Some(output) => self.to[output].send(customer).await,
            None => {
                add(&LEFT, 1);
                add(&SOJOURN_NS, now_ns(cx) - customer);
            }
        }
    }
}

fn now_ns(cx: &Context<Station>) -> u64 {
    let since = cx.time().duration_since(MonotonicTime::EPOCH);
    since.as_nanos() as u64
}

fn main() -> Result<(), SimulationError> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("MODEL CUSTOMERS SEED");
    let model = argument();
    let customers: u64 = argument().parse().expect("a number of customers");
    let seed: u64 = argument().parse().expect("a seed");

    let (servers, arrival_rate, route) = match model.as_str() {
        "mm1" => (1, 0.8, Route::Out),
        "mm8" => (8, 6.4, Route::Out),
        "jackson" => (1, 0.5, Route::Split),
        other => panic!("no model {other}"),
    };
    let mut first = Station::new(servers, route, seed);
    first.to_arrive = customers;
    first.between_ns = 1e9 / arrival_rate;
    let first_box = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    if model == "jackson" {
        for output in 0..2 {
            let mut station = Station::new(1, Route::Back, seed + 1 + output as u64);
            let station_box = Mailbox::new();
            first.to[output].connect(Station::join, &station_box);
            station.to[0].connect(Station::join, &first_box);
            bench = bench.add_model(station, station_box, ["second", "third"][output]);
        }
    }
    let mut simulation = bench
        .add_model(first, first_box, "first")
        .init(MonotonicTime::EPOCH)?;
    simulation.run()?;

    let (left, events) = (LEFT.load(Relaxed), EVENTS.load(Relaxed));
    let mean_sojourn = SOJOURN_NS.load(Relaxed) as f64 / 1e9 / left as f64;
    println!(r#"{{"customers": {left}, "events": {events}, "mean_sojourn": {mean_sojourn}}}"#);
    Ok(())
}
