//! Forming a batch: the running list (2.3), and what surrounds it (2.2, 2.10).

use kendall_kernel::Time;

use super::{Instance, PrefillInterval, Slot, World};
use crate::config::Policy;
use crate::instance::waiting::WaitingQueue;

/// What is left to hand out while a batch is formed, and under which restrictions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// Tokens left in the step.
    pub(super) budget: u32,
    /// Most prompt tokens of one request; 0: no cap.
    pub(super) cap: u32,
    /// Whether prefill waits for its interval.
    pub(super) defer: bool,
}

impl Allowance {
    pub(super) fn capped(&self, tokens: u32) -> u32 {
        if self.cap > 0 {
            tokens.min(self.cap)
        } else {
            tokens
        }
    }
}

impl Instance {
    /// Forms the next batch into `self.step`.
    pub(super) fn form_batch(&mut self, world: &mut World<'_>) {
        self.step.chunks.clear();
        self.step.delayed.clear();
        self.step.preempted = 0;
        self.formed += 1;
        if let Some(log) = &mut self.log {
            log.clear();
        }
        let mut allowance = Allowance {
            budget: self.rules.budget,
            cap: self
                .rules
                .prefill_cap(self.running.len() + self.waiting.len()),
            defer: self.defers_prefill(),
        };
        let was_changed = std::mem::take(&mut self.batch_changed);
        self.schedule_running(&mut allowance, world);
        let running_chunks = self.step.chunks.len();
        let mut long_admission = false;
        if self.step.preempted == 0 && self.admits_now() {
            long_admission = self.admit_waiting(&mut allowance, world);
            if !allowance.defer {
                self.interval.bound = !self.waiting.is_empty();
            }
        }
        self.step.tokens_left = allowance.budget;
        self.finish_batch(was_changed);
        if self.rules.budget > allowance.budget {
            self.interval.executed += 1;
            if running_chunks > 0 || long_admission {
                self.interval.last_prefill = self.interval.executed;
            }
        }
    }

    /// Whether requests may join; a static batch is closed once it runs.
    fn admits_now(&self) -> bool {
        !self.rules.static_batches || self.running.is_empty()
    }

    /// Whether this call may not schedule prefill (2.10).
    fn defers_prefill(&self) -> bool {
        let PrefillInterval {
            executed,
            last_prefill,
            bound,
        } = self.interval;
        self.rules.interval > 1
            && !bound
            && executed + 1 - last_prefill < self.rules.interval
            && self.decode.len() > 0
    }

    fn schedule_running(&mut self, allowance: &mut Allowance, world: &mut World<'_>) {
        if !self.keeps_up
            && (self.schedule_undisturbed(allowance, world)
                || self.schedule_short_of_blocks(allowance, world))
        {
            return;
        }
        self.schedule_in_order(allowance, world);
    }

    /// Schedules a batch that only decodes, for which tokens but not blocks suffice, where the last
    /// admitted is preempted first: then only those that need a block matter, and whoever is left
    /// gets a token. Otherwise changes nothing and says so.
    fn schedule_short_of_blocks(
        &mut self,
        allowance: &mut Allowance,
        world: &mut World<'_>,
    ) -> bool {
        if self.policy() != Policy::Fcfs
            || !self.prefilling.is_empty()
            || self.decode.len() > allowance.budget
        {
            return false;
        }
        let mut due = std::mem::take(&mut self.ordered);
        due.clear();
        let slots = self.decode.slots_due_for_block();
        due.extend(slots.map(|slot| (self.running[slot].order, slot)));
        due.sort_unstable();
        let last = |instance: &Instance| {
            let tail = instance.running.tail();
            tail.map(|tail| instance.running[tail].order)
        };
        for &(order, _) in &due {
            while self.pool.free() == 0 && last(self) >= Some(order) {
                let victim = self.victim(world);
                self.preempt(victim, world);
            }
            if last(self) < Some(order) {
                break;
            }
            self.pool.take_ahead(1);
        }
        self.ordered = due;
        allowance.budget -= self.decode.len();
        true
    }

    /// Schedules every running request in full, if tokens and blocks suffice for all of them
    /// (the last in the list may get fewer tokens: nobody stands behind it). Otherwise changes
    /// nothing and says so.
    fn schedule_undisturbed(&mut self, allowance: &mut Allowance, world: &World<'_>) -> bool {
        let Some(mut left) = allowance.budget.checked_sub(self.decode.len()) else {
            return false;
        };
        let due = self.decode.due_for_block();
        let mut blocks = due;
        if !allowance.defer {
            for &slot in &self.prefilling {
                let mut tokens = self.tokens_wanted(slot, allowance);
                if tokens > left {
                    if self.running.tail() != Some(slot) {
                        self.step.chunks.clear();
                        return false;
                    }
                    tokens = left;
                }
                if tokens > 0 {
                    blocks += self.blocks_needed(slot, tokens);
                    self.step.chunks.push((slot, tokens));
                    left -= tokens;
                }
            }
        }
        if blocks > self.pool.free() {
            self.step.chunks.clear();
            return false;
        }
        allowance.budget = left;
        if due > 0 {
            self.pool.take_ahead(due);
        }
        self.take_chunk_blocks(world);
        true
    }

    /// Takes the blocks of all chunks and makes known what they will contain, in the order of the
    /// running list. That all are taken before any content is registered changes nothing:
    /// registering touches only blocks in use, taking only free ones.
    fn take_chunk_blocks(&mut self, world: &World<'_>) {
        let chunks = std::mem::take(&mut self.step.chunks);
        for &(slot, tokens) in &chunks {
            let blocks = self.blocks_needed(slot, tokens);
            self.take_blocks(slot, blocks);
        }
        for &(slot, tokens) in &chunks {
            self.register_blocks(slot, tokens, world);
        }
        self.step.chunks = chunks;
    }

    /// Tokens a prefilling request could use, the step's budget aside.
    fn tokens_wanted(&self, slot: Slot, allowance: &Allowance) -> u32 {
        let running = &self.running[slot];
        let room = (self.rules.max_model_len - 1).saturating_sub(running.computed);
        allowance.capped(running.goal - running.computed).min(room)
    }

    /// Walks the running list as the specification does, preempting where blocks lack (2.3).
    fn schedule_in_order(&mut self, allowance: &mut Allowance, world: &mut World<'_>) {
        let mut cursor = self.running.head();
        'requests: while let Some(slot) = cursor
            && allowance.budget > 0
        {
            let decoding = self.running[slot].decoding;
            if decoding && self.keeps_up {
                self.catch_up_blocks(slot, 0, world);
            }
            if !decoding && allowance.defer {
                cursor = self.running.next(slot);
                continue;
            }
            let wanted = if decoding {
                1
            } else {
                self.tokens_wanted(slot, allowance)
            };
            let tokens = wanted.min(allowance.budget);
            if tokens == 0 {
                cursor = self.running.next(slot);
                continue;
            }
            let counted = decoding && !self.keeps_up;
            let blocks = if counted {
                u32::from(self.decode.needs_block(slot))
            } else {
                self.blocks_needed(slot, tokens)
            };
            while blocks > self.pool.free() {
                let victim = self.victim(world);
                let behind = self.running.next(victim);
                allowance.budget += self.unschedule(victim, world);
                self.preempt(victim, world);
                if victim == slot {
                    if self.policy() == Policy::Fcfs {
                        break 'requests;
                    }
                    cursor = behind;
                    continue 'requests;
                }
            }
            if counted {
                if blocks > 0 {
                    self.pool.take_ahead(blocks);
                }
            } else {
                self.take_blocks(slot, blocks);
                self.register_blocks(slot, tokens, world);
            }
            let running = &mut self.running[slot];
            (running.scheduled, running.scheduled_in) = (tokens, self.formed);
            if !decoding {
                self.step.chunks.push((slot, tokens));
            }
            allowance.budget -= tokens;
            cursor = self.running.next(slot);
        }
        if cursor.is_some() {
            self.collect_delayed();
        }
    }

    /// Notes the decoding requests that the walk did not reach.
    fn collect_delayed(&mut self) {
        let mut cursor = self.running.head();
        while let Some(slot) = cursor {
            let running = &self.running[slot];
            if running.decoding && running.scheduled_in != self.formed {
                self.step.delayed.push(slot);
            }
            cursor = self.running.next(slot);
        }
    }

    /// Who is preempted next: the last admitted, or the largest (priority, arrival), the first in
    /// the list among equals.
    fn victim(&self, world: &World<'_>) -> Slot {
        let urgency = |slot: Slot| -> (i32, Time) {
            let request = &world.requests[self.running[slot].request];
            (request.priority, request.arrival)
        };
        let tail = self
            .running
            .tail()
            .expect("a request that lacks blocks is running");
        if self.policy() == Policy::Fcfs {
            return tail;
        }
        let least_urgent = |best: Slot, slot: Slot| {
            if urgency(slot) > urgency(best) {
                slot
            } else {
                best
            }
        };
        self.running.iter().reduce(least_urgent).unwrap_or(tail)
    }

    fn policy(&self) -> Policy {
        match self.waiting {
            WaitingQueue::Fcfs { .. } => Policy::Fcfs,
            WaitingQueue::Priority(_) => Policy::Priority,
        }
    }

    /// Takes a request out of the batch being formed and returns its tokens.
    fn unschedule(&mut self, slot: Slot, world: &World<'_>) -> u32 {
        let running = &self.running[slot];
        if running.scheduled_in != self.formed {
            return 0;
        }
        let tokens = running.scheduled;
        if running.decoding {
            self.catch_up_blocks(slot, tokens, world);
        } else {
            self.step.chunks.retain(|&(other, _)| other != slot);
        }
        tokens
    }

    /// Sums up the batch and counts its chunks as computed (2.2).
    fn finish_batch(&mut self, was_changed: bool) {
        let mut delayed_length = 0;
        for &slot in &self.step.delayed {
            delayed_length += u64::from(self.decode.length(slot));
        }
        self.step.decode_tokens = self.decode.len() - self.step.delayed.len() as u32;
        self.step.prefill_tokens = 0;
        self.step.context_tokens = self.decode.length_sum() - delayed_length;
        for &(slot, tokens) in &self.step.chunks {
            let running = &mut self.running[slot];
            running.computed += tokens;
            self.step.prefill_tokens += tokens;
            self.step.context_tokens += u64::from(running.computed);
        }
        self.step.same_batch = !was_changed
            && !self.batch_changed
            && self.step.chunks.is_empty()
            && self.step.delayed.is_empty();
        self.step.running = self.running.len();
        self.step.waiting = self.waiting.len();
        self.step.kv_blocks_used = self.pool.used();
    }
}
