//! `utilization`: servers are busy for as long as services take.
//!
//! Busy time is counted by the engine, customer by customer (sizes, or times from begin to end of
//! service), and by the numbers present (at most as many servers are busy as there are, and no
//! fewer where none idles while somebody waits).

use super::littles_law::integer;
use super::setting::seed;
use super::systems::{self, Serving, System};
use super::watch::Watched;
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// Customers of a run, about.
const CUSTOMERS: u64 = 100_000;

/// Busy time against services given, on stations and networks of many kinds.
///
/// # Errors
/// Whatever ends the engine.
pub fn utilization() -> Result<Report, ValidateError> {
    run(CUSTOMERS)
}

fn run(customers: u64) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        "Busy servers, integrated over time, and services given",
        &[
            ("engine", "servers x ns"),
            ("sizes", "ns"),
            ("begin to end", "ns"),
            ("by numbers", "servers x ns"),
            ("utilisation", ""),
        ],
    );
    for system in systems::all() {
        let watched = Watched::of(&system.network, seed(system.name), customers)?;
        let places: Vec<Place> = (0..system.network.stations.len())
            .map(|at| Place::of(&system, &watched, at))
            .collect();
        for place in &places {
            place.show(&mut table);
        }
        judge(&mut report, system.name, &places);
    }
    table.note(
        "whole numbers, no tolerance; sizes where a run ends empty, begin to end where nothing \
         interrupts, numbers where no server idles while somebody waits",
    );
    table.note(
        "where customers share a server a departure is rounded up to a nanosecond: sizes are short \
         by at most that for each",
    );
    table.note("the engine's time without that of servers that hold customers for want of room");
    report.tables.push(table);
    Ok(report)
}

/// Busy time of a station, counted in several ways.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    name: String,
    busy_ns: u128,
    /// As busy time, where they must be equal to it.
    sizes_ns: Option<u128>,
    /// What sizes may be short of it, by rounding up departures.
    rounded_ns: u128,
    begin_to_end_ns: Option<u128>,
    by_numbers_ns: Option<u128>,
    utilisation: Option<f64>,
}

impl Place {
    fn of(system: &System, watched: &Watched, at: usize) -> Place {
        let station = &system.network.stations[at];
        let (totals, watch) = (&watched.totals.stations[at], &watched.stations[at]);
        let serving = system.serving(at);
        let held = totals.blocked_ns;
        let servers = station.server_count();
        let time = watched.totals.now_ns as f64;
        let sized = watched.empty && serving != Serving::Scaled;
        Place {
            name: format!("{}: {}", system.name, station.name),
            busy_ns: totals.busy_ns - held,
            sizes_ns: sized.then_some(watch.sizes_ns),
            rounded_ns: u128::from(if system.shares(at) {
                watch.customers
            } else {
                0
            }),
            begin_to_end_ns: (serving != Serving::Longer).then_some(watch.served_ns),
            // Those who are held count as present.
            by_numbers_ns: system
                .never_idles(at)
                .then(|| watch.occupied_ns.saturating_sub(held)),
            utilisation: servers.map(|count| totals.busy_ns as f64 / time / f64::from(count)),
        }
    }

    fn others(&self) -> impl Iterator<Item = u128> {
        [self.begin_to_end_ns, self.by_numbers_ns]
            .into_iter()
            .flatten()
    }

    /// What sizes are short of busy time where departures are rounded, and by how much they may.
    fn rounding(&self) -> Option<(u128, u128)> {
        let sizes = self.sizes_ns.filter(|_| self.rounded_ns > 0)?;
        Some((self.busy_ns.saturating_sub(sizes), self.rounded_ns))
    }

    /// How many ways there are besides the engine's.
    fn ways(&self) -> usize {
        self.others().count() + usize::from(self.sizes_ns.is_some())
    }

    /// At least one other way, and all the same.
    fn holds(&self) -> bool {
        let fits = |sizes: u128| (sizes..=sizes + self.rounded_ns).contains(&self.busy_ns);
        let by_sizes = self.sizes_ns.is_none_or(fits);
        self.ways() > 0 && by_sizes && self.others().all(|way| way == self.busy_ns)
    }

    fn show(&self, table: &mut Table) {
        table.row(
            &self.name,
            [
                integer(Some(self.busy_ns)),
                integer(self.sizes_ns),
                integer(self.begin_to_end_ns),
                integer(self.by_numbers_ns),
                self.utilisation.map_or(Cell::Absent, Cell::Number),
            ],
        );
    }
}

fn judge(report: &mut Report, name: &str, places: &[Place]) {
    let wrong: Vec<&str> = places
        .iter()
        .filter(|place| !place.holds())
        .map(|place| place.name.as_str())
        .collect();
    let rounded: Vec<(u128, u128)> = places.iter().filter_map(Place::rounding).collect();
    let all: usize = places.iter().map(|place| 1 + place.ways()).sum();
    let compared = all - rounded.len();
    let busy: u128 = places.iter().map(|place| place.busy_ns).sum();
    let detail = if wrong.is_empty() {
        let mut text = format!("{compared} whole numbers agree, {busy} ns busy");
        for (short, allowed) in rounded {
            text += &format!(", sizes {short} ns short, at most {allowed}");
        }
        text
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
    }

    #[test]
    fn a_nanosecond_is_a_difference() {
        let place = Place {
            name: String::new(),
            busy_ns: 5,
            sizes_ns: Some(5),
            rounded_ns: 0,
            begin_to_end_ns: None,
            by_numbers_ns: Some(5),
            utilisation: None,
        };
        assert!(place.holds());
        let sizes_ns = Some(4);
        assert!(
            !Place {
                sizes_ns,
                ..place.clone()
            }
            .holds()
        );
        let rounded = Place {
            sizes_ns,
            rounded_ns: 1,
            ..place.clone()
        };
        assert!(rounded.holds());
        let (sizes_ns, by_numbers_ns) = (None, None);
        assert!(
            !Place {
                sizes_ns,
                by_numbers_ns,
                ..place
            }
            .holds()
        );
    }
}
