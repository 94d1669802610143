//! All at the start.

/// A number of requests at the first step.
#[derive(Clone, Debug)]
pub(in super::super) struct Batch {
    left: u64,
}

impl Batch {
    pub(super) fn new(requests: u64) -> Batch {
        Batch { left: requests }
    }

    #[inline]
    pub(super) fn due(&mut self) -> u64 {
        std::mem::take(&mut self.left)
    }
}
