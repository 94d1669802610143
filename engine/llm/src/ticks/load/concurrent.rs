//! As many as are missing to a fixed number.

/// Keeps the number of requests queued or active at a target.
#[derive(Clone, Debug)]
pub(in super::super) struct Concurrent {
    target: u64,
}

impl Concurrent {
    pub(super) fn new(requests: u64) -> Concurrent {
        Concurrent { target: requests }
    }

    #[inline]
    pub(super) fn due(&self, present: u64) -> u64 {
        self.target.saturating_sub(present)
    }
}
