//! Decodes and prompts in one batch, each with its share of the sequences.

use super::Limits;
use crate::token_budget::batch::Batch;
use crate::token_budget::queues::{Queues, Room};

/// Decodes within their slots, then prompts within theirs and what is left of the tokens.
pub(super) fn fill(queues: &mut Queues, limits: &Limits, batch: &mut Batch) {
    batch.joined = queues.decode.take(limits.decodes, &mut batch.cohort);
    let decodes = batch.cohort.len();
    let room = Room {
        // A single sequence is shared: for a prompt only if nobody decodes.
        sequences: limits.prompts.min(limits.sequences - decodes),
        tokens: limits.tokens - decodes,
    };
    batch.prompt_tokens = queues.prefill.take_greedily(room, &mut batch.pieces);
}
