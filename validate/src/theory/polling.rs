//! Symmetric cyclic polling (Takagi, Analysis of Polling Systems, 1986;
//! Takagi, Queuing analysis of polling models, ACM Computing Surveys 20, 1988).

use super::Dist;

/// Equal queues that one server visits in a cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct SymmetricPolling {
    /// Number of queues.
    pub queues: u32,
    /// Poisson arrival rate at each.
    pub lam_each: f64,
    /// Law of service times.
    pub service: Dist,
    /// Law of the time from one queue to the next.
    pub switchover: Dist,
    /// Whether the server serves only those it finds on arrival, instead of until the queue is
    /// empty.
    pub gated: bool,
}

impl SymmetricPolling {
    /// Load of the server.
    #[must_use]
    pub fn rho(&self) -> f64 {
        f64::from(self.queues) * self.lam_each * self.service.mean()
    }

    /// Mean wait.
    #[must_use]
    pub fn wait_mean(&self) -> f64 {
        let (queues, rho, walk) = (f64::from(self.queues), self.rho(), self.switchover.mean());
        let own = if self.gated { rho } else { -rho };
        let found = queues * self.lam_each * self.service.moment(2.0) + walk * (queues + own);
        let varying = if walk > 0.0 {
            self.switchover.variance() / (2.0 * walk)
        } else {
            0.0
        };
        varying + found / (2.0 * (1.0 - rho))
    }
}
