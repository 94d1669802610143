//! Batches that are computed whole to the end: request-level scheduling (Orca, section 3).
//!
//! Everybody in a batch is computed in every step until the last has finished: prompts padded to
//! the longest, the finished as padding. Outputs are handed over all at once at the end, which is
//! then the time of every token.
//!
//! Invariants: a batch prefills in one step and is never preempted, so that all its members have
//! the same number of output tokens; no request joins it. A withdrawn request leaves it at once.

use kendall_cost::BatchShape;
use kendall_kernel::{Dur, Time};

use super::{Instance, Slot, World};
use crate::record::Recorder;

/// What a padded batch needs beyond the running list.
#[derive(Debug, Default)]
pub(super) struct PaddedBatch {
    /// Members with all their tokens, by order of admission.
    pub(super) finished: Vec<(u64, Slot)>,
    /// Length of the longest member, in tokens, as if none had finished.
    padded_length: u32,
}

impl Instance {
    /// The shape of the step just formed, padding included.
    #[cold]
    pub(super) fn padded_shape(&self) -> BatchShape {
        let mut shape = BatchShape::default();
        let members = self.running.len();
        if self.step.chunks.is_empty() {
            let length = u64::from(self.padded_batch.padded_length);
            shape.add_decodes(members, u64::from(members) * length);
        } else {
            let longest = self.longest_chunk();
            for _ in 0..members {
                shape.add_chunk(0, longest);
            }
        }
        shape
    }

    fn longest_chunk(&self) -> u32 {
        let tokens = self.step.chunks.iter().map(|&(_, tokens)| tokens);
        tokens.max().unwrap_or(0)
    }

    /// Keeps those who finished in this step, or in the last of this run, until all of the batch
    /// have.
    #[cold]
    pub(super) fn hold_finished<R: Recorder>(
        &mut self,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) {
        self.padded_batch.padded_length = if self.step.chunks.is_empty() {
            self.padded_batch.padded_length + self.run.times.steps() as u32
        } else {
            self.longest_chunk() + 1
        };
        self.padded_batch.finished.append(&mut self.finished);
        if self.decode.len() == 0 {
            self.hand_over(now, world, recorder);
        }
    }

    /// Ends the batch: all its tokens are handed over `now`, and its members move to
    /// `self.finished`.
    fn hand_over<R: Recorder>(&mut self, now: Time, world: &mut World<'_>, recorder: &mut R) {
        std::mem::swap(&mut self.padded_batch.finished, &mut self.finished);
        self.finished.sort_unstable();
        for &(_, slot) in &self.finished {
            let request = &mut world.requests[self.running[slot].request];
            request.first_token = Some(now);
            if R::SAMPLES {
                recorder.first_token(self.id, now - request.arrival);
            }
            let gaps = u64::from(request.generated_tokens() - 1);
            if gaps > 0 {
                recorder.gaps(Dur::ZERO, gaps);
            }
        }
    }

    /// Ends a batch whose unfinished members have all been withdrawn.
    pub(super) fn end_deserted_batch<R: Recorder>(
        &mut self,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) {
        if self.padded_batch.finished.is_empty() || self.decode.len() > 0 {
            return;
        }
        self.hand_over(now, world, recorder);
        while let Some((_, slot)) = self.finished.pop() {
            self.finish(slot, now, world, recorder);
        }
    }
}
