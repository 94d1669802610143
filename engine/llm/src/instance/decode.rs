//! Decoding requests, advanced together.
//!
//! All of them gain one token per step, so none is touched: a clock counts the steps, a request's
//! length is its offset plus the clock, and whatever must happen to single requests is found from
//! the clock. A request needs a further block when its length passes a multiple of the block
//! size: requests are counted by length minus clock modulo the block size, so that one count at a
//! time is due. Requests finish when the clock reaches a value known from the start: a tournament
//! tree finds the next.
//!
//! Invariant: a request that is passed over in a step (the step's tokens ran out before it) is
//! delayed by one, which is O(log n) for it alone.

use kendall_kernel::SlotTree;

use super::running::Slot;

/// Steps of a run whose moments fit into 64 bits: 2^20 requests take a block each, which is 2^20
/// times at most 2^23.
const SHORT_RUN: u64 = 1 << 12;

#[derive(Clone, Copy, Debug, Default)]
struct Member {
    /// Length minus clock, wrapping.
    offset: u64,
    /// Length at which it finishes.
    target: u32,
}

/// Blocks that a run of steps takes, with the sums over them that an integral over its time
/// needs. Steps are counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockMoments {
    /// Blocks.
    pub(crate) blocks: u128,
    /// Sum of `i` over them, `i` being the step that takes the block.
    pub(crate) steps: u128,
    /// Sum of `i (i - 1) / 2`.
    pub(crate) pairs: u128,
}

impl BlockMoments {
    /// Adds `blocks` that step `i` takes.
    pub(crate) fn add(&mut self, blocks: u64, i: u64) {
        let (blocks, i) = (u128::from(blocks), u128::from(i));
        self.blocks += blocks;
        self.steps += blocks * i;
        self.pairs += blocks * (i * i.saturating_sub(1) / 2);
    }

    /// Adds `blocks` in each of `times` steps, the first of them step `i`, `apart` steps apart.
    fn add_repeatedly(&mut self, blocks: u64, i: u64, apart: u64, times: u64) {
        let [blocks, i, apart, n] = [blocks, i, apart, times].map(u128::from);
        let ones = n * n.saturating_sub(1) / 2;
        let squares = ones * (2 * n).saturating_sub(1) / 3;
        let sum = n * i + apart * ones;
        let sum_of_squares = n * i * i + 2 * i * apart * ones + apart * apart * squares;
        self.blocks += blocks * n;
        self.steps += blocks * sum;
        self.pairs += blocks * ((sum_of_squares - sum) / 2);
    }
}

/// The decoding requests of an instance, by running slot.
#[derive(Debug)]
pub(crate) struct DecodeSet {
    /// Steps taken.
    clock: u64,
    len: u32,
    /// Sum of lengths.
    length_sum: u64,
    /// By slot; who is no member has no target.
    members: Vec<Member>,
    /// Slots that ever had a member.
    slots: usize,
    block_size: u64,
    /// Members by offset modulo block size.
    by_residue: Vec<u32>,
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
            slots: 0,
            block_size: u64::from(block_size),
            by_residue: vec![0; block_size as usize],
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
        self.slots = self.slots.max(slot as usize + 1);
        self.len += 1;
        self.length_sum += u64::from(length);
        self.file(slot);
    }

    /// Takes a request out and tells its length.
    pub(crate) fn remove(&mut self, slot: Slot) -> u32 {
        let length = self.length(slot);
        self.unfile(slot);
        self.members[slot as usize].target = 0;
        self.len -= 1;
        self.length_sum -= u64::from(length);
        length
    }

    /// Every member gains a token in each of `steps` steps.
    pub(crate) fn advance(&mut self, steps: u64) {
        self.clock += steps;
        self.length_sum += u64::from(self.len) * steps;
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
    pub(crate) fn due_for_block(&self) -> u32 {
        self.by_residue[self.residue(1_u64.wrapping_sub(self.clock))]
    }

    /// Those members, by slot.
    pub(crate) fn slots_due_for_block(&self) -> impl Iterator<Item = Slot> + '_ {
        let due = self.residue(1_u64.wrapping_sub(self.clock));
        let members = (0..).zip(&self.members[..self.slots]);
        let is_due = move |(_, member): &(Slot, &Member)| {
            member.target > 0 && self.residue(member.offset) == due
        };
        members.filter(is_due).map(|(slot, _)| slot)
    }

    /// Whether a member is one of them.
    pub(crate) fn needs_block(&self, slot: Slot) -> bool {
        let offset = self.members[slot as usize].offset;
        self.residue(offset) == self.residue(1_u64.wrapping_sub(self.clock))
    }

    /// The first step from `first` on, counted from the one of now, that completes a block; without
    /// members any.
    pub(crate) fn next_completion(&self, first: u64) -> u64 {
        let mut residue = self.residue(self.clock.wrapping_add(first).wrapping_neg());
        for step in first..first + self.block_size {
            if self.by_residue[residue] > 0 {
                return step;
            }
            residue = self.before(residue);
        }
        first + self.block_size
    }

    /// Blocks that the steps from `first` to `end`, counted from the one of now, take; both within
    /// a run that nobody joins or leaves.
    pub(crate) fn blocks_of_steps(&self, first: u64, end: u64) -> BlockMoments {
        let mut residue = self.residue(1_u64.wrapping_sub(self.clock).wrapping_sub(first));
        let steps = end.saturating_sub(first);
        if steps <= self.block_size && end <= SHORT_RUN {
            return self.blocks_of_few_steps(first, end, residue);
        }
        let mut moments = BlockMoments::default();
        for i in first..first + steps.min(self.block_size) {
            let blocks = u64::from(self.by_residue[residue]);
            if blocks > 0 {
                match (end - 1 - i) / self.block_size {
                    0 => moments.add(blocks, i),
                    more => moments.add_repeatedly(blocks, i, self.block_size, more + 1),
                }
            }
            residue = self.before(residue);
        }
        moments
    }

    /// The same for steps that no member takes more than one block in, in short numbers.
    fn blocks_of_few_steps(&self, first: u64, end: u64, residue: usize) -> BlockMoments {
        let (mut blocks, mut steps, mut pairs) = (0_u64, 0_u64, 0_u64);
        let (before_wrap, after_wrap) = self.by_residue.split_at(residue + 1);
        let in_turn = before_wrap.iter().rev().chain(after_wrap.iter().rev());
        for (i, &taken) in (first..end).zip(in_turn) {
            // With large blocks most steps take none.
            if taken > 0 {
                let taken = u64::from(taken);
                blocks += taken;
                steps += taken * i;
                pairs += taken * (i * i.saturating_sub(1) / 2);
            }
        }
        let [blocks, steps, pairs] = [blocks, steps, pairs].map(u128::from);
        BlockMoments {
            blocks,
            steps,
            pairs,
        }
    }

    /// How many steps from now on can be taken if those behind the first get `free` blocks
    /// together; `most` at most, which is at least 1.
    pub(crate) fn steps_within(&self, free: u32, most: u64) -> u64 {
        // Every member takes one block per block size, in whatever order.
        let free = u64::from(free);
        let len = u64::from(self.len.max(1));
        let certain = free / len * self.block_size;
        if certain + 1 >= most {
            return most;
        }
        let mut left = free % len;
        let mut residue = self.residue(self.clock.wrapping_neg());
        for more in 1..=self.block_size {
            let blocks = u64::from(self.by_residue[residue]);
            if blocks > left || certain + more >= most {
                return (certain + more).min(most);
            }
            left -= blocks;
            residue = self.before(residue);
        }
        most
    }

    /// Steps until the first member finishes; `None` without members.
    pub(crate) fn steps_to_finish(&self) -> Option<u64> {
        self.finish.min().map(|(_, at)| at - self.clock)
    }

    /// A member whose length has reached its target, lowest slot first.
    pub(crate) fn finished(&self) -> Option<Slot> {
        let (slot, at) = self.finish.min()?;
        debug_assert!(at >= self.clock, "a request went past its end");
        (at == self.clock).then_some(slot as Slot)
    }

    fn residue(&self, offset: u64) -> usize {
        // Offsets wrap around; adding a multiple of the block size near 2^64 keeps the residue.
        if self.block_size.is_power_of_two() {
            (offset & (self.block_size - 1)) as usize
        } else {
            (i64::rem_euclid(offset as i64, self.block_size as i64)) as usize
        }
    }

    /// The residue that is due a step later.
    fn before(&self, residue: usize) -> usize {
        match residue {
            0 => self.by_residue.len() - 1,
            residue => residue - 1,
        }
    }

    fn file(&mut self, slot: Slot) {
        let Member { offset, target } = self.members[slot as usize];
        let residue = self.residue(offset);
        self.by_residue[residue] += 1;
        self.finish
            .set(slot as usize, u64::from(target).wrapping_sub(offset));
    }

    fn unfile(&mut self, slot: Slot) {
        let residue = self.residue(self.members[slot as usize].offset);
        self.by_residue[residue] -= 1;
        self.finish.clear(slot as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets of several block sizes, with all their lengths.
    fn sets() -> Vec<(DecodeSet, Vec<u32>, u32)> {
        let lengths: [&[u32]; 4] = [&[], &[1], &[5, 6, 20, 33], &[16, 16, 17, 31, 48, 2, 3]];
        let mut sets = Vec::new();
        for block_size in [1, 3, 4, 16] {
            for lengths in lengths {
                let mut set = DecodeSet::new(8, block_size);
                for (slot, &length) in (0..).zip(lengths) {
                    set.insert(slot, length, 1_000);
                }
                set.advance(7);
                let grown = lengths.iter().map(|length| length + 7).collect();
                sets.push((set, grown, block_size));
            }
        }
        sets
    }

    fn due(lengths: &[u32], block_size: u32, step: u64) -> u64 {
        let needs = |&&length: &&u32| (length - 1 + step as u32).is_multiple_of(block_size);
        lengths.iter().filter(needs).count() as u64
    }

    #[test]
    fn blocks_of_a_run_are_those_of_its_steps() {
        for (set, lengths, block_size) in sets() {
            assert_eq!(u64::from(set.due_for_block()), due(&lengths, block_size, 0));
            for first in 0..20 {
                let mut expected = BlockMoments::default();
                for end in first..90 {
                    assert_eq!(set.blocks_of_steps(first, end), expected);
                    expected.add(due(&lengths, block_size, end), end);
                }
            }
        }
    }

    #[test]
    fn steps_end_where_blocks_run_out() {
        for (set, lengths, block_size) in sets() {
            for free in 0..20_u32 {
                for most in 1..70 {
                    let (mut steps, mut taken) = (1, 0);
                    while steps < most {
                        taken += due(&lengths, block_size, steps);
                        if taken > u64::from(free) {
                            break;
                        }
                        steps += 1;
                    }
                    assert_eq!(set.steps_within(free, most), steps);
                }
            }
        }
    }

    #[test]
    fn the_next_completion_is_known() {
        for (set, lengths, block_size) in sets() {
            let completes = |step: &u64| {
                let completes = |&length: &u32| (length + *step as u32).is_multiple_of(block_size);
                lengths.iter().any(completes)
            };
            for first in 0..20 {
                let mut steps = first..first + u64::from(block_size);
                let expected = steps.find(completes).unwrap_or(steps.end);
                assert_eq!(set.next_completion(first), expected);
            }
        }
    }
}
