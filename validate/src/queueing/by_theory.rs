//! What theory says about a model.

mod classes;
pub(super) mod metric;
mod networks;
mod parallel;
mod queues;
mod station;

use super::model::Model;

/// The exact value of a metric, or `None` where no formula or exact numerical method is known here.
///
/// Conventions where a metric's name leaves a choice: with losses, balking or abandonment, `E_T` and
/// `E_W` are those of customers who are served, `E_N` counts everybody present, and `P_wait` counts
/// arrivals who wait (whatever becomes of them) among all arrivals. Without a class or station in its
/// name, a metric of several classes is that of all customers together.
#[must_use]
pub fn expected(model: &Model, metric: &str) -> Option<f64> {
    let value = match model {
        Model::Station(station) => station::metric(station, metric),
        Model::Priority {
            classes,
            servers,
            preemptive,
        } => classes::priority(classes, *servers, *preemptive, metric),
        Model::Sharing { classes } => classes::sharing(classes, metric),
        Model::MultirateLoss { units, classes } => classes::multirate(*units, classes, metric),
        Model::Open { .. }
        | Model::Closed { .. }
        | Model::MachineRepair { .. }
        | Model::Tandem { .. }
        | Model::SaturatedLine { .. } => networks::metric(model, metric),
        Model::Impatient { .. }
        | Model::Balking { .. }
        | Model::Batches { .. }
        | Model::Vacations { .. }
        | Model::Setup { .. }
        | Model::Modulated { .. }
        | Model::TimeVarying { .. }
        | Model::Parallel { .. }
        | Model::MeanField { .. }
        | Model::Heterogeneous { .. }
        | Model::ForkJoin { .. }
        | Model::Polling { .. }
        | Model::BusyPeriod { .. }
        | Model::Transient { .. } => queues::metric(model, metric),
    };
    value.filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests;
