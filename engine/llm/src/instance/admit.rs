//! Admission from the waiting queue (2.4, 2.5).

use super::schedule::Allowance;
use super::{Instance, World};
use crate::config::Profile;
use crate::request::{Place, RequestId};

impl Instance {
    /// Admits from the head of the queue until something does not fit; strictly in order. Tells
    /// whether an admitted request had more than its last token to compute.
    pub(super) fn admit_waiting(
        &mut self,
        allowance: &mut Allowance,
        world: &mut World<'_>,
    ) -> bool {
        let mut long_admission = false;
        while allowance.budget > 0
            && self.running.len() < self.rules.running_limit
            && !self.prefills_used_up()
        {
            let Some(id) = self.waiting.head() else { break };
            let goal = self.goal(id, world);
            self.look_up_head(id, goal, world);
            let cached = self.head.blocks() * self.rules.block_size;
            let known = world.requests[id].known_tokens;
            let wanted = allowance.capped(goal - cached);
            let too_long = !self.rules.chunked && wanted > allowance.budget;
            let deferred = allowance.defer && cached + 1 < known;
            let tokens = wanted.min(allowance.budget);
            let fits = self.admission_fits(cached, tokens, known)
                && self.sequence_fits(world.requests[id].target_tokens);
            if too_long || deferred || !fits {
                break;
            }
            long_admission |= cached + 1 < known;
            self.admit(id, goal, tokens, world);
            allowance.budget -= tokens;
        }
        long_admission
    }

    /// Whether as many requests prefill as may at once.
    pub(super) fn prefills_used_up(&self) -> bool {
        self.prefilling.len() >= self.rules.max_prefills as usize
    }

    /// Tokens to compute before the request decodes: all that are known; an engine that resumes
    /// without emitting a token leaves the latest to the first decode step.
    fn goal(&self, id: RequestId, world: &World<'_>) -> u32 {
        let request = &world.requests[id];
        let silent = self.rules.profile == Profile::InferenceLab && request.generated_tokens() > 0;
        request.known_tokens - u32::from(silent)
    }

    /// Whether blocks suffice for a chunk of `tokens` behind `cached` found ones, and, where full
    /// reservation is on, for all `known` tokens.
    fn admission_fits(&self, cached: u32, tokens: u32, known: u32) -> bool {
        let hits = self.head.blocks();
        let need = |covered: u32| {
            let covered = covered.min(self.rules.max_model_len);
            covered.div_ceil(self.rules.block_size).saturating_sub(hits) + self.head.unreferenced()
        };
        let spare = if self.running.is_empty() {
            0
        } else {
            self.rules.watermark_blocks
        };
        let fits = |covered| u64::from(need(covered)) + u64::from(spare) <= self.pool.free().into();
        (!self.rules.reserve_full || fits(known)) && fits(cached + tokens)
    }

    /// Whether blocks can be kept for a whole sequence, where the rules say so (Orca, algorithm 1).
    fn sequence_fits(&self, target_tokens: u32) -> bool {
        let kept = u64::from(self.reserved_blocks);
        !self.rules.reserve_sequences
            || kept + u64::from(self.blocks_of_sequence(target_tokens)) <= self.pool.usable().into()
    }

    fn admit(&mut self, id: RequestId, goal: u32, tokens: u32, world: &mut World<'_>) {
        self.waiting.remove(id, &mut world.requests);
        let slot = self.running.push(id);
        let cached = self.head.blocks() * self.rules.block_size;
        let running = &mut self.running[slot];
        running.computed = cached;
        running.goal = goal;
        self.pool.adopt(&mut running.table, self.head.found());

        if self.rules.reserve_sequences {
            self.reserved_blocks += self.blocks_of_sequence(world.requests[id].target_tokens);
        }
        let request = &mut world.requests[id];
        let first = request.scheduled.is_none();
        if first {
            request.scheduled = Some(self.step.start);
            request.cached_tokens = cached;
            self.stats.hit_tokens += u64::from(cached);
            self.stats.lookup_tokens += u64::from(request.prompt_tokens);
        }
        request.place = Place::Running(slot);
        if let Some(log) = &mut self.log {
            log.admitted(id, slot, cached, first);
        }
        let blocks = self.blocks_needed(slot, tokens);
        self.take_blocks(slot, blocks);
        self.register_blocks(slot, tokens, world);
        self.prefilling.push(slot);
        self.step.chunks.push((slot, tokens));
    }
}
