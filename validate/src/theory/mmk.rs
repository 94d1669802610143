//! M/M/k and Erlang's formulas (Kleinrock, Queueing Systems, volume 1, chapter 3; Gross
//! and Harris, Fundamentals of Queueing Theory, chapter 2).

use super::numeric::roots::quantile;

/// Erlang's loss formula for an offered load of `load` erlangs: the probability that all servers
/// are busy in M/G/k/k, whatever the law of service (Sevastyanov 1957).
#[must_use]
pub fn erlang_b(load: f64, servers: u32) -> f64 {
    let recursion = |inverse: f64, n: u32| 1.0 + inverse * f64::from(n) / load;
    1.0 / (1..=servers).fold(1.0, recursion)
}

/// A stable M/M/k.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmk {
    /// Arrival rate.
    pub lam: f64,
    /// Service rate of one server.
    pub mu: f64,
    /// Number of servers; `lam` is below `servers * mu`.
    pub servers: u32,
}

impl Mmk {
    /// Load per server.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.lam / (self.mu * f64::from(self.servers))
    }

    /// Probability that an arrival waits (Erlang's delay formula).
    #[must_use]
    pub fn p_wait(&self) -> f64 {
        let blocked = erlang_b(self.lam / self.mu, self.servers);
        blocked / (1.0 - self.rho() * (1.0 - blocked))
    }

    /// Rate at which a wait in order of arrival ends once it has begun: such waits are exponential.
    #[must_use]
    pub fn drain_rate(&self) -> f64 {
        f64::from(self.servers) * self.mu - self.lam
    }

    /// Mean wait.
    #[must_use]
    pub fn wait_mean(&self) -> f64 {
        self.p_wait() / self.drain_rate()
    }

    /// `E[W^2]` in order of arrival.
    #[must_use]
    pub fn wait_second(&self) -> f64 {
        2.0 * self.p_wait() / self.drain_rate().powi(2)
    }

    /// Quantile of the wait in order of arrival.
    #[must_use]
    pub fn wait_quantile(&self, level: f64) -> f64 {
        ((self.p_wait() / (1.0 - level)).ln() / self.drain_rate()).max(0.0)
    }

    /// Quantile of the sojourn in order of arrival.
    #[must_use]
    pub fn sojourn_quantile(&self, level: f64) -> f64 {
        let (p_wait, drain, mu) = (self.p_wait(), self.drain_rate(), self.mu);
        let tail = |x: f64| {
            let served = (-mu * x).exp();
            let gap = (drain - mu) * x;
            // (1 - exp(-gap)) / gap, by its series where the rates are nearly equal.
            let ratio = if gap.abs() < 1e-6 {
                1.0 - gap / 2.0 + gap * gap / 6.0
            } else {
                -(-gap).exp_m1() / gap
            };
            // P(W + S > x | W > 0) with both exponential.
            let both = (-drain * x).exp() + served * drain * x * ratio;
            (1.0 - p_wait) * served + p_wait * both
        };
        quantile(level, 1.0 / mu, |x| 1.0 - tail(x))
    }

    /// P(N = n) for n = 0, ..., servers; beyond, each is rho times the one before.
    #[must_use]
    pub fn probabilities(&self) -> Vec<f64> {
        let mut p = vec![0.0; self.servers as usize + 1];
        let mut probability = self.p_wait() * (1.0 - self.rho());
        for n in (0..=self.servers).rev() {
            p[n as usize] = probability;
            probability *= f64::from(n) * self.mu / self.lam;
        }
        p
    }

    /// P(N <= n).
    #[must_use]
    pub fn at_most(&self, n: u32) -> f64 {
        if n < self.servers {
            return self.probabilities().iter().take(n as usize + 1).sum();
        }
        1.0 - self.p_wait() * (f64::from(n + 1 - self.servers) * self.rho().ln()).exp()
    }

    /// Mean number waiting.
    #[must_use]
    pub fn waiting_mean(&self) -> f64 {
        self.lam * self.wait_mean()
    }

    /// Var of the number waiting.
    #[must_use]
    pub fn waiting_variance(&self) -> f64 {
        let (p_wait, rho) = (self.p_wait(), self.rho());
        p_wait * rho * (1.0 + rho) / (1.0 - rho).powi(2) - self.waiting_mean().powi(2)
    }

    /// Mean number in the system.
    #[must_use]
    pub fn number_mean(&self) -> f64 {
        self.waiting_mean() + self.lam / self.mu
    }

    /// Var of the number in the system.
    #[must_use]
    pub fn number_variance(&self) -> f64 {
        let (p, mean, rho) = (self.probabilities(), self.number_mean(), self.rho());
        let servers = f64::from(self.servers);
        let below = p.iter().take(self.servers as usize).enumerate();
        let below: f64 = below.map(|(n, p)| p * (n as f64 - mean).powi(2)).sum();
        let from = servers - mean;
        let above =
            from * from + 2.0 * from * rho / (1.0 - rho) + rho * (1.0 + rho) / (1.0 - rho).powi(2);
        below + self.p_wait() * above
    }
}
