//! Stations with limited room or unlimited servers.

use super::super::metric::{number_after, of_number, quantile_of};
use super::{blind, plain};
use crate::queueing::model::Discipline;
use crate::theory::birth_death::BirthDeath;
use crate::theory::limited::LimitedWaits;
use crate::theory::mmk::erlang_b;
use crate::theory::{Dist, NumberLaw, infinite};

/// M/M/k/K; E_T and E_W are those of customers who are not lost.
pub(super) fn finite(
    lam: f64,
    mu: f64,
    servers: u32,
    capacity: u32,
    discipline: Discipline,
    metric: &str,
) -> Option<f64> {
    if !blind(discipline) && capacity > servers {
        return None;
    }
    let death = |n: u32| f64::from(n.min(servers)) * mu;
    let chain = BirthDeath {
        birth: |_| lam,
        death,
        largest: Some(capacity),
    };
    let law = chain.law()?;
    if let Some(value) = of_number(&law, metric) {
        return Some(value);
    }
    let lost = law.at(capacity as usize);
    let through = lam * (1.0 - lost);
    match metric {
        "P_loss" => return Some(lost),
        "throughput" | "lam_1" => return Some(through),
        "utilization" | "util" | "util_1" => return Some(through / (mu * f64::from(servers))),
        "E_T" => return Some(law.mean() / through),
        "asymvar_E_N_time" => return chain.asymptotic_variance(|n| n),
        _ => {}
    }
    if !plain(discipline) {
        return None;
    }
    match metric {
        "E_Nq" => Some(law.excess(servers)),
        "E_W" => Some(law.excess(servers) / through),
        "P_wait" => Some(law.at_most(capacity as usize - 1) - law.at_most(servers as usize - 1)),
        _ if discipline == Discipline::Fcfs => in_order(law, mu, servers, metric),
        _ => None,
    }
}

/// Times in order of arrival.
fn in_order(law: NumberLaw, mu: f64, servers: u32, metric: &str) -> Option<f64> {
    let waits = LimitedWaits {
        number: law,
        mu,
        servers,
    };
    let variance = || waits.second() - waits.mean().powi(2);
    match metric {
        "E_W2" => Some(waits.second()),
        "Var_W" => Some(variance()),
        "Var_T" => Some(variance() + 1.0 / (mu * mu)),
        _ => match quantile_of(metric, "W") {
            Some(level) => Some(waits.quantile(level)),
            None => waits.sojourn_quantile(quantile_of(metric, "T")?),
        },
    }
}

/// M/G/k/k.
pub(super) fn loss(lam: f64, service: &Dist, servers: u32, metric: &str) -> Option<f64> {
    let mean = service.mean();
    let lost = erlang_b(lam * mean, servers);
    match metric {
        "P_loss" => Some(lost),
        "throughput" | "lam_1" => Some(lam * (1.0 - lost)),
        "E_T" => Some(mean),
        "Var_T" => Some(service.variance()),
        "E_W" | "E_Nq" | "P_wait" => Some(0.0),
        "utilization" | "util" | "util_1" => Some(lam * mean * (1.0 - lost) / f64::from(servers)),
        // The number depends on the law of service by its mean only.
        _ => {
            let death = |n: u32| f64::from(n) / mean;
            let law = BirthDeath {
                birth: |_| lam,
                death,
                largest: Some(servers),
            }
            .law()?;
            of_number(&law, metric)
        }
    }
}

/// M/G/inf: the number is Poisson.
pub(super) fn unlimited(lam: f64, service: &Dist, metric: &str) -> Option<f64> {
    let mean = lam * service.mean();
    match metric {
        "E_N" | "Var_N" => Some(mean),
        "P_N0" | "P_empty" => Some((-mean).exp()),
        "E_T" => Some(service.mean()),
        "Var_T" => Some(service.variance()),
        "E_W" | "E_Nq" | "P_wait" | "P_loss" => Some(0.0),
        "throughput" | "lam" | "lam_1" => Some(lam),
        "E_slowdown" => Some(1.0),
        _ => {
            if let Some(n) = number_after(metric, "P_N_le_") {
                return Some(infinite::at_most(n, mean));
            }
            quantile_of(metric, "T").map(|level| infinite::sojourn_quantile(level, service))
        }
    }
}
