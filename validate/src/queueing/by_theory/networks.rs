//! Networks of stations.

use super::metric::{of_number, station_of};
use crate::queueing::model::{ClosedStation, Model, OpenStation};
use crate::theory::lines;
use crate::theory::mmk::Mmk;
use crate::theory::networks::{self, ClosedQueue};

pub(super) fn metric(model: &Model, metric: &str) -> Option<f64> {
    match model {
        Model::Open { stations } => open(stations, metric),
        Model::Closed {
            customers,
            think_time,
            stations,
        } => closed(*customers, *think_time, stations, metric),
        Model::MachineRepair {
            machines,
            repairers,
            fail_rate,
            repair_rate,
        } => {
            let rates = [*fail_rate, *repair_rate];
            machine_repair(*machines, *repairers, rates, metric)
        }
        Model::Tandem {
            lam,
            mu,
            capacity2: None,
        } => {
            let routing = [vec![0.0, 1.0], vec![0.0, 0.0]];
            let stations = [0, 1].map(|index| OpenStation {
                gamma: if index == 0 { *lam } else { 0.0 },
                mu: mu[index],
                servers: 1,
                routing: routing[index].clone(),
            });
            if metric == "P_blocked" {
                Some(0.0)
            } else {
                open(&stations, metric)
            }
        }
        Model::Tandem {
            lam,
            mu,
            capacity2: Some(capacity2),
        } => tandem(*lam, *mu, *capacity2, metric),
        Model::SaturatedLine { mu, capacity2 } => saturated(*mu, *capacity2, metric),
        _ => None,
    }
}

fn open(stations: &[OpenStation], metric: &str) -> Option<f64> {
    let gamma: Vec<f64> = stations.iter().map(|station| station.gamma).collect();
    let routing: Vec<Vec<f64>> = stations
        .iter()
        .map(|station| station.routing.clone())
        .collect();
    let lams = networks::traffic(&gamma, &routing)?;
    let queue = |index: usize| Mmk {
        lam: lams[index],
        mu: stations[index].mu,
        servers: stations[index].servers,
    };
    let entering: f64 = gamma.iter().sum();
    if (0..stations.len()).any(|index| queue(index).rho() >= 1.0) {
        return None;
    }
    let visited: Vec<Mmk> = (0..stations.len())
        .map(queue)
        .filter(|queue| queue.lam > 0.0)
        .collect();
    let total = || visited.iter().map(Mmk::number_mean).sum::<f64>();
    match metric {
        "E_N_total" | "E_N" => return Some(total()),
        "E_T_system" | "E_T" => return Some(total() / entering),
        "Var_N" | "Var_N_total" => return Some(visited.iter().map(Mmk::number_variance).sum()),
        "throughput" => return Some(entering),
        "P_empty" | "P_N0" => return Some(visited.iter().map(|queue| queue.at_most(0)).product()),
        _ => {}
    }
    let (base, index) = station_of(metric)?;
    if index >= stations.len() {
        return None;
    }
    let queue = queue(index);
    if queue.lam <= 0.0 {
        return matches!(base, "lam" | "util" | "E_N" | "E_Nq").then_some(0.0);
    }
    match base {
        "lam" | "throughput" => Some(queue.lam),
        "util" => Some(queue.rho()),
        "E_N" => Some(queue.number_mean()),
        "Var_N" => Some(queue.number_variance()),
        "E_Nq" => Some(queue.waiting_mean()),
        "E_Tvisit" | "E_T" => Some(queue.number_mean() / queue.lam),
        "E_W" | "E_Wvisit" => Some(queue.wait_mean()),
        "P_wait" => Some(queue.p_wait()),
        "P_N0" | "P_empty" => Some(queue.at_most(0)),
        _ => None,
    }
}

fn closed(
    customers: u32,
    think_time: f64,
    stations: &[ClosedStation],
    metric: &str,
) -> Option<f64> {
    let queues: Vec<ClosedQueue> = stations
        .iter()
        .map(|station| ClosedQueue {
            demand: station.demand,
            servers: station.servers,
        })
        .collect();
    let result = networks::closed(&queues, think_time, customers)?;
    let throughput = result.throughput;
    match metric {
        "throughput" => return Some(throughput),
        "E_R_total" | "E_T_system" => return Some(f64::from(customers) / throughput - think_time),
        "E_N_total" => return Some(f64::from(customers) - throughput * think_time),
        _ => {}
    }
    let (base, index) = station_of(metric)?;
    let (station, law) = (stations.get(index)?, result.laws.get(index)?);
    match base {
        "E_N" => Some(law.mean()),
        "Var_N" => Some(law.variance()),
        "E_Nq" => Some(law.excess(station.servers)),
        "util" => Some(throughput * station.demand / f64::from(station.servers)),
        "E_Tvisit" | "E_T" => Some(law.mean() / throughput),
        "E_W" | "E_Wvisit" => Some(law.excess(station.servers) / throughput),
        "lam" | "throughput" => Some(throughput),
        "P_N0" | "P_empty" => Some(law.at(0)),
        _ => None,
    }
}

fn machine_repair(machines: u32, repairers: u32, rates: [f64; 2], metric: &str) -> Option<f64> {
    let [fail_rate, repair_rate] = rates;
    let law = networks::machines_down(machines, repairers, fail_rate, repair_rate)?;
    let down = law.mean();
    let throughput = fail_rate * (f64::from(machines) - down);
    let waiting = law.excess(repairers);
    match metric {
        "E_down" => Some(down),
        "E_up" => Some(f64::from(machines) - down),
        "throughput" | "lam" => Some(throughput),
        "E_down_time" | "E_T" => Some(down / throughput),
        "E_idle_repairers" => Some(f64::from(repairers) - throughput / repair_rate),
        "utilization" | "util" | "util_1" => {
            Some(throughput / (repair_rate * f64::from(repairers)))
        }
        "E_Nq" => Some(waiting),
        "E_W" => Some(waiting / throughput),
        _ => of_number(&law, metric),
    }
}

fn tandem(lam: f64, mu: [f64; 2], capacity2: u32, metric: &str) -> Option<f64> {
    let result = lines::tandem(lam, mu, capacity2)?;
    let (first, second) = (&result.first, &result.second);
    let (numbers, blocked) = ([first.mean(), second.mean()], result.p_blocked);
    match metric {
        "E_N_1" => Some(numbers[0]),
        "E_N_2" => Some(numbers[1]),
        "Var_N_1" => Some(first.variance()),
        "Var_N_2" => Some(second.variance()),
        "E_N_total" | "E_N" => Some(numbers[0] + numbers[1]),
        "E_T_system" | "E_T" => Some((numbers[0] + numbers[1]) / lam),
        "E_Tvisit_1" => Some(numbers[0] / lam),
        "E_Tvisit_2" => Some(numbers[1] / lam),
        "P_blocked" => Some(blocked),
        "P_empty" | "P_N0" => Some(result.p_empty),
        // A blocked server is not busy.
        "util_1" => Some(lam / mu[0]),
        "util_2" => Some(lam / mu[1]),
        "throughput" | "lam_1" | "lam_2" => Some(lam),
        _ => None,
    }
}

fn saturated(mu: [f64; 2], capacity2: u32, metric: &str) -> Option<f64> {
    let law = lines::saturated(mu, capacity2)?;
    let blocked = law.at(capacity2 as usize + 1);
    let busy = 1.0 - law.at(0);
    match metric {
        "throughput" | "lam_1" | "lam_2" => Some(mu[1] * busy),
        "P_blocked" => Some(blocked),
        "util_1" => Some(1.0 - blocked),
        "util_2" => Some(busy),
        "E_N_2" => Some(law.mean() - blocked),
        _ => None,
    }
}
