//! Markov chains written down state by state, as a second opinion.

use std::collections::BTreeMap;

/// A chain and its stationary law.
pub(super) struct Chain<S> {
    pub(super) states: Vec<S>,
    pub(super) law: Vec<f64>,
}

impl<S: Ord + Clone> Chain<S> {
    /// All states that can be reached from `start`, and their probabilities by Gauss and Seidel's
    /// iteration.
    pub(super) fn solve(start: S, transitions: impl Fn(&S) -> Vec<(S, f64)>) -> Chain<S> {
        let mut index = BTreeMap::from([(start.clone(), 0)]);
        let mut states = vec![start];
        let mut into: Vec<Vec<(usize, f64)>> = vec![Vec::new()];
        let mut out = Vec::new();
        let mut next = 0;
        while next < states.len() {
            let mut total = 0.0;
            for (to, rate) in transitions(&states[next]) {
                let fresh = states.len();
                let to = *index.entry(to.clone()).or_insert_with(|| {
                    states.push(to);
                    into.push(Vec::new());
                    fresh
                });
                if to != next {
                    into[to].push((next, rate));
                    total += rate;
                }
            }
            out.push(total);
            next += 1;
        }
        let mut law = vec![1.0 / states.len() as f64; states.len()];
        for round in 0..100_000 {
            let mut change: f64 = 0.0;
            for sweep in 0..states.len() {
                // Both directions in turn.
                let state = if round % 2 == 0 {
                    sweep
                } else {
                    states.len() - 1 - sweep
                };
                let inflow: f64 = into[state]
                    .iter()
                    .map(|(from, rate)| law[*from] * rate)
                    .sum();
                let new = inflow / out[state];
                change = change.max((new - law[state]).abs());
                law[state] = new;
            }
            let total: f64 = law.iter().sum();
            law.iter_mut().for_each(|probability| *probability /= total);
            if change < 1e-16 {
                break;
            }
        }
        Chain { states, law }
    }

    pub(super) fn mean(&self, f: impl Fn(&S) -> f64) -> f64 {
        self.states
            .iter()
            .zip(&self.law)
            .map(|(state, p)| p * f(state))
            .sum()
    }

    pub(super) fn probability(&self, f: impl Fn(&S) -> bool) -> f64 {
        self.mean(|state| f64::from(u8::from(f(state))))
    }
}
