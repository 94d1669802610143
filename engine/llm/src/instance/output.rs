//! What a step produced (2.8).

use kendall_kernel::Time;

use super::{Instance, Slot, World};
use crate::record::{Recorder, Status};
use crate::step_times::StepTimes;

impl Instance {
    /// Gives every request that is due its token; those that have all of theirs leave, in
    /// schedule order.
    pub(super) fn apply_outputs<R: Recorder>(
        &mut self,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) {
        self.advance_decodes(now, recorder);
        self.finished.clear();
        while let Some(slot) = self.decode.finished() {
            self.leave_decode(slot, world);
            self.finished.push((self.running[slot].order, slot));
        }
        let chunks = std::mem::take(&mut self.step.chunks);
        for &(slot, _) in &chunks {
            if self.running[slot].computed == self.running[slot].goal {
                self.end_prefill(slot, now, world, recorder);
            }
        }
        let running = &self.running;
        self.prefilling
            .retain(|&slot| running[slot].computed < running[slot].goal);
        self.step.chunks = chunks;
        if self.rules.padded {
            self.hold_finished(now, world, recorder);
        }
        self.finished.sort_unstable();
        let finished = std::mem::take(&mut self.finished);
        for &(_, slot) in &finished {
            self.finish(slot, now, world, recorder);
        }
        self.finished = finished;
        if R::DETAIL {
            recorder.outputs(&self.outputs_detail());
        }
    }

    /// The tokens of every decoding request in the step or run, and their inter-token gaps.
    fn advance_decodes<R: Recorder>(&mut self, now: Time, recorder: &mut R) {
        if self.decode.len() == 0 {
            return;
        }
        if self.step.delayed.is_empty() && self.lagging.is_empty() {
            let times = self.run.times;
            return self.pass_outputs(&times, recorder);
        }
        let produced = u64::from(self.step.decode_tokens);
        self.decode.advance(1);
        let in_pace = produced - self.catch_up(now, recorder);
        if in_pace > 0 {
            recorder.gaps(now - self.latest_end, in_pace);
        }
        self.stats.output_tokens += produced;
    }

    /// A token in each of these steps for every decoding request; all are in pace.
    pub(super) fn pass_outputs<R: Recorder>(&mut self, times: &StepTimes, recorder: &mut R) {
        let decodes = u64::from(self.step.decode_tokens);
        self.decode.advance(times.steps());
        if R::GAPS && !self.rules.padded && decodes > 0 {
            recorder.gaps_of_steps(times, decodes);
        }
        self.stats.output_tokens += decodes * times.steps();
    }

    /// Treats the decoding requests that are out of pace: takes the token back from those that
    /// were passed over, and records the long gaps of those that had been. Returns how many of
    /// the latter there were.
    fn catch_up<R: Recorder>(&mut self, now: Time, recorder: &mut R) -> u64 {
        let delayed = std::mem::take(&mut self.step.delayed);
        for &slot in &delayed {
            self.decode.delay(slot);
            self.running[slot].passed_over = true;
            if self.running[slot].latest_token.is_none() {
                self.running[slot].latest_token = Some(self.latest_end);
                self.lagging.push(slot);
            }
        }
        let mut caught_up = 0;
        let running = &mut self.running;
        self.lagging.retain(|&slot| {
            let passed_over = running[slot].passed_over;
            if !passed_over && let Some(before) = running[slot].latest_token.take() {
                recorder.gaps(now - before, 1);
                caught_up += 1;
            }
            passed_over
        });
        for &slot in &delayed {
            self.running[slot].passed_over = false;
        }
        self.step.delayed = delayed;
        caught_up
    }

    /// A prefill is complete: it emits a token, unless its tokens were known already, and the
    /// request decodes from now on.
    fn end_prefill<R: Recorder>(
        &mut self,
        slot: Slot,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) {
        let running = &mut self.running[slot];
        let request = &mut world.requests[running.request];
        if running.goal < request.known_tokens {
            running.latest_token = request.latest_token.take();
            self.lagging.push(slot);
        } else {
            request.known_tokens += 1;
            self.stats.output_tokens += 1;
            match request.latest_token.take() {
                Some(before) => recorder.gaps(now - before, 1),
                None if self.rules.padded => {}
                None => {
                    request.first_token = Some(now);
                    if R::SAMPLES {
                        recorder.first_token(self.id, now - request.arrival);
                    }
                }
            }
        }
        if request.known_tokens >= request.target_tokens {
            self.finished.push((running.order, slot));
        } else {
            running.decoding = true;
            self.decode
                .insert(slot, request.known_tokens, request.target_tokens);
            self.batch_changed = true;
        }
    }

    /// Moves what the decode set knows back to the request.
    fn leave_decode(&mut self, slot: Slot, world: &mut World<'_>) {
        self.catch_up_blocks(slot, 0, world);
        let running = &mut self.running[slot];
        running.decoding = false;
        world.requests[running.request].known_tokens = self.decode.remove(slot);
        self.batch_changed = true;
    }

    pub(super) fn finish<R: Recorder>(
        &mut self,
        slot: Slot,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) {
        let id = self.vacate(slot, world);
        if !self.withdrawn.is_empty() {
            self.withdrawn.retain(|&other| other != id);
        }
        recorder.request(&world.record(id, Status::Finished, Some(now)));
        if let Some(log) = &mut self.log {
            log.finished.push(world.requests[id].row);
        }
        self.stats.finished += 1;
        world.leave(id);
    }
}
