//! Parallel exponential servers: which queue an arrival joins.

use super::law::NumberLaw;
use super::numeric::linear::{Matrix, stationary};
use super::qbd::Qbd;

/// The law of the total number in two equal queues if arrivals join the shorter, ties at random.
///
/// A quasi-birth-and-death process: levels are the shorter queue, phases the difference, cut where
/// its tail, which falls by a factor rho^2 / (2 + rho) per step (Adan, Wessels and Zijm, Analysis of
/// the symmetric shortest queue problem, Stochastic Models 6, 1990), is below rounding. `None` if
/// not stable.
#[must_use]
pub fn shortest_of_two(lam: f64, mu: f64) -> Option<NumberLaw> {
    if lam >= 2.0 * mu {
        return None;
    }
    const DIFFERENCES: usize = 48;
    let (mut up, mut local, mut down) = (
        Matrix::zeros(DIFFERENCES),
        Matrix::zeros(DIFFERENCES),
        Matrix::zeros(DIFFERENCES),
    );
    local[(0, 1)] = lam;
    down[(0, 1)] = 2.0 * mu;
    for difference in 1..DIFFERENCES {
        up[(difference, difference - 1)] = lam;
        local[(difference, difference - 1)] = mu;
        if difference + 1 < DIFFERENCES {
            down[(difference, difference + 1)] = mu;
        }
    }
    let levels = Qbd {
        up_from_0: up.clone(),
        local_0: local.clone(),
        up,
        local,
        down,
    }
    .levels()?;
    let mut p = vec![0.0; 2 * levels.len() + DIFFERENCES];
    for (shorter, phases) in levels.iter().enumerate() {
        for (difference, probability) in phases.iter().enumerate() {
            p[2 * shorter + difference] += probability;
        }
    }
    Some(NumberLaw { p })
}

/// Mean number per server if arrivals join the shortest of `choices` sampled queues among very many
/// (Vvedenskaya, Dobrushin and Karpelevich 1996; Mitzenmacher, The power of two choices in
/// randomized load balancing, IEEE Trans. Parallel Distrib. Syst. 12, 2001).
#[must_use]
pub fn mean_field_number(rho: f64, choices: u32) -> f64 {
    let (mut exponent, mut sum) = (1.0, 0.0);
    loop {
        let term = rho.powf(exponent);
        if term < 1e-18 * rho {
            return sum;
        }
        sum += term;
        exponent = exponent * f64::from(choices) + 1.0;
    }
}

/// Mean response of a job that forks into two M/M/1 queues (Flatto and Hahn, Two parallel queues
/// created by arrivals with two demands I, SIAM J. Appl. Math. 44, 1984; in this form Nelson and
/// Tantawi, Approximate analysis of fork/join synchronization in parallel queues, IEEE Trans.
/// Computers 37, 1988).
#[must_use]
pub fn fork_join_two_mean(lam: f64, mu: f64) -> f64 {
    let rho = lam / mu;
    (12.0 - rho) / 8.0 / (mu - lam)
}

/// What is known of servers of different rates with one queue.
#[derive(Clone, Debug, PartialEq)]
pub struct HeterogeneousResult {
    /// Fraction of time each server is busy, in the order given.
    pub busy: Vec<f64>,
    /// Probability that an arrival waits.
    pub p_wait: f64,
    /// Mean number waiting.
    pub waiting_mean: f64,
    /// Probability that nobody is there.
    pub p_empty: f64,
    /// `E[N^2]`.
    pub number_second: f64,
}

/// Exponential servers of different rates; arrivals take the fastest idle one and stay (Gumbel,
/// Waiting lines with heterogeneous servers, Operations Research 8, 1960). States are sets of busy
/// servers; while all are busy the number waiting is geometric. `None` if not stable, or with more
/// than eight servers.
#[must_use]
pub fn fastest_first(lam: f64, mu: &[f64]) -> Option<HeterogeneousResult> {
    let capacity: f64 = mu.iter().sum();
    if lam >= capacity || mu.len() > 8 {
        return None;
    }
    let mut order: Vec<usize> = (0..mu.len()).collect();
    order.sort_by(|a, b| mu[*b].total_cmp(&mu[*a]));
    let states = 1_usize << mu.len();
    let mut rates = Matrix::zeros(states);
    for state in 0..states {
        if let Some(server) = order.iter().find(|server| state & (1 << **server) == 0) {
            rates[(state, state | (1 << server))] += lam;
        }
        for (server, rate) in mu.iter().enumerate() {
            if state & (1 << server) != 0 {
                rates[(state, state & !(1 << server))] += rate;
            }
        }
    }
    let law = stationary(&rates);
    let ratio = lam / capacity;
    let full = law[states - 1];
    let total = 1.0 + full * ratio / (1.0 - ratio);
    let p_wait = full / (1.0 - ratio) / total;
    let busy = |server: usize| {
        let with = (0..states - 1).filter(|state| state & (1 << server) != 0);
        with.map(|state| law[state]).sum::<f64>() / total + p_wait
    };
    let below = (0..states - 1).map(|state| law[state] * f64::from(state.count_ones()).powi(2));
    let (servers, from_full) = (mu.len() as f64, full / total);
    let full_second = servers * servers / (1.0 - ratio)
        + 2.0 * servers * ratio / (1.0 - ratio).powi(2)
        + ratio * (1.0 + ratio) / (1.0 - ratio).powi(3);
    Some(HeterogeneousResult {
        busy: (0..mu.len()).map(busy).collect(),
        p_wait,
        waiting_mean: p_wait * ratio / (1.0 - ratio),
        p_empty: law[0] / total,
        number_second: below.sum::<f64>() / total + from_full * full_second,
    })
}
