//! Stations with limited room or unlimited servers.

use super::super::metric::{number_after, of_number, quantile_of};
use super::{blind, plain};
use crate::queueing::model::Discipline;
use crate::theory::birth_death::BirthDeath;
use crate::theory::mmk::erlang_b;
use crate::theory::{Dist, NumberLaw, numeric_quantile};

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
        "P_wait" => Some(law.at_most(capacity as usize - 1) - law.at_most(servers as usize - 1))
            .filter(|_| servers > 0),
        _ if discipline == Discipline::Fcfs => in_order(&law, mu, servers, metric),
        _ => None,
    }
}

/// Times in order of arrival of those who are not lost: one who finds n of k <= n waits for n - k + 1
/// departures at rate k mu.
fn in_order(law: &NumberLaw, mu: f64, servers: u32, metric: &str) -> Option<f64> {
    let joining = law.p.len() - 1;
    let accepted = law.at_most(joining - 1);
    let rate = mu * f64::from(servers);
    let departures = |n: usize| (n + 1).saturating_sub(servers as usize) as u32;
    let over_found = |value: &dyn Fn(u32) -> f64| {
        (0..joining)
            .map(|n| law.p[n] * value(departures(n)))
            .sum::<f64>()
            / accepted
    };
    let wait = over_found(&|phases| f64::from(phases) / rate);
    let second =
        over_found(&|phases| f64::from(phases) * (f64::from(phases) + 1.0) / (rate * rate));
    match metric {
        "E_W2" => Some(second),
        "Var_W" => Some(second - wait * wait),
        "Var_T" => Some(second - wait * wait + 1.0 / (mu * mu)),
        _ => {
            if let Some(level) = quantile_of(metric, "W") {
                let cdf =
                    |x: f64| over_found(&|phases| numeric_quantile::erlang_cdf(phases, rate * x));
                return Some(numeric_quantile::of(level, 1.0 / mu, cdf));
            }
            // With one server the own service is one more departure at the same rate.
            let level = quantile_of(metric, "T").filter(|_| servers == 1)?;
            let cdf =
                |x: f64| over_found(&|phases| numeric_quantile::erlang_cdf(phases + 1, rate * x));
            Some(numeric_quantile::of(level, 1.0 / mu, cdf))
        }
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
                return Some(numeric_quantile::poisson_cdf(n, mean));
            }
            let level = quantile_of(metric, "T")?;
            match service {
                Dist::Det { value } => Some(*value),
                law => Some(numeric_quantile::of(level, law.mean(), |x| {
                    1.0 - law.tail(x)
                })),
            }
        }
    }
}
