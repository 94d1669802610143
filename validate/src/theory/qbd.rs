//! Quasi-birth-and-death processes: levels 0, 1, 2, ..., each with the same few phases.
//!
//! Latouche and Ramaswami, Introduction to Matrix Analytic Methods in Stochastic Modeling, chapters
//! 6 and 8.

use super::law::NumberLaw;
use super::numeric::linear::{Matrix, stationary};

/// A process whose levels from 1 on look alike. Rates; diagonals are filled in.
#[derive(Clone, Debug)]
pub(super) struct Qbd {
    /// To the next level up, from levels from 1.
    pub(super) up: Matrix,
    /// Within a level from 1.
    pub(super) local: Matrix,
    /// To the next level down, from levels from 1 (into level 0 too).
    pub(super) down: Matrix,
    /// From level 0 up.
    pub(super) up_from_0: Matrix,
    /// Within level 0.
    pub(super) local_0: Matrix,
}

impl Qbd {
    /// Stationary probabilities by level and phase, until what is left is below 1e-17; `None` if
    /// the process is not stable.
    pub(super) fn levels(&self) -> Option<Vec<Vec<f64>>> {
        let size = self.up.size();
        let g = self.first_passage()?;
        // Within a level, with excursions above it folded in: censored on levels 0 and 1.
        let with_return = self.local.add(&self.up.multiply(&g));
        let mut censored = Matrix::zeros(2 * size);
        for row in 0..size {
            for column in 0..size {
                censored[(row, column)] = self.local_0[(row, column)];
                censored[(row, size + column)] = self.up_from_0[(row, column)];
                censored[(size + row, column)] = self.down[(row, column)];
                censored[(size + row, size + column)] = with_return[(row, column)];
            }
        }
        let law = without_unreachable(&censored);
        // R = up * (-(local + up G))^-1.
        let mut negative = with_return.scale(-1.0);
        for row in 0..size {
            negative[(row, row)] = self.outflow(row) - with_return[(row, row)];
        }
        let r = self.up.multiply(&negative.solve(&Matrix::identity(size))?);
        let mut levels = vec![law[..size].to_vec(), law[size..].to_vec()];
        let mut total: f64 = law.iter().sum();
        while levels.len() < 3_000_000 {
            let next = r.apply_left(&levels[levels.len() - 1]);
            let mass: f64 = next.iter().sum();
            let before: f64 = levels[levels.len() - 1].iter().sum();
            total += mass;
            let ratio = mass / before;
            levels.push(next);
            if mass == 0.0
                || (levels.len() > 4 && ratio < 1.0 && mass / (1.0 - ratio) < 1e-17 * total)
            {
                levels
                    .iter_mut()
                    .flatten()
                    .for_each(|probability| *probability /= total);
                return Some(levels);
            }
        }
        None
    }

    /// Total rate out of a state of level 1 or above; a phase that no rate leaves counts as left at
    /// rate 1, so that it can be divided by.
    fn outflow(&self, phase: usize) -> f64 {
        let local: f64 = (0..self.local.size())
            .filter(|to| *to != phase)
            .map(|to| self.local[(phase, to)])
            .sum();
        let out = local
            + self.up.row(phase).iter().sum::<f64>()
            + self.down.row(phase).iter().sum::<f64>();
        if out > 0.0 { out } else { 1.0 }
    }

    /// The phase in which the next lower level is reached, by logarithmic reduction (Latouche and
    /// Ramaswami, section 8.4); `None` if it may never be.
    fn first_passage(&self) -> Option<Matrix> {
        let size = self.up.size();
        let mut stay = Matrix::identity(size);
        let (mut up, mut down) = (self.up.clone(), self.down.clone());
        for row in 0..size {
            let out = self.outflow(row);
            for column in 0..size {
                let local = if row == column {
                    0.0
                } else {
                    self.local[(row, column)]
                };
                stay[(row, column)] -= local / out;
                up[(row, column)] /= out;
                down[(row, column)] /= out;
            }
        }
        let (mut high, mut low) = (stay.solve(&up)?, stay.solve(&down)?);
        let mut g = low.clone();
        let mut path = high.clone();
        for _ in 0..60 {
            let both = high.multiply(&low).add(&low.multiply(&high));
            let rest = Matrix::identity(size).add(&both.scale(-1.0));
            high = rest.solve(&high.multiply(&high))?;
            low = rest.solve(&low.multiply(&low))?;
            let gain = path.multiply(&low);
            g = g.add(&gain);
            path = path.multiply(&high);
            let largest = |matrix: &Matrix| {
                (0..size)
                    .map(|row| matrix.row(row).iter().sum::<f64>())
                    .fold(0.0, f64::max)
            };
            if largest(&gain) < 1e-16 || largest(&path) < 1e-16 {
                return Some(g);
            }
        }
        None
    }
}

/// The stationary law if states that nothing enters have probability 0.
fn without_unreachable(rates: &Matrix) -> Vec<f64> {
    let size = rates.size();
    // State 0 is reachable in all processes here.
    let mut reached = vec![false; size];
    let mut open = vec![0];
    while let Some(state) = open.pop() {
        if !reached[state] {
            reached[state] = true;
            open.extend((0..size).filter(|to| *to != state && rates[(state, *to)] > 0.0));
        }
    }
    let kept: Vec<usize> = (0..size).filter(|state| reached[*state]).collect();
    let mut small = Matrix::zeros(kept.len());
    for (row, from) in kept.iter().enumerate() {
        for (column, to) in kept.iter().enumerate() {
            small[(row, column)] = rates[(*from, *to)];
        }
    }
    let mut law = vec![0.0; size];
    for (state, probability) in kept.iter().zip(stationary(&small)) {
        law[*state] = probability;
    }
    law
}

/// The law of the level.
pub(super) fn level_law(levels: &[Vec<f64>]) -> NumberLaw {
    NumberLaw {
        p: levels.iter().map(|phases| phases.iter().sum()).collect(),
    }
}

/// MMPP(2)/M/1: Poisson arrivals at `rates` in two phases that are left at rates `switch` (Fischer and
/// Meier-Hellstern, The Markov-modulated Poisson process (MMPP) cookbook, Performance Evaluation 18,
/// 1993). `None` if not stable.
#[must_use]
pub fn mmpp2_m1(rates: [f64; 2], switch: [f64; 2], mu: f64) -> Option<NumberLaw> {
    if mmpp2_rate(rates, switch) >= mu {
        return None;
    }
    let diagonal = |values: [f64; 2]| {
        let mut matrix = Matrix::zeros(2);
        (matrix[(0, 0)], matrix[(1, 1)]) = (values[0], values[1]);
        matrix
    };
    let mut local = Matrix::zeros(2);
    (local[(0, 1)], local[(1, 0)]) = (switch[0], switch[1]);
    let qbd = Qbd {
        up: diagonal(rates),
        local: local.clone(),
        down: diagonal([mu, mu]),
        up_from_0: diagonal(rates),
        local_0: local,
    };
    qbd.levels().map(|levels| level_law(&levels))
}

/// Mean arrival rate of the modulated stream.
#[must_use]
pub fn mmpp2_rate(rates: [f64; 2], switch: [f64; 2]) -> f64 {
    (rates[0] * switch[1] + rates[1] * switch[0]) / (switch[0] + switch[1])
}
