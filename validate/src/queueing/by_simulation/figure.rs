//! Metrics as figures of an experiment.

use kendall_queueing::Wanted;
use kendall_study::queueing::{At, Figure};

use crate::queueing::by_theory::metric::{class_of, number_after, quantile_of, station_of};
use crate::queueing::model::Model;

/// Metrics that are properties of formulas, not of what customers see.
const OF_THEORY_ALONE: [&str; 2] = ["sigma", "asymvar_"];

/// What a metric asks of a simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Question {
    /// Theory alone answers it.
    None,
    /// A figure of the long run.
    LongRun(Figure),
    /// The mean number present at a time.
    PresentAt(f64),
    /// The probability of an empty station at a time.
    EmptyAt(f64),
}

/// The question that a metric asks of a model; `None` if it is not known.
pub(super) fn question(model: &Model, metric: &str) -> Option<Question> {
    if OF_THEORY_ALONE
        .iter()
        .any(|prefix| metric.starts_with(prefix))
    {
        return Some(Question::None);
    }
    if let Model::Transient { t, .. } = model {
        return match metric {
            "E_N_t" => Some(Question::PresentAt(*t)),
            "P_N0_t" => Some(Question::EmptyAt(*t)),
            _ => None,
        };
    }
    if let Some(t) = number_after(metric, "E_N_t") {
        return Some(Question::PresentAt(t));
    }
    long_run(model, metric).map(Question::LongRun)
}

fn long_run(model: &Model, metric: &str) -> Option<Figure> {
    if let Some((base, class)) = class_of(metric) {
        return at(base, At::class(0, class));
    }
    if let Some(figure) = of_model(model, metric) {
        return Some(figure);
    }
    if let Some(most) = number_after(metric, "P_N_le_") {
        return Some(Figure::AtMost(0, most));
    }
    if let Some((base, station)) = station_of(metric)
        && let Some(figure) = at_station(base, station)
    {
        return Some(figure);
    }
    at(metric, At::station(0)).or_else(|| at_station(metric, 0))
}

/// Metrics that mean different things in different models.
fn of_model(model: &Model, metric: &str) -> Option<Figure> {
    let (first, last) = match model {
        Model::Closed { stations, .. } => (0, stations.len()),
        Model::SaturatedLine { .. } => (1, 0),
        _ => (0, 0),
    };
    let closed = matches!(
        model,
        Model::Closed { .. } | Model::MachineRepair { .. } | Model::SaturatedLine { .. }
    );
    let several = matches!(
        model,
        Model::Parallel { .. } | Model::MeanField { .. } | Model::ForkJoin { .. }
    );
    match metric {
        "throughput" if closed => Some(Figure::Throughput(At::station(first))),
        "throughput" => Some(Figure::NetworkThroughput),
        "E_R_total" => Some(match model {
            Model::Closed { think_time, .. } if *think_time > 0.0 => Figure::Absence(last),
            _ => Figure::Cycle(0),
        }),
        "E_T_system" => Some(Figure::NetworkSojourn),
        "E_T" if several => Some(Figure::NetworkSojourn),
        "E_N" if several => Some(Figure::NetworkPresent),
        "E_N_total" => Some(Figure::NetworkPresent),
        "P_empty" => Some(Figure::NetworkEmpty),
        "E_down" => Some(Figure::Present(At::station(0))),
        "E_down_time" => Some(Figure::Sojourn(At::station(0))),
        "E_idle_repairers" => Some(Figure::IdleServers(0)),
        "E_units" => Some(Figure::Units(0)),
        "E_B" => Some(Figure::BusyPeriod(0)),
        "Var_B" => Some(Figure::BusyPeriodVariance(0)),
        _ => None,
    }
}

fn at(metric: &str, at: At) -> Option<Figure> {
    if let Some(q) = quantile_of(metric, "T") {
        return Some(Figure::SojournQuantile(at, q));
    }
    if let Some(q) = quantile_of(metric, "W") {
        return Some(Figure::WaitingQuantile(at, q));
    }
    if metric.starts_with("E_T_given_size_") {
        return Some(Figure::SojournOfSize(at));
    }
    Some(match metric {
        "E_T" | "E_Tvisit" => Figure::Sojourn(at),
        "E_W" => Figure::Waiting(at),
        "E_W_all" => Figure::WaitingOfAll(at),
        "E_W2" => Figure::WaitingSquare(at),
        "Var_W" => Figure::WaitingVariance(at),
        "Var_T" => Figure::SojournVariance(at),
        "E_N" => Figure::Present(at),
        "E_slowdown" => Figure::Slowdown(at),
        "P_wait" => Figure::Waits(at),
        "P_loss" => Figure::Lost(at),
        "P_balk" => Figure::Balked(at),
        "P_abandon" => Figure::Reneged(at),
        "lam" => Figure::ArrivalRate(at),
        "throughput" => Figure::Throughput(at),
        _ => return None,
    })
}

fn at_station(metric: &str, station: usize) -> Option<Figure> {
    Some(match metric {
        "Var_N" => Figure::PresentVariance(station),
        "E_Nq" => Figure::Queued(station),
        "util" | "utilization" | "utilisation" => Figure::Utilisation(station),
        "P_blocked" => Figure::Blocked(station),
        "P_N0" => Figure::AtMost(station, 0),
        _ => return at(metric, At::station(station)),
    })
}

/// The size whose sojourn time a metric asks for.
pub(super) fn size_of(metric: &str) -> Option<f64> {
    let base = class_of(metric).map_or(metric, |(base, _)| base);
    number_after(base, "E_T_given_size_")
}

/// What must be recorded for a figure.
pub(super) fn wanted(figure: Figure) -> Wanted {
    let nothing = Wanted::default();
    match figure {
        Figure::WaitingSquare(_)
        | Figure::WaitingVariance(_)
        | Figure::SojournVariance(_)
        | Figure::Slowdown(_) => Wanted {
            moments: true,
            ..nothing
        },
        Figure::SojournQuantile(..) | Figure::WaitingQuantile(..) => Wanted {
            quantiles: true,
            ..nothing
        },
        Figure::PresentVariance(_) | Figure::AtMost(..) | Figure::NetworkEmpty => Wanted {
            levels: true,
            ..nothing
        },
        Figure::BusyPeriod(_) | Figure::BusyPeriodVariance(_) => Wanted {
            busy_periods: true,
            ..nothing
        },
        _ => nothing,
    }
}

/// Whether an error of 2 % is allowed rather than 0.5 %: figures of the tail and of second
/// moments.
pub(super) fn is_hard(metric: &str) -> bool {
    ["T_p", "W_p", "Var_", "E_W2"]
        .iter()
        .any(|prefix| metric.starts_with(prefix))
}
