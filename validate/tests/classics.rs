//! The checks of classic queues: every claim holds.

use kendall_validate::{Report, ValidateError, Verdict, classics};

fn holds(check: fn() -> Result<Report, ValidateError>) {
    let report = check().unwrap();
    let failed: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Passed)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.cases.len() >= 5, "{report:#?}");
    assert!(
        report.tables.iter().all(|table| !table.rows.is_empty()),
        "{report:#?}"
    );
}

#[test]
fn numbers_present_are_times_spent() {
    holds(classics::littles_law);
}

#[test]
fn servers_are_busy_with_services() {
    holds(classics::utilization);
}

#[test]
fn sojourns_are_waits_and_services() {
    holds(classics::response_time_law);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn mm1() {
    holds(classics::mm1);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn pollaczek_khinchine() {
    holds(classics::pk);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn shortest_remaining_first() {
    holds(classics::srpt);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn erlangs_delays() {
    holds(classics::mmk);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn erlangs_losses() {
    holds(classics::mmk_finite);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn jacksons_network() {
    holds(classics::jackson);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn more_servers_wait_less() {
    holds(classics::scaling_with_servers);
}
