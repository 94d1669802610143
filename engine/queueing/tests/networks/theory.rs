//! Means of long runs against what theory says.
//!
//! Each is estimated by independent replications, a beginning left out. A mean may differ from
//! theory by Student's t times its standard error; t is the quantile that one test in ten thousand
//! exceeds by chance. That the standard error is small is checked too, else nothing could fail.

use kendall_kernel::Streams;
use kendall_queueing::model::{
    Absence, Arrivals, Joining, Junction, JunctionKind, Policy, Population, Route, Servers, Source,
    Station, Target, Visit, WhenFull,
};
use kendall_queueing::{Network, NetworkTotals, Simulation, Totals, Until};

use crate::support::{FOR_EVER, constant, exponential, poisson, polling, station, to_station};

const REPLICATIONS: u64 = 20;
/// Of Student's law with 19 degrees of freedom, two-sided 0.0001.
const T: f64 = 4.897;

/// Totals at the begin and at the end of what counts.
struct Window {
    before: NetworkTotals,
    after: NetworkTotals,
}

impl Window {
    fn time(&self) -> f64 {
        (self.after.now_ns - self.before.now_ns) as f64
    }

    fn at(&self, station: usize) -> (Totals, Totals) {
        let of = |totals: &NetworkTotals| totals.stations[station].all();
        (of(&self.before), of(&self.after))
    }

    /// Mean number at a station.
    fn number(&self, station: usize) -> f64 {
        let (before, after) = self.at(station);
        (after.present_ns - before.present_ns) as f64 / self.time()
    }

    /// Mean waiting time at the first station, over all classes, in time units.
    fn waiting(&self) -> f64 {
        let (before, after) = self.at(0);
        let waiting = (after.waiting_ns - before.waiting_ns) as f64;
        waiting / (after.served - before.served) as f64 / 1e9
    }

    /// Mean time in the network, in time units.
    fn sojourn(&self) -> f64 {
        let sojourn = (self.after.sojourn_ns - self.before.sojourn_ns) as f64;
        sojourn / (self.after.completed - self.before.completed) as f64 / 1e9
    }

    /// Share of the arrivals at the first station.
    fn share(&self, what: impl Fn(&Totals) -> u64) -> f64 {
        let (before, after) = self.at(0);
        (what(&after) - what(&before)) as f64 / (after.arrivals - before.arrivals) as f64
    }
}

fn window(network: &Network, replication: u64, customers: u64) -> Window {
    let streams = Streams::new(1).replication(replication);
    let mut simulation = Simulation::new(network, streams, 1.0).unwrap();
    let mut until = |customers| {
        let until = Until {
            customers,
            time_ns: FOR_EVER,
        };
        simulation.run(until, &mut ()).unwrap();
        simulation.totals()
    };
    Window {
        before: until(customers / 5),
        after: until(customers),
    }
}

/// Mean and standard error over replications.
fn estimate(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

#[track_caller]
fn agrees(network: &Network, customers: u64, exact: f64, measure: impl Fn(&Window) -> f64) {
    let each = (0..REPLICATIONS).map(|r| measure(&window(network, r, customers)));
    let (mean, error) = estimate(&each.collect::<Vec<f64>>());
    assert!(
        error > 0.0 && error < 0.03 * exact,
        "{mean} +- {error}, should be {exact}"
    );
    let off = (mean - exact).abs();
    assert!(off < T * error, "{mean} +- {error}, should be {exact}");
}

fn single(rate: f64, servers: u32) -> Network {
    Network::single(poisson(rate), station("desk", servers))
}

/// Stationary probabilities of a birth-death process, up to a number that hardly ever is.
fn birth_death(births: impl Fn(u32) -> f64, deaths: impl Fn(u32) -> f64, most: u32) -> Vec<f64> {
    let mut weights = vec![1.0];
    for n in 1..=most {
        weights.push(weights[n as usize - 1] * births(n - 1) / deaths(n));
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

fn mean_of(law: &[f64]) -> f64 {
    law.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
}

#[test]
fn one_server() {
    agrees(&single(0.8, 1), 50_000, 4.0, |w| w.number(0));
    agrees(&single(0.8, 1), 50_000, 4.0, Window::waiting);
    agrees(&single(0.8, 1), 50_000, 5.0, Window::sojourn);
}

#[test]
fn three_servers_and_room_for_five() {
    let mut network = single(3.0, 3);
    network.stations[0].capacity = Some(5);
    let law = birth_death(|_| 3.0, |n| f64::from(n.min(3)), 5);
    agrees(&network, 50_000, law[5], |w| w.share(|totals| totals.lost));
    agrees(&network, 50_000, mean_of(&law), |w| w.number(0));
}

#[test]
fn two_servers_and_impatience() {
    let mut network = single(2.5, 2);
    network.stations[0].patience = vec![Some(exponential(2.0))];
    let deaths = |n: u32| f64::from(n.min(2)) + 0.5 * f64::from(n.saturating_sub(2));
    let law = birth_death(|_| 2.5, deaths, 100);
    agrees(&network, 50_000, mean_of(&law), |w| w.number(0));
    let waiting: f64 = law
        .iter()
        .enumerate()
        .skip(2)
        .map(|(n, p)| (n - 2) as f64 * p)
        .sum();
    let gives_up = 0.5 * waiting / 2.5;
    agrees(&network, 50_000, gives_up, |w| {
        w.share(|totals| totals.reneged)
    });
}

#[test]
fn discouraged_arrivals() {
    let mut network = single(2.0, 1);
    network.stations[0].joining = Joining::Reciprocal;
    // Poisson of mean 2.
    agrees(&network, 50_000, 2.0, |w| w.number(0));
    let joins = (1.0 - (-2.0_f64).exp()) / 2.0;
    agrees(&network, 50_000, 1.0 - joins, |w| {
        w.share(|totals| totals.balked)
    });
}

#[test]
fn machine_repair() {
    let mut machines = Station::new("machines", Servers::Infinite, vec![exponential(5.0)]);
    machines.next = vec![to_station(1)];
    let mut repair = station("repair", 2);
    repair.next = vec![to_station(0)];
    let network = Network {
        classes: vec!["machines".to_owned()],
        stations: vec![machines, repair],
        populations: vec![Population {
            class: 0,
            count: 10,
            station: 0,
        }],
        ..Network::default()
    };
    let births = |n: u32| f64::from(10 - n) / 5.0;
    let law = birth_death(births, |n| f64::from(n.min(2)), 10);
    agrees(&network, 50_000, mean_of(&law), |w| w.number(1));
}

/// A blocked server holds its customer until the second, with room for one, is free: the time at
/// the first server is exponential, then, if that was the shorter, the rest of the second's. The
/// first station is a quasi-birth-death process whose mean number is 2.3 at rates 0.5, 1 and 1.
#[test]
fn tandem_with_blocking() {
    let mut network = single(0.5, 1);
    let mut second = station("second", 1);
    second.capacity = Some(1);
    second.when_full = WhenFull::Block;
    network.stations.push(second);
    network.stations[0].next = vec![to_station(1)];
    agrees(&network, 50_000, 2.3, |w| w.number(0));
}

/// Nelson and Tantawi, "Approximate Analysis of Fork/Join Synchronization in Parallel Queues", IEEE
/// Transactions on Computers 37, 1988: (12 - rho) / 8 of the time at a single queue, for two.
#[test]
fn fork_and_join() {
    let mut network = single(0.8, 1);
    network.stations.push(station("second", 1));
    network.sources[0].to = Target::Junction(0);
    network.junctions.push(Junction {
        name: "fork".to_owned(),
        kind: JunctionKind::Fork {
            stations: vec![0, 1],
            next: vec![Route::Exit],
        },
    });
    agrees(&network, 50_000, 7.0, Window::sojourn);
}

/// Symmetric exhaustive polling: Takagi, "Queuing Analysis of Polling Models", ACM Computing Surveys
/// 20, 1988.
#[test]
fn polling_four_queues() {
    let mut desk = Station::new("desk", Servers::Equal(1), vec![exponential(1.0); 4]);
    desk.discipline = polling(Visit::Exhaustive, vec![constant(0.1); 4]);
    let source = |class| Source {
        class,
        arrivals: poisson(0.2),
        batch: None,
        to: Target::Station(0),
    };
    let network = Network {
        classes: (0..4).map(|class| class.to_string()).collect(),
        stations: vec![desk],
        sources: (0..4).map(source).collect(),
        ..Network::default()
    };
    agrees(&network, 50_000, 4.8, Window::waiting);
}

/// Waiting is that without vacations, 7/3, and the rest of a vacation (Doshi, "Queueing systems with
/// vacations: a survey", Queueing Systems 1, 1986).
#[test]
fn vacations() {
    let mut network = single(0.7, 1);
    network.stations[0].absence = Absence::Vacations(exponential(2.0));
    agrees(&network, 50_000, 13.0 / 3.0, Window::waiting);
}

/// An exponential set-up adds its mean.
#[test]
fn set_up() {
    let mut network = single(0.7, 1);
    network.stations[0].absence = Absence::Setup(exponential(3.0));
    agrees(&network, 50_000, 19.0 / 3.0, Window::sojourn);
}

/// A server that fails only while it serves: the time to complete a service, repairs included,
/// takes the place of service in the Pollaczek-Khinchine formula (Avi-Itzhak and Naor, "Some
/// Queuing Problems with the Service Station Subject to Breakdown", Operations Research 11, 1963).
#[test]
fn breakdowns_while_busy() {
    let (rate, failures, repair) = (0.5, 0.25, 1.0);
    let mut network = single(rate, 1);
    network.stations[0].absence = Absence::Breakdowns {
        up: exponential(1.0 / failures),
        down: exponential(repair),
        while_busy: true,
    };
    let mean = 1.0 + failures * repair;
    // E[C^2] = E[S^2] (1 + f d)^2 + E[S] f E[D^2].
    let square = 2.0 * mean * mean + failures * 2.0 * repair * repair;
    let exact = mean + rate * square / (2.0 * (1.0 - rate * mean));
    agrees(&network, 50_000, exact, Window::sojourn);
}

#[test]
fn modulated_arrivals() {
    let arrivals = Arrivals::Markovian {
        silent: vec![vec![0.0, 0.05], vec![0.05, 0.0]],
        marked: vec![vec![0.2, 0.0], vec![0.0, 1.4]],
    };
    let network = Network::single(arrivals, station("desk", 1));
    agrees(&network, 100_000, modulated_mean(), |w| w.number(0));
}

/// E[N] of the queue above by value iteration of its rate matrix R (Neuts, "Matrix-Geometric
/// Solutions in Stochastic Models", 1981, section 3.1): R = (A0 + R^2 A2) (-A1)^-1.
fn modulated_mean() -> f64 {
    type Matrix = [[f64; 2]; 2];
    let times = |a: &Matrix, b: &Matrix| -> Matrix {
        let cell = |i: usize, j: usize| a[i][0] * b[0][j] + a[i][1] * b[1][j];
        [[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]]
    };
    let inverse = |m: &Matrix| -> Matrix {
        let d = m[0][0] * m[1][1] - m[0][1] * m[1][0];
        [[m[1][1] / d, -m[0][1] / d], [-m[1][0] / d, m[0][0] / d]]
    };
    let (low, high, switch) = (0.2, 1.4, 0.05);
    let out = inverse(&[
        [low + switch + 1.0, -switch],
        [-switch, high + switch + 1.0],
    ]);
    let mut r: Matrix = [[0.0; 2]; 2];
    for _ in 0..100_000 {
        let mut next = times(&r, &r);
        next[0][0] += low;
        next[1][1] += high;
        r = times(&next, &out);
    }
    // Services do not look at the phase: pi_0 = (stationary phases) (I - R), and sums of
    // n pi_0 R^n make pi_0 R (I - R)^-2 = (phases) R (I - R)^-1.
    let rest = inverse(&[[1.0 - r[0][0], -r[0][1]], [-r[1][0], 1.0 - r[1][1]]]);
    let number = times(&r, &rest);
    number.iter().flatten().sum::<f64>() / 2.0
}

#[test]
fn the_matrix_geometric_mean_is_the_known_one() {
    assert!(
        (modulated_mean() - 17.238).abs() < 5e-4,
        "{}",
        modulated_mean()
    );
}

#[test]
fn the_shortest_of_two_queues_is_better_than_a_random_one() {
    let sojourns = |policy: Policy| {
        let mut network = single(1.6, 1);
        network.stations.push(station("second", 1));
        network.sources[0].to = Target::Junction(0);
        let stations = vec![0, 1];
        network.junctions.push(Junction {
            name: "door".to_owned(),
            kind: JunctionKind::Dispatch { policy, stations },
        });
        let each = (0..REPLICATIONS).map(move |r| window(&network, r, 50_000).sojourn());
        each.collect::<Vec<f64>>()
    };
    let random = sojourns(Policy::Random);
    for better in [
        Policy::ShortestQueue,
        Policy::PowerOf(2),
        Policy::LeastWork,
        Policy::RoundRobin,
    ] {
        let pairs = random.iter().zip(sojourns(better));
        let (mean, error) = estimate(&pairs.map(|(a, b)| a - b).collect::<Vec<f64>>());
        assert!(mean > T * error, "{better:?} gains {mean} +- {error}");
    }
}
