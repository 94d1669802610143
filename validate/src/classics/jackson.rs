//! `jackson`: an open network with feedback, whose stations are as if they were alone.

use kendall_kernel::Law;
use kendall_queueing::RunError;
use kendall_queueing::model::{Branch, Network, Route, Servers, Source, Station, Target};
use kendall_study::queueing::{At, Figure};

use super::comparison::Comparison;
use super::setting::{Known, Setting, known, poisson};
use crate::ValidateError;
use crate::outcome::Report;
use crate::theory::mmk::Mmk;
use crate::theory::networks::traffic;

/// Arrivals from outside per time unit.
const OUTSIDE: [f64; 3] = [0.4, 0.2, 0.1];
/// Where customers go next, by where they are; what is missing to 1 leaves.
const ROUTING: [[f64; 3]; 3] = [[0.0, 0.6, 0.2], [0.1, 0.0, 0.5], [0.3, 0.0, 0.1]];
/// (Servers, service rate of each).
const NODES: [(u32, f64); 3] = [(1, 0.8), (2, 0.4), (1, 0.7)];
/// What outside arrivals are multiplied by.
const SCALES: [f64; 5] = [0.4, 0.6, 0.8, 0.9, 1.0];

/// Numbers, sojourns and utilisations of three stations, and the time in the network.
///
/// # Errors
/// Whatever ends the engine.
pub fn jackson() -> Result<Report, ValidateError> {
    let mut comparison =
        Comparison::new("Three stations, two of M/M/1 and one of M/M/2, with feedback");
    for scale in SCALES {
        comparison.run(&setting(scale)?)?;
    }
    comparison.table().note(
        "numbers are those of M/M/k at the rates of the traffic equations (Jackson, Networks of \
         Waiting Lines, Operations Research 5, 1957); sojourns at a station are per visit",
    );
    Ok(comparison.close(Vec::new()))
}

fn setting(scale: f64) -> Result<Setting, RunError> {
    let nodes = nodes(scale);
    let busiest = nodes.iter().map(Mmk::rho).fold(0.0, f64::max);
    let figures = figures(&nodes, OUTSIDE.iter().sum::<f64>() * scale);
    let name = format!("arrivals x {scale}");
    Setting::new(name, network(scale), busiest, figures)
}

/// Each station alone, at the rate of the traffic equations.
fn nodes(scale: f64) -> Vec<Mmk> {
    let outside = OUTSIDE.map(|rate| rate * scale);
    let routing = ROUTING.map(Vec::from);
    let rates = traffic(&outside, &routing).unwrap_or_default();
    let nodes = rates.iter().zip(NODES);
    nodes
        .map(|(&lam, (servers, mu))| Mmk { lam, mu, servers })
        .collect()
}

fn figures(nodes: &[Mmk], entering: f64) -> Vec<Known> {
    const NAMES: [[&str; 3]; 3] = [
        ["E_N_1", "E_T_1", "util_1"],
        ["E_N_2", "E_T_2", "util_2"],
        ["E_N_3", "E_T_3", "util_3"],
    ];
    let total: f64 = nodes.iter().map(Mmk::number_mean).sum();
    let mut figures = vec![known(
        "E_T_network",
        Figure::NetworkSojourn,
        total / entering,
    )];
    for (at, (node, [number, sojourn, busy])) in nodes.iter().zip(NAMES).enumerate() {
        let here = At::station(at);
        let mean = node.number_mean();
        figures.extend([
            known(number, Figure::Present(here), mean),
            known(sojourn, Figure::Sojourn(here), mean / node.lam),
            known(busy, Figure::Utilisation(at), node.rho()),
        ]);
    }
    figures
}

/// The network, its outside arrivals multiplied.
pub(super) fn network(scale: f64) -> Network {
    let stations = NODES.iter().zip(ROUTING).enumerate();
    let stations = stations.map(|(at, (&(servers, mu), row))| {
        let service = Law::Exponential { mean: 1.0 / mu };
        let mut station = Station::new(
            &format!("station {}", at + 1),
            Servers::Equal(servers),
            vec![service],
        );
        station.next = vec![Route::Random(branches(row))];
        station
    });
    let sources = OUTSIDE.iter().enumerate().map(|(at, &rate)| Source {
        class: 0,
        arrivals: poisson(rate * scale),
        batch: None,
        to: Target::Station(at),
    });
    Network {
        classes: vec!["customers".to_owned()],
        stations: stations.collect(),
        sources: sources.collect(),
        ..Network::default()
    }
}

fn branches(row: [f64; 3]) -> Vec<Branch> {
    let possible = row.iter().enumerate().filter(|(_, share)| **share > 0.0);
    let branch = |(at, &probability): (usize, &f64)| Branch {
        probability,
        to: Target::Station(at),
        class: 0,
    };
    possible.map(branch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_sees_the_same_load_as_theory() {
        for scale in SCALES {
            let load = network(scale).load().unwrap();
            for (station, node) in load.stations.iter().zip(nodes(scale)) {
                assert!((station.utilisation - node.rho()).abs() < 1e-9);
                assert!(node.rho() < 0.95);
            }
        }
    }
}
