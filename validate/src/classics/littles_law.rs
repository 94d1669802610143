//! `littles-law`: L = lambda W on every run that begins and ends empty, and with customers cut off
//! at the end on every other.
//!
//! The number present, integrated over time, is the sum of the times that customers spend: both
//! are the area between arrivals and departures (Little, A proof for the queuing formula L =
//! lambda W, Operations Research 9, 1961; for finite runs Stidham, A last word on L = lambda W,
//! Operations Research 22, 1974). It is counted in three ways that share nothing: by the engine,
//! by changes of the number present, and customer by customer.

use super::setting::seed;
use super::systems::{self, System};
use super::watch::Watched;
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// Customers of a run, about.
const CUSTOMERS: u64 = 100_000;

/// Columns of tables of whole numbers.
const COLUMNS: [(&str, &str); 7] = [
    ("customers", ""),
    ("engine", "customers x ns"),
    ("by numbers", "customers x ns"),
    ("by customers", "customers x ns"),
    ("L", ""),
    ("lambda", "1/s"),
    ("W", "s"),
];

/// Numbers present against times spent, on stations and networks of many kinds.
///
/// # Errors
/// Whatever ends the engine.
pub fn littles_law() -> Result<Report, ValidateError> {
    run(CUSTOMERS)
}

fn run(customers: u64) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        "Numbers present, integrated over time, and the sum of times spent",
        &COLUMNS,
    );
    for system in systems::all() {
        let watched = Watched::of(&system.network, seed(system.name), customers)?;
        let mut sums = Vec::new();
        for (at, station) in system.network.stations.iter().enumerate() {
            let all = watched.totals.stations[at].all();
            let watch = watched.stations[at];
            sums.push(Sum {
                name: format!("{}: {}", system.name, station.name),
                arrivals: all.arrivals,
                ways: [all.present_ns, watch.present_ns, watch.spent_ns].map(Some),
            });
        }
        sums.extend(whole_network(&system, &watched));
        for sum in &sums {
            sum.show(watched.totals.now_ns, &mut table);
        }
        judge(&mut report, system.name, &sums);
    }
    table.note("the three sums are whole numbers and must be equal; no tolerance");
    table.note("W = sum over customers, lambda = customers over time, L = sum over time");
    report.tables.push(table);
    Ok(report)
}

/// One area, counted in several ways.
struct Sum {
    name: String,
    arrivals: u64,
    /// By the engine, by numbers, by customers.
    ways: [Option<u128>; 3],
}

/// The network as one place, if everybody left it after service.
fn whole_network(system: &System, watched: &Watched) -> Option<Sum> {
    let totals = &watched.totals;
    let several = system.network.stations.len() > 1;
    let told = several && watched.empty && totals.completed == totals.left;
    told.then(|| Sum {
        name: format!("{}: the network", system.name),
        arrivals: totals.entered,
        ways: [Some(totals.present_ns), None, Some(watched.network_ns)],
    })
}

impl Sum {
    fn holds(&self) -> bool {
        let mut ways = self.ways.iter().flatten();
        let first = ways.next();
        first.is_some_and(|first| *first > 0) && ways.all(|way| Some(way) == first)
    }

    fn show(&self, time_ns: u64, table: &mut Table) {
        let [engine, numbers, customers] = self.ways;
        let area = engine.unwrap_or(0) as f64;
        let arrivals = self.arrivals as f64;
        table.row(
            &self.name,
            [
                Cell::Count(self.arrivals),
                integer(engine),
                integer(numbers),
                integer(customers),
                Cell::Number(area / time_ns as f64),
                Cell::Number(arrivals / time_ns as f64 * 1e9),
                Cell::Number(area / arrivals / 1e9),
            ],
        );
    }
}

/// A whole number as a cell.
pub(super) fn integer(number: Option<u128>) -> Cell {
    match number.map(|number| (number, u64::try_from(number))) {
        None => Cell::Absent,
        Some((_, Ok(count))) => Cell::Count(count),
        Some((number, Err(_))) => Cell::Text(number.to_string()),
    }
}

fn judge(report: &mut Report, name: &str, sums: &[Sum]) {
    let wrong: Vec<&str> = sums
        .iter()
        .filter(|sum| !sum.holds())
        .map(|sum| sum.name.as_str())
        .collect();
    let compared: usize = sums
        .iter()
        .map(|sum| sum.ways.iter().flatten().count())
        .sum();
    let customers: u64 = sums.iter().map(|sum| sum.arrivals).sum();
    let detail = if wrong.is_empty() {
        format!("{compared} whole numbers agree, {customers} arrivals")
    } else {
        format!("differs: {}", wrong.join(", "))
    };
    report.judge(name, wrong.is_empty(), detail);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Verdict;

    #[test]
    fn every_system_obeys() {
        let report = run(1_000).unwrap();
        let failed = report
            .cases
            .iter()
            .filter(|case| case.verdict != Verdict::Passed);
        assert_eq!(failed.collect::<Vec<_>>(), Vec::<&crate::Case>::new());
        assert!(report.cases.len() > 20);
    }

    #[test]
    fn a_nanosecond_is_a_difference() {
        let sum = |ways: [u128; 3]| Sum {
            name: String::new(),
            arrivals: 1,
            ways: ways.map(Some),
        };
        assert!(sum([5, 5, 5]).holds());
        assert!(!sum([5, 5, 6]).holds());
        assert!(!sum([5, 4, 5]).holds());
        assert!(!sum([0, 0, 0]).holds());
    }
}
