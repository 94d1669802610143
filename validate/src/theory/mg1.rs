//! M/G/1: Pollaczek and Khinchine's formulas and what follows from them.
//!
//! Kleinrock, Queueing Systems, volume 1, chapter 5; disciplines: Kleinrock, volume 2,
//! chapter 3, and the papers named at the functions.

use super::Dist;
use super::numeric::quadrature::integrate;
use super::numeric::special::poisson;

/// A stable M/G/1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mg1 {
    /// Arrival rate.
    pub lam: f64,
    /// Law of service times.
    pub service: Dist,
}

impl Mg1 {
    /// Load.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.lam * self.service.mean()
    }

    /// Mean wait under any discipline that neither preempts nor looks at sizes.
    #[must_use]
    pub fn wait_mean(&self) -> f64 {
        self.lam * self.service.moment(2.0) / (2.0 * (1.0 - self.rho()))
    }

    /// `E[W^2]` in order of arrival (Takács, A single-server queue with Poisson input, Operations
    /// Research 10, 1962).
    #[must_use]
    pub fn wait_second(&self) -> f64 {
        2.0 * self.wait_mean().powi(2)
            + self.lam * self.service.moment(3.0) / (3.0 * (1.0 - self.rho()))
    }

    /// `E[W^2]` under last come, first served without preemption (Kingman, The effect of queue
    /// discipline on waiting time variance, Proc. Camb. Phil. Soc. 58, 1962).
    #[must_use]
    pub fn lcfs_wait_second(&self) -> f64 {
        self.wait_second() / (1.0 - self.rho())
    }

    /// `E[W^2]` in random order (Kingman 1962, as above).
    #[must_use]
    pub fn ros_wait_second(&self) -> f64 {
        self.wait_second() / (1.0 - self.rho() / 2.0)
    }

    /// Mean length of a busy period; also the mean sojourn under preemptive last come, first served
    /// and, since only the mean size matters, under processor sharing (Kleinrock, volume 2, section
    /// 4.4).
    #[must_use]
    pub fn busy_mean(&self) -> f64 {
        self.service.mean() / (1.0 - self.rho())
    }

    /// Var of a busy period (Kleinrock, volume 1, section 5.8).
    #[must_use]
    pub fn busy_variance(&self) -> f64 {
        self.service.moment(2.0) / (1.0 - self.rho()).powi(3) - self.busy_mean().powi(2)
    }

    /// Var of the number in the system where service does not look at sizes and does not preempt
    /// (distributional form of Little's law in order of arrival; Keilson and Servi, Operations
    /// Research Letters 7, 1988).
    #[must_use]
    pub fn number_variance(&self) -> f64 {
        let sojourn_mean = self.wait_mean() + self.service.mean();
        let sojourn_variance =
            self.wait_second() - self.wait_mean().powi(2) + self.service.variance();
        self.lam * sojourn_mean + self.lam * self.lam * sojourn_variance
    }

    /// Var of the number waiting, by the same law.
    #[must_use]
    pub fn waiting_variance(&self) -> f64 {
        let variance = self.wait_second() - self.wait_mean().powi(2);
        self.lam * self.wait_mean() + self.lam * self.lam * variance
    }

    /// P(N <= n) where service does not look at sizes and does not preempt.
    ///
    /// The chain embedded at departures, solved without subtractions (Ramaswami, A stable recursion
    /// for the steady state vector in Markov chains of M/G/1 type, Stochastic Models 4, 1988).
    #[must_use]
    pub fn at_most(&self, n: usize) -> f64 {
        // At least j arrivals during a service.
        let mut at_least = vec![1.0];
        for j in 0..=n {
            at_least.push(at_least[j] - self.arrivals_during_service(j as u32));
        }
        let mut p = vec![1.0 - self.rho()];
        for level in 1..=n {
            let below = (1..level)
                .map(|i| p[i] * at_least[level + 1 - i])
                .sum::<f64>();
            p.push((p[0] * at_least[level] + below) / (1.0 - at_least[1]));
        }
        p.iter().sum()
    }

    /// P(n arrivals during a service).
    fn arrivals_during_service(&self, n: u32) -> f64 {
        match &self.service {
            Dist::Det { value } => poisson(n, self.lam * value),
            Dist::Geometric { mean } => {
                let q = 1.0 - 1.0 / mean;
                let largest = (45.0 / -q.ln()).ceil().max(1.0) as u32;
                let size = |k: u32| q.powi(k as i32 - 1) / mean;
                (1..=largest)
                    .map(|k| size(k) * poisson(n, self.lam * f64::from(k)))
                    .sum()
            }
            law => {
                let density = |x: f64| law.density(x).unwrap_or(0.0);
                integrate(&law.panels(), |x| density(x) * poisson(n, self.lam * x))
            }
        }
    }
}
