//! At most one request in prefill: the next is admitted when the one before has its first token.

use super::Batch;

/// One empty slot while nobody is in prefill.
#[inline]
pub(super) fn room(batch: Batch) -> u32 {
    if batch.prefilling == 0 {
        batch.empty().min(1)
    } else {
        0
    }
}
