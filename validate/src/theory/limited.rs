//! M/M/k/K: times of customers who are not lost, in order of arrival (Gross and Harris, Fundamentals
//! of Queueing Theory, chapter 2).
//!
//! One who finds n of k <= n waits for n - k + 1 departures at rate k mu.

use super::law::NumberLaw;
use super::numeric::roots::quantile;
use super::numeric::special::poisson_at_least;

/// Waits in an M/M/k/K whose number in the system has a known law.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitedWaits {
    /// Law of the number in the system, up to the capacity.
    pub number: NumberLaw,
    /// Service rate of one server.
    pub mu: f64,
    /// Number of servers, at most the capacity.
    pub servers: u32,
}

impl LimitedWaits {
    fn rate(&self) -> f64 {
        self.mu * f64::from(self.servers)
    }

    /// Mean of a function of the departures waited for, over those who are not lost.
    fn expect(&self, value: impl Fn(u32) -> f64) -> f64 {
        let joining = self.number.p.len() - 1;
        let found = self.number.p.iter().take(joining).enumerate();
        let departures = |n: usize| (n + 1).saturating_sub(self.servers as usize) as u32;
        let sum: f64 = found.map(|(n, p)| p * value(departures(n))).sum();
        sum / self.number.p.iter().take(joining).sum::<f64>()
    }

    /// Mean wait.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.expect(f64::from) / self.rate()
    }

    /// `E[W^2]`.
    #[must_use]
    pub fn second(&self) -> f64 {
        let square = |departures: u32| f64::from(departures) * (f64::from(departures) + 1.0);
        self.expect(square) / self.rate().powi(2)
    }

    /// Quantile of the wait.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        self.quantile_after(level, 0)
    }

    /// Quantile of the sojourn at a single server, where the own service is one more departure at
    /// the same rate; `None` for more servers.
    #[must_use]
    pub fn sojourn_quantile(&self, level: f64) -> Option<f64> {
        (self.servers == 1).then(|| self.quantile_after(level, 1))
    }

    fn quantile_after(&self, level: f64, more: u32) -> f64 {
        let rate = self.rate();
        // So many departures happen within x with the probability of as many points of a Poisson
        // process.
        let cdf = |x: f64| self.expect(|departures| poisson_at_least(departures + more, rate * x));
        quantile(level, 1.0 / self.mu, cdf)
    }
}
