//! Decoding requests, advanced together.
//!
//! All of them gain one token per step, so none is touched: a clock counts the steps, a request's
//! length is its offset plus the clock, and whatever must happen to single requests is found from
//! the clock. Blocks fill up when the length passes a multiple of the block size: requests are
//! filed by length minus clock modulo the block size, so that one file at a time is due. Requests
//! finish when the clock reaches a value known from the start: a tournament tree finds the next.
//!
//! Invariant: a request that is passed over in a step (the step's tokens ran out before it) is
//! delayed by one, which is O(log n) for it alone.

use kendall_kernel::SlotTree;

use super::running::Slot;

#[derive(Clone, Copy, Debug, Default)]
struct Member {
    /// Length minus clock, wrapping.
    offset: u64,
    /// Length at which it finishes.
    target: u32,
}

/// The decoding requests of an instance, by running slot.
#[derive(Debug)]
pub(crate) struct DecodeSet {
    /// Steps taken.
    clock: u64,
    len: u32,
    /// Sum of lengths.
    length_sum: u64,
    members: Vec<Member>,
    block_size: u64,
    /// Slots by offset modulo block size.
    files: Vec<Vec<Slot>>,
    /// Clock value at which each slot finishes.
    finish: SlotTree,
}

impl DecodeSet {
    pub(crate) fn new(slots: u32, block_size: u32) -> DecodeSet {
        DecodeSet {
            // Far from zero, so that lengths never exceed the clock.
            clock: 1 << 40,
            len: 0,
            length_sum: 0,
            members: vec![Member::default(); slots as usize],
            block_size: u64::from(block_size),
            files: vec![Vec::new(); block_size as usize],
            finish: SlotTree::new(slots as usize),
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// Lengths summed over all; what the next step attends to.
    pub(crate) fn length_sum(&self) -> u64 {
        self.length_sum
    }

    /// Known tokens of a member.
    pub(crate) fn length(&self, slot: Slot) -> u32 {
        self.members[slot as usize].offset.wrapping_add(self.clock) as u32
    }

    /// Adds a request of this length.
    pub(crate) fn insert(&mut self, slot: Slot, length: u32, target: u32) {
        debug_assert!(length < target, "a finished request does not decode");
        let offset = u64::from(length).wrapping_sub(self.clock);
        self.members[slot as usize] = Member { offset, target };
        self.len += 1;
        self.length_sum += u64::from(length);
        self.file(slot);
    }

    /// Takes a request out and tells its length.
    pub(crate) fn remove(&mut self, slot: Slot) -> u32 {
        let length = self.length(slot);
        self.unfile(slot);
        self.len -= 1;
        self.length_sum -= u64::from(length);
        length
    }

    /// Every member gains a token.
    pub(crate) fn advance(&mut self) {
        self.clock += 1;
        self.length_sum += u64::from(self.len);
    }

    /// Takes back the token that the latest [`DecodeSet::advance`] gave to a member.
    pub(crate) fn delay(&mut self, slot: Slot) {
        self.unfile(slot);
        let member = &mut self.members[slot as usize];
        member.offset = member.offset.wrapping_sub(1);
        self.length_sum -= 1;
        self.file(slot);
    }

    /// Members that need a further block for their next token: those whose known tokens, all but
    /// the latest computed, fill their blocks.
    pub(crate) fn due_for_block(&self) -> &[Slot] {
        &self.files[self.file_of(1_u64.wrapping_sub(self.clock))]
    }

    /// Members whose next step completes a block: their length is a multiple of the block size.
    pub(crate) fn completing_block(&self) -> &[Slot] {
        &self.files[self.file_of(0_u64.wrapping_sub(self.clock))]
    }

    /// A member whose length has reached its target, lowest slot first.
    pub(crate) fn finished(&self) -> Option<Slot> {
        let (slot, at) = self.finish.min()?;
        debug_assert!(at >= self.clock, "a request went past its end");
        (at == self.clock).then_some(slot as Slot)
    }

    fn file_of(&self, offset: u64) -> usize {
        // Offsets wrap around; adding a multiple of the block size near 2^64 keeps the residue.
        if self.block_size.is_power_of_two() {
            (offset & (self.block_size - 1)) as usize
        } else {
            (i64::rem_euclid(offset as i64, self.block_size as i64)) as usize
        }
    }

    fn file(&mut self, slot: Slot) {
        let Member { offset, target } = self.members[slot as usize];
        let file = self.file_of(offset);
        self.files[file].push(slot);
        self.finish
            .set(slot as usize, u64::from(target).wrapping_sub(offset));
    }

    fn unfile(&mut self, slot: Slot) {
        let file = self.file_of(self.members[slot as usize].offset);
        let file = &mut self.files[file];
        let at = file
            .iter()
            .position(|&other| other == slot)
            .expect("a member is filed");
        file.swap_remove(at);
        self.finish.clear(slot as usize);
    }
}
