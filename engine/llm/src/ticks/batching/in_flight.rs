//! Every empty slot is filled at once, so that prefills and decodes share steps.

use super::Batch;

/// What is empty.
#[inline]
pub(super) fn room(batch: Batch) -> u32 {
    batch.empty()
}
