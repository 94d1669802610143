//! A run of steps as recorders see it.

use crate::instance::RunBlocks;
use crate::record::StepRecord;
use crate::step_times::StepTimes;

/// Consecutive steps of one instance whose batch grows evenly from each to the next.
#[derive(Debug)]
pub struct StepRun<'a> {
    pub(crate) first: StepRecord,
    pub(crate) times: StepTimes,
    /// By how much `context_tokens` grows with every step.
    pub(crate) context_growth: u64,
    pub(crate) blocks: RunBlocks<'a>,
}

impl StepRun<'_> {
    /// The first step.
    #[must_use]
    pub fn first(&self) -> &StepRecord {
        &self.first
    }

    /// When the steps end.
    #[must_use]
    pub fn times(&self) -> &StepTimes {
        &self.times
    }

    /// Whether all steps behind the first have the same batch of decoding requests as the first.
    #[must_use]
    pub fn keeps_batch(&self) -> bool {
        self.first.prefill_tokens == 0
    }

    /// Looks at every step in turn.
    pub fn for_each(&self, mut look: impl FnMut(&StepRecord)) {
        let mut record = self.first;
        look(&record);
        for i in 1..self.times.steps() {
            record = StepRecord {
                iteration: record.iteration + 1,
                start: record.end,
                end: self.times.end_of(i + 1),
                context_tokens: record.context_tokens + self.context_growth,
                kv_blocks_used: record.kv_blocks_used + self.blocks.of_step(i),
                same_batch: self.keeps_batch(),
                ..record
            };
            look(&record);
        }
    }
}
