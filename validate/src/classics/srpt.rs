//! `srpt`: the shortest remaining service first, against first come, first served.

use kendall_kernel::Streams;
use kendall_kernel::stats::Estimate;
use kendall_queueing::model::{Discipline, Network};
use kendall_queueing::{Observer, RunError, Simulation, Stay, Until};
use kendall_study::queueing::{At, Figure};

use super::Z;
use super::comparison::Comparison;
use super::setting::{Setting, known, poisson_queue, seed};
use crate::ValidateError;
use crate::outcome::Report;
use crate::queueing::by_simulation::law;
use crate::table::{self, Cell, Table};
use crate::theory::Dist;
use crate::theory::mg1::Mg1;
use crate::theory::size_based::{SizeBased, SizeRule};

const LOADS: [f64; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

/// Mean services after which runs on equal input end.
const HORIZON: u64 = 100_000;

/// Disciplines that SRPT is compared with on equal input. All keep whole nanoseconds, so that an
/// instant is the same instant in every run.
const OTHERS: [(&str, Discipline); 4] = [
    ("FCFS", Discipline::Fcfs),
    ("LCFS preemptive", Discipline::LcfsPreemptive),
    ("SJF", Discipline::ShortestFirst),
    ("PSJF", Discipline::PreemptiveShortestFirst),
];

/// Mean sojourns under both disciplines, their ratio, and the numbers present on equal input.
///
/// # Errors
/// Whatever ends the engine.
pub fn srpt() -> Result<Report, ValidateError> {
    let mut comparison = Comparison::new(
        "Poisson arrivals, one server; bounded Pareto services, alpha 1.5, 1 : 100, mean 1",
    );
    let mut ratios = Table::new(
        "Mean sojourn of FCFS over that of SRPT",
        &[("simulated", ""), ("exact", "")],
    );
    let mut paths = Table::new(
        format!("Numbers present on equal arrivals and sizes, {HORIZON} mean services"),
        &[
            ("instants compared", ""),
            ("SRPT has fewer", ""),
            ("SRPT has more", ""),
            ("customers with equal input", ""),
        ],
    );
    for rho in LOADS {
        ratio(rho, &mut comparison, &mut ratios)?;
        for (name, discipline) in OTHERS {
            let path = Path::of(rho, discipline, HORIZON)?;
            path.show(&format!("rho {rho}, {name}"), &mut comparison, &mut paths);
        }
    }
    paths.note(
        "no discipline has fewer customers than SRPT at any instant (Schrage, A proof of the \
         optimality of the shortest remaining processing time discipline, Operations Research 16, \
         1968): whole numbers, no tolerance",
    );
    Ok(comparison.close(vec![ratios, paths]))
}

/// Services with mean 1, squared coefficient of variation 2.7.
fn services() -> Dist {
    let pareto = |lo: f64| Dist::BoundedPareto {
        alpha: 1.5,
        lo,
        hi: 100.0 * lo,
    };
    pareto(1.0 / pareto(1.0).mean())
}

fn network(rho: f64, discipline: Discipline) -> Network {
    let mut network = poisson_queue(rho, law(&services()), 1);
    network.stations[0].discipline = discipline;
    network
}

fn ratio(rho: f64, comparison: &mut Comparison, ratios: &mut Table) -> Result<(), ValidateError> {
    let queue = Mg1 {
        lam: rho,
        service: services(),
    };
    let slow = queue.wait_mean() + 1.0;
    let rule = SizeRule::Srpt;
    // The law has a density, so that there is a mean.
    let fast = SizeBased { queue, rule }.sojourn_mean().unwrap_or(f64::NAN);
    let figure = Figure::Sojourn(At::station(0));
    let mut measure = |name: &str, discipline, exact| {
        let figures = vec![known("E_T", figure, exact)];
        let name = format!("rho {rho}, {name}");
        let setting = Setting::new(name, network(rho, discipline), rho, figures)?;
        let experiment = comparison.run(&setting.by_recursion())?;
        Ok::<_, RunError>(experiment.estimate(figure))
    };
    let slower = measure("FCFS", Discipline::Fcfs, slow)?;
    let faster = measure("SRPT", Discipline::ShortestRemaining, fast)?;
    if let (Some(slower), Some(faster)) = (slower, faster) {
        let quotient = quotient(&slower, &faster);
        ratios.row(
            format!("rho {rho}"),
            [Cell::Estimate(quotient), Cell::Number(slow / fast)],
        );
        let gain = (quotient.mean - 1.0) / quotient.standard_error;
        comparison.report().judge(
            format!("rho {rho}, SRPT is faster"),
            gain > Z,
            format!(
                "{:.3} times, {gain:.0} standard errors above 1",
                quotient.mean
            ),
        );
    }
    Ok(())
}

/// The quotient of independent estimates, with its error to first order.
fn quotient(over: &Estimate, under: &Estimate) -> table::Estimate {
    let mean = over.value / under.value;
    let square = |estimate: &Estimate| {
        let error = estimate.relative_std_error().unwrap_or(f64::INFINITY);
        error * error
    };
    table::Estimate {
        mean,
        standard_error: mean * (square(over) + square(under)).sqrt(),
    }
}

/// SRPT beside another discipline on the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Path {
    instants: u64,
    fewer: u64,
    more: u64,
    /// Customers that left both runs, and how many of them had another arrival or size in one.
    customers: u64,
    unequal: u64,
}

impl Path {
    fn of(rho: f64, other: Discipline, horizon: u64) -> Result<Path, RunError> {
        let first = Track::of(rho, Discipline::ShortestRemaining, horizon)?;
        let second = Track::of(rho, other, horizon)?;
        let mut path = Path {
            instants: 0,
            fewer: 0,
            more: 0,
            customers: 0,
            unequal: 0,
        };
        path.numbers(&first.changes, &second.changes);
        for (one, other) in first.input.iter().zip(&second.input) {
            if let (Some(one), Some(other)) = (one, other) {
                path.customers += 1;
                path.unequal += u64::from(one != other);
            }
        }
        Ok(path)
    }

    /// Compares after all changes of each instant; in between, nothing changes.
    fn numbers(&mut self, first: &[(u64, i64)], second: &[(u64, i64)]) {
        let (mut first, mut second) = (Level::new(first), Level::new(second));
        while let Some(now) = [first.next(), second.next()].into_iter().flatten().min() {
            first.pass(now);
            second.pass(now);
            self.instants += 1;
            self.fewer += u64::from(first.number < second.number);
            self.more += u64::from(first.number > second.number);
        }
    }

    fn show(&self, name: &str, comparison: &mut Comparison, table: &mut Table) {
        let counts = [self.instants, self.fewer, self.more, self.customers];
        table.row(name, counts.map(Cell::Count));
        comparison.report().judge(
            format!("{name}: SRPT never has more"),
            self.more == 0 && self.fewer > 0 && self.unequal == 0 && self.customers > 0,
            format!(
                "at none of {} instants, fewer at {}; {} customers, {} of them with other input",
                self.instants, self.fewer, self.customers, self.unequal
            ),
        );
    }
}

/// A number that changes at instants.
struct Level<'a> {
    changes: &'a [(u64, i64)],
    number: i64,
}

impl Level<'_> {
    fn new(changes: &[(u64, i64)]) -> Level<'_> {
        Level { changes, number: 0 }
    }

    fn next(&self) -> Option<u64> {
        self.changes.first().map(|change| change.0)
    }

    fn pass(&mut self, now: u64) {
        while let [(at, change), rest @ ..] = self.changes
            && *at == now
        {
            self.number += change;
            self.changes = rest;
        }
    }
}

/// Changes of the number present, and by customer arrival and size, in ns, once it has left.
#[derive(Default)]
struct Track {
    changes: Vec<(u64, i64)>,
    input: Vec<Option<(u64, u64)>>,
}

impl Track {
    fn of(rho: f64, discipline: Discipline, horizon: u64) -> Result<Track, RunError> {
        let streams = Streams::new(seed("srpt, equal input"));
        let mut simulation = Simulation::new(&network(rho, discipline), streams, 1.0)?;
        let until = Until {
            customers: u64::MAX,
            time_ns: horizon * 1_000_000_000,
        };
        let mut track = Track::default();
        simulation.run(until, &mut track)?;
        Ok(track)
    }
}

impl Observer for Track {
    const LEVELS: bool = true;

    fn stay(&mut self, stay: &Stay) {
        let customer = stay.customer as usize;
        if self.input.len() <= customer {
            self.input.resize(customer + 1, None);
        }
        self.input[customer] = Some((stay.arrived_ns, stay.size_ns));
    }

    fn level(&mut self, now_ns: u64, _station: usize, change: i64) {
        self.changes.push((now_ns, change));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_mean_1() {
        assert!((services().mean() - 1.0).abs() < 1e-12);
        assert!((services().variance() - 2.7).abs() < 0.02);
    }

    #[test]
    fn srpt_has_the_fewest_and_another_order_has_not() {
        let path = Path::of(0.8, Discipline::Fcfs, 2_000).unwrap();
        assert!(path.fewer > 100 && path.customers > 1_000, "{path:?}");
        assert_eq!((path.more, path.unequal), (0, 0));
        // The comparison can fail: the other way round it does.
        let first = Track::of(0.8, Discipline::Fcfs, 2_000).unwrap();
        let second = Track::of(0.8, Discipline::ShortestRemaining, 2_000).unwrap();
        let mut reverse = Path {
            instants: 0,
            fewer: 0,
            more: 0,
            customers: 0,
            unequal: 0,
        };
        reverse.numbers(&first.changes, &second.changes);
        assert_eq!(
            (reverse.instants, reverse.more),
            (path.instants, path.fewer)
        );
    }

    #[test]
    fn changes_at_one_instant_are_compared_together() {
        let mut path = Path {
            instants: 0,
            fewer: 0,
            more: 0,
            customers: 0,
            unequal: 0,
        };
        path.numbers(&[(1, 1), (2, 1), (2, -1)], &[(1, 1), (2, -1), (2, 1)]);
        assert_eq!((path.instants, path.fewer, path.more), (2, 0, 0));
    }
}
