//! M/G/1 under its disciplines.

use super::super::metric::{levels_of, number_after, quantile_of};
use super::{always, blind};
use crate::queueing::model::Discipline;
use crate::theory::mdk::Mdk;
use crate::theory::mg1::Mg1;
use crate::theory::mm1::Mm1;
use crate::theory::size_based::{SizeBased, SizeRule};
use crate::theory::tagged::{Ending, TaggedTime};
use crate::theory::{Dist, inversion};

/// M/G/1 under any discipline.
pub(super) fn metric(queue: &Mg1, discipline: Discipline, metric: &str) -> Option<f64> {
    let (lam, rho) = (queue.lam, queue.rho());
    if let Some(value) = always(lam, rho, metric) {
        return Some(value);
    }
    if matches!(metric, "P_N0" | "P_empty") {
        return Some(1.0 - rho);
    }
    let by_size = |rule| SizeBased {
        queue: queue.clone(),
        rule,
    };
    let special = match discipline {
        Discipline::Fcfs | Discipline::Lcfs | Discipline::Ros => in_turn(queue, discipline, metric),
        Discipline::Ps | Discipline::LcfsPr => symmetric(queue, discipline, metric),
        Discipline::Sjf => size_based(&by_size(SizeRule::Sjf), metric),
        Discipline::Psjf => size_based(&by_size(SizeRule::Psjf), metric),
        Discipline::Srpt => size_based(&by_size(SizeRule::Srpt), metric),
        Discipline::Fb => size_based(&by_size(SizeRule::Fb), metric),
    };
    let Some(mu) = queue.service.exponential_rate() else {
        return special;
    };
    special.or_else(|| memoryless(Mm1 { lam, mu }, discipline, metric))
}

/// M/G/1 without preemption and without regard to sizes.
fn in_turn(queue: &Mg1, discipline: Discipline, metric: &str) -> Option<f64> {
    let (lam, service) = (queue.lam, &queue.service);
    let (mean, wait) = (service.mean(), queue.wait_mean());
    let second = match discipline {
        Discipline::Lcfs => queue.lcfs_wait_second(),
        Discipline::Ros => queue.ros_wait_second(),
        _ => queue.wait_second(),
    };
    let variance = second - wait * wait;
    match metric {
        "E_W" => Some(wait),
        "E_T" => Some(wait + mean),
        "E_N" => Some(lam * (wait + mean)),
        "E_Nq" => Some(lam * wait),
        "E_W2" => Some(second),
        "E_T2" => Some(variance + service.variance() + (wait + mean).powi(2)),
        "Var_W" => Some(variance),
        "Var_T" => Some(variance + service.variance()),
        "Var_N" => Some(queue.number_variance()),
        "Var_Nq" => Some(queue.waiting_variance()),
        "P_wait" => Some(queue.rho()),
        "E_slowdown" => Some(1.0 + wait * service.moment(-1.0)),
        _ => {
            if let Some(x) = given_size(queue, metric) {
                return Some(wait + x);
            }
            if service.exponential_rate().is_some() {
                return None;
            }
            if let Some(n) = levels_of(metric) {
                return Some(queue.at_most(n));
            }
            if let (Dist::Det { value }, Discipline::Fcfs) = (service, discipline) {
                let constant = Mdk {
                    lam,
                    service: *value,
                    servers: 1,
                };
                if let Some(level) = quantile_of(metric, "W") {
                    return Some(constant.wait_quantile(level));
                }
                let level = quantile_of(metric, "T")?;
                return Some(constant.wait_quantile(level) + value);
            }
            if discipline != Discipline::Fcfs {
                return None;
            }
            match quantile_of(metric, "W") {
                Some(level) => inversion::mg1_wait_quantile(queue, level),
                None => inversion::mg1_sojourn_quantile(queue, quantile_of(metric, "T")?),
            }
        }
    }
}

/// The size in `E_T_given_size_2`, if there are customers of it.
fn given_size(queue: &Mg1, metric: &str) -> Option<f64> {
    let x: f64 = number_after(metric, "E_T_given_size_")?;
    let there = match &queue.service {
        Dist::Det { value } => *value == x,
        law => law.density(x)? > 0.0,
    };
    there.then_some(x)
}

/// Processor sharing and preemptive last come, first served.
fn symmetric(queue: &Mg1, discipline: Discipline, metric: &str) -> Option<f64> {
    let rho = queue.rho();
    match metric {
        "E_T" => Some(queue.busy_mean()),
        "E_N" => Some(rho / (1.0 - rho)),
        "Var_N" => Some(rho / (1.0 - rho).powi(2)),
        "E_slowdown" => Some(1.0 / (1.0 - rho)),
        "Var_T" if discipline == Discipline::LcfsPr => Some(queue.busy_variance()),
        "E_T2" if discipline == Discipline::LcfsPr => {
            Some(queue.busy_variance() + queue.busy_mean().powi(2))
        }
        _ => {
            if let Some(x) = given_size(queue, metric) {
                return Some(x / (1.0 - rho));
            }
            let levels: Option<u32> = number_after(metric, "P_N_le_");
            levels.map(|n| 1.0 - rho.powf(f64::from(n) + 1.0))
        }
    }
}

fn size_based(queue: &SizeBased, metric: &str) -> Option<f64> {
    let lam = queue.queue.lam;
    let mean = queue.queue.service.mean();
    let waits = queue.rule == SizeRule::Sjf;
    match metric {
        "E_T" => queue.sojourn_mean(),
        "E_N" => Some(lam * queue.sojourn_mean()?),
        "E_T2" => queue.sojourn_second(),
        "Var_T" => Some(queue.sojourn_second()? - queue.sojourn_mean()?.powi(2)),
        "E_slowdown" => queue.slowdown(),
        "P_wait" if waits => Some(queue.queue.rho()),
        "E_W" if waits => Some(queue.sojourn_mean()? - mean),
        "E_Nq" if waits => Some(lam * (queue.sojourn_mean()? - mean)),
        "E_W2" if waits => queue.wait_second(),
        "Var_W" if waits => Some(queue.wait_second()? - (queue.sojourn_mean()? - mean).powi(2)),
        _ => queue.sojourn_given_size(number_after(metric, "E_T_given_size_")?),
    }
}

/// What only exponential service makes known.
fn memoryless(queue: Mm1, discipline: Discipline, metric: &str) -> Option<f64> {
    if let Some(n) = number_after(metric, "P_N_le_") {
        return blind(discipline).then(|| queue.at_most(n));
    }
    match (metric, discipline) {
        ("Var_N", discipline) if blind(discipline) => {
            Some(queue.rho() / (1.0 - queue.rho()).powi(2))
        }
        ("asymvar_E_N_time", discipline) if blind(discipline) => {
            Some(queue.asymptotic_variance_number())
        }
        ("asymvar_E_W_cust", Discipline::Fcfs) => Some(queue.asymptotic_variance_wait()),
        ("Var_T", Discipline::Ps) => Some(queue.sharing_variance()),
        ("E_T2", Discipline::Ps) => Some(queue.sharing_variance() + queue.sojourn_mean().powi(2)),
        (_, Discipline::Fcfs) => match quantile_of(metric, "W") {
            Some(level) => Some(queue.wait_quantile(level)),
            None => quantile_of(metric, "T").map(|level| queue.sojourn_quantile(level)),
        },
        (_, Discipline::Lcfs | Discipline::Ros) => {
            let level = quantile_of(metric, "W")?;
            let last = discipline == Discipline::Lcfs;
            let ending = if last { Ending::Last } else { Ending::Random };
            Some(TaggedTime::quantile(queue, ending, queue.rho(), level))
        }
        (_, Discipline::LcfsPr | Discipline::Ps) => {
            let level = quantile_of(metric, "T")?;
            let last = discipline == Discipline::LcfsPr;
            let ending = if last { Ending::Last } else { Ending::Random };
            Some(TaggedTime::quantile(queue, ending, 1.0, level))
        }
        _ => None,
    }
}
