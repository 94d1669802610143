//! Prompts first, as many tokens as fit.

use super::Limits;
use crate::token_budget::batch::Batch;
use crate::token_budget::queues::Queues;

/// A batch of prompts if any may be computed, or else of decodes. Prompts that lost a chunk are still
/// there and keep decodes away, though nothing of them can be computed.
pub(super) fn fill(queues: &mut Queues, limits: &Limits, batch: &mut Batch) {
    if queues.prefill.has_next() {
        let room = limits.prompts_alone();
        batch.prompt_tokens = queues.prefill.take_greedily(room, &mut batch.pieces);
    } else if queues.prefill.lost() == 0 {
        batch.joined = queues.decode.take(limits.decodes, &mut batch.cohort);
    }
}
