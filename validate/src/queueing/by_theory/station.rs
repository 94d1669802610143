//! One class at one station.

use super::metric::{number_after, of_number, quantile_of};
use crate::queueing::model::{Discipline, Station};
use crate::theory::birth_death::BirthDeath;
use crate::theory::gim1::Gim1;
use crate::theory::mdk::Mdk;
use crate::theory::mg1::Mg1;
use crate::theory::mm1::Mm1;
use crate::theory::mmk::{Mmk, erlang_b};
use crate::theory::numeric_quantile;
use crate::theory::size_based::{SizeBased, SizeRule};
use crate::theory::{Dist, NumberLaw};

pub(super) fn metric(station: &Station, metric: &str) -> Option<f64> {
    let poisson = station.arrival.exponential_rate();
    let exponential = station.service.exponential_rate();
    let Some(servers) = station.servers else {
        return unlimited(poisson?, &station.service, metric);
    };
    if let (Dist::Det { .. }, Dist::Det { value }) = (&station.arrival, &station.service) {
        return constant(station, *value, metric);
    }
    if let Some(capacity) = station.capacity {
        return match exponential {
            Some(mu) => finite(poisson?, mu, servers, capacity, station.discipline, metric),
            None if capacity == servers => loss(poisson?, &station.service, servers, metric),
            None => None,
        };
    }
    match (poisson, exponential, servers) {
        (Some(lam), _, 1) => {
            let queue = Mg1 {
                lam,
                service: station.service.clone(),
            };
            single(&queue, station.discipline, metric)
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

/// M/G/1 under any discipline.
fn single(queue: &Mg1, discipline: Discipline, metric: &str) -> Option<f64> {
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
            if let (Dist::Det { value }, Discipline::Fcfs) = (service, discipline) {
                let constant = Mdk {
                    lam,
                    service: *value,
                    servers: 1,
                };
                if let Some(level) = quantile_of(metric, "W") {
                    return Some(constant.wait_quantile(level));
                }
                return quantile_of(metric, "T").map(|level| constant.wait_quantile(level) + value);
            }
            if service.exponential_rate().is_some() {
                return None;
            }
            number_after(metric, "P_N_le_").map(|n| queue.at_most(n))
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
        (_, Discipline::Lcfs) => {
            quantile_of(metric, "W").map(|level| queue.lcfs_wait_quantile(level))
        }
        (_, Discipline::LcfsPr) => quantile_of(metric, "T").map(|level| queue.busy_quantile(level)),
        _ => None,
    }
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
        _ if discipline == Discipline::Fcfs => match quantile_of(metric, "W") {
            Some(level) => Some(queue.wait_quantile(level)),
            None => quantile_of(metric, "T").map(|level| queue.sojourn_quantile(level)),
        },
        _ => None,
    }
}

/// M/M/k/K; E_T and E_W are those of customers who are not lost.
fn finite(
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
        _ if discipline == Discipline::Fcfs => finite_quantile(&law, mu, servers, metric),
        _ => None,
    }
}

/// Quantiles in order of arrival: one who finds n of k <= n waits for n - k + 1 departures at rate k mu.
fn finite_quantile(law: &NumberLaw, mu: f64, servers: u32, metric: &str) -> Option<f64> {
    let level = quantile_of(metric, "W")?;
    let joining = law.p.len() - 1;
    let accepted = law.at_most(joining - 1);
    let rate = mu * f64::from(servers);
    let cdf = |x: f64| {
        let waiting = |n: usize| (n + 1).saturating_sub(servers as usize) as u32;
        let found =
            (0..joining).map(|n| law.p[n] * numeric_quantile::erlang_cdf(waiting(n), rate * x));
        found.sum::<f64>() / accepted
    };
    Some(numeric_quantile::of(level, 1.0 / mu, cdf))
}

/// M/G/k/k.
fn loss(lam: f64, service: &Dist, servers: u32, metric: &str) -> Option<f64> {
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
fn unlimited(lam: f64, service: &Dist, metric: &str) -> Option<f64> {
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
        _ if matches!(discipline, Discipline::Lcfs | Discipline::Ros) => None,
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
        "sigma" => return Some(queue.sigma()),
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
