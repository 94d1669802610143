//! Decodes first; prompts whole.

use super::Limits;
use crate::token_budget::batch::Batch;
use crate::token_budget::queues::Queues;

/// A batch of decodes if somebody decodes, or else of whole pieces of prompts.
pub(super) fn fill(queues: &mut Queues, limits: &Limits, batch: &mut Batch) {
    if queues.decode.is_empty() {
        let room = limits.prompts_alone();
        batch.prompt_tokens = queues.prefill.take_whole_pieces(room, &mut batch.pieces);
    } else {
        batch.joined = queues.decode.take(limits.decodes, &mut batch.cohort);
    }
}
