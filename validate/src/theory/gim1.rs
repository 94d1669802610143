//! GI/M/1 (Kleinrock, Queueing Systems, volume 1, chapter 6): an arrival finds n in the
//! system with probability (1 - sigma) sigma^n.

use super::Dist;
use super::numeric::roots::bisect;

/// A stable GI/M/1.
#[derive(Clone, Debug, PartialEq)]
pub struct Gim1 {
    /// Law of interarrival times.
    pub arrival: Dist,
    /// Service rate, above the arrival rate.
    pub mu: f64,
}

impl Gim1 {
    /// The root in (0, 1) of sigma = E[exp(-mu (1 - sigma) A)].
    #[must_use]
    pub fn sigma(&self) -> f64 {
        // x - A*(mu (1 - x)) is concave, below 0 at 0, above 0 just below 1 and 0 at 1. In terms of
        // the gap y = 1 - x, which keeps its digits where sigma is close to 1, divided by y.
        let rising = |y: f64| {
            let transform = self.arrival.transform(self.mu * y);
            if y < 1e-6 {
                // The difference would cancel: its series from the moments.
                let a = [1.0, 2.0, 3.0].map(|n| self.arrival.moment(n) * self.mu.powf(n));
                return 1.0 - a[0] + a[1] * y / 2.0 - a[2] * y * y / 6.0;
            }
            (1.0 - transform) / -y + 1.0
        };
        1.0 - bisect(0.0, 1.0, rising)
    }

    /// Load.
    #[must_use]
    pub fn rho(&self) -> f64 {
        1.0 / (self.arrival.mean() * self.mu)
    }

    /// Mean sojourn; in order of arrival it is exponential.
    #[must_use]
    pub fn sojourn_mean(&self) -> f64 {
        1.0 / (self.mu * (1.0 - self.sigma()))
    }

    /// Var of the number in the system at any time.
    #[must_use]
    pub fn number_variance(&self) -> f64 {
        let (rho, sigma) = (self.rho(), self.sigma());
        rho * (1.0 + sigma) / (1.0 - sigma).powi(2) - (rho / (1.0 - sigma)).powi(2)
    }

    /// P(N <= n) at any time.
    #[must_use]
    pub fn at_most(&self, n: u32) -> f64 {
        1.0 - self.rho() * self.sigma().powi(n as i32)
    }
}
