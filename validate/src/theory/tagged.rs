//! Times of one customer in an M/M/1 that end with a probability depending on how many others are
//! there: a walk that is followed step by step (uniformisation, as in [`super::mm1::transient`]).
//!
//! Waits in random order and sojourns under processor sharing have the same law once begun (Cohen,
//! On processor sharing and random service, J. Applied Probability 21, 1984); waits in reverse order
//! are busy periods.

use super::mm1::Mm1;
use super::numeric::roots::quantile;
use super::numeric::special::poisson;

/// How the walk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At a service, with probability 1 / (number of others + 1); the start is geometric.
    Random,
    /// At the service that finds no others, who all came later; the start is without others.
    Last,
}

/// The law of such a time.
#[derive(Clone, Debug, PartialEq)]
pub struct TaggedTime {
    /// Steps per time unit.
    rate: f64,
    /// Probability that the time has not ended after so many steps.
    alive: Vec<f64>,
}

impl TaggedTime {
    /// The law, followed until what is left is below `left`.
    #[must_use]
    pub fn new(queue: Mm1, ending: Ending, left: f64) -> TaggedTime {
        const MAX_STEPS: usize = 400_000;
        let rate = queue.lam + queue.mu;
        let (up, down) = (queue.lam / rate, queue.mu / rate);
        let mut others = match ending {
            Ending::Last => vec![1.0],
            Ending::Random => {
                let rho = queue.rho();
                let count = (-45.0 / rho.ln()).ceil().max(1.0) as i32;
                (0..count).map(|n| (1.0 - rho) * rho.powi(n)).collect()
            }
        };
        let mut alive = vec![1.0];
        // Beyond the last step needed by as much as a Poisson number of steps varies.
        let mut last = MAX_STEPS;
        while alive.len() < last {
            let mut next = vec![0.0; others.len() + 1];
            for (n, probability) in others.iter().enumerate() {
                next[n + 1] += probability * up;
                if n > 0 {
                    let stays = match ending {
                        Ending::Last => 1.0,
                        Ending::Random => n as f64 / (n as f64 + 1.0),
                    };
                    next[n - 1] += probability * down * stays;
                }
            }
            while next.len() > 1 && next[next.len() - 1] < 1e-20 {
                next.pop();
            }
            let rest: f64 = next.iter().sum();
            alive.push(rest);
            others = next;
            if rest < left && last == MAX_STEPS {
                let steps = alive.len() as f64;
                last = (steps + 40.0 * steps.sqrt() + 400.0) as usize;
            }
        }
        TaggedTime { rate, alive }
    }

    /// P(time > x), for x within what was followed.
    #[must_use]
    pub fn tail(&self, x: f64) -> f64 {
        let mean = self.rate * x;
        let width = 12.0 * mean.sqrt() + 40.0;
        let first = (mean - width).max(0.0) as usize;
        let last = ((mean + width) as usize).min(self.alive.len());
        (first..last)
            .map(|step| poisson(step as u32, mean) * self.alive[step])
            .sum()
    }

    /// The quantile at `level` of a time that is 0 with probability 1 - `begun` and else has the
    /// law for this queue.
    #[must_use]
    pub fn quantile(queue: Mm1, ending: Ending, begun: f64, level: f64) -> f64 {
        let left = (1.0 - level) / begun;
        if left >= 1.0 {
            return 0.0;
        }
        let law = TaggedTime::new(queue, ending, left * 0.5);
        quantile(1.0 - left, 1.0 / queue.mu, |x| 1.0 - law.tail(x))
    }
}
