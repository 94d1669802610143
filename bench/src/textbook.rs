//! Queues as a textbook programs them: the yardstick for the engine's speed.
//!
//! A binary heap of (time, number, event) from the standard library, a `VecDeque` of arrival times
//! per station, sums of waiting and sojourn times. Random numbers from `rand_pcg` and `rand_distr`,
//! drawn when they are needed. Times in whole nanoseconds, so that results are exact; services have
//! a mean of 1 s.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1};
use rand_pcg::Pcg64;

/// Nanoseconds in a mean service.
const MEAN_NS: f64 = 1e9;

/// What happens; departures with the position of the station.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    Departure(u32),
}

/// Events to come: the earliest first, ties in the order of planning.
#[derive(Clone, Debug, Default)]
struct Agenda {
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    planned: u64,
}

impl Agenda {
    fn plan(&mut self, time: u64, event: Event) {
        self.events.push(Reverse((time, self.planned, event)));
        self.planned += 1;
    }

    fn next(&mut self) -> (u64, Event) {
        let Reverse((time, _, event)) = self.events.pop().expect("customers keep coming");
        (time, event)
    }
}

/// What was counted. Stays count when service begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events so far.
    pub events: u64,
    /// Customers that left.
    pub left: u64,
    /// Time from arrival at a station to the begin of service there, in ns.
    pub waiting_ns: u128,
    /// Time from arrival at a station to departure from it, in ns.
    pub sojourn_ns: u128,
}

fn exponential(rng: &mut Pcg64, mean_ns: f64) -> u64 {
    let unit: f64 = Exp1.sample(rng);
    (unit * mean_ns) as u64
}

/// One station with equal servers.
#[derive(Clone, Debug)]
pub struct Single {
    rng: Pcg64,
    agenda: Agenda,
    line: VecDeque<u64>,
    idle: u32,
    gap_ns: f64,
    counts: Counts,
}

impl Single {
    /// An empty station to which `rate` customers per second come.
    #[must_use]
    pub fn new(servers: u32, rate: f64) -> Single {
        let mut single = Single {
            rng: Pcg64::seed_from_u64(1),
            agenda: Agenda::default(),
            line: VecDeque::new(),
            idle: servers,
            gap_ns: MEAN_NS / rate,
            counts: Counts::default(),
        };
        let first = exponential(&mut single.rng, single.gap_ns);
        single.agenda.plan(first, Event::Arrival);
        single
    }

    /// Runs on until so many customers have left since the start.
    pub fn run(&mut self, customers: u64) {
        while self.counts.left < customers {
            let (now, event) = self.agenda.next();
            self.counts.events += 1;
            match event {
                Event::Arrival => {
                    let gap = exponential(&mut self.rng, self.gap_ns);
                    self.agenda.plan(now + gap, Event::Arrival);
                    if self.idle > 0 {
                        self.idle -= 1;
                        self.serve(now, now);
                    } else {
                        self.line.push_back(now);
                    }
                }
                Event::Departure(_) => {
                    self.counts.left += 1;
                    match self.line.pop_front() {
                        Some(arrived) => self.serve(now, arrived),
                        None => self.idle += 1,
                    }
                }
            }
        }
    }

    fn serve(&mut self, now: u64, arrived: u64) {
        let done = now + exponential(&mut self.rng, MEAN_NS);
        self.counts.waiting_ns += u128::from(now - arrived);
        self.counts.sojourn_ns += u128::from(done - arrived);
        self.agenda.plan(done, Event::Departure(0));
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

/// The network of [`jackson`](crate::queues::jackson).
#[derive(Clone, Debug)]
pub struct Jackson {
    rng: Pcg64,
    agenda: Agenda,
    lines: [VecDeque<u64>; 3],
    busy: [bool; 3],
    counts: Counts,
}

impl Default for Jackson {
    fn default() -> Jackson {
        Jackson::new()
    }
}

impl Jackson {
    /// The empty network.
    #[must_use]
    pub fn new() -> Jackson {
        let mut jackson = Jackson {
            rng: Pcg64::seed_from_u64(1),
            agenda: Agenda::default(),
            lines: Default::default(),
            busy: [false; 3],
            counts: Counts::default(),
        };
        let first = exponential(&mut jackson.rng, 2.0 * MEAN_NS);
        jackson.agenda.plan(first, Event::Arrival);
        jackson
    }

    /// Runs on until so many customers have left since the start.
    pub fn run(&mut self, customers: u64) {
        while self.counts.left < customers {
            let (now, event) = self.agenda.next();
            self.counts.events += 1;
            match event {
                Event::Arrival => {
                    let gap = exponential(&mut self.rng, 2.0 * MEAN_NS);
                    self.agenda.plan(now + gap, Event::Arrival);
                    self.enter(now, 0);
                }
                Event::Departure(station) => self.depart(now, station as usize),
            }
        }
    }

    fn depart(&mut self, now: u64, station: usize) {
        match self.lines[station].pop_front() {
            Some(arrived) => self.serve(now, station, arrived),
            None => self.busy[station] = false,
        }
        let draw: f64 = self.rng.random();
        match station {
            0 => self.enter(now, if draw < 0.5 { 1 } else { 2 }),
            _ if draw < 0.2 => self.enter(now, 0),
            _ => self.counts.left += 1,
        }
    }

    fn enter(&mut self, now: u64, station: usize) {
        if self.busy[station] {
            self.lines[station].push_back(now);
        } else {
            self.busy[station] = true;
            self.serve(now, station, now);
        }
    }

    fn serve(&mut self, now: u64, station: usize, arrived: u64) {
        let done = now + exponential(&mut self.rng, MEAN_NS);
        self.counts.waiting_ns += u128::from(now - arrived);
        self.counts.sojourn_ns += u128::from(done - arrived);
        self.agenda.plan(done, Event::Departure(station as u32));
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUSTOMERS: u64 = 400_000;

    /// The mean of n values whose autocorrelation time is tau has a standard error of
    /// deviation * sqrt(tau / n). For sojourn times in M/M/1, deviation and mean are
    /// 1 / (1 - rho) = 5, and tau is below 2 (1 + rho) / (1 - rho)^2 = 90.
    #[test]
    fn a_single_queue_meets_theory() {
        let mut single = Single::new(1, 0.8);
        single.run(CUSTOMERS);
        let mean = single.counts().sojourn_ns as f64 / CUSTOMERS as f64 / 1e9;
        let error = 5.0 * (90.0 / CUSTOMERS as f64).sqrt();
        assert!((mean - 5.0).abs() < 4.0 * error, "{mean}, error {error}");
    }

    /// 1.25 visits to the first station and to the others together, with loads of 0.625 and 0.3125.
    /// Errors as above, the sum of three stations with the largest deviation and correlation.
    #[test]
    fn the_network_meets_theory() {
        let mut jackson = Jackson::new();
        jackson.run(CUSTOMERS);
        let counts = jackson.counts();
        let mean = counts.sojourn_ns as f64 / CUSTOMERS as f64 / 1e9;
        let theory = 1.25 / (1.0 - 0.625) + 1.25 / (1.0 - 0.3125);
        let error = 3.0 * 1.25 / 0.375 * (2.0 * 1.625 / (0.375 * 0.375) / CUSTOMERS as f64).sqrt();
        assert!((mean - theory).abs() < 4.0 * error, "{mean}, not {theory}");
        let events = counts.events as f64 / CUSTOMERS as f64;
        // Rounds are geometric: 1 + 2.5 events, with a deviation of 2 * sqrt(0.2) / 0.8.
        let error = 2.0 * 0.2_f64.sqrt() / 0.8 / (CUSTOMERS as f64).sqrt();
        assert!((events - 3.5).abs() < 4.0 * error + 1e-3, "{events}");
    }
}
