//! `response-time-law`: a sojourn is a wait and a service, R = W + S, for every customer; and with
//! terminals, R = N / X - Z for every run.

use super::littles_law::integer;
use super::setting::seed;
use super::systems::{self, Serving, System};
use super::watch::{Watch, Watched};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// Customers of a run, about.
const CUSTOMERS: u64 = 100_000;

/// Sojourns against waits and sizes, customer by customer, and times at terminals against those
/// elsewhere.
///
/// # Errors
/// Whatever ends the engine.
pub fn response_time_law() -> Result<Report, ValidateError> {
    run(CUSTOMERS)
}

fn run(customers: u64) -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        "Sojourns, waits before service, and sizes of customers served",
        &[
            ("customers", ""),
            ("R", "ns"),
            ("W", "ns"),
            ("S", "ns"),
            ("R > W + S", "customers"),
            ("R < W + S", "customers"),
        ],
    );
    for system in systems::all() {
        let watched = Watched::of(&system.network, seed(system.name), customers)?;
        for (at, station) in system.network.stations.iter().enumerate() {
            let name = format!("{}: {}", system.name, station.name);
            let watch = &watched.stations[at];
            show(&name, watch, &mut table);
            judge(&mut report, name, &system, &watched, at);
        }
    }
    table.note(
        "where services can be displaced, shared, interrupted or held, customers stay longer than \
         W + S, never shorter; with servers of several speeds a service is not its size",
    );
    report.tables.push(table);
    interactive(&mut report, customers)?;
    Ok(report)
}

fn show(name: &str, watch: &Watch, table: &mut Table) {
    table.row(
        name,
        [
            Cell::Count(watch.customers),
            integer(Some(watch.sojourn_ns)),
            integer(Some(watch.waiting_ns)),
            integer(Some(watch.sizes_ns)),
            Cell::Count(watch.longer),
            Cell::Count(watch.shorter),
        ],
    );
}

fn judge(report: &mut Report, name: String, system: &System, watched: &Watched, at: usize) {
    let (watch, all) = (&watched.stations[at], watched.totals.stations[at].all());
    let same = all.served == watch.customers
        && all.sojourn_ns == watch.sojourn_ns
        && all.waiting_ns == watch.waiting_ns;
    let (longer, shorter) = (watch.longer, watch.shorter);
    let exact = watch.sojourn_ns == watch.waiting_ns + watch.sizes_ns;
    let (holds, law) = match system.serving(at) {
        Serving::Whole => (longer + shorter == 0 && exact, "R = W + S for each"),
        Serving::Longer => (shorter == 0 && longer > 0, "R >= W + S for each"),
        Serving::Scaled => (
            longer > 0 && shorter > 0,
            "S over speed, on both sides of S",
        ),
    };
    let count = watch.customers;
    report.judge(
        name,
        holds && same && count > 0,
        format!(
            "{law} of {count} customers, {longer} longer, {shorter} shorter; sums {}",
            if same {
                "as the engine's"
            } else {
                "are not the engine's"
            }
        ),
    );
}

/// N customers spend N times the run's length, at the terminals or elsewhere: with X T returns,
/// N T = X T (R + Z) (Denning and Buzen, The operational analysis of queueing network models, ACM
/// Computing Surveys 10, 1978, section 4).
fn interactive(report: &mut Report, customers: u64) -> Result<(), ValidateError> {
    let network = systems::terminals();
    let present: u64 = network.populations.iter().map(|p| p.count).sum();
    let watched = Watched::of(&network, seed("terminals"), customers)?;
    let spent: Vec<u128> = watched.stations.iter().map(|w| w.spent_ns).collect();
    let all = u128::from(present) * u128::from(watched.totals.now_ns);
    let (thinking, elsewhere) = (spent[0], spent[1..].iter().sum::<u128>());
    let returns = watched.totals.stations[0].all().served;
    let per_return = |ns: u128| ns as f64 / returns as f64 / 1e9;
    let mut table = Table::new(
        format!("{present} customers between terminals and servers, R = N / X - Z"),
        &[
            ("returns", ""),
            ("N T", "ns"),
            ("at terminals", "ns"),
            ("elsewhere", "ns"),
            ("N / X", "s"),
            ("Z", "s"),
            ("R", "s"),
        ],
    );
    table.row(
        "terminals and two servers",
        [
            Cell::Count(returns),
            integer(Some(all)),
            integer(Some(thinking)),
            integer(Some(elsewhere)),
            Cell::Number(per_return(all)),
            Cell::Number(per_return(thinking)),
            Cell::Number(per_return(elsewhere)),
        ],
    );
    report.tables.push(table);
    report.judge(
        "R = N / X - Z",
        all == thinking + elsewhere && returns > 0,
        format!("{all} ns = {thinking} ns at terminals + {elsewhere} ns elsewhere"),
    );
    Ok(())
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
        assert!(report.cases.len() > 25);
    }
}
