//! Phase-type laws: Markov processes that end.
//!
//! A generator is a list of rows, square, as [`Law::PhaseType`](super::Law::PhaseType) describes
//! it.

use rand::distr::Distribution;
use rand_distr::Exp1;
use rand_distr::weighted::WeightedAliasIndex;

use super::VALIDATED;

/// A row sum this far above zero, relative to the diagonal, is a rounding error.
const ROUNDING: f64 = 1e-12;

/// The rate at which the process ends in phase `phase`, whose row of the generator is `rates`:
/// what is missing to a sum of zero. Negative only if that is more than a rounding error.
pub(super) fn ending_rate(rates: &[f64], phase: usize) -> f64 {
    let others: f64 = others(rates, phase).map(|(_, rate)| rate).sum();
    let ending = -rates[phase] - others;
    if ending.abs() <= ROUNDING * -rates[phase] {
        0.0
    } else {
        ending
    }
}

/// The rates of changing from a phase to each other one.
fn others(rates: &[f64], phase: usize) -> impl Iterator<Item = (usize, f64)> {
    let rates = rates.iter().copied().enumerate();
    rates.filter(move |&(to, _)| to != phase)
}

/// A phase from which no end can be reached, if there is one. O(phases^3) at worst.
pub(super) fn never_ending(generator: &[Vec<f64>]) -> Option<usize> {
    let mut ends: Vec<bool> = generator
        .iter()
        .enumerate()
        .map(|(phase, rates)| ending_rate(rates, phase) > 0.0)
        .collect();
    // Each round finds at least one more phase, or all have been found.
    for _ in 0..generator.len() {
        for (phase, rates) in generator.iter().enumerate() {
            ends[phase] |= others(rates, phase).any(|(to, rate)| rate > 0.0 && ends[to]);
        }
    }
    ends.iter().position(|&ends| !ends)
}

/// The mean time to the end from each phase.
pub(super) fn mean_left(generator: &[Vec<f64>]) -> Vec<f64> {
    solve(generator, vec![1.0; generator.len()])
}

/// The mean square of the time to the end from each phase.
pub(super) fn second_moment_left(generator: &[Vec<f64>]) -> Vec<f64> {
    let means = mean_left(generator);
    solve(generator, means.iter().map(|mean| 2.0 * mean).collect())
}

/// The x with -T x = b, for the generator T.
///
/// Eliminates states one by one as censoring does: a diagonal is the sum of the rates that leave
/// it, the one of ending included, so that nothing is ever subtracted and all that is computed
/// keeps its relative accuracy (Grassmann, Taksar and Heyman, "Regenerative Analysis and
/// Steady State Distributions for Markov Chains", Operations Research 33, 1985).
fn solve(generator: &[Vec<f64>], mut b: Vec<f64>) -> Vec<f64> {
    let n = generator.len();
    let mut rates = generator.to_vec();
    let mut ending: Vec<f64> = (0..n).map(|i| ending_rate(&rates[i], i)).collect();
    let mut leaving = vec![0.0; n];
    for last in (0..n).rev() {
        leaving[last] = ending[last] + rates[last][..last].iter().sum::<f64>();
        let (before, rest) = rates.split_at_mut(last);
        let through = &rest[0];
        for (i, row) in before.iter_mut().enumerate() {
            let share = row[last] / leaving[last];
            for j in (0..last).filter(|&j| j != i) {
                row[j] += share * through[j];
            }
            ending[i] += share * ending[last];
            b[i] += share * b[last];
        }
    }
    for i in 0..n {
        let before: f64 = (0..i).map(|j| rates[i][j] * b[j]).sum();
        b[i] = (b[i] + before) / leaving[i];
    }
    b
}

/// Runs the process: a stay in each phase, then the choice of the next.
#[derive(Clone, Debug)]
pub(super) struct Process {
    first: Next,
    phases: Box<[Phase]>,
}

#[derive(Clone, Debug)]
struct Phase {
    mean: f64,
    next: Next,
}

/// Which phase comes next; the one after the last is the end.
#[derive(Clone, Debug)]
enum Next {
    /// Always the same one.
    Sure(usize),
    /// One of them, by weight.
    OneOf(WeightedAliasIndex<f64>),
}

impl Next {
    /// `weights` are valid.
    fn new(weights: Vec<f64>) -> Next {
        let mut possible = (0..weights.len()).filter(|&i| weights[i] > 0.0);
        match (possible.next(), possible.next()) {
            (Some(only), None) => Next::Sure(only),
            _ => {
                let sum: f64 = weights.iter().sum();
                let shares = weights.iter().map(|weight| weight / sum).collect();
                Next::OneOf(WeightedAliasIndex::new(shares).expect(VALIDATED))
            }
        }
    }

    #[inline]
    fn draw<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> usize {
        match self {
            Next::Sure(phase) => *phase,
            Next::OneOf(weights) => weights.sample(rng),
        }
    }
}

impl Process {
    /// The parameters are valid.
    pub(super) fn new(initial: &[f64], generator: &[Vec<f64>]) -> Process {
        let phase = |(phase, rates): (usize, &Vec<f64>)| {
            let mut weights = rates.clone();
            weights[phase] = 0.0;
            weights.push(ending_rate(rates, phase));
            Phase {
                mean: -1.0 / rates[phase],
                next: Next::new(weights),
            }
        };
        Process {
            first: Next::new(initial.to_vec()),
            phases: generator.iter().enumerate().map(phase).collect(),
        }
    }
}

impl Distribution<f64> for Process {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let mut total = 0.0;
        let mut at = self.first.draw(rng);
        // Ends with probability one, since an end can be reached from every phase.
        while let Some(phase) = self.phases.get(at) {
            let unit: f64 = Exp1.sample(rng);
            total += phase.mean * unit;
            at = phase.next.draw(rng);
        }
        total
    }
}
