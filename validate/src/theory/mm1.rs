//! M/M/1 (Kleinrock, Queueing Systems, volume 1, section 3.2), at a time t after it was
//! empty, and what only exponential service makes simple.

use super::law::NumberLaw;
use super::numeric::special::poisson;

/// A stable M/M/1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mm1 {
    /// Arrival rate.
    pub lam: f64,
    /// Service rate, above `lam`.
    pub mu: f64,
}

impl Mm1 {
    /// Load.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.lam / self.mu
    }

    /// Mean sojourn.
    #[must_use]
    pub fn sojourn_mean(&self) -> f64 {
        1.0 / (self.mu - self.lam)
    }

    /// Quantile of the sojourn in order of arrival: it is exponential.
    #[must_use]
    pub fn sojourn_quantile(&self, level: f64) -> f64 {
        -(1.0 - level).ln() * self.sojourn_mean()
    }

    /// Quantile of the wait in order of arrival: 0 with probability 1 - rho, else exponential.
    #[must_use]
    pub fn wait_quantile(&self, level: f64) -> f64 {
        ((self.rho() / (1.0 - level)).ln() * self.sojourn_mean()).max(0.0)
    }

    /// P(N <= n).
    #[must_use]
    pub fn at_most(&self, n: u32) -> f64 {
        -(f64::from(n + 1) * self.rho().ln()).exp_m1()
    }

    /// s^2 with Var = s^2 / t for the time average of N over a time t (Whitt, Planning queueing
    /// simulations, Management Science 35, 1989).
    #[must_use]
    pub fn asymptotic_variance_number(&self) -> f64 {
        let rho = self.rho();
        2.0 * rho * (1.0 + rho) / ((1.0 - rho).powi(4) * self.mu)
    }

    /// s^2 with Var = s^2 / n for the mean wait of n customers (Daley, The serial correlation
    /// coefficients of waiting times in a stationary single server queue, J. Austral. Math. Soc. 8,
    /// 1968).
    #[must_use]
    pub fn asymptotic_variance_wait(&self) -> f64 {
        let rho = self.rho();
        let polynomial = 2.0 + rho * (5.0 + rho * (-4.0 + rho));
        rho * polynomial / ((1.0 - rho).powi(4) * self.mu * self.mu)
    }

    /// Var of the sojourn under processor sharing (Coffman, Muntz and Trotter, Waiting time
    /// distributions for processor-sharing systems, J. ACM 17, 1970).
    #[must_use]
    pub fn sharing_variance(&self) -> f64 {
        let rho = self.rho();
        self.sojourn_mean().powi(2) * (2.0 + rho) / (2.0 - rho)
    }
}

/// Steps after which a Poisson number with this mean lies with probability below 1e-17.
fn uniformisation_steps(mean: f64) -> u32 {
    (mean + 10.0 * mean.sqrt() + 60.0) as u32
}

/// Drops what is left of a law above the last probability that matters.
fn trim(law: &mut Vec<f64>) {
    while law.len() > 2 && law[law.len() - 1] < 1e-20 {
        law.pop();
    }
}

/// The law of N at time `t` if nobody is there at time 0, for any load.
///
/// Uniformisation (Jensen, Markoff chains as an aid in the study of Markoff processes, Skand.
/// Aktuarietidskr. 36, 1953): the chain makes a Poisson number of steps. Time grows faster than `t`; `None` beyond some ten million steps.
#[must_use]
pub fn transient(lam: f64, mu: f64, t: f64) -> Option<NumberLaw> {
    let rate = lam + mu;
    let (up, down) = (lam / rate, mu / rate);
    let mean = rate * t;
    if mean > 1e7 {
        return None;
    }
    let mut law = vec![1.0];
    let mut sum = vec![0.0];
    for step in 0..=uniformisation_steps(mean) {
        let weight = poisson(step, mean);
        sum.resize(sum.len().max(law.len()), 0.0);
        for (total, probability) in sum.iter_mut().zip(&law) {
            *total += weight * probability;
        }
        let mut next = vec![0.0; law.len() + 1];
        next[0] += law[0] * down;
        for (n, probability) in law.iter().enumerate() {
            next[n + 1] += probability * up;
            if n > 0 {
                next[n - 1] += probability * down;
            }
        }
        trim(&mut next);
        law = next;
    }
    Some(NumberLaw { p: sum })
}
