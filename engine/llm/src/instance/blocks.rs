//! Blocks of running requests: how many a chunk needs, taking them, making their content known.

use super::{Instance, Slot, World};

impl Instance {
    /// Tokens known of a running request: prompt and outputs so far.
    pub(super) fn known_tokens(&self, slot: Slot, world: &World<'_>) -> u32 {
        let running = &self.running[slot];
        if running.decoding {
            self.decode.length(slot)
        } else {
            world.requests[running.request].known_tokens
        }
    }

    /// Tokens whose KV is computed; a decoding request lacks only that of its latest token.
    pub(super) fn computed_tokens(&self, slot: Slot) -> u32 {
        let running = &self.running[slot];
        if running.decoding {
            self.decode.length(slot) - 1
        } else {
            running.computed
        }
    }

    /// Blocks to take before `tokens` more can be computed (2.5).
    pub(super) fn blocks_needed(&self, slot: Slot, tokens: u32) -> u32 {
        let covered = (self.computed_tokens(slot) + tokens).min(self.rules.max_model_len);
        let held = self.running[slot].table.held();
        covered.div_ceil(self.rules.block_size).saturating_sub(held)
    }

    /// Takes `blocks` blocks for a running request.
    pub(super) fn take_blocks(&mut self, slot: Slot, blocks: u32) {
        if blocks == 0 {
            return;
        }
        let running = &mut self.running[slot];
        let held = running.table.held() as usize;
        self.pool.take(&mut running.table, blocks);
        if let Some(log) = &mut self.log {
            log.blocks_taken(slot, &running.table.block_ids()[held..]);
        }
    }

    /// Makes known what the blocks will contain once `tokens` more are computed; this happens when
    /// the step is formed, before it is executed (2.5 c).
    pub(super) fn register_blocks(&mut self, slot: Slot, tokens: u32, world: &World<'_>) {
        if !self.rules.caching {
            return;
        }
        let computed = self.computed_tokens(slot) + tokens;
        let full = computed.min(self.known_tokens(slot, world)) / self.rules.block_size;
        let running = &mut self.running[slot];
        if running.table.registered() >= full {
            return;
        }
        let sequence = world.rows.sequence(world.requests[running.request].at);
        self.pool.register(&mut running.table, &sequence, full);
    }

    /// Brings the table of a decoding request up to its length and the `tokens` that the batch
    /// being formed gives it: the blocks it took by number only, and what they contain.
    pub(super) fn catch_up_blocks(&mut self, slot: Slot, tokens: u32, world: &World<'_>) {
        let computed = self.computed_tokens(slot) + tokens;
        let held = computed.div_ceil(self.rules.block_size);
        self.pool.catch_up(&mut self.running[slot].table, held);
        self.register_blocks(slot, tokens, world);
    }
}
