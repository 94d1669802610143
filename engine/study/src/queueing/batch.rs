//! Stretches of a run.

use kendall_queueing::{NetworkTotals, Probes};

/// What was counted and recorded in a stretch of a run.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Counts and integrals within the stretch; its length as `now_ns`.
    pub totals: NetworkTotals,
    /// What was recorded besides.
    pub probes: Probes,
}

impl Batch {
    /// Adds the stretch that follows.
    pub(super) fn merge(&mut self, next: &Batch) {
        self.totals.add(&next.totals);
        self.probes.merge(&next.probes);
    }
}
