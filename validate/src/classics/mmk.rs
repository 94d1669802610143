//! `mmk`: Erlang's delay formula.

use kendall_kernel::Law;
use kendall_queueing::RunError;
use kendall_study::queueing::{At, Figure};

use super::comparison::Comparison;
use super::setting::{Setting, known, poisson_queue};
use crate::ValidateError;
use crate::outcome::Report;
use crate::theory::mmk::Mmk;

const SERVERS: [u32; 4] = [1, 2, 4, 8];
const LOADS: [f64; 3] = [0.5, 0.8, 0.9];
/// The load from which runs are long enough to go by recursion.
const LONG: f64 = 0.9;

/// Whether customers wait, how long, and how many are present, with 1 to 8 servers.
///
/// # Errors
/// Whatever ends the engine.
pub fn mmk() -> Result<Report, ValidateError> {
    let mut comparison = Comparison::new("M/M/k, first come, first served; mean service 1");
    for servers in SERVERS {
        for rho in LOADS {
            comparison.run(&setting(servers, rho)?)?;
        }
    }
    comparison.table().note(format!(
        "from rho {LONG} on by recursion (Kiefer and Wolfowitz), where E_N is the sum of sojourns over time"
    ));
    Ok(comparison.close(Vec::new()))
}

fn setting(servers: u32, rho: f64) -> Result<Setting, RunError> {
    let lam = rho * f64::from(servers);
    let queue = Mmk {
        lam,
        mu: 1.0,
        servers,
    };
    let here = At::station(0);
    let figures = vec![
        known("E_W", Figure::Waiting(here), queue.wait_mean()),
        known("P_wait", Figure::Waits(here), queue.p_wait()),
        known("E_N", Figure::Present(here), queue.number_mean()),
    ];
    let network = poisson_queue(lam, Law::Exponential { mean: 1.0 }, servers);
    let setting = Setting::new(format!("k = {servers}, rho {rho}"), network, rho, figures)?;
    Ok(if rho >= LONG {
        setting.by_recursion()
    } else {
        setting
    })
}
