//! Single queues of all other kinds, and parallel ones.

use super::metric::{levels_of, number_after, of_number};
use super::parallel;
use crate::queueing::expression::Expression;
use crate::queueing::model::{Model, Polling};
use crate::theory::batches::{self, BatchQueue, ExtraDelay};
use crate::theory::birth_death::BirthDeath;
use crate::theory::impatience::Impatient;
use crate::theory::mg1::Mg1;
use crate::theory::parallel::{fork_join_two_mean, mean_field_number};
use crate::theory::polling::SymmetricPolling;
use crate::theory::{NumberLaw, infinite, mm1, qbd};

pub(super) fn metric(model: &Model, metric: &str) -> Option<f64> {
    match model {
        Model::Impatient {
            lam,
            mu,
            servers,
            patience,
        } => {
            let queue = Impatient {
                lam: *lam,
                mu: *mu,
                servers: *servers,
                patience: patience.clone(),
            };
            impatient(&queue, metric)
        }
        Model::Balking { lam, mu, join } => balking(*lam, *mu, join, metric),
        Model::Batches {
            lam_batch,
            batch,
            mu,
        } => {
            let queue = BatchQueue {
                lam_batch: *lam_batch,
                batch: batch.clone(),
                mu: *mu,
            };
            in_batches(&queue, metric)
        }
        Model::Vacations {
            lam,
            service,
            vacation,
        } => {
            let queue = Mg1 {
                lam: *lam,
                service: service.clone(),
            };
            delayed(&queue, batches::vacation_delay(&queue, vacation), metric)
        }
        Model::Setup {
            lam,
            service,
            setup,
        } => {
            let queue = Mg1 {
                lam: *lam,
                service: service.clone(),
            };
            delayed(&queue, batches::setup_delay(&queue, setup), metric)
        }
        Model::Modulated { rates, switch, mu } => {
            let law = qbd::mmpp2_m1(*rates, *switch, *mu)?;
            let lam = qbd::mmpp2_rate(*rates, *switch);
            one_server(&law, lam, *mu, metric)
        }
        Model::TimeVarying { lam_t, service } => {
            let at = ["E_N_t", "Var_N_t"]
                .iter()
                .find_map(|name| number_after::<f64>(metric, name))?;
            Some(infinite::number_mean_at(
                at,
                |t| lam_t.at(t),
                &lam_t.jumps(at),
                service,
            ))
        }
        Model::Parallel {
            lam,
            mu,
            queues,
            dispatch,
        } => parallel::dispatched(*lam, *mu, *queues, *dispatch, metric),
        Model::MeanField { rho, mu, choices } => {
            let number = mean_field_number(*rho, *choices);
            match metric {
                "E_T" => Some(number / (rho * mu)),
                "E_W" => Some(number / (rho * mu) - 1.0 / mu),
                "E_N" => Some(number),
                "utilization" | "util" => Some(*rho),
                _ => None,
            }
        }
        Model::Heterogeneous { lam, mu } => parallel::heterogeneous(*lam, mu, metric),
        Model::ForkJoin {
            lam,
            mu,
            servers: 2,
        } => match metric {
            "E_T" => Some(fork_join_two_mean(*lam, *mu)),
            // Jobs of which a task is still there.
            "E_N" => Some(lam * fork_join_two_mean(*lam, *mu)),
            _ => parallel::server_of_fork(*lam, *mu, metric),
        },
        Model::ForkJoin { lam, mu, .. } => parallel::server_of_fork(*lam, *mu, metric),
        Model::Polling {
            queues,
            lam_each,
            service,
            switchover,
            rule,
        } => {
            let system = SymmetricPolling {
                queues: *queues,
                lam_each: *lam_each,
                service: service.clone(),
                switchover: switchover.clone(),
                gated: *rule == Polling::Gated,
            };
            polling(&system, metric)
        }
        Model::BusyPeriod { lam, service } => {
            let queue = Mg1 {
                lam: *lam,
                service: service.clone(),
            };
            match metric {
                "E_B" => Some(queue.busy_mean()),
                "Var_B" => Some(queue.busy_variance()),
                "E_B2" => Some(queue.busy_variance() + queue.busy_mean().powi(2)),
                // Customers served in a busy period.
                "E_N_B" => Some(1.0 / (1.0 - queue.rho())),
                _ => None,
            }
        }
        Model::Transient { lam, mu, t } => {
            let law = mm1::transient(*lam, *mu, *t)?;
            match metric {
                "E_N_t" => Some(law.mean()),
                "Var_N_t" => Some(law.variance()),
                "P_N0_t" | "P_empty_t" => Some(law.at(0)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whatever follows from the law of the number at one exponential server that loses nobody.
fn one_server(law: &NumberLaw, lam: f64, mu: f64, metric: &str) -> Option<f64> {
    match metric {
        "lam" | "throughput" | "lam_1" => Some(lam),
        "E_T" => Some(law.mean() / lam),
        "E_W" => Some(law.mean() / lam - 1.0 / mu),
        "E_Nq" => Some(law.mean() - lam / mu),
        "utilization" | "util" | "util_1" => Some(lam / mu),
        _ => of_number(law, metric),
    }
}

fn impatient(queue: &Impatient, metric: &str) -> Option<f64> {
    let exact = queue.solve();
    let (lam, served) = (queue.lam, 1.0 - exact.p_abandon);
    let busy = lam * served / queue.mu;
    match metric {
        "P_abandon" | "P_loss" => Some(exact.p_abandon),
        "P_wait" => Some(exact.p_wait),
        "E_W_all" => Some(exact.wait_all),
        "E_W" => Some(exact.wait_served),
        "E_T" => Some(exact.wait_served + 1.0 / queue.mu),
        "E_Nq" => Some(lam * exact.wait_all),
        "E_N" => Some(lam * exact.wait_all + busy),
        "throughput" | "lam_1" => Some(lam * served),
        "utilization" | "util" | "util_1" => Some(busy / f64::from(queue.servers)),
        "P_N0" | "P_empty" => Some(exact.p_empty),
        _ => of_number(&queue.erlang_a()?, metric),
    }
}

fn balking(lam: f64, mu: f64, join: &Expression, metric: &str) -> Option<f64> {
    let birth = |n: u32| lam * join.value(f64::from(n)).clamp(0.0, 1.0);
    let law = BirthDeath {
        birth,
        death: |_| mu,
        largest: None,
    }
    .law()?;
    let busy = 1.0 - law.at(0);
    let through = mu * busy;
    match metric {
        "throughput" | "lam_1" => Some(through),
        "P_balk" | "P_loss" => Some(1.0 - through / lam),
        "E_T" => Some(law.mean() / through),
        "E_W" => Some(law.excess(1) / through),
        "E_Nq" => Some(law.excess(1)),
        "utilization" | "util" | "util_1" => Some(busy),
        _ => of_number(&law, metric),
    }
}

fn in_batches(queue: &BatchQueue, metric: &str) -> Option<f64> {
    let (lam, number) = (queue.lam(), queue.number_mean());
    let load = lam / queue.mu;
    match metric {
        "E_N" => Some(number),
        "E_T" => Some(number / lam),
        "E_W" => Some(number / lam - 1.0 / queue.mu),
        "E_Nq" => Some(number - load),
        "Var_N" => queue.number_variance(),
        "P_N0" | "P_empty" => Some(1.0 - load),
        "utilization" | "util" | "util_1" => Some(load),
        "lam" | "throughput" | "lam_1" => Some(lam),
        _ => levels_of(metric).map(|n| queue.law(n).at_most(n)),
    }
}

/// M/G/1 in order of arrival with an additional independent delay.
fn delayed(queue: &Mg1, delay: ExtraDelay, metric: &str) -> Option<f64> {
    let (lam, service) = (queue.lam, &queue.service);
    let wait = queue.wait_mean() + delay.mean;
    let variance =
        queue.wait_second() - queue.wait_mean().powi(2) + delay.second - delay.mean * delay.mean;
    let sojourn = wait + service.mean();
    let sojourn_variance = variance + service.variance();
    match metric {
        "E_W" => Some(wait),
        "E_T" => Some(sojourn),
        "E_N" => Some(lam * sojourn),
        "E_Nq" => Some(lam * wait),
        "E_W2" => Some(variance + wait * wait),
        "Var_W" => Some(variance),
        "Var_T" => Some(sojourn_variance),
        // The distributional form of Little's law.
        "Var_N" => Some(lam * sojourn + lam * lam * sojourn_variance),
        "Var_Nq" => Some(lam * wait + lam * lam * variance),
        "P_N0" | "P_empty" => Some((1.0 - queue.rho()) * delay.empty),
        "utilization" | "util" | "util_1" => Some(queue.rho()),
        "throughput" | "lam" | "lam_1" => Some(lam),
        _ => None,
    }
}

fn polling(system: &SymmetricPolling, metric: &str) -> Option<f64> {
    let (each, mean) = (system.lam_each, system.service.mean());
    let all = each * f64::from(system.queues);
    let wait = system.wait_mean();
    if let Some((base, queue)) = super::metric::station_of(metric) {
        if queue >= system.queues as usize {
            return None;
        }
        return match base {
            "E_W" => Some(wait),
            "E_T" | "E_Tvisit" => Some(wait + mean),
            "E_N" => Some(each * (wait + mean)),
            "E_Nq" => Some(each * wait),
            "lam" => Some(each),
            _ => None,
        };
    }
    match metric {
        "E_W" => Some(wait),
        "E_T" => Some(wait + mean),
        "E_N" | "E_N_total" => Some(all * (wait + mean)),
        "E_Nq" => Some(all * wait),
        "utilization" | "util" => Some(system.rho()),
        "throughput" | "lam" => Some(all),
        // A cycle's switch-overs take the share of time that service leaves.
        "E_cycle" => {
            Some(f64::from(system.queues) * system.switchover.mean() / (1.0 - system.rho()))
        }
        _ => None,
    }
}
