//! M/M/k whose customers leave the queue when their patience ends.
//!
//! Baccelli and Hebuterne, On queues with impatient customers, Performance '81; Zeltyn and
//! Mandelbaum, Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue,
//! Queueing Systems 51, 2005: the wait offered to an arrival (that of one with unlimited
//! patience) has a density proportional to exp(lam * integral of the patience's tail - k mu x).

use super::Dist;
use super::birth_death::BirthDeath;
use super::numeric::quadrature::{geometric_panels, integrate, integrate_running};
use super::numeric::special::ln_factorial;

/// M/M/k with impatience, for any load.
#[derive(Clone, Debug, PartialEq)]
pub struct Impatient {
    /// Arrival rate.
    pub lam: f64,
    /// Service rate of one server.
    pub mu: f64,
    /// Number of servers.
    pub servers: u32,
    /// Law of the longest wait.
    pub patience: Dist,
}

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImpatientResult {
    /// Probability that an arrival finds all servers busy.
    pub p_wait: f64,
    /// Probability that an arrival leaves unserved.
    pub p_abandon: f64,
    /// Mean wait of all, whether served or not.
    pub wait_all: f64,
    /// Mean wait of those who are served.
    pub wait_served: f64,
    /// Probability that nobody is there.
    pub p_empty: f64,
}

impl Impatient {
    /// By integrals of the density of the offered wait.
    #[must_use]
    pub fn solve(&self) -> ImpatientResult {
        let drain = f64::from(self.servers) * self.mu;
        let panels = self.panels(drain);
        // Weights of states with idle servers relative to that with k - 1 busy.
        let ln_weight = |n: u32| {
            let load = (self.lam / self.mu).ln();
            (f64::from(n) - f64::from(self.servers - 1)) * load + ln_factorial(self.servers - 1)
                - ln_factorial(n)
        };
        // The largest exponent, taken out so that nothing overflows.
        let mut patient = 0.0;
        let exponents = panels.windows(2).map(|ends| {
            patient += integrate(ends, |t| self.patience.tail(t));
            self.lam * patient - drain * ends[1]
        });
        let largest = exponents
            .chain((0..self.servers).map(ln_weight))
            .fold(0.0, f64::max);
        // Integral over the panels of weight(x) times the density relative to that at 0, whose
        // exponent the running integral gives.
        let over = |weight: &dyn Fn(f64, f64) -> f64| {
            let outer = |x: f64, patient: f64| {
                weight(x, patient) * (self.lam * patient - drain * x - largest).exp()
            };
            integrate_running(&panels, 0.0, |t| self.patience.tail(t), outer)
        };
        // Relative to the same state the offered wait has density lam at 0.
        let all = self.lam * over(&|_, _| 1.0);
        let idle: f64 = (0..self.servers)
            .map(|n| (ln_weight(n) - largest).exp())
            .sum();
        let total = idle + all;
        let p_wait = all / total;
        let p_abandon = self.lam * over(&|x, _| 1.0 - self.patience.tail(x)) / total;
        ImpatientResult {
            p_wait,
            p_abandon,
            // min(wait offered, patience) has mean integral of the patience's tail.
            wait_all: self.lam * over(&|_, patient| patient) / total,
            wait_served: self.lam * over(&|x, _| x * self.patience.tail(x))
                / total
                / (1.0 - p_abandon),
            p_empty: (ln_weight(0) - largest).exp() / total,
        }
    }

    /// Panels up to where the density is negligible, with an end where a constant patience ends.
    fn panels(&self, drain: f64) -> Vec<f64> {
        let scale = 1.0 / (drain + self.lam);
        // Beyond the largest patience the density falls at rate `drain`; before it, it can at most
        // rise until the tail is below drain / lam.
        let patient = |x: f64| self.lam * self.patience.tail(x) > drain * 0.5;
        let mut hi = 80.0 / drain + scale;
        while patient(hi) && hi < 1e9 * scale {
            hi *= 2.0;
        }
        hi = 2.0 * hi + 160.0 / drain;
        let mut panels = vec![0.0];
        panels.extend(geometric_panels(scale * 1e-6, hi, 1.1));
        let corners = match &self.patience {
            Dist::Det { value } => vec![*value],
            Dist::Uniform { lo, hi } | Dist::BoundedPareto { lo, hi, .. } => vec![*lo, *hi],
            _ => Vec::new(),
        };
        // Around a corner the density may rise and fall steeply, at rates of the order of 1 / scale.
        for corner in corners {
            panels.push(corner);
            let distances = geometric_panels(scale * 1e-3, scale * 1e3, 1.5);
            panels.extend(
                distances
                    .iter()
                    .flat_map(|distance| [corner - distance, corner + distance]),
            );
        }
        panels.retain(|end| *end >= 0.0);
        panels.sort_by(f64::total_cmp);
        panels.dedup();
        panels
    }

    /// The number in the system if patience is exponential (Palm 1957; Erlang A).
    #[must_use]
    pub fn erlang_a(&self) -> Option<super::NumberLaw> {
        let theta = self.patience.exponential_rate()?;
        let (mu, servers) = (self.mu, self.servers);
        let death =
            |n: u32| f64::from(n.min(servers)) * mu + f64::from(n.saturating_sub(servers)) * theta;
        BirthDeath {
            birth: |_| self.lam,
            death,
            largest: None,
        }
        .law()
    }
}
