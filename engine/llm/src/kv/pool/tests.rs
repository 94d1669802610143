//! The pool against a naive model that keeps plain lists.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const BLOCKS: u32 = 20;
const DEPTH: u32 = 4;

#[derive(Default)]
struct Naive {
    free: VecDeque<BlockId>,
    references: Vec<u32>,
    keys: Vec<Option<BlockKey>>,
    registered: Vec<(BlockKey, BlockId)>,
}

impl Naive {
    fn new() -> Naive {
        Naive {
            free: (1..BLOCKS).collect(),
            references: vec![0; BLOCKS as usize],
            keys: vec![None; BLOCKS as usize],
            registered: vec![],
        }
    }

    fn lookup(&self, key: BlockKey) -> Option<BlockId> {
        self.registered
            .iter()
            .find(|(k, _)| *k == key)
            .map(|&(_, id)| id)
    }

    fn allocate(&mut self, count: u32, table: &mut Vec<BlockId>) {
        for _ in 0..count {
            let block = self.free.pop_front().unwrap();
            if self.keys[block as usize].take().is_some() {
                self.registered.retain(|&(_, id)| id != block);
            }
            self.references[block as usize] = 1;
            table.push(block);
        }
    }

    fn touch(&mut self, block: BlockId) {
        if self.references[block as usize] == 0 {
            self.free.retain(|&id| id != block);
        }
        self.references[block as usize] += 1;
    }

    fn register(&mut self, block: BlockId, key: BlockKey) {
        self.keys[block as usize] = Some(key);
        self.registered.push((key, block));
    }

    fn release(&mut self, table: &mut Vec<BlockId>) {
        let mut blank = vec![];
        for block in table.drain(..).rev() {
            self.references[block as usize] -= 1;
            if self.references[block as usize] == 0 {
                match self.keys[block as usize] {
                    Some(_) => self.free.push_back(block),
                    None => blank.push(block),
                }
            }
        }
        for &block in blank.iter().rev() {
            self.free.push_front(block);
        }
    }
}

/// A sequence holding blocks: its content is a path in a binary tree.
#[derive(Default)]
struct Holder {
    path: u32,
    table: Vec<BlockId>,
    registered: usize,
}

impl Holder {
    /// Key of the first `blocks` steps of the path; equal steps give equal keys. Keys collide in
    /// the half that is hashed, to try the table's other half.
    fn key(&self, blocks: usize) -> BlockKey {
        let steps = self.path >> (DEPTH as usize - blocks);
        let unique = BlockKey::from((1_u32 << blocks) | steps);
        (unique << 64) | (unique % 3)
    }
}

/// Checks one sequence's prefix in both, touching what is found.
fn find_prefix(
    pool: &mut BlockPool,
    naive: &mut Naive,
    holder: &mut Holder,
) -> Result<(), TestCaseError> {
    while holder.table.len() < DEPTH as usize {
        let key = holder.key(holder.table.len() + 1);
        let found = pool.lookup(key, holder.table.last().copied());
        prop_assert_eq!(found, naive.lookup(key));
        let Some(block) = found else { break };
        pool.touch(block);
        naive.touch(block);
        holder.table.push(block);
    }
    holder.registered = holder.table.len();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_plain_lists(
        operations in prop::collection::vec((0..4_u8, 0..6_usize, 0..16_u32), 1..120)
    ) {
        let mut pool = BlockPool::new(BLOCKS, true, 1);
        let mut naive = Naive::new();
        let mut holders: Vec<Holder> = (0..6).map(|_| Holder::default()).collect();
        for (kind, which, value) in operations {
            let holder = &mut holders[which];
            match kind {
                0 if holder.table.is_empty() => {
                    holder.path = value;
                    find_prefix(&mut pool, &mut naive, holder)?;
                }
                1 => {
                    let room = DEPTH - holder.table.len() as u32;
                    let count = (value % 4).min(room).min(pool.free());
                    let mut copy = holder.table.clone();
                    pool.allocate(count, &mut holder.table);
                    naive.allocate(count, &mut copy);
                    prop_assert_eq!(&holder.table, &copy);
                }
                2 if holder.registered < holder.table.len() => {
                    let key = holder.key(holder.registered + 1);
                    let before = holder.registered.checked_sub(1).map(|at| holder.table[at]);
                    pool.register_block(holder.table[holder.registered], key, before);
                    naive.register(holder.table[holder.registered], key);
                    holder.registered += 1;
                }
                3 => {
                    let mut copy = holder.table.clone();
                    pool.release_blocks(&mut holder.table);
                    naive.release(&mut copy);
                    holder.registered = 0;
                }
                _ => {}
            }
            let used = naive.references.iter().filter(|&&references| references > 0).count();
            prop_assert_eq!(pool.free() + used as u32, pool.usable());
            prop_assert!(pool.free.iter().eq(naive.free.iter().copied()));
        }
    }
}
