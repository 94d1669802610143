//! `mmk-finite`: losses where room is finite, and Erlang's loss formula.

use kendall_queueing::RunError;
use kendall_study::queueing::{At, Figure};

use super::comparison::Comparison;
use super::setting::{Known, Setting, known, poisson_queue};
use crate::ValidateError;
use crate::outcome::Report;
use crate::queueing::by_simulation::law;
use crate::theory::Dist;
use crate::theory::birth_death::BirthDeath;
use crate::theory::mmk::erlang_b;

/// (Servers, room for customers, offered load in services at a time).
const QUEUES: [(u32, u32, f64); 6] = [
    (1, 5, 0.8),
    (1, 20, 1.0),
    (2, 4, 1.8),
    (4, 10, 3.6),
    (8, 12, 10.0),
    (8, 20, 7.2),
];

/// (Servers, offered load): nobody waits.
const TRUNKS: [(u32, f64); 5] = [(1, 0.5), (2, 1.5), (5, 4.0), (10, 8.0), (50, 50.0)];

/// Losses, numbers and waits of M/M/k/K; losses of M/G/k/k, which depend on the mean of services
/// alone.
///
/// # Errors
/// Whatever ends the engine.
pub fn mmk_finite() -> Result<Report, ValidateError> {
    let exponential = Dist::Exp { mean: 1.0 };
    let mut comparison = Comparison::new("Room for K customers, those in service among them");
    for (servers, room, load) in QUEUES {
        let name = format!("M/M/{servers}/{room}, load {load}");
        let figures = with_queue(servers, room, load);
        comparison.run(&setting(
            name,
            &exponential,
            (servers, room, load),
            figures,
        )?)?;
    }
    for (servers, load) in TRUNKS {
        let name = format!("M/M/{servers}/{servers}, load {load}");
        let figures = without_queue(servers, load);
        comparison.run(&setting(
            name,
            &exponential,
            (servers, servers, load),
            figures,
        )?)?;
    }
    for (letter, service) in other_services() {
        let (servers, load) = (10, 8.0);
        let name = format!("M/{letter}/{servers}/{servers}, load {load}");
        let figures = without_queue(servers, load);
        comparison.run(&setting(name, &service, (servers, servers, load), figures)?)?;
    }
    comparison.table().note(
        "without a queue, Erlang's loss formula holds for every law of services with the same mean",
    );
    Ok(comparison.close(Vec::new()))
}

/// Laws with mean 1 that are not exponential.
fn other_services() -> [(&'static str, Dist); 2] {
    let skewed = Dist::Hyperexp {
        p: vec![0.9, 0.1],
        rates: vec![1.8, 0.2],
    };
    [("D", Dist::Det { value: 1.0 }), ("H2", skewed)]
}

fn with_queue(servers: u32, room: u32, load: f64) -> Vec<Known> {
    let process = BirthDeath {
        birth: |_| load,
        death: |n: u32| f64::from(n.min(servers)),
        largest: Some(room),
    };
    let law = process.law().expect("the process is finite");
    let lost = law.at(room as usize);
    let wait = law.excess(servers) / (load * (1.0 - lost));
    let here = At::station(0);
    vec![
        known("P_loss", Figure::Lost(here), lost),
        known("E_N", Figure::Present(here), law.mean()),
        known("E_W", Figure::Waiting(here), wait),
    ]
}

fn without_queue(servers: u32, load: f64) -> Vec<Known> {
    let lost = erlang_b(load, servers);
    let here = At::station(0);
    vec![
        known("P_loss", Figure::Lost(here), lost),
        known("E_N", Figure::Present(here), load * (1.0 - lost)),
    ]
}

fn setting(
    name: String,
    service: &Dist,
    (servers, room, load): (u32, u32, f64),
    figures: Vec<Known>,
) -> Result<Setting, RunError> {
    let mut network = poisson_queue(load, law(service), servers);
    network.stations[0].capacity = Some(u64::from(room));
    // Nobody is asked for more than 0.5 %: what is lost cannot wait.
    Setting::new(name, network, 0.0, figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_queue_both_ways_give_erlangs_formula() {
        for (servers, load) in TRUNKS {
            let (wide, narrow) = (
                with_queue(servers, servers, load),
                without_queue(servers, load),
            );
            for (one, other) in wide.iter().zip(&narrow) {
                assert!(
                    (one.exact / other.exact - 1.0).abs() < 1e-12,
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn other_services_have_mean_1() {
        for (letter, service) in other_services() {
            assert!((service.mean() - 1.0).abs() < 1e-12, "{letter}");
        }
    }
}
