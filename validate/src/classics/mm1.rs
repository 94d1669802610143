//! `mm1`: the queue that everything about is known, up to 99 % load.
//!
//! Two runs per load. One goes by events and is made longer until it is precise: all four figures,
//! time averages measured as such. The other goes by recursion over a number of customers that
//! follows from Daley's variance, and is cut into batches whose mean services and gaps, with known
//! means, correct the mean times.

use kendall_kernel::Law;
use kendall_kernel::stats::distribution::normal;
use kendall_kernel::stats::{ControlVariates, Controlled, Level};
use kendall_queueing::RunError;
use kendall_study::queueing::{At, Experiment, Figure};

use super::comparison::{Comparison, measured};
use super::setting::{Setting, known, poisson_queue};
use super::{BUSY, Z};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};
use crate::theory::mm1::Mm1;

const LOADS: [f64; 6] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

/// Accuracy of the mean sojourn that the DES (Rust) simulator's README states for these loads.
const PUBLISHED: f64 = 0.0004;

/// Relative standard errors of the mean wait that the controlled runs are made for, before
/// controls; the second from [`BUSY`] on.
const CONTROLLED: [f64; 2] = [0.003, 0.015];

/// Columns of the table of controlled runs.
const COLUMNS: [(&str, &str); 9] = [
    ("plain", ""),
    ("controlled", ""),
    ("exact", ""),
    ("z", ""),
    ("95 % interval", "± %"),
    ("variance saved", "%"),
    ("expected", "%"),
    ("customers", ""),
    ("customers for 0.04 %", ""),
];

/// Sojourn, wait, number and utilisation of M/M/1 at six loads, and what accuracy takes.
///
/// # Errors
/// Whatever ends the engine.
pub fn mm1() -> Result<Report, ValidateError> {
    let mut comparison = Comparison::new("M/M/1, first come, first served; mean service 1");
    let mut table = Table::new(
        "Mean times in longer runs by recursion, mean services and gaps of batches as controls",
        &COLUMNS,
    );
    let mut reached = Vec::new();
    for rho in LOADS {
        comparison.run(&setting(format!("rho {rho}"), rho)?)?;
        let run = Long::run(rho)?;
        run.rows(&mut table);
        run.judge(&mut comparison);
        reached.extend(run.reached());
    }
    honest_notes(&mut table, &reached);
    Ok(comparison.close(vec![table]))
}

fn queue(rho: f64) -> Mm1 {
    Mm1 { lam: rho, mu: 1.0 }
}

fn setting(name: String, rho: f64) -> Result<Setting, RunError> {
    let queue = queue(rho);
    let here = At::station(0);
    let sojourn = queue.sojourn_mean();
    let figures = vec![
        known("E_T", Figure::Sojourn(here), sojourn),
        known("E_W", Figure::Waiting(here), sojourn - 1.0),
        known("E_N", Figure::Present(here), rho * sojourn),
        known("utilisation", Figure::Utilisation(0), rho),
    ];
    let network = poisson_queue(rho, Law::Exponential { mean: 1.0 }, 1);
    Setting::new(name, network, rho, figures)
}

/// A run of a length given by theory.
struct Long {
    rho: f64,
    customers: u64,
    wait: Option<Controlled>,
    sojourn: Option<Controlled>,
}

impl Long {
    fn run(rho: f64) -> Result<Long, RunError> {
        let setting = setting(format!("rho {rho}, controlled"), rho)?.by_recursion();
        let error = CONTROLLED[usize::from(rho >= BUSY)];
        let mut experiment = Experiment::start(&setting.plan)?;
        experiment.extend(customers_for(
            queue(rho),
            error,
            queue(rho).sojourn_mean() - 1.0,
        ))?;
        let scale = setting.plan.unit_s * 1e9;
        Ok(Long {
            rho,
            customers: experiment.customers(),
            wait: controlled(&experiment, rho, scale, false),
            sojourn: controlled(&experiment, rho, scale, true),
        })
    }

    fn known(&self) -> [(&'static str, &Option<Controlled>, f64); 2] {
        let sojourn = queue(self.rho).sojourn_mean();
        [
            ("E_T", &self.sojourn, sojourn),
            ("E_W", &self.wait, sojourn - 1.0),
        ]
    }

    fn rows(&self, table: &mut Table) {
        for (name, controlled, exact) in self.known() {
            let Some(controlled) = controlled else {
                continue;
            };
            let number = |value: Option<f64>| value.map_or(Cell::Absent, Cell::Number);
            let percent = |value: Option<f64>| number(value.map(|value| 100.0 * value));
            let expected = (name == "E_W").then(|| share_explained(self.rho));
            table.row(
                format!("rho {}: {name}", self.rho),
                [
                    measured(&controlled.plain),
                    measured(&controlled.estimate),
                    Cell::Number(exact),
                    number(controlled.estimate.z_score(exact)),
                    percent(controlled.estimate.relative_half_width()),
                    percent(controlled.variance_reduction),
                    percent(expected),
                    Cell::Count(self.customers),
                    Cell::Count(customers_for(queue(self.rho), published_error(), exact)),
                ],
            );
        }
    }

    fn judge(&self, comparison: &mut Comparison) {
        let scores = self.known().map(|(_, controlled, exact)| {
            let controlled = controlled.as_ref();
            controlled
                .and_then(|controlled| controlled.estimate.z_score(exact))
                .unwrap_or(f64::INFINITY)
        });
        comparison.score(scores[0]);
        let [sojourn, wait] = scores;
        comparison.report().judge(
            format!("rho {}, controlled", self.rho),
            scores.iter().all(|score| score.abs() <= Z),
            format!(
                "{} customers, E_T {sojourn:+.1} and E_W {wait:+.1} standard errors off, at most {Z}",
                self.customers
            ),
        );
        self.judge_errors(comparison);
    }

    /// The plain error against theory: with g batches, (g - 1) times the ratio of variances has
    /// about a chi-square law, whose standard deviation is sqrt(2 (g - 1)).
    fn judge_errors(&self, comparison: &mut Comparison) {
        let Some(wait) = &self.wait else {
            return;
        };
        let expected = queue(self.rho).asymptotic_variance_wait();
        let ratio = wait.plain.asymptotic_variance().unwrap_or(0.0) / expected;
        let allowed = Z * (2.0 / (wait.plain.groups as f64 - 1.0)).sqrt();
        comparison.report().judge(
            format!("rho {}, error of E_W", self.rho),
            (ratio - 1.0).abs() <= allowed,
            format!(
                "variance {ratio:.2} times that of theory (Daley 1968), within {allowed:.2} of 1, \
                 {Z} standard deviations for {} batches",
                wait.plain.groups
            ),
        );
    }

    /// Load, half width over the value of the better estimate of E_T, and customers.
    fn reached(&self) -> Option<(f64, f64, u64)> {
        let width = self.sojourn.as_ref()?.estimate.relative_half_width()?;
        Some((self.rho, width, self.customers))
    }
}

/// The mean wait or sojourn per batch, corrected by mean services and mean gaps.
fn controlled(
    experiment: &Experiment,
    rho: f64,
    unit_ns: f64,
    sojourn: bool,
) -> Option<Controlled> {
    let mut variates = ControlVariates::new(&[1.0, 1.0 / rho]);
    for batch in experiment.batches() {
        let totals = batch.totals.stations.first()?.all();
        let mean = |ns: u128| ns as f64 / unit_ns / totals.served as f64;
        let response = if sojourn {
            totals.sojourn_ns
        } else {
            totals.waiting_ns
        };
        let service = mean(totals.sojourn_ns - totals.waiting_ns);
        // Of a recursion, time goes from one arrival to another: it is a sum of gaps.
        let gap = mean(u128::from(batch.totals.now_ns));
        variates.push(mean(response), &[service, gap], totals.served);
    }
    variates.estimate(Level::P95)
}

/// Customers whose mean wait has this standard error relative to `value`, in stationary runs.
fn customers_for(queue: Mm1, error: f64, value: f64) -> u64 {
    (queue.asymptotic_variance_wait() / (error * value).powi(2)).ceil() as u64
}

/// The standard error that puts the published accuracy at the end of a 95 % interval.
fn published_error() -> f64 {
    PUBLISHED / normal::quantile(0.975)
}

/// The share of the variance of the mean wait that linear controls explain in long runs.
///
/// The sums of n exponential services and gaps are sufficient for their means s and a, so that n
/// times the covariance of mean wait and mean service is s^2 dE[W]/ds, and likewise with a. With
/// E[W] = s^2 / (a - s) the share is rho ((2 - rho)^2 + 1) / (2 + 5 rho - 4 rho^2 + rho^3), a half
/// in heavy traffic.
fn share_explained(rho: f64) -> f64 {
    let polynomial = 2.0 + rho * (5.0 + rho * (-4.0 + rho));
    rho * ((2.0 - rho).powi(2) + 1.0) / polynomial
}

fn honest_notes(table: &mut Table, reached: &[(f64, f64, u64)]) {
    let Some((rho, width, customers)) = reached.last() else {
        return;
    };
    let needed = customers_for(queue(*rho), published_error(), queue(*rho).sojourn_mean());
    table.note(format!(
        "the published accuracy, 0.04 % of E_T up to rho 0.99, takes {:.1e} customers at rho {rho} \
         by plain averaging, at 95 % confidence (Daley's variance); reached here: {:.2} % with \
         {customers} customers and controls",
        needed as f64,
        100.0 * width
    ));
    table.note(
        "a single deviation below 0.04 % at such a load is luck: the column of intervals says how \
         far off a run may be",
    );
    table.note(
        "with mean services as a control, E_T is E_W and the known mean service: both have one error",
    );
    table.note("variance saved is estimated from the batches; expected is its limit in long runs");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effort_follows_from_theory() {
        // 1.96^2 (0.04 %)^-2 times 3.96e8 / 100^2.
        let needed = customers_for(queue(0.99), published_error(), 100.0) as f64;
        assert!((needed / 9.5e11 - 1.0).abs() < 0.01, "{needed}");
        assert!((share_explained(1.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_share_explained_is_that_of_the_derivatives() {
        for rho in LOADS {
            // E[W] = s^2 / (a - s), by differences.
            let wait = |s: f64, a: f64| s * s / (a - s);
            let (a, h) = (1.0 / rho, 1e-6);
            let by_s = (wait(1.0 + h, a) - wait(1.0 - h, a)) / (2.0 * h);
            let by_a = (wait(1.0, a + h) - wait(1.0, a - h)) / (2.0 * h);
            let explained = by_s.powi(2) + (a * by_a).powi(2);
            let share = explained / queue(rho).asymptotic_variance_wait();
            assert!((share / share_explained(rho) - 1.0).abs() < 1e-5, "{rho}");
        }
    }

    #[test]
    fn controls_save_what_theory_says() {
        let long = Long::run(0.5).unwrap();
        let saved = long.wait.unwrap().variance_reduction.unwrap();
        // The squared correlation of 128 batches has standard error 2 r (1 - r^2) / sqrt(128).
        let expected = share_explained(0.5);
        let error = 2.0 * expected.sqrt() * (1.0 - expected) / 128.0_f64.sqrt();
        assert!((saved - expected).abs() < Z * error, "{saved} {expected}");
    }
}
