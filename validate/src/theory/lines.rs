//! Two exponential servers in series with blocking after service (Perros, Queueing Networks with
//! Blocking, 1994; Hunt, Sequential arrays of waiting lines, Operations Research 4, 1956).

use super::birth_death::BirthDeath;
use super::law::NumberLaw;
use super::numeric::linear::Matrix;
use super::qbd::{Qbd, level_law};

/// What is known of the line with Poisson arrivals.
#[derive(Clone, Debug, PartialEq)]
pub struct TandemResult {
    /// Law of the number at station 1, a blocked customer included.
    pub first: NumberLaw,
    /// Law of the number at station 2.
    pub second: NumberLaw,
    /// Fraction of time server 1 is blocked.
    pub p_blocked: f64,
    /// Probability that nobody is in the line.
    pub p_empty: f64,
}

/// Law of the number at station 2 if station 1 never starves; the last entry, one more than the
/// room, is the state in which server 1 is blocked.
#[must_use]
pub fn saturated(mu: [f64; 2], capacity2: u32) -> Option<NumberLaw> {
    BirthDeath {
        birth: |_| mu[0],
        death: |_| mu[1],
        largest: Some(capacity2 + 1),
    }
    .law()
}

/// Solves the line with Poisson arrivals at rate `lam` and room for `capacity2` at station 2; `None`
/// if it is not stable or too large.
#[must_use]
pub fn tandem(lam: f64, mu: [f64; 2], capacity2: u32) -> Option<TandemResult> {
    let room = capacity2 as usize;
    if lam >= mu[1] * (1.0 - saturated(mu, capacity2)?.at(0)) || room > 200 {
        return None;
    }
    // Levels: number at station 1. Phases: number at station 2; the last is blocked.
    let (size, blocked) = (room + 2, room + 1);
    let (mut up, mut local, mut down) = (
        Matrix::zeros(size),
        Matrix::zeros(size),
        Matrix::zeros(size),
    );
    for phase in 0..size {
        up[(phase, phase)] = lam;
    }
    for phase in 0..=room {
        if phase < room {
            down[(phase, phase + 1)] = mu[0];
        } else {
            local[(room, blocked)] = mu[0];
        }
        if phase > 0 {
            local[(phase, phase - 1)] = mu[1];
        }
    }
    down[(blocked, room)] = mu[1];
    let mut up_from_0 = up.clone();
    up_from_0[(blocked, blocked)] = 0.0;
    let mut local_0 = Matrix::zeros(size);
    for phase in 1..=room {
        local_0[(phase, phase - 1)] = mu[1];
    }
    let levels = Qbd {
        up,
        local,
        down,
        up_from_0,
        local_0,
    }
    .levels()?;
    let phase = |phase: usize| levels.iter().map(|level| level[phase]).sum::<f64>();
    let mut second: Vec<f64> = (0..=room).map(phase).collect();
    second[room] += phase(blocked);
    Some(TandemResult {
        first: level_law(&levels),
        second: NumberLaw { p: second },
        p_blocked: phase(blocked),
        p_empty: levels[0][0],
    })
}
