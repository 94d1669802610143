//! Runs: consecutive steps between which nothing is decided, taken as one event.
//!
//! A batch stays as it is until one of its requests finishes, the KV blocks run out, or a request
//! is admitted. Until then it only grows, and by the same amounts in every step, so that when each
//! step ends follows from a line ([`StepTimes`]), which blocks it takes from the requests' lengths
//! ([`RunBlocks`]). A run is formed with its first step and then covers as many more as will be
//! like it; it is cut short when something arrives that the next step must see.
//!
//! What may disturb a run, and why the rest does not:
//! - An arrival that stands at the head of the queue, unless sequences, tokens or prefills are used
//!   up: the prompt of a run is complete at its end at the earliest. Nobody joins a static batch,
//!   and who stands behind a head that cannot be admitted is not looked at, whatever it is.
//! - A head that was not admitted for want of KV blocks stays out: blocks only get fewer within a
//!   run. That the cache loses some of the head's prefix does not help it: every block it loses
//!   is one free block less, and one more that it must take anew instead of from the free ones.
//!   That the cache gains some of it does: outputs of running requests can do that if a prompt
//!   may contain them, and then no block is completed behind the first step of a run.
//! - With an interval between prefills, or a cap on prompts that depends on how many requests
//!   there are, every arrival counts.

use kendall_cost::Growth;
use kendall_kernel::{FineTime, Time};

use super::decode::{BlockMoments, DecodeSet};
use super::{Instance, Slot, World};
use crate::record::Recorder;
use crate::step_run::StepRun;
use crate::step_times::StepTimes;

/// A prompt that is computed in equal chunks, one per step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EqualChunks {
    slot: Slot,
    tokens: u32,
    /// Tokens computed once the first step has ended.
    computed: u32,
    block_size: u32,
}

impl EqualChunks {
    /// Blocks that the steps from the second to the `steps`-th take.
    fn blocks(&self, steps: u64) -> u64 {
        let blocks = |tokens: u64| tokens.div_ceil(u64::from(self.block_size));
        let more = u64::from(self.tokens) * steps.saturating_sub(1);
        blocks(u64::from(self.computed) + more) - blocks(u64::from(self.computed))
    }
}

/// Which blocks the steps of a run take; the first step, number 0, has taken its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunBlocks<'a> {
    decode: &'a DecodeSet,
    chunks: Option<EqualChunks>,
}

impl RunBlocks<'_> {
    /// Blocks that step `i` takes.
    pub(crate) fn of_step(&self, i: u64) -> u32 {
        let decodes = self.decode.blocks_of_steps(i, i + 1).blocks as u32;
        decodes + self.chunk_blocks(i) as u32
    }

    /// Blocks that the first `steps` steps take behind the first of them.
    pub(super) fn behind_first(&self, steps: u64) -> BlockMoments {
        let mut moments = self.decode.blocks_of_steps(1, steps);
        self.add_chunks(steps, &mut moments);
        moments
    }

    /// Adds the blocks that the chunks of the first `steps` steps take, behind the first of them.
    fn add_chunks(&self, steps: u64, moments: &mut BlockMoments) {
        if self.chunks.is_some() {
            for i in 1..steps {
                moments.add(self.chunk_blocks(i), i);
            }
        }
    }

    fn chunk_blocks(&self, i: u64) -> u64 {
        self.chunks
            .map_or(0, |chunks| chunks.blocks(i + 1) - chunks.blocks(i))
    }

    /// How many of `most` steps `free` blocks suffice for.
    fn steps_within(&self, free: u32, most: u64) -> u64 {
        let steps = self.decode.steps_within(free, most);
        let Some(chunks) = self.chunks else {
            return steps;
        };
        let fits = |steps: u64| {
            let decodes = self.decode.blocks_of_steps(1, steps).blocks;
            decodes + u128::from(chunks.blocks(steps)) <= u128::from(free)
        };
        if fits(steps) {
            return steps;
        }
        let (mut fit, mut too_many) = (1, steps);
        while too_many - fit > 1 {
            let middle = fit + (too_many - fit) / 2;
            if fits(middle) {
                fit = middle;
            } else {
                too_many = middle;
            }
        }
        fit
    }
}

/// The steps in flight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    pub(super) times: StepTimes,
    chunks: Option<EqualChunks>,
    /// Whether whoever stands at the head of the queue is kept out, by the sequences, tokens or
    /// prefills in use or by a static batch.
    closed: bool,
}

impl Instance {
    /// How many steps like the one just formed can be taken without a decision, and what else is
    /// to be known of them.
    pub(super) fn plan_run(&self) -> (Run, u64) {
        let mut run = Run::default();
        let step = &self.step;
        let undisturbed = step.preempted == 0 && step.delayed.is_empty() && self.lagging.is_empty();
        if !self.merges_steps || !undisturbed || self.prefilling.len() != step.chunks.len() {
            return (run, 1);
        }
        run.closed = step.tokens_left == 0
            || self.running.len() >= self.rules.running_limit
            || self.prefills_used_up()
            || self.rules.static_batches;
        let mut steps = self.decode.steps_to_finish().unwrap_or(u64::MAX);
        match step.chunks[..] {
            [] => {}
            [(slot, tokens)] => {
                let (chunks, most) = self.equal_chunks(slot, tokens);
                if most == 1 || (!self.waiting.is_empty() && !run.closed) {
                    return (run, 1);
                }
                run.chunks = Some(chunks);
                steps = steps.min(most);
            }
            _ => return (run, 1),
        }
        if self.rules.interval > 1 && (run.chunks.is_some() || !self.waiting.is_empty()) {
            return (run, 1);
        }
        if self.keeps_up {
            if run.chunks.is_some() {
                return (run, 1);
            }
            steps = steps.min(self.decode.next_completion(1));
        }
        let blocks = self.run_blocks(&run);
        let steps = blocks.steps_within(self.pool.free(), steps);
        (run, steps)
    }

    /// The one prompt in the batch, and how many steps can give it as many tokens as this one.
    fn equal_chunks(&self, slot: Slot, tokens: u32) -> (EqualChunks, u64) {
        let running = &self.running[slot];
        let last = running.goal.min(self.rules.max_model_len - 1);
        let more = last.saturating_sub(running.computed) / tokens;
        let mut most = u64::from(more) + 1;
        if self.decode.len() == 0 {
            most = most.min(self.patience().saturating_sub(self.quiet_steps).max(1));
        }
        let chunks = EqualChunks {
            slot,
            tokens,
            computed: running.computed,
            block_size: self.rules.block_size,
        };
        (chunks, most)
    }

    pub(super) fn run_blocks(&self, run: &Run) -> RunBlocks<'_> {
        RunBlocks {
            decode: &self.decode,
            chunks: run.chunks,
        }
    }

    /// By how much the contexts of the run in flight grow with every step, in tokens.
    pub(super) fn context_growth(&self) -> u64 {
        let chunk_tokens = self.run.chunks.map_or(0, |chunks| chunks.tokens);
        u64::from(self.step.decode_tokens + chunk_tokens)
    }

    /// By how much the batch just formed grows with every step; in a padded one everybody does.
    pub(super) fn growth(&self, run: &Run) -> Growth {
        let mut growth = Growth::of_decodes(if self.rules.padded {
            self.running.len()
        } else {
            self.step.decode_tokens
        });
        if let Some(chunks) = run.chunks {
            growth.add_chunk(chunks.tokens);
        }
        growth
    }

    /// Whether a newcomer, at the head of the queue or behind it, may be part of the next step's
    /// decisions, or must be seen in its record.
    pub(super) fn is_disturbed_by(&self, at_head: bool, steps_recorded: bool) -> bool {
        steps_recorded
            || (at_head && !self.run.closed)
            || self.rules.interval > 1
            || self.rules.cap > 0
            || self.decode.len() == 0
    }

    /// Cuts the run in flight down to the steps up to the first that ends at `now` or later, and
    /// tells when it would have ended and when it does now, if that changed.
    pub(super) fn cut_run(&mut self, now: Time) -> Option<(Time, Time)> {
        let times = &mut self.run.times;
        if !self.in_flight || times.steps() == 1 {
            return None;
        }
        let steps = times.step_ending_by(now);
        if steps == times.steps() {
            return None;
        }
        let before = times.end();
        *times = times.up_to(steps);
        Some((before, times.end()))
    }

    /// Accounts for the first `steps` steps of the run in flight, but for their outputs and for the
    /// blocks that they take; tells how many the decoding requests take behind the first step.
    pub(super) fn pass_steps<R: Recorder>(&mut self, steps: u64, recorder: &mut R) -> u32 {
        if steps == 0 {
            return 0;
        }
        let times = self.run.times.up_to(steps);
        if R::STEPS {
            recorder.steps(&StepRun {
                first: self.step_record(times.end_of(1)),
                times,
                context_growth: self.context_growth(),
                blocks: self.run_blocks(&self.run),
            });
        }
        self.stats.iterations += steps;
        self.stats.busy += times.end() - times.start();
        self.stats.prefill_tokens += u64::from(self.step.prefill_tokens) * steps;
        self.interval.executed += (steps - 1) as i64;
        let mut moments = self.decode.blocks_of_steps(1, steps);
        let decodes = moments.blocks as u32;
        self.run_blocks(&self.run).add_chunks(steps, &mut moments);
        self.kv_use.pass(self.step.kv_blocks_used, &moments, &times);
        decodes
    }

    /// Takes the blocks of the run's steps behind the first, up to the `steps`-th, `decodes` of them
    /// for those that decode, and counts their chunks as computed.
    pub(super) fn take_run_blocks(&mut self, steps: u64, decodes: u32) {
        if steps <= 1 {
            return;
        }
        if decodes > 0 {
            self.pool.take_ahead(decodes);
        }
        if let Some(chunks) = self.run.chunks {
            let running = &mut self.running[chunks.slot];
            self.pool
                .take(&mut running.table, chunks.blocks(steps) as u32);
            running.computed += chunks.tokens * (steps - 1) as u32;
        }
    }

    /// Makes known what the run's chunks behind the first have computed.
    pub(super) fn register_run_chunks(&mut self, world: &World<'_>) {
        if let Some(chunks) = self.run.chunks
            && self.run.times.steps() > 1
        {
            self.register_blocks(chunks.slot, 0, world);
        }
    }

    /// Leaves the step that is under way at `now` unfinished, as it was formed; for the end of a
    /// simulation.
    pub(crate) fn stop<R: Recorder>(&mut self, now: Time, recorder: &mut R) {
        if !self.in_flight {
            return;
        }
        let times = self.run.times;
        let ended = self.steps_ended(now);
        self.pass_steps(ended, recorder);
        let decodes = self.decode.blocks_of_steps(1, ended + 1).blocks as u32;
        self.take_run_blocks(ended + 1, decodes);
        if ended > 0 {
            self.pass_outputs(&times.up_to(ended), recorder);
        }
        let under_way = FineTime::from(now)
            .units()
            .saturating_sub(times.fine_end_of(ended).units());
        self.kv_use.hold(self.pool.used(), under_way);
    }
}
