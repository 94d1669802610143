//! `scaling-with-servers`: the same utilisation with more servers, and one fast server against
//! many slow ones.

use kendall_kernel::Law;
use kendall_kernel::stats::Estimate;
use kendall_queueing::RunError;
use kendall_study::queueing::{At, Figure};

use super::Z;
use super::comparison::Comparison;
use super::setting::{Setting, known, poisson_queue};
use crate::ValidateError;
use crate::outcome::Report;
use crate::theory::mmk::Mmk;

const SERVERS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
const RHO: f64 = 0.8;

/// Servers whose work one fast server does instead.
const REPLACED: [u32; 3] = [2, 8, 32];

/// Waiting falls with more servers at the same utilisation; a fast server instead of slow ones
/// makes customers wait longer and stay shorter.
///
/// # Errors
/// Whatever ends the engine.
pub fn scaling_with_servers() -> Result<Report, ValidateError> {
    let mut comparison = Comparison::new(format!(
        "M/M/k at utilisation {RHO}, first come, first served; mean service 1, or 1/k of one fast \
         server"
    ));
    let mut slow = Vec::new();
    for servers in SERVERS {
        slow.push(Measured::of(&mut comparison, servers, 1.0)?);
    }
    for pair in slow.windows(2) {
        let [few, many] = pair else { continue };
        judge_less(
            &mut comparison,
            format!(
                "{} servers against {}: shorter waits",
                many.servers, few.servers
            ),
            (&many.wait, &few.wait),
        );
    }
    for servers in REPLACED {
        let fast = Measured::of(&mut comparison, 1, f64::from(servers))?;
        let Some(slow) = slow.iter().find(|slow| slow.servers == servers) else {
            continue;
        };
        judge_less(
            &mut comparison,
            format!("1 fast server against {servers}: shorter sojourns"),
            (&fast.sojourn, &slow.sojourn),
        );
        judge_less(
            &mut comparison,
            format!("{servers} servers against 1 fast one: shorter waits"),
            (&slow.wait, &fast.wait),
        );
    }
    Ok(comparison.close(Vec::new()))
}

/// What was measured of some servers.
struct Measured {
    servers: u32,
    wait: Option<Estimate>,
    sojourn: Option<Estimate>,
}

impl Measured {
    /// Servers of a speed.
    fn of(comparison: &mut Comparison, servers: u32, speed: f64) -> Result<Measured, RunError> {
        let lam = RHO * speed * f64::from(servers);
        let queue = Mmk {
            lam,
            mu: speed,
            servers,
        };
        let here = At::station(0);
        let (wait, sojourn) = (Figure::Waiting(here), Figure::Sojourn(here));
        let figures = vec![
            known("E_W", wait, queue.wait_mean()),
            known("P_wait", Figure::Waits(here), queue.p_wait()),
            known("E_T", sojourn, queue.wait_mean() + 1.0 / speed),
        ];
        let name = if speed > 1.0 {
            format!("1 server of speed {speed}")
        } else {
            format!("k = {servers}")
        };
        let service = Law::Exponential { mean: 1.0 / speed };
        let network = poisson_queue(lam, service, servers);
        let setting = Setting::new(name, network, RHO, figures)?.by_recursion();
        let experiment = comparison.run(&setting)?;
        Ok(Measured {
            servers,
            wait: experiment.estimate(wait),
            sojourn: experiment.estimate(sojourn),
        })
    }
}

/// Whether the first of two independent estimates is below the second beyond its error.
fn judge_less(
    comparison: &mut Comparison,
    name: String,
    (less, more): (&Option<Estimate>, &Option<Estimate>),
) {
    let (Some(less), Some(more)) = (less, more) else {
        return comparison
            .report()
            .judge(name, false, "nothing was measured");
    };
    let square = |estimate: &Estimate| estimate.std_error.unwrap_or(f64::INFINITY).powi(2);
    let error = (square(less) + square(more)).sqrt();
    let gap = (more.value - less.value) / error;
    comparison.report().judge(
        name,
        gap > Z,
        format!(
            "{:.4} against {:.4}, {gap:.0} standard errors apart, at least {Z}",
            less.value, more.value
        ),
    );
}
