//! Batches, vacations and setups.

use super::Dist;
use super::law::NumberLaw;
use super::mg1::Mg1;

/// A stable M^X/M/1 (Gross and Harris, Fundamentals of Queueing Theory, chapter 3).
#[derive(Clone, Debug, PartialEq)]
pub struct BatchQueue {
    /// Rate of batches.
    pub lam_batch: f64,
    /// Law of batch sizes, on 1, 2, ...
    pub batch: Dist,
    /// Service rate, above `lam_batch` times the mean batch.
    pub mu: f64,
}

impl BatchQueue {
    /// First two moments of the batch; a uniform law is on whole numbers.
    fn moments(&self) -> (f64, f64) {
        match self.batch {
            Dist::Uniform { lo, hi } => {
                let mean = (lo + hi) / 2.0;
                let count = hi - lo + 1.0;
                (mean, mean * mean + (count * count - 1.0) / 12.0)
            }
            _ => (self.batch.mean(), self.batch.moment(2.0)),
        }
    }

    /// P(batch > n).
    fn batch_tail(&self, n: usize) -> f64 {
        match self.batch {
            Dist::Uniform { lo, hi } => ((hi - n as f64) / (hi - lo + 1.0)).clamp(0.0, 1.0),
            _ => self.batch.tail(n as f64),
        }
    }

    /// Customers per time unit.
    #[must_use]
    pub fn lam(&self) -> f64 {
        self.lam_batch * self.moments().0
    }

    /// Mean number in the system.
    #[must_use]
    pub fn number_mean(&self) -> f64 {
        let (mean, second) = self.moments();
        let rho = self.lam() / self.mu;
        rho * (1.0 + second / mean) / (2.0 * (1.0 - rho))
    }

    /// The law of the number in the system up to `largest`: flows up and down across each level are
    /// equal.
    #[must_use]
    pub fn law(&self, largest: usize) -> NumberLaw {
        let tails: Vec<f64> = (0..=largest).map(|n| self.batch_tail(n)).collect();
        let mut p = vec![1.0 - self.lam() / self.mu];
        for n in 0..largest {
            let up: f64 = p.iter().enumerate().map(|(i, p)| p * tails[n - i]).sum();
            p.push(up * self.lam_batch / self.mu);
        }
        NumberLaw { p }
    }

    /// Var of the number in the system; `None` if the law is too long to be summed.
    #[must_use]
    pub fn number_variance(&self) -> Option<f64> {
        let mut largest = 256;
        while largest <= 16_384 {
            let law = self.law(largest);
            if law.p[largest] * (largest as f64).powi(3) < 1e-12 {
                return Some(law.expect(|n| n * n) - self.number_mean().powi(2));
            }
            largest *= 2;
        }
        None
    }
}

/// What delays a customer of an M/G/1 beyond an ordinary wait: an independent time with these first
/// two moments (Fuhrmann and Cooper, Stochastic decompositions in the M/G/1 queue with generalized
/// vacations, Operations Research 33, 1985).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExtraDelay {
    /// Mean.
    pub mean: f64,
    /// Second moment.
    pub second: f64,
    /// Probability that the system is empty, relative to that without the delay.
    pub empty: f64,
}

/// Vacations again and again while the system is empty: the rest of a vacation (Levy and Yechiali,
/// Utilization of idle time in an M/G/1 queueing system, Management Science 22, 1975).
#[must_use]
pub fn vacation_delay(queue: &Mg1, vacation: &Dist) -> ExtraDelay {
    let mean = vacation.mean();
    ExtraDelay {
        mean: vacation.moment(2.0) / (2.0 * mean),
        second: vacation.moment(3.0) / (3.0 * mean),
        empty: (1.0 - vacation.transform(queue.lam)) / (queue.lam * mean),
    }
}

/// A setup before the first service of each busy period: a whole setup for the one who starts it,
/// the rest of one for those who come during it (Welch, On a generalized M/G/1 queuing process in
/// which the first customer of each busy period receives exceptional service, Operations Research
/// 12, 1964).
#[must_use]
pub fn setup_delay(queue: &Mg1, setup: &Dist) -> ExtraDelay {
    let busy = 1.0 + queue.lam * setup.mean();
    ExtraDelay {
        mean: (setup.mean() + queue.lam * setup.moment(2.0) / 2.0) / busy,
        second: (setup.moment(2.0) + queue.lam * setup.moment(3.0) / 3.0) / busy,
        empty: 1.0 / busy,
    }
}
