//! What observers of single steps see; kept only while somebody observes.

use super::{Instance, Slot, World};
use crate::kv::BlockId;
use crate::request::RequestId;

/// A batch as it was formed; requests by trace row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheduled {
    /// The instance.
    pub instance: u16,
    /// Start of the step, in ns.
    pub start_ns: u64,
    /// (request, tokens) in schedule order.
    pub tokens: Vec<(u32, u32)>,
    /// Admitted for the first time.
    pub admitted: Vec<u32>,
    /// Admitted again after a preemption.
    pub resumed: Vec<u32>,
    /// Preempted, in order.
    pub preempted: Vec<u32>,
    /// (request, cached tokens) of admitted requests with a prefix hit: new ones, then resumed.
    pub hits: Vec<(u32, u32)>,
    /// Free blocks afterwards.
    pub free_blocks: u32,
    /// Blocks taken: whole tables of new requests, new blocks of running ones in schedule order,
    /// whole tables of resumed requests.
    pub blocks: Vec<(u32, Vec<BlockId>)>,
    /// The running list.
    pub running: Vec<u32>,
    /// The waiting queue.
    pub waiting: Vec<u32>,
}

/// What a step's end changed; requests by trace row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The instance.
    pub instance: u16,
    /// Finished, in schedule order.
    pub finished: Vec<u32>,
    /// Free blocks afterwards.
    pub free_blocks: u32,
}

#[derive(Debug)]
struct Admission {
    request: RequestId,
    slot: Slot,
    cached: u32,
    first: bool,
}

/// Notes taken while a batch is formed.
#[derive(Debug, Default)]
pub(crate) struct StepLog {
    admissions: Vec<Admission>,
    preempted: Vec<RequestId>,
    taken: Vec<(Slot, Vec<BlockId>)>,
    pub(super) finished: Vec<u32>,
}

impl StepLog {
    pub(super) fn clear(&mut self) {
        *self = StepLog::default();
    }

    pub(super) fn admitted(&mut self, request: RequestId, slot: Slot, cached: u32, first: bool) {
        self.admissions.push(Admission {
            request,
            slot,
            cached,
            first,
        });
    }

    pub(super) fn preempted(&mut self, request: RequestId, slot: Slot) {
        self.preempted.push(request);
        self.taken.retain(|&(other, _)| other != slot);
    }

    pub(super) fn blocks_taken(&mut self, slot: Slot, blocks: &[BlockId]) {
        self.taken.push((slot, blocks.to_vec()));
    }
}

impl Instance {
    /// The batch just formed.
    pub(super) fn scheduled_detail(&self, world: &World<'_>) -> Scheduled {
        let Some(log) = self.log.as_deref() else {
            return Scheduled::default();
        };
        let row = |id: RequestId| world.requests[id].row;
        let of_slot = |slot: Slot| row(self.running[slot].request);
        let admitted = |first: bool| log.admissions.iter().filter(move |a| a.first == first);
        let is_new = |slot: Slot| log.admissions.iter().any(|a| a.slot == slot);
        let table = |a: &Admission| {
            (
                row(a.request),
                self.running[a.slot].table.block_ids().to_vec(),
            )
        };
        let grown = log.taken.iter().filter(|(slot, _)| !is_new(*slot));
        let grown = grown.map(|(slot, blocks)| (of_slot(*slot), blocks.clone()));
        let chunk = |slot: Slot| self.step.chunks.iter().find(|&&(other, _)| other == slot);
        let tokens = |slot: Slot| -> Option<(u32, u32)> {
            let in_step = if self.running[slot].decoding {
                u32::from(!self.step.delayed.contains(&slot))
            } else {
                chunk(slot).map_or(0, |&(_, tokens)| tokens)
            };
            (in_step > 0).then(|| (of_slot(slot), in_step))
        };
        let hit = |a: &Admission| (a.cached > 0).then(|| (row(a.request), a.cached));
        Scheduled {
            instance: self.id,
            start_ns: self.step.start.as_ns(),
            tokens: self.running.iter().filter_map(tokens).collect(),
            admitted: admitted(true).map(|a| row(a.request)).collect(),
            resumed: admitted(false).map(|a| row(a.request)).collect(),
            preempted: log.preempted.iter().map(|&id| row(id)).collect(),
            hits: admitted(true)
                .chain(admitted(false))
                .filter_map(hit)
                .collect(),
            free_blocks: self.pool.free(),
            blocks: admitted(true)
                .map(table)
                .chain(grown)
                .chain(admitted(false).map(table))
                .collect(),
            running: self.running.iter().map(of_slot).collect(),
            waiting: self
                .waiting
                .to_vec(&world.requests)
                .into_iter()
                .map(row)
                .collect(),
        }
    }

    /// What the step just ended changed.
    pub(super) fn outputs_detail(&self) -> Outputs {
        let finished = self
            .log
            .as_deref()
            .map(|log| log.finished.clone())
            .unwrap_or_default();
        Outputs {
            instance: self.id,
            finished,
            free_blocks: self.pool.free(),
        }
    }
}
