//! Several queues or servers side by side.

use super::metric::{of_number, quantile_of, station_of};
use super::station;
use crate::queueing::model::{Discipline, Dispatch, Station};
use crate::theory::gim1::Gim1;
use crate::theory::{Dist, parallel};

pub(super) fn dispatched(
    lam: f64,
    mu: f64,
    queues: u32,
    dispatch: Dispatch,
    metric: &str,
) -> Option<f64> {
    let count = f64::from(queues);
    let load = lam / (mu * count);
    let part = station_of(metric).filter(|(base, _)| *base != "P_N_le");
    let (base, station) = part.unwrap_or((metric, 0));
    if station >= queues as usize {
        return None;
    }
    match (base, metric == base) {
        ("utilization" | "util", _) => return Some(load),
        ("lam" | "throughput", false) => return Some(lam / count),
        ("lam" | "throughput", true) => return Some(lam),
        _ => {}
    }
    if dispatch == Dispatch::ShortestQueue {
        let law = (queues == 2).then(|| parallel::shortest_of_two(lam, mu))??;
        return match metric {
            "E_T" => Some(law.mean() / lam),
            "E_W" => Some(law.mean() / lam - 1.0 / mu),
            "E_Nq" => Some(law.mean() - lam / mu),
            "E_N_1" | "E_N_2" => Some(law.mean() / 2.0),
            "E_N_total" => Some(law.mean()),
            _ => of_number(&law, metric),
        };
    }
    let round = dispatch == Dispatch::RoundRobin;
    let arrival = if round {
        Dist::Erlang {
            k: queues,
            mean: count / lam,
        }
    } else {
        Dist::Exp { mean: count / lam }
    };
    let one = Station {
        arrival: arrival.clone(),
        service: Dist::Exp { mean: 1.0 / mu },
        servers: Some(1),
        capacity: None,
        discipline: Discipline::Fcfs,
    };
    let single = |metric: &str| station::metric(&one, metric);
    if metric != base {
        return single(base);
    }
    match metric {
        "E_N" | "E_N_total" => Some(count * single("E_N")?),
        "E_Nq" => Some(count * single("E_Nq")?),
        // Splitting at random makes the queues independent.
        "Var_N" if !round => Some(count * single("Var_N")?),
        "P_empty" | "P_N0" if !round => Some((1.0 - load).powf(count)),
        "E_T" | "E_W" | "Var_T" | "Var_W" | "E_T2" | "E_W2" | "P_wait" => single(metric),
        "sigma" => Some(Gim1 { arrival, mu }.sigma()),
        _ if quantile_of(metric, "T").is_some() || quantile_of(metric, "W").is_some() => {
            single(metric)
        }
        _ => None,
    }
}

pub(super) fn heterogeneous(lam: f64, mu: &[f64], metric: &str) -> Option<f64> {
    let exact = parallel::fastest_first(lam, mu)?;
    let number = exact.waiting_mean + exact.busy.iter().sum::<f64>();
    if let Some((base, server)) = station_of(metric) {
        let busy = *exact.busy.get(server)?;
        return match base {
            "util" => Some(busy),
            "lam" | "throughput" => Some(busy * mu[server]),
            _ => None,
        };
    }
    match metric {
        "E_N" => Some(number),
        "E_T" => Some(number / lam),
        "E_W" => Some(exact.waiting_mean / lam),
        "E_Nq" => Some(exact.waiting_mean),
        "Var_N" => Some(exact.number_second - number * number),
        "P_wait" => Some(exact.p_wait),
        "P_N0" | "P_empty" => Some(exact.p_empty),
        "throughput" | "lam" => Some(lam),
        "utilization" | "util" => Some(exact.busy.iter().sum::<f64>() / mu.len() as f64),
        _ => {
            // A wait that has begun ends after a geometric number of services at the full rate.
            let level = quantile_of(metric, "W")?;
            let drain = mu.iter().sum::<f64>() - lam;
            Some(((exact.p_wait / (1.0 - level)).ln() / drain).max(0.0))
        }
    }
}

/// Each server of a fork is an M/M/1.
pub(super) fn server_of_fork(lam: f64, mu: f64, metric: &str) -> Option<f64> {
    match metric {
        "utilization" | "util" | "util_1" | "util_2" => Some(lam / mu),
        "throughput" | "lam" => Some(lam),
        "E_N_1" | "E_N_2" => Some(lam / (mu - lam)),
        _ => None,
    }
}
