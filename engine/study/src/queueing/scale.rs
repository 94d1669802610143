//! What figures need to know of the plan.

use kendall_kernel::stats::Level;
use kendall_queueing::model::Station;

use super::plan::Plan;

/// What figures need to know of the plan.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    /// Nanoseconds in a time unit.
    pub(super) unit_ns: f64,
    /// By station; infinite with one for everybody.
    pub(super) servers: Vec<f64>,
    /// Units that a customer holds, by station and class.
    pub(super) units: Vec<Vec<f64>>,
    pub(super) level: Level,
}

impl Scale {
    pub(super) fn of(plan: &Plan) -> Scale {
        let stations = plan.network.stations.iter();
        let servers = stations.map(|s| s.server_count().map_or(f64::INFINITY, f64::from));
        Scale {
            unit_ns: plan.unit_s * 1e9,
            servers: servers.collect(),
            units: plan.network.stations.iter().map(units).collect(),
            level: plan.level,
        }
    }
}

/// Units that a customer holds, by class.
fn units(station: &Station) -> Vec<f64> {
    let classes = 0..station.service.len();
    let units = classes.map(|class| station.units.get(class).copied().unwrap_or(1));
    units.map(f64::from).collect()
}
