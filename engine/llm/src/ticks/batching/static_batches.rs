//! A new batch when all of the one before have finished.

use super::Batch;

/// All slots or none.
#[inline]
pub(super) fn room(batch: Batch) -> u32 {
    if batch.active == 0 { batch.slots } else { 0 }
}
