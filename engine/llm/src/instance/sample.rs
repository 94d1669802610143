//! An instance between two of its events: inside a step, or inside a run of them.

use kendall_kernel::{FineTime, Time};

use super::Instance;
use crate::sample::InstanceSample;

impl Instance {
    /// How many steps of the run in flight have ended at `now`, all events up to which have been
    /// handled; never all of them.
    pub(super) fn steps_ended(&self, now: Time) -> u64 {
        let later = Time::from_ns(now.as_ns().saturating_add(1));
        self.run.times.step_ending_by(later) - 1
    }

    /// The instance at `now`, all events up to which have been handled. O(block size), and O(steps)
    /// where a prompt is computed in equal chunks.
    pub(crate) fn sample(&self, now: Time) -> InstanceSample {
        let mut sample = InstanceSample {
            running: self.running.len(),
            waiting: self.waiting.len(),
            totals: self.stats(),
            ..InstanceSample::default()
        };
        if !self.in_flight {
            return sample;
        }
        let step = &self.step;
        let ended = self.steps_ended(now);
        let times = self.run.times.up_to(ended);
        let blocks = self.run_blocks(&self.run);
        let kv_blocks = u128::from(step.kv_blocks_used) + blocks.behind_first(ended + 1).blocks;
        sample.kv_blocks_used = kv_blocks as u32;
        sample.decode_tokens = step.decode_tokens;
        sample.context_tokens = step.context_tokens + self.context_growth() * ended;
        sample.in_step = now - times.end();

        let mut kv_use = self.kv_use;
        kv_use.pass(step.kv_blocks_used, &blocks.behind_first(ended), &times);
        let start = times.fine_end_of(ended).units();
        let under_way = FineTime::from(now).units().saturating_sub(start);
        kv_use.hold(sample.kv_blocks_used, under_way);
        let totals = &mut sample.totals;
        totals.iterations += ended;
        totals.busy += times.end() - times.start();
        totals.prefill_tokens += u64::from(step.prefill_tokens) * ended;
        totals.output_tokens += u64::from(step.decode_tokens) * ended;
        totals.kv_block_ns = kv_use.block_ns();
        totals.kv_blocks_max = kv_use.max();
        sample
    }
}
