//! One class at one station.

mod lossy;
mod single;

use super::metric::{levels_of, number_after, quantile_of};
use crate::queueing::model::{Discipline, Station};
use crate::theory::Dist;
use crate::theory::birth_death::BirthDeath;
use crate::theory::gim1::Gim1;
use crate::theory::mdk::Mdk;
use crate::theory::mg1::Mg1;
use crate::theory::mm1::Mm1;
use crate::theory::mmk::Mmk;
use crate::theory::tagged::{Ending, TaggedTime};

pub(super) fn metric(station: &Station, metric: &str) -> Option<f64> {
    let poisson = station.arrival.exponential_rate();
    let exponential = station.service.exponential_rate();
    let Some(servers) = station.servers else {
        return lossy::unlimited(poisson?, &station.service, metric);
    };
    if let (Dist::Det { .. }, Dist::Det { value }) = (&station.arrival, &station.service) {
        return constant(station, *value, metric);
    }
    if let Some(capacity) = station.capacity {
        return match exponential {
            Some(mu) => lossy::finite(poisson?, mu, servers, capacity, station.discipline, metric),
            None if capacity == servers => lossy::loss(poisson?, &station.service, servers, metric),
            None => None,
        };
    }
    if let ("sigma", Some(mu), 1) = (metric, exponential, servers) {
        return Some(
            Gim1 {
                arrival: station.arrival.clone(),
                mu,
            }
            .sigma(),
        );
    }
    match (poisson, exponential, servers) {
        (Some(lam), _, 1) => {
            let queue = Mg1 {
                lam,
                service: station.service.clone(),
            };
            single::metric(&queue, station.discipline, metric)
        }
        (Some(lam), Some(mu), _) => many(Mmk { lam, mu, servers }, station.discipline, metric),
        (Some(lam), None, _) => match station.service {
            Dist::Det { value } => constant_service(
                Mdk {
                    lam,
                    service: value,
                    servers,
                },
                station.discipline,
                metric,
            ),
            _ => always(
                lam,
                lam * station.service.mean() / f64::from(servers),
                metric,
            ),
        },
        (None, Some(mu), 1) => general_arrivals(
            &Gim1 {
                arrival: station.arrival.clone(),
                mu,
            },
            station.discipline,
            metric,
        ),
        (None, _, _) => {
            let lam = 1.0 / station.arrival.mean();
            always(
                lam,
                lam * station.service.mean() / f64::from(servers),
                metric,
            )
        }
    }
}

/// What holds without losses whatever the laws.
fn always(lam: f64, load: f64, metric: &str) -> Option<f64> {
    match metric {
        "utilization" | "util" | "util_1" => Some(load),
        "throughput" | "lam" | "lam_1" => Some(lam),
        "P_loss" => Some(0.0),
        _ => None,
    }
}

/// Whether the order of service neither preempts nor depends on sizes.
const fn plain(discipline: Discipline) -> bool {
    matches!(
        discipline,
        Discipline::Fcfs | Discipline::Lcfs | Discipline::Ros
    )
}

/// Whether the number in the system has the same law as in order of arrival if service is
/// exponential: the order does not depend on sizes.
const fn blind(discipline: Discipline) -> bool {
    !matches!(
        discipline,
        Discipline::Sjf | Discipline::Psjf | Discipline::Srpt
    )
}

/// M/M/k.
fn many(queue: Mmk, discipline: Discipline, metric: &str) -> Option<f64> {
    let (lam, mean) = (queue.lam, 1.0 / queue.mu);
    if let Some(value) = always(lam, queue.rho(), metric) {
        return Some(value);
    }
    if !blind(discipline) {
        return None;
    }
    match metric {
        "E_N" => return Some(queue.number_mean()),
        "E_T" => return Some(queue.number_mean() / lam),
        "Var_N" => return Some(queue.number_variance()),
        "P_N0" | "P_empty" => return Some(queue.at_most(0)),
        "asymvar_E_N_time" => {
            let death = |n: u32| f64::from(n.min(queue.servers)) * queue.mu;
            return BirthDeath {
                birth: |_| lam,
                death,
                largest: None,
            }
            .asymptotic_variance(|n| n);
        }
        _ => {}
    }
    if let Some(n) = number_after(metric, "P_N_le_") {
        return Some(queue.at_most(n));
    }
    if !plain(discipline) {
        return None;
    }
    // Waits that have begun are those of an M/M/1 with service rate k mu.
    let second = match discipline {
        Discipline::Lcfs => queue.wait_second() / (1.0 - queue.rho()),
        Discipline::Ros => queue.wait_second() / (1.0 - queue.rho() / 2.0),
        _ => queue.wait_second(),
    };
    let variance = second - queue.wait_mean().powi(2);
    match metric {
        "P_wait" => Some(queue.p_wait()),
        "E_W" => Some(queue.wait_mean()),
        "E_Nq" => Some(queue.waiting_mean()),
        "Var_Nq" => Some(queue.waiting_variance()),
        "E_W2" => Some(second),
        "Var_W" => Some(variance),
        "Var_T" => Some(variance + mean * mean),
        "E_T2" => Some(variance + mean * mean + (queue.wait_mean() + mean).powi(2)),
        _ => waits_of_many(queue, discipline, metric),
    }
}

/// Quantiles; waits that have begun are those of an M/M/1 with service rate k mu.
fn waits_of_many(queue: Mmk, discipline: Discipline, metric: &str) -> Option<f64> {
    let pooled = Mm1 {
        lam: queue.lam,
        mu: queue.mu * f64::from(queue.servers),
    };
    let begun = queue.p_wait();
    let Some(level) = quantile_of(metric, "W") else {
        let level = quantile_of(metric, "T").filter(|_| discipline == Discipline::Fcfs)?;
        return Some(queue.sojourn_quantile(level));
    };
    match discipline {
        Discipline::Fcfs => Some(queue.wait_quantile(level)),
        Discipline::Lcfs => Some(TaggedTime::quantile(pooled, Ending::Last, begun, level)),
        Discipline::Ros => Some(TaggedTime::quantile(pooled, Ending::Random, begun, level)),
        _ => None,
    }
}

/// M/D/k in order of arrival; means in any order without preemption.
fn constant_service(queue: Mdk, discipline: Discipline, metric: &str) -> Option<f64> {
    let (lam, service) = (queue.lam, queue.service);
    let load = lam * service;
    if let Some(value) = always(lam, load / f64::from(queue.servers), metric) {
        return Some(value);
    }
    // Equal sizes: shortest first is in order of arrival.
    if matches!(
        discipline,
        Discipline::LcfsPr | Discipline::Ps | Discipline::Fb
    ) {
        return None;
    }
    match metric {
        "E_W" => Some(queue.wait_mean()),
        "E_T" => Some(queue.wait_mean() + service),
        "E_Nq" => Some(queue.waiting_mean()),
        "E_N" => Some(queue.waiting_mean() + load),
        "P_wait" => Some(queue.p_wait()),
        "P_N0" | "P_empty" => Some(queue.p_empty()),
        "Var_N" => Some(queue.number_variance()),
        "Var_Nq" => Some(queue.waiting_variance()),
        _ if levels_of(metric).is_some() => levels_of(metric).map(|n| queue.at_most(n)),
        _ if matches!(discipline, Discipline::Lcfs | Discipline::Ros) => None,
        "E_W2" => Some(queue.wait_second()),
        "Var_W" | "Var_T" => Some(queue.wait_second() - queue.wait_mean().powi(2)),
        _ => match quantile_of(metric, "W") {
            Some(level) => Some(queue.wait_quantile(level)),
            None => quantile_of(metric, "T").map(|level| queue.wait_quantile(level) + service),
        },
    }
}

/// GI/M/1.
fn general_arrivals(queue: &Gim1, discipline: Discipline, metric: &str) -> Option<f64> {
    let lam = 1.0 / queue.arrival.mean();
    if let Some(value) = always(lam, queue.rho(), metric) {
        return Some(value);
    }
    if !blind(discipline) {
        return None;
    }
    let (sojourn, service) = (queue.sojourn_mean(), 1.0 / queue.mu);
    match metric {
        "E_T" => return Some(sojourn),
        "E_N" => return Some(lam * sojourn),
        "Var_N" => return Some(queue.number_variance()),
        "P_N0" | "P_empty" => return Some(1.0 - queue.rho()),
        _ => {}
    }
    if let Some(n) = number_after(metric, "P_N_le_") {
        return Some(queue.at_most(n));
    }
    let sigma = queue.sigma();
    match metric {
        "E_W" if plain(discipline) => Some(sojourn - service),
        "E_Nq" if plain(discipline) => Some(lam * (sojourn - service)),
        "P_wait" if plain(discipline) => Some(sigma),
        _ if discipline != Discipline::Fcfs => None,
        "Var_T" => Some(sojourn * sojourn),
        "E_T2" => Some(2.0 * sojourn * sojourn),
        "E_W2" => Some(2.0 * sigma * sojourn * sojourn),
        "Var_W" => Some(2.0 * sigma * sojourn * sojourn - (sojourn - service).powi(2)),
        _ => match quantile_of(metric, "W") {
            Some(level) => Some(((sigma / (1.0 - level)).ln() * sojourn).max(0.0)),
            None => quantile_of(metric, "T").map(|level| -(1.0 - level).ln() * sojourn),
        },
    }
}

/// D/D/1 from empty: nobody ever waits.
fn constant(station: &Station, service: f64, metric: &str) -> Option<f64> {
    let lam = 1.0 / station.arrival.mean();
    let load = lam * service;
    if load > f64::from(station.servers?) {
        return None;
    }
    // The number alternates between its two whole neighbours of the load.
    let (whole, part) = (load.floor(), load.fract());
    match metric {
        "E_T" => Some(service),
        "E_N" => Some(load),
        "Var_N" => Some(part * (1.0 - part)),
        "E_W" | "E_Nq" | "Var_W" | "Var_T" | "Var_Nq" | "P_wait" | "P_loss" | "E_W2" => Some(0.0),
        "E_slowdown" => Some(1.0),
        "P_N0" | "P_empty" => Some(if whole == 0.0 { 1.0 - part } else { 0.0 }),
        "utilization" | "util" | "util_1" => Some(load / f64::from(station.servers?)),
        "throughput" | "lam" | "lam_1" => Some(lam),
        _ if quantile_of(metric, "T").is_some() => Some(service),
        _ => quantile_of(metric, "W").map(|_| 0.0),
    }
}
