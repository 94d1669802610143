//! Losing KV blocks: preemption (2.3) and withdrawal (2.9).

use kendall_kernel::Time;

use super::{Instance, Slot, World};
use crate::record::{Recorder, Status};
use crate::request::{Place, RequestId};

impl Instance {
    /// Takes a request's blocks away and queues it again; its outputs are kept, its KV is
    /// recomputed.
    pub(super) fn preempt(&mut self, slot: Slot, world: &mut World<'_>) {
        let id = self.vacate(slot, world);
        let request = &mut world.requests[id];
        request.place = Place::Waiting;
        request.preemptions = request.preemptions.saturating_add(1);
        self.waiting.push_preempted(id, &mut world.requests);
        self.stats.preemptions += 1;
        self.step.preempted += 1;
        if let Some(log) = &mut self.log {
            log.preempted(id, slot);
        }
    }

    /// Takes a request out of the running list and returns its blocks.
    pub(super) fn vacate(&mut self, slot: Slot, world: &mut World<'_>) -> RequestId {
        let id = self.running[slot].request;
        if self.running[slot].decoding {
            self.catch_up_blocks(slot, 0, world);
            let request = &mut world.requests[id];
            request.known_tokens = self.decode.remove(slot);
            request.latest_token = self.running[slot].latest_token.or(Some(self.latest_end));
            self.batch_changed = true;
            self.lagging.retain(|&other| other != slot);
        } else {
            self.prefilling.retain(|&other| other != slot);
        }
        if self.rules.reserve_sequences {
            self.reserved_blocks -= self.blocks_of_sequence(world.requests[id].target_tokens);
            self.padded_batch
                .finished
                .retain(|&(_, other)| other != slot);
        }
        self.pool.release(&mut self.running[slot].table);
        self.running.remove(slot);
        id
    }

    /// Carries out the withdrawals that waited for the end of a step, which is `now`.
    pub(super) fn apply_withdrawals<R: Recorder>(
        &mut self,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) {
        if self.withdrawn.is_empty() {
            return;
        }
        let mut withdrawn = std::mem::take(&mut self.withdrawn);
        for id in withdrawn.drain(..) {
            let row = world.requests[id].row;
            match world.requests[id].place {
                Place::Waiting => {
                    self.waiting.remove(id, &mut world.requests);
                }
                Place::Running(slot) => {
                    self.vacate(slot, world);
                }
            }
            recorder.request(&world.record(id, Status::Aborted, None));
            recorder.withdrawn(row);
            world.leave(id);
        }
        self.withdrawn = withdrawn;
        self.end_deserted_batch(now, world, recorder);
    }
}
