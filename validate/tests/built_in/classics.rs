//! The checks of classic queues: every claim holds.

use kendall_validate::classics;

use super::holds;

/// Rows that each of their tables has at least.
const ROWS: usize = 1;

#[test]
fn numbers_present_are_times_spent() {
    holds(classics::littles_law, ROWS);
}

#[test]
fn servers_are_busy_with_services() {
    holds(classics::utilization, ROWS);
}

#[test]
fn sojourns_are_waits_and_services() {
    holds(classics::response_time_law, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn mm1() {
    holds(classics::mm1, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn pollaczek_khinchine() {
    holds(classics::pk, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn shortest_remaining_first() {
    holds(classics::srpt, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn erlangs_delays() {
    holds(classics::mmk, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn erlangs_losses() {
    holds(classics::mmk_finite, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn jacksons_network() {
    holds(classics::jackson, ROWS);
}

#[test]
#[ignore = "long runs, half a minute without optimisation"]
fn more_servers_wait_less() {
    holds(classics::scaling_with_servers, ROWS);
}
