//! The queueing models that cases are about.
//!
//! Rates are per time unit. Whatever theory and simulation of a case need is here and nothing else:
//! no metric, no run length.

use super::expression::Expression;
pub use super::rate::RateFunction;
use crate::theory::Dist;

/// Order of service at a station with one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    Fcfs,
    /// Last come, first served, without preemption.
    Lcfs,
    /// Last come, first served, preemptive resume.
    LcfsPr,
    /// The next customer is drawn uniformly from those waiting; no preemption.
    Ros,
    /// Processor sharing.
    Ps,
    /// Shortest job first without preemption; equal sizes in order of arrival.
    Sjf,
    /// Shortest original size first, preemptive resume; equal sizes in order of arrival.
    Psjf,
    /// Shortest remaining size first, preemptive; equal in order of arrival.
    Srpt,
    /// Least attained service shares the server (foreground-background).
    Fb,
}

/// A single station with one class of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Law of interarrival times; exponential is a Poisson stream.
    pub arrival: Dist,
    /// Law of service times.
    pub service: Dist,
    /// Number of equal servers; `None` is unlimited.
    pub servers: Option<u32>,
    /// Largest number in the system, those in service included; further arrivals are lost. `None`
    /// is unlimited.
    pub capacity: Option<u32>,
    /// Order of service.
    pub discipline: Discipline,
}

/// A class of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Poisson arrival rate.
    pub lam: f64,
    /// Law of service times.
    pub service: Dist,
    /// Share of the server relative to other classes, where shares matter.
    pub weight: f64,
}

/// A class of a loss system.
#[derive(Clone, Debug, PartialEq)]
pub struct LossClass {
    /// Poisson arrival rate.
    pub lam: f64,
    /// Law of holding times; only the mean matters.
    pub service: Dist,
    /// Units held, from 1.
    pub units: u32,
}

/// A station of a closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedStation {
    /// Mean exponential service time per cycle.
    pub demand: f64,
    /// Number of servers, from 1.
    pub servers: u32,
}

/// A station of an open Jackson network.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenStation {
    /// Poisson rate of arrivals from outside.
    pub gamma: f64,
    /// Exponential service rate of one server.
    pub mu: f64,
    /// Number of servers, from 1.
    pub servers: u32,
    /// Probabilities of going to each station next; the rest leaves.
    pub routing: Vec<f64>,
}

/// How arrivals choose between two or more equal queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// Fewest in the system, ties at random.
    ShortestQueue,
    /// In turn.
    RoundRobin,
    /// At random with equal probabilities.
    Random,
}

/// When the server of a polling system leaves a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polling {
    /// When the queue is empty.
    Exhaustive,
    /// When those that were there at the server's arrival are served.
    Gated,
}

/// A model with its parameters. Stations serve in order of arrival unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// One class at one station: M/M/1, M/G/1, M/M/1/K, M/M/k, M/M/k/K, Erlang loss systems, M/D/k,
    /// M/G/inf, GI/M/1, D/D/1.
    Station(Station),
    /// Priority classes, the first the most urgent, Poisson arrivals.
    Priority {
        /// From most to least urgent.
        classes: Vec<Class>,
        /// Number of equal servers.
        servers: u32,
        /// Whether an arrival preempts less urgent customers (who resume later).
        preemptive: bool,
    },
    /// Processor sharing among classes in proportion to their weights.
    Sharing {
        /// The classes; equal weights are plain processor sharing.
        classes: Vec<Class>,
    },
    /// M/M/k whose waiting customers leave when their patience ends.
    Impatient {
        /// Poisson arrival rate.
        lam: f64,
        /// Exponential service rate of one server.
        mu: f64,
        /// Number of servers.
        servers: u32,
        /// Law of the longest wait.
        patience: Dist,
    },
    /// M/M/1 whose arrivals join with a probability that depends on the number in the system.
    Balking {
        /// Poisson arrival rate.
        lam: f64,
        /// Exponential service rate.
        mu: f64,
        /// Probability as a formula in `n`, the number found.
        join: Expression,
    },
    /// Poisson arrivals of batches at one exponential server.
    Batches {
        /// Rate of batches.
        lam_batch: f64,
        /// Law of the number of customers in a batch, on 1, 2, ...
        batch: Dist,
        /// Exponential service rate.
        mu: f64,
    },
    /// M/G/1 whose server takes vacations, again and again, while it finds nobody.
    Vacations {
        /// Poisson arrival rate.
        lam: f64,
        /// Law of service times.
        service: Dist,
        /// Law of one vacation.
        vacation: Dist,
    },
    /// M/G/1 with a setup before the first service of each busy period.
    Setup {
        /// Poisson arrival rate.
        lam: f64,
        /// Law of service times.
        service: Dist,
        /// Law of the setup.
        setup: Dist,
    },
    /// One exponential server; Poisson arrivals whose rate alternates between two phases.
    Modulated {
        /// Arrival rates in the two phases.
        rates: [f64; 2],
        /// Rates of leaving each phase.
        switch: [f64; 2],
        /// Exponential service rate.
        mu: f64,
    },
    /// Unlimited servers, empty at time 0, arrivals of a rate that depends on time.
    TimeVarying {
        /// Arrival rate.
        lam_t: RateFunction,
        /// Law of service times.
        service: Dist,
    },
    /// Open Jackson network.
    Open {
        /// Its stations.
        stations: Vec<OpenStation>,
    },
    /// Closed network visited in a cycle.
    Closed {
        /// Number of customers.
        customers: u32,
        /// Mean of the exponential think time, 0 for none.
        think_time: f64,
        /// In order of the cycle.
        stations: Vec<ClosedStation>,
    },
    /// Machines that fail and are repaired, both exponential.
    MachineRepair {
        /// Number of machines.
        machines: u32,
        /// Number of repairers.
        repairers: u32,
        /// Rate at which a working machine fails.
        fail_rate: f64,
        /// Rate at which one repairer repairs.
        repair_rate: f64,
    },
    /// Poisson arrivals, two exponential servers in series, blocking after service: a customer who
    /// finds no room at station 2 stays on server 1, and counts at station 1.
    Tandem {
        /// Poisson arrival rate.
        lam: f64,
        /// Service rates.
        mu: [f64; 2],
        /// Room at station 2, in service included; `None` is unlimited.
        capacity2: Option<u32>,
    },
    /// The same line with customers always waiting at station 1.
    SaturatedLine {
        /// Service rates.
        mu: [f64; 2],
        /// Room at station 2, in service included, from 1.
        capacity2: u32,
    },
    /// Equal exponential servers with a queue each and one Poisson stream.
    Parallel {
        /// Total arrival rate.
        lam: f64,
        /// Service rate of each.
        mu: f64,
        /// Number of queues.
        queues: u32,
        /// How an arrival chooses.
        dispatch: Dispatch,
    },
    /// Very many exponential servers; an arrival samples some and joins the shortest.
    MeanField {
        /// Load per server.
        rho: f64,
        /// Service rate of each.
        mu: f64,
        /// Number sampled.
        choices: u32,
    },
    /// One queue for exponential servers of different rates; an arrival takes the fastest idle
    /// server and stays with it.
    Heterogeneous {
        /// Poisson arrival rate.
        lam: f64,
        /// Service rates, in any order.
        mu: Vec<f64>,
    },
    /// Each job forks into one task per exponential server and is done when all are.
    ForkJoin {
        /// Poisson arrival rate of jobs.
        lam: f64,
        /// Service rate of each.
        mu: f64,
        /// Number of servers.
        servers: u32,
    },
    /// One server visits equal queues in a cycle.
    Polling {
        /// Number of queues.
        queues: u32,
        /// Poisson arrival rate at each.
        lam_each: f64,
        /// Law of service times.
        service: Dist,
        /// Law of the time from one queue to the next.
        switchover: Dist,
        /// When the server leaves a queue.
        rule: Polling,
    },
    /// Loss system in which a customer holds several units at once.
    MultirateLoss {
        /// Number of units.
        units: u32,
        /// The classes.
        classes: Vec<LossClass>,
    },
    /// Busy periods of an M/G/1.
    BusyPeriod {
        /// Poisson arrival rate.
        lam: f64,
        /// Law of service times.
        service: Dist,
    },
    /// M/M/1 that starts empty, at one time.
    Transient {
        /// Poisson arrival rate.
        lam: f64,
        /// Exponential service rate.
        mu: f64,
        /// The time.
        t: f64,
    },
}
