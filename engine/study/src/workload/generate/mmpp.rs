//! Poisson arrivals whose rate depends on a state that changes at random.

use kendall_kernel::Rng;
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

use super::GenerateError;
use crate::workload::MmppState;

const STATES: &str = "workload.generate.arrivals.states";

/// Most states: their stationary law takes the third power of their number.
const MAX_STATES: usize = 500;

/// Most changes of state from one arrival to the next, in the mean.
const MAX_CHANGES: u32 = 100_000;

/// A Markov-modulated Poisson process. Arrivals and changes of state draw from streams of their
/// own, so that another rate leaves the states as they are.
#[derive(Debug)]
pub(super) struct Mmpp {
    states: Vec<State>,
    state: usize,
    /// How long the state lasts from the last arrival on, in seconds.
    left_s: f64,
    arrivals: Rng,
    changes: Rng,
}

#[derive(Debug)]
struct State {
    rate_per_s: f64,
    mean_s: f64,
    /// Cumulative probabilities of the states that follow.
    next: Vec<f64>,
}

impl Mmpp {
    pub(super) fn new(
        states: &[MmppState],
        arrivals: Rng,
        mut changes: Rng,
    ) -> Result<Mmpp, GenerateError> {
        check(states)?;
        let next = matrix(states);
        check_reachable(&next)?;
        let visits = stationary(next.clone());
        // Time in a state is in proportion to visits and to how long one lasts.
        let times: Vec<f64> = (visits.iter().zip(states))
            .map(|(visits, state)| visits * state.mean_s)
            .collect();
        let arrivals_per_change: f64 = (times.iter().zip(states))
            .map(|(time, state)| time * state.rate_per_s)
            .sum();
        if arrivals_per_change.recip() > f64::from(MAX_CHANGES) {
            return Err(GenerateError::StatesTooShort {
                changes_per_arrival: arrivals_per_change.recip(),
                most: MAX_CHANGES,
            });
        }
        let state = pick(&cumulative(&times), &mut changes);
        let rows = next.iter().zip(states);
        let mut process = Mmpp {
            states: rows
                .map(|(next, state)| State {
                    rate_per_s: state.rate_per_s,
                    mean_s: state.mean_s,
                    next: cumulative(next),
                })
                .collect(),
            state,
            left_s: 0.0,
            arrivals,
            changes,
        };
        // An exponential time has no memory: what is left of it is as long as a whole one.
        process.left_s = process.stay_s();
        Ok(process)
    }

    /// The next gap in seconds: an exponential variable of mean 1 is used up at the rate of each
    /// state. Infinite after a gap that is longer than any time.
    pub(super) fn next_gap_s(&mut self) -> f64 {
        let mut unit: f64 = Exp1.sample(&mut self.arrivals);
        let mut gap_s = 0.0;
        loop {
            let rate_per_s = self.states[self.state].rate_per_s;
            let within = self.left_s * rate_per_s;
            if unit < within {
                let last_s = unit / rate_per_s;
                self.left_s = (self.left_s - last_s).max(0.0);
                return gap_s + last_s;
            }
            unit -= within;
            gap_s += self.left_s;
            if gap_s > LONGEST_S {
                return f64::INFINITY;
            }
            self.state = pick(&self.states[self.state].next, &mut self.changes);
            self.left_s = self.stay_s();
        }
    }

    fn stay_s(&mut self) -> f64 {
        let unit: f64 = Exp1.sample(&mut self.changes);
        unit * self.states[self.state].mean_s
    }
}

/// Beyond the end of time.
const LONGEST_S: f64 = 2e10;

fn check(states: &[MmppState]) -> Result<(), GenerateError> {
    let found = states.len();
    if !(2..=MAX_STATES).contains(&found) {
        return Err(GenerateError::Length {
            list: STATES,
            found,
            must: "from 2 to 500",
        });
    }
    let refuse = |index, key, value, must| {
        Err(GenerateError::ElementOutOfRange {
            list: STATES,
            index,
            key,
            value,
            must,
        })
    };
    for (index, state) in states.iter().enumerate() {
        let (rate, mean) = (state.rate_per_s, state.mean_s);
        if !(rate >= 0.0 && rate.is_finite()) {
            return refuse(index, "rate_per_s", rate, "not negative and finite");
        }
        if !(mean > 0.0 && mean.is_finite()) {
            return refuse(index, "mean_s", mean, "positive and finite");
        }
        check_next(index, &state.next, found)?;
    }
    if states.iter().all(|state| state.rate_per_s == 0.0) {
        return refuse(0, "rate_per_s", 0.0, "positive in this state or another");
    }
    Ok(())
}

fn check_next(index: usize, next: &[f64], states: usize) -> Result<(), GenerateError> {
    let refuse = |value, must| {
        Err(GenerateError::ElementOutOfRange {
            list: STATES,
            index,
            key: "next",
            value,
            must,
        })
    };
    if next.is_empty() {
        return Ok(());
    }
    if next.len() != states {
        return Err(GenerateError::NextWeights {
            state: index,
            found: next.len(),
            states,
        });
    }
    if let Some(&weight) = (next.iter()).find(|&&weight| !(weight >= 0.0 && weight.is_finite())) {
        return refuse(weight, "a list of weights that are not negative and finite");
    }
    if next[index] != 0.0 {
        return refuse(next[index], "0 for the state itself");
    }
    let sum: f64 = next.iter().sum();
    if !(sum > 0.0 && sum.is_finite()) {
        let must = "a list of weights with a positive, finite sum";
        return refuse(sum, must);
    }
    Ok(())
}

/// Row by row the probabilities of the states that follow.
fn matrix(states: &[MmppState]) -> Vec<Vec<f64>> {
    let others = 1.0 / (states.len() - 1) as f64;
    let row = |(index, state): (usize, &MmppState)| {
        if state.next.is_empty() {
            let mut row = vec![others; states.len()];
            row[index] = 0.0;
            return row;
        }
        let sum: f64 = state.next.iter().sum();
        state.next.iter().map(|weight| weight / sum).collect()
    };
    states.iter().enumerate().map(row).collect()
}

/// From every state a way leads to every other, or there is no one stationary law.
fn check_reachable(next: &[Vec<f64>]) -> Result<(), GenerateError> {
    let backwards = |from: usize, to: usize| next[to][from];
    let forwards = |from: usize, to: usize| next[from][to];
    if let Some(to) = missing(next.len(), forwards) {
        return Err(GenerateError::Unreachable { from: 0, to });
    }
    if let Some(from) = missing(next.len(), backwards) {
        return Err(GenerateError::Unreachable { from, to: 0 });
    }
    Ok(())
}

/// A state that cannot be reached from the first.
fn missing(states: usize, weight: impl Fn(usize, usize) -> f64) -> Option<usize> {
    let mut reached = vec![false; states];
    reached[0] = true;
    let mut open = vec![0];
    while let Some(from) = open.pop() {
        for (to, reached) in reached.iter_mut().enumerate() {
            if !*reached && weight(from, to) > 0.0 {
                *reached = true;
                open.push(to);
            }
        }
    }
    reached.iter().position(|reached| !reached)
}

/// The stationary law of a chain, by elimination of states from the last without subtractions
/// (Grassmann, Taksar and Heyman, "Regenerative Analysis and Steady State Distributions for Markov
/// Chains", Operations Research 33, 1985). O(states^3).
fn stationary(mut p: Vec<Vec<f64>>) -> Vec<f64> {
    let states = p.len();
    for last in (1..states).rev() {
        let (rows, rest) = p.split_at_mut(last);
        let away = &rest[0][..last];
        let leaves: f64 = away.iter().sum();
        for row in rows {
            row[last] /= leaves;
            let by_way_of = row[last];
            for (to, share) in row.iter_mut().zip(away) {
                *to += by_way_of * share;
            }
        }
    }
    let mut law = vec![1.0; states];
    for state in 1..states {
        law[state] = (0..state).map(|from| law[from] * p[from][state]).sum();
    }
    let sum: f64 = law.iter().sum();
    law.iter().map(|weight| weight / sum).collect()
}

fn cumulative(weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let sums = weights.iter().scan(0.0, |below, weight| {
        *below += weight / sum;
        Some(*below)
    });
    sums.collect()
}

/// The place that a uniform number falls into; places of no width are never met, and what rounding
/// leaves above the last is that of the last with any width.
fn pick(cumulative: &[f64], rng: &mut Rng) -> usize {
    let draw: f64 = rng.random();
    let top = cumulative[cumulative.len() - 1];
    cumulative.partition_point(|&below| below <= draw.min(top.next_down()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stationary_laws_by_hand() {
        // Around a circle every state is visited as often.
        let circle = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        let law = stationary(circle.map(Vec::from).to_vec());
        assert!(law.iter().all(|share| (share - 1.0 / 3.0).abs() < 1e-15));
        // From the middle to either side and back: half of all visits are to the middle.
        let middle = [[0.0, 1.0, 0.0], [0.25, 0.0, 0.75], [0.0, 1.0, 0.0]];
        let law = stationary(middle.map(Vec::from).to_vec());
        for (share, expected) in law.iter().zip([0.125, 0.5, 0.375]) {
            assert!((share - expected).abs() < 1e-15, "{law:?}");
        }
    }
}
