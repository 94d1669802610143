//! Counting along with a run, from what it tells of single customers.
//!
//! Everything is a whole number of nanoseconds, of customers times nanoseconds or of servers times
//! nanoseconds, and is added up here, in plain sums over customers and over changes of the number
//! present: nothing is taken from the engine's totals.

use kendall_kernel::Streams;
use kendall_queueing::model::{Network, Servers};
use kendall_queueing::{NetworkTotals, Observer, Outcome, RunError, Simulation, Stay, Until};

/// Departures that a run may take to become empty.
const LONGEST_BUSY: u64 = 10_000_000;

/// A run and what was counted along with it, up to its end.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// What the engine says at the end.
    pub(super) totals: NetworkTotals,
    /// What was counted, by station.
    pub(super) stations: Vec<Watch>,
    /// Time in the network of customers that left it after service.
    pub(super) network_ns: u128,
    /// Whether nobody is present at the end, so that sizes are whole.
    pub(super) empty: bool,
}

/// What was counted of a station, up to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Watch {
    /// The number present, integrated over its changes.
    pub(super) present_ns: u128,
    /// The number present, at most that of the servers, integrated.
    pub(super) occupied_ns: u128,
    /// Times from arrival to departure, over all customers.
    pub(super) spent_ns: u128,
    /// Times from begin of service to departure, over customers that were served.
    pub(super) served_ns: u128,
    /// Sizes of customers that have left after service.
    pub(super) sizes_ns: u128,
    /// Customers that have left after service.
    pub(super) customers: u64,
    /// Waits before service of these.
    pub(super) waiting_ns: u128,
    /// Sojourns of these.
    pub(super) sojourn_ns: u128,
    /// Of these, customers whose sojourn is longer than wait and size.
    pub(super) longer: u64,
    /// Of these, customers whose sojourn is shorter than wait and size.
    pub(super) shorter: u64,
}

impl Watched {
    /// A run of a network by about so many customers: one that customers come to from outside runs
    /// on until it is empty, another one for the time that so many services take.
    ///
    /// # Errors
    /// A network at fault, or a run that cannot go on.
    pub(super) fn of(network: &Network, seed: u64, customers: u64) -> Result<Watched, RunError> {
        let mut simulation = Simulation::new(network, Streams::new(seed), 1.0)?;
        let end_ns = if network.sources.is_empty() {
            Some(duration_ns(network, seed, customers)?)
        } else {
            None
        };
        let mut counting = Counting::new(network, &simulation, end_ns);
        let totals = match end_ns {
            None => until_empty(&mut simulation, customers, &mut counting)?,
            Some(end) => through(&mut simulation, end, customers, &mut counting)?,
        };
        Ok(counting.close(totals))
    }
}

/// When so many customers have been served.
fn duration_ns(network: &Network, seed: u64, customers: u64) -> Result<u64, RunError> {
    let mut simulation = Simulation::new(network, Streams::new(seed), 1.0)?;
    simulation.run(until(customers), &mut ())?;
    Ok(simulation.now_ns())
}

fn until(customers: u64) -> Until {
    Until {
        customers,
        time_ns: u64::MAX,
    }
}

/// Runs on until a departure leaves nobody behind.
fn until_empty(
    simulation: &mut Simulation,
    customers: u64,
    counting: &mut Counting,
) -> Result<NetworkTotals, RunError> {
    simulation.run(until(customers), counting)?;
    for _ in 0..LONGEST_BUSY {
        let totals = simulation.totals();
        if totals.present == 0 {
            return Ok(totals);
        }
        simulation.run(until(totals.progress + 1), counting)?;
    }
    Ok(simulation.totals())
}

/// Runs up to a time, and on for as many customers again, so that those who were present leave and
/// tell when they had come.
fn through(
    simulation: &mut Simulation,
    end_ns: u64,
    customers: u64,
    counting: &mut Counting,
) -> Result<NetworkTotals, RunError> {
    let limit = Until {
        customers: u64::MAX,
        time_ns: end_ns,
    };
    simulation.run(limit, counting)?;
    let totals = simulation.totals();
    simulation.run(until(totals.progress + customers), counting)?;
    Ok(totals)
}

/// The observer.
struct Counting {
    stations: Vec<(Watch, Present)>,
    network_ns: u128,
    /// What is later does not count.
    end_ns: u64,
}

/// The number present at a station.
#[derive(Clone, Copy)]
struct Present {
    number: u64,
    since_ns: u64,
    servers: u64,
}

impl Counting {
    fn new(network: &Network, simulation: &Simulation, end_ns: Option<u64>) -> Counting {
        let stations = network.stations.iter().enumerate().map(|(at, station)| {
            let servers = match &station.servers {
                Servers::Infinite => u64::MAX,
                _ => station.server_count().map_or(u64::MAX, u64::from),
            };
            let present = Present {
                number: simulation.present_at(at),
                since_ns: simulation.now_ns(),
                servers,
            };
            (Watch::default(), present)
        });
        Counting {
            stations: stations.collect(),
            network_ns: 0,
            end_ns: end_ns.unwrap_or(u64::MAX),
        }
    }

    fn close(mut self, totals: NetworkTotals) -> Watched {
        let end = self.end_ns.min(totals.now_ns);
        let close = |(watch, present): &mut (Watch, Present)| {
            watch.pass(present, end);
            *watch
        };
        Watched {
            empty: totals.present == 0,
            network_ns: self.network_ns,
            stations: self.stations.iter_mut().map(close).collect(),
            totals,
        }
    }
}

impl Watch {
    /// Time goes on to `now`, with as many present as there were.
    fn pass(&mut self, present: &mut Present, now_ns: u64) {
        let elapsed = u128::from(now_ns.saturating_sub(present.since_ns));
        self.present_ns += elapsed * u128::from(present.number);
        self.occupied_ns += elapsed * u128::from(present.number.min(present.servers));
        present.since_ns = present.since_ns.max(now_ns);
    }
}

impl Observer for Counting {
    const LEVELS: bool = true;

    fn stay(&mut self, stay: &Stay) {
        let end = self.end_ns;
        let until_end = |from: u64| u128::from(stay.left_ns.min(end) - from.min(end));
        let (watch, _) = &mut self.stations[stay.station];
        watch.spent_ns += until_end(stay.arrived_ns);
        let (Some(started), Outcome::Served) = (stay.started_ns, stay.outcome) else {
            return;
        };
        watch.served_ns += until_end(started);
        if stay.left_ns > end {
            return;
        }
        let wait = started - stay.arrived_ns;
        let sojourn = stay.left_ns - stay.arrived_ns;
        watch.customers += 1;
        watch.sizes_ns += u128::from(stay.size_ns);
        watch.waiting_ns += u128::from(wait);
        watch.sojourn_ns += u128::from(sojourn);
        watch.longer += u64::from(sojourn > wait + stay.size_ns);
        watch.shorter += u64::from(sojourn < wait + stay.size_ns);
    }

    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        let (watch, present) = &mut self.stations[station];
        watch.pass(present, now_ns.min(self.end_ns));
        present.number = present.number.saturating_add_signed(change);
    }

    fn exit(&mut self, now_ns: u64, born_ns: u64) {
        if now_ns <= self.end_ns {
            self.network_ns += u128::from(now_ns - born_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::systems;
    use super::*;

    #[test]
    fn what_is_counted_of_four_customers_is_what_pencil_and_paper_say() {
        use kendall_kernel::Law;
        use kendall_queueing::model::{Arrivals, Station};

        // Arrivals at 1, 2, 3 and 9 s, services of 3 s: starts at 1, 4, 7 and 10.
        let arrivals = Arrivals::Given(vec![1.0, 2.0, 3.0, 9.0]);
        let service = vec![Law::Constant { value: 3.0 }];
        let network = Network::single(arrivals, Station::new("queue", Servers::Equal(1), service));
        let watched = Watched::of(&network, 1, 4).unwrap();
        let watch = watched.stations[0];
        let s = 1_000_000_000;
        assert!(watched.empty);
        assert_eq!(watch.customers, 4);
        assert_eq!(watch.waiting_ns, (2 + 4 + 1) * s);
        assert_eq!((watch.spent_ns, watch.present_ns), (19 * s, 19 * s));
        assert_eq!((watch.sizes_ns, watch.served_ns), (12 * s, 12 * s));
        assert_eq!((watch.occupied_ns, watched.network_ns), (12 * s, 19 * s));
        assert_eq!((watch.longer, watch.shorter), (0, 0));
    }

    #[test]
    fn a_run_that_nobody_leaves_ends_in_time() {
        let closed = systems::all().into_iter();
        let closed = closed.filter(|system| system.network.sources.is_empty());
        let mut runs = 0;
        for system in closed {
            let watched = Watched::of(&system.network, 7, 2_000).unwrap();
            assert!(!watched.empty);
            for (watch, station) in watched.stations.iter().zip(&watched.totals.stations) {
                assert_eq!(
                    watch.present_ns,
                    station.all().present_ns,
                    "{}",
                    system.name
                );
            }
            runs += 1;
        }
        assert!(runs > 0);
    }
}
