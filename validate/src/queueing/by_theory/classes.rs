//! Several classes of customers.

use super::metric::class_of;
use crate::queueing::model::{Class, LossClass};
use crate::theory::mmk::Mmk;
use crate::theory::multirate::{self, MultirateClass};
use crate::theory::priority::{self, PriorityClass};
use crate::theory::sharing::{self, SharingClass};

/// Weighted mean over classes.
fn mean_over(weights: &[f64], value: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let mut sum = 0.0;
    for (class, weight) in weights.iter().enumerate() {
        sum += weight * value(class)?;
    }
    Some(sum / weights.iter().sum::<f64>())
}

pub(super) fn priority(
    classes: &[Class],
    servers: u32,
    preemptive: bool,
    metric: &str,
) -> Option<f64> {
    let lams: Vec<f64> = classes.iter().map(|class| class.lam).collect();
    let lam: f64 = lams.iter().sum();
    let load: f64 = classes
        .iter()
        .map(|class| class.lam * class.service.mean())
        .sum();
    let exponential = classes[0].service.exponential_rate();
    let common = classes
        .iter()
        .all(|class| class.service == classes[0].service);
    if let Some((base, class)) = class_of(metric) {
        return (class < classes.len())
            .then(|| of_class(classes, servers, preemptive, base, class))?;
    }
    match metric {
        "utilization" | "util" | "util_1" => Some(load / f64::from(servers)),
        "throughput" | "lam" => Some(lam),
        "P_wait" if !preemptive && servers == 1 => Some(load),
        "P_N0" | "P_empty" if servers == 1 => Some(1.0 - load),
        "E_T" | "E_W" => mean_over(&lams, |class| {
            of_class(classes, servers, preemptive, metric, class)
        }),
        "E_N" => Some(
            lam * mean_over(&lams, |class| {
                of_class(classes, servers, preemptive, "E_T", class)
            })?,
        ),
        "E_Nq" => Some(
            lam * mean_over(&lams, |class| {
                of_class(classes, servers, preemptive, "E_W", class)
            })?,
        ),
        // One law for all: who is served does not change how many there are.
        "P_wait" if !preemptive && common => Some(
            Mmk {
                lam,
                mu: exponential?,
                servers,
            }
            .p_wait(),
        ),
        "P_N0" | "P_empty" if common => Some(
            Mmk {
                lam,
                mu: exponential?,
                servers,
            }
            .at_most(0),
        ),
        "Var_N" if common => Some(
            Mmk {
                lam,
                mu: exponential?,
                servers,
            }
            .number_variance(),
        ),
        _ => None,
    }
}

fn of_class(
    classes: &[Class],
    servers: u32,
    preemptive: bool,
    base: &str,
    class: usize,
) -> Option<f64> {
    let own = &classes[class];
    let mean = own.service.mean();
    match base {
        "E_N" => return Some(own.lam * of_class(classes, servers, preemptive, "E_T", class)?),
        "E_Nq" => return Some(own.lam * of_class(classes, servers, preemptive, "E_W", class)?),
        "lam" | "throughput" => return Some(own.lam),
        "util" => return Some(own.lam * mean / f64::from(servers)),
        _ => {}
    }
    if servers > 1 {
        let lams: Vec<f64> = classes.iter().map(|class| class.lam).collect();
        let mu = own.service.exponential_rate()?;
        if classes.iter().any(|class| class.service != own.service) {
            return None;
        }
        let wait = priority::mmk_np_wait_mean(&lams, mu, servers, class);
        return match base {
            "E_T" if preemptive => {
                Some(priority::mmk_pr_number_mean(&lams, mu, servers, class) / own.lam)
            }
            "E_T" => Some(wait + mean),
            "E_W" if !preemptive => Some(wait),
            _ => None,
        };
    }
    let plain: Vec<PriorityClass> = classes
        .iter()
        .map(|class| PriorityClass {
            lam: class.lam,
            service: class.service.clone(),
        })
        .collect();
    if preemptive {
        return match base {
            "E_T" => Some(priority::pr_sojourn_mean(&plain, class)),
            "Var_T" => Some(priority::pr_sojourn_variance(&plain, class)),
            _ => None,
        };
    }
    let wait = priority::np_wait_mean(&plain, class);
    let second = priority::np_wait_second(&plain, class);
    match base {
        "E_W" => Some(wait),
        "E_T" => Some(wait + mean),
        "E_W2" => Some(second),
        "Var_W" => Some(second - wait * wait),
        "Var_T" => Some(second - wait * wait + own.service.variance()),
        "E_slowdown" => Some(1.0 + wait * own.service.moment(-1.0)),
        "P_wait" => Some(
            plain
                .iter()
                .map(|class| class.lam * class.service.mean())
                .sum(),
        ),
        _ => None,
    }
}

pub(super) fn sharing(classes: &[Class], metric: &str) -> Option<f64> {
    let plain: Vec<SharingClass> = classes
        .iter()
        .map(|class| SharingClass {
            lam: class.lam,
            service: class.service.clone(),
            weight: class.weight,
        })
        .collect();
    let lams: Vec<f64> = classes.iter().map(|class| class.lam).collect();
    let lam: f64 = lams.iter().sum();
    let load: f64 = classes
        .iter()
        .map(|class| class.lam * class.service.mean())
        .sum();
    let equal = classes
        .iter()
        .all(|class| class.weight == classes[0].weight);
    let sojourn = |class: usize| {
        if equal {
            return Some(sharing::equal_sojourn_mean(&plain, class));
        }
        sharing::discriminatory_sojourn_means(&plain).map(|means| means[class])
    };
    if let Some((base, class)) = class_of(metric) {
        let own = classes.get(class)?;
        let part = own.lam * own.service.mean();
        return match base {
            "E_T" => sojourn(class),
            "E_N" => Some(own.lam * sojourn(class)?),
            "lam" | "throughput" => Some(own.lam),
            "util" => Some(part),
            "E_slowdown" if equal => Some(1.0 / (1.0 - load)),
            // The number of one class is geometric.
            "Var_N" if equal => Some(part / (1.0 - load) * (1.0 + part / (1.0 - load))),
            _ => None,
        };
    }
    match metric {
        "E_T" => mean_over(&lams, sojourn),
        "E_N" => Some(lam * mean_over(&lams, sojourn)?),
        "P_N0" | "P_empty" => Some(1.0 - load),
        "utilization" | "util" | "util_1" => Some(load),
        "throughput" | "lam" => Some(lam),
        "E_slowdown" if equal => Some(1.0 / (1.0 - load)),
        // The number in all is geometric.
        "Var_N" if equal => Some(load / (1.0 - load).powi(2)),
        _ => None,
    }
}

pub(super) fn multirate(units: u32, classes: &[LossClass], metric: &str) -> Option<f64> {
    let loads: Vec<MultirateClass> = classes
        .iter()
        .map(|class| MultirateClass {
            load: class.lam * class.service.mean(),
            units: class.units,
        })
        .collect();
    let law = multirate::occupancy(units, &loads);
    let lost = |class: usize| multirate::loss(&law, classes[class].units);
    let lams: Vec<f64> = classes.iter().map(|class| class.lam).collect();
    let lam: f64 = lams.iter().sum();
    if let Some((base, class)) = class_of(metric) {
        let own = classes.get(class)?;
        let lost = lost(class);
        return match base {
            "P_loss" | "P_block" | "P_blocked" => Some(lost),
            "E_N" => Some(loads[class].load * (1.0 - lost)),
            "E_units" => Some(loads[class].load * (1.0 - lost) * f64::from(own.units)),
            "throughput" => Some(own.lam * (1.0 - lost)),
            "E_T" => Some(own.service.mean()),
            _ => None,
        };
    }
    match metric {
        "E_units" => Some(law.mean()),
        "Var_units" => Some(law.variance()),
        "utilization" | "util" | "util_1" => Some(law.mean() / f64::from(units)),
        "P_empty" | "P_N0" => Some(law.at(0)),
        "P_loss" => mean_over(&lams, |class| Some(lost(class))),
        "throughput" => Some(lam * (1.0 - mean_over(&lams, |class| Some(lost(class)))?)),
        "E_N" => {
            let numbers = loads
                .iter()
                .enumerate()
                .map(|(class, own)| own.load * (1.0 - lost(class)));
            Some(numbers.sum())
        }
        _ => None,
    }
}
