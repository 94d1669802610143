//! What the engine says of a case.
//!
//! Figures are estimated from independent replications cut into batches, at least 64 in all, and
//! runs are made longer until every figure is as precise as wanted. Figures that need more than
//! counts (shares of time, second moments) have runs of their own, so that cheap figures do not
//! pay for dear ones.

mod figure;
mod network;

pub(crate) use self::network::law;

use kendall_kernel::stats::Estimate;
use kendall_queueing::{RunError, Wanted};
use kendall_study::queueing::{self as study, Experiment, Plan};

use self::figure::{Question, question, size_of, wanted};
use super::case::Figure;
use super::model::Model;

/// Relative standard error that figures must have, and that hard ones must have.
pub const PRECISION: [f64; 2] = [0.005, 0.02];

/// Utilisation from which every figure is hard.
const BUSY: f64 = 0.95;

/// Runs stop at this part of the error allowed, so that errors of the errors do not matter.
const MARGIN: f64 = 0.85;

/// Customers of a first run.
const FIRST: u64 = 400_000;

/// Customers of a case at most, for each kind of record.
const MOST: u64 = 3_000_000_000;

/// What a run is made longer by at most.
const GROWTH: f64 = 6.0;

/// Replications of transient figures at first.
const FIRST_TRANSIENT: u64 = 40_000;

/// Figures without variance, such as those of D/D/1, are exact to this relative error.
pub const EXACT: f64 = 1e-9;

/// A case as a network of the engine.
#[cfg(test)]
pub(super) fn as_network(model: &Model) -> kendall_queueing::Network {
    network::network(model, 1.0)
}

/// What a simulation says of a figure.
#[derive(Clone, Debug)]
pub enum Answer {
    /// An estimate, how far it may be off besides its error, and the relative standard error
    /// that it should have.
    Estimate {
        /// The estimate.
        estimate: Estimate,
        /// Half a bucket of the histogram that it comes from, or 0; in the unit of the figure.
        resolution: f64,
        /// The largest relative standard error allowed.
        allowed: f64,
    },
    /// Theory alone answers it.
    TheoryAlone,
    /// The metric is not known of this model.
    Unknown,
}

/// Estimates figures of a model, in their order.
///
/// # Errors
/// A model that the engine refuses.
pub fn simulate(model: &Model, figures: &[Figure], seed: u64) -> Result<Vec<Answer>, RunError> {
    let busy = busiest(model) >= BUSY;
    let mut answers = vec![Answer::Unknown; figures.len()];
    let mut long_run = Vec::new();
    for (at, figure) in figures.iter().enumerate() {
        let allowed = PRECISION[usize::from(busy || figure::is_hard(&figure.metric))];
        match question(model, &figure.metric) {
            None => {}
            Some(Question::None) => answers[at] = Answer::TheoryAlone,
            Some(Question::LongRun(asked)) => long_run.push(Asked {
                at,
                figure: asked,
                allowed,
                size: size_of(&figure.metric),
            }),
            Some(Question::PresentAt(time)) => {
                answers[at] = transient(model, time, false, allowed, seed)?;
            }
            Some(Question::EmptyAt(time)) => {
                answers[at] = transient(model, time, true, allowed, seed)?;
            }
        }
    }
    // One run for all that needs the same records.
    while let Some(first) = long_run.first() {
        let records = (wanted(first.figure), first.size.map(f64::to_bits));
        let same = |asked: &Asked| (wanted(asked.figure), asked.size.map(f64::to_bits)) == records;
        let group: Vec<Asked> = long_run.iter().copied().filter(same).collect();
        long_run.retain(|asked| !same(asked));
        for (asked, answer) in group.iter().zip(estimate(model, &group, seed)?) {
            answers[asked.at] = answer;
        }
    }
    Ok(answers)
}

/// A figure of the long run that is asked for.
#[derive(Clone, Copy)]
struct Asked {
    at: usize,
    figure: study::Figure,
    allowed: f64,
    size: Option<f64>,
}

fn estimate(model: &Model, group: &[Asked], seed: u64) -> Result<Vec<Answer>, RunError> {
    let mut plan = Plan::new(network::network(model, 1.0), seed)?;
    plan.unit_s = unit_s(model);
    plan.wanted = wanted(group[0].figure);
    if let Some(size) = group[0].size {
        plan.wanted = Wanted {
            size_ns: Some((size * plan.unit_s * 1e9).round() as u64),
            ..plan.wanted
        };
    }
    if let Some(customers) = own_warm_up(model) {
        plan.warm_up = customers;
    }
    let mut experiment = Experiment::start(&plan)?;
    // Batches shall not be shorter than the time in which the network forgets, of which a warm-up
    // has many.
    let forgetful = 8 * u64::from(plan.replications) * plan.warm_up;
    experiment.extend(FIRST.max(forgetful))?;
    loop {
        let needed = group.iter().map(|asked| growth(&experiment, asked));
        let factor = needed.fold(1.0, f64::max).min(GROWTH);
        let customers = experiment.customers();
        if factor <= 1.0 || customers >= MOST {
            break;
        }
        let more = (customers as f64 * (factor - 1.0)).ceil() as u64;
        experiment.extend(more.max(FIRST / 4))?;
    }
    let answer = |asked: &Asked| match experiment.estimate(asked.figure) {
        Some(estimate) => Answer::Estimate {
            estimate,
            resolution: experiment.resolution(asked.figure),
            allowed: asked.allowed,
        },
        None => Answer::Unknown,
    };
    Ok(group.iter().map(answer).collect())
}

/// How many times as long the run must be for the figure to be precise: as the inverse square of
/// the error.
fn growth(experiment: &Experiment, asked: &Asked) -> f64 {
    let estimate = experiment.estimate(asked.figure);
    let error = estimate.and_then(|estimate| estimate.relative_std_error());
    error.map_or(1.0, |error| {
        let excess = error / (MARGIN * asked.allowed);
        excess * excess
    })
}

/// Customers after which many queues with power of d choices have forgotten their start: queues
/// are short, and a time of 20 / (1 - rho) services lets each serve many.
fn own_warm_up(model: &Model) -> Option<u64> {
    match model {
        Model::MeanField { rho, .. } => {
            let services = 20.0 / (1.0 - rho).max(1e-3);
            Some((services * rho * f64::from(network::MANY)) as u64)
        }
        _ => None,
    }
}

fn transient(
    model: &Model,
    time: f64,
    empty: bool,
    allowed: f64,
    seed: u64,
) -> Result<Answer, RunError> {
    let network = network::network(model, time);
    // Stability does not matter to a time.
    let mut plan = Plan::for_times(network, seed)?;
    plan.unit_s = unit_s(model);
    let mut replications = FIRST_TRANSIENT;
    loop {
        let Some(at_time) = study::at_time(&plan, time, 0, replications)? else {
            return Ok(Answer::Unknown);
        };
        let estimate = if empty {
            at_time.empty
        } else {
            at_time.present
        };
        let error = estimate.relative_std_error().unwrap_or(f64::INFINITY);
        let excess = error / (MARGIN * allowed);
        if excess <= 1.0 || replications >= MOST / 1000 {
            return Ok(Answer::Estimate {
                estimate,
                resolution: 0.0,
                allowed,
            });
        }
        let factor = (excess * excess).min(GROWTH);
        replications = (replications as f64 * factor).ceil() as u64;
    }
}

/// Seconds in a time unit of a case. Coarse enough that time does not end within 3e9 customers,
/// fine enough that rounding to nanoseconds is far below the errors: without any variance, where
/// few customers are needed, a thousand times finer.
fn unit_s(model: &Model) -> f64 {
    if is_deterministic(model) { 1000.0 } else { 0.5 }
}

fn is_deterministic(model: &Model) -> bool {
    use crate::theory::Dist;

    match model {
        Model::Station(station) => {
            let fixed = |dist: &Dist| matches!(dist, Dist::Det { .. });
            fixed(&station.arrival) && fixed(&station.service)
        }
        _ => false,
    }
}

/// The highest utilisation of a station that must do all the work it is offered.
fn busiest(model: &Model) -> f64 {
    let network = network::network(model, 1.0);
    let Ok(load) = network.load() else {
        return 0.0;
    };
    let stations = load.stations.iter().filter(|station| !station.bounded);
    let open = stations
        .map(|station| station.utilisation)
        .fold(0.0, f64::max);
    match model {
        // Nobody enters; the station of the largest demand may be busy nearly always.
        Model::Closed { .. } => super::expected(model, "util_1")
            .into_iter()
            .chain((2..10).filter_map(|at| super::expected(model, &format!("util_{at}"))))
            .fold(open, f64::max),
        _ => open,
    }
}
