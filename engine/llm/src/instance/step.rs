//! The step being formed or executed.

use kendall_cost::BatchShape;
use kendall_kernel::Time;

use super::Instance;
use super::running::Slot;
use crate::record::StepRecord;

/// The step being formed or executed; its buffers are reused.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) start: Time,
    /// Requests that prefill in it, in schedule order, with their tokens.
    pub(super) chunks: Vec<(Slot, u32)>,
    /// Decoding requests that are not in it.
    pub(super) delayed: Vec<Slot>,
    pub(super) decode_tokens: u32,
    pub(super) prefill_tokens: u32,
    pub(super) context_tokens: u64,
    pub(super) preempted: u32,
    pub(super) running: u32,
    pub(super) waiting: u32,
    pub(super) kv_blocks_used: u32,
    pub(super) same_batch: bool,
    /// Tokens that it could have taken on top.
    pub(super) tokens_left: u32,
}

impl Instance {
    /// What the cost model sees of it.
    pub(super) fn shape(&self) -> BatchShape {
        if self.rules.padded {
            return self.padded_shape();
        }
        let mut shape = BatchShape::default();
        let delayed: u64 = self
            .step
            .delayed
            .iter()
            .map(|&slot| u64::from(self.decode.length(slot)))
            .sum();
        shape.add_decodes(self.step.decode_tokens, self.decode.length_sum() - delayed);
        for &(slot, tokens) in &self.step.chunks {
            // The chunk is already counted as computed.
            shape.add_chunk(self.running[slot].computed - tokens, tokens);
        }
        shape
    }

    pub(super) fn step_record(&self, end: Time) -> StepRecord {
        StepRecord {
            instance: self.id,
            iteration: self.stats.iterations,
            start: self.step.start,
            end,
            prefill_tokens: self.step.prefill_tokens,
            decode_tokens: self.step.decode_tokens,
            running: self.step.running,
            waiting: self.step.waiting,
            preempted: self.step.preempted,
            kv_blocks_used: self.step.kv_blocks_used,
            context_tokens: self.step.context_tokens,
            same_batch: self.step.same_batch,
        }
    }
}
