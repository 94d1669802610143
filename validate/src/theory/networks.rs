//! Product-form networks.
//!
//! Jackson, Jobshop-like queueing systems, Management Science 10, 1963; Buzen, Computational
//! algorithms for closed queueing networks with exponential servers, Comm. ACM 16, 1973; Reiser and
//! Lavenberg, Mean-value analysis of closed multichain queueing networks, J. ACM 27, 1980.

use super::birth_death::BirthDeath;
use super::law::NumberLaw;
use super::numeric::linear::{Matrix, solve_vector};
use super::numeric::special::ln_factorial;

/// Total arrival rates of an open network with external rates `gamma` and routing probabilities by
/// rows; `None` if customers could stay for ever.
#[must_use]
pub fn traffic(gamma: &[f64], routing: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut matrix = Matrix::identity(gamma.len());
    for (from, row) in routing.iter().enumerate() {
        for (to, probability) in row.iter().enumerate() {
            matrix[(to, from)] -= probability;
        }
    }
    let rates = solve_vector(&matrix, gamma)?;
    rates
        .iter()
        .all(|rate| rate.is_finite() && *rate >= -1e-12)
        .then_some(rates)
}

/// A station of a closed network: mean service per cycle and number of servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedQueue {
    /// Visits times mean service.
    pub demand: f64,
    /// Number of servers, from 1.
    pub servers: u32,
}

/// What is known of a closed network.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedResult {
    /// Cycles completed per time unit.
    pub throughput: f64,
    /// Law of the number at each station.
    pub laws: Vec<NumberLaw>,
}

/// Solves a closed network with exponential stations and a think time, by Buzen's convolution in
/// logarithms: only sums of positive terms. Time grows with the square of the number of customers
/// and of stations; `None` for more than ten thousand customers.
#[must_use]
pub fn closed(stations: &[ClosedQueue], think_time: f64, customers: u32) -> Option<ClosedResult> {
    let size = customers as usize;
    if customers == 0 || customers > 10_000 {
        return None;
    }
    let factor = |station: &ClosedQueue| -> Vec<f64> {
        let mut weights = vec![0.0];
        for n in 1..=customers {
            let servers = f64::from(n.min(station.servers));
            weights.push(weights[n as usize - 1] + (station.demand / servers).ln());
        }
        weights
    };
    let thinking: Vec<f64> = (0..=customers)
        .map(|n| {
            if n == 0 {
                0.0
            } else {
                f64::from(n) * think_time.ln() - ln_factorial(n)
            }
        })
        .collect();
    let factors: Vec<Vec<f64>> = stations.iter().map(factor).collect();
    let all = factors
        .iter()
        .fold(thinking.clone(), |sum, factor| convolve(&sum, factor));
    let laws = (0..stations.len()).map(|own| {
        let others = factors
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != own);
        let rest = others.fold(thinking.clone(), |sum, (_, factor)| convolve(&sum, factor));
        let weights: Vec<f64> = (0..=size)
            .map(|n| factors[own][n] + rest[size - n])
            .collect();
        NumberLaw::from_ln_weights(&weights)
    });
    Some(ClosedResult {
        throughput: (all[size - 1] - all[size]).exp(),
        laws: laws.collect(),
    })
}

/// Convolution of sequences given by logarithms.
fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let term = |n: usize| {
        let largest = (0..=n)
            .map(|i| a[i] + b[n - i])
            .fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return largest;
        }
        largest
            + (0..=n)
                .map(|i| (a[i] + b[n - i] - largest).exp())
                .sum::<f64>()
                .ln()
    };
    (0..a.len()).map(term).collect()
}

/// Throughput and mean numbers of a closed network of single servers, by mean value analysis.
#[must_use]
pub fn mean_values(demands: &[f64], think_time: f64, customers: u32) -> (f64, Vec<f64>) {
    let mut numbers = vec![0.0; demands.len()];
    let mut throughput = 0.0;
    for population in 1..=customers {
        let sojourns: Vec<f64> = demands
            .iter()
            .zip(&numbers)
            .map(|(demand, n)| demand * (1.0 + n))
            .collect();
        throughput = f64::from(population) / (think_time + sojourns.iter().sum::<f64>());
        numbers = sojourns
            .iter()
            .map(|sojourn| throughput * sojourn)
            .collect();
    }
    (throughput, numbers)
}

/// The law of the number of machines down if each of `machines` fails at rate `fail_rate` and
/// `repairers` repair at rate `repair_rate` each (Gross and Harris, Fundamentals of Queueing Theory,
/// chapter 2).
#[must_use]
pub fn machines_down(
    machines: u32,
    repairers: u32,
    fail_rate: f64,
    repair_rate: f64,
) -> Option<NumberLaw> {
    let birth = |n: u32| f64::from(machines - n) * fail_rate;
    let death = |n: u32| f64::from(n.min(repairers)) * repair_rate;
    BirthDeath {
        birth,
        death,
        largest: Some(machines),
    }
    .law()
}
