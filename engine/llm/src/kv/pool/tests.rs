//! The pool against a naive model that keeps plain lists.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

#[derive(Default)]
struct Naive {
    free: VecDeque<BlockId>,
    references: Vec<u32>,
    keys: Vec<Option<BlockKey>>,
    inserted: Vec<(BlockKey, BlockId)>,
}

impl Naive {
    fn new(blocks: u32) -> Naive {
        Naive {
            free: (1..blocks).collect(),
            references: vec![0; blocks as usize],
            keys: vec![None; blocks as usize],
            inserted: vec![],
        }
    }

    fn lookup(&self, key: BlockKey) -> Option<BlockId> {
        self.inserted
            .iter()
            .find(|(k, _)| *k == key)
            .map(|&(_, id)| id)
    }

    fn allocate(&mut self, count: u32, table: &mut Vec<BlockId>) {
        for _ in 0..count {
            let block = self.free.pop_front().unwrap();
            if self.keys[block as usize].take().is_some() {
                self.inserted.retain(|&(_, id)| id != block);
            }
            self.references[block as usize] = 1;
            table.push(block);
        }
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

proptest! {
    #[test]
    fn agrees_with_plain_lists(
        operations in prop::collection::vec((0..4_u8, 0..8_usize, 0..6_u64), 1..200)
    ) {
        let mut pool = BlockPool::new(20, true);
        let mut naive = Naive::new(20);
        let mut tables = vec![Vec::new(); 8];
        for (kind, which, value) in operations {
            let table = &mut tables[which];
            match kind {
                0 => {
                    let count = (value as u32).min(pool.free());
                    let mut copy = table.clone();
                    pool.allocate(count, table);
                    naive.allocate(count, &mut copy);
                    prop_assert_eq!(&*table, &copy);
                }
                1 => {
                    let mut copy = table.clone();
                    pool.release(table);
                    naive.release(&mut copy);
                }
                2 => {
                    let key = BlockKey::from(value);
                    prop_assert_eq!(pool.lookup(key), naive.lookup(key));
                    if let Some(block) = pool.lookup(key) {
                        pool.touch(block);
                        if naive.references[block as usize] == 0 {
                            naive.free.retain(|&id| id != block);
                        }
                        naive.references[block as usize] += 1;
                        table.push(block);
                    }
                }
                _ => {
                    let blank = table.iter().find(|&&id| naive.keys[id as usize].is_none());
                    if let Some(&block) = blank {
                        let key = BlockKey::from(value);
                        pool.register(block, key);
                        naive.keys[block as usize] = Some(key);
                        naive.inserted.push((key, block));
                    }
                }
            }
            prop_assert_eq!(pool.free() + pool.used(), pool.usable());
            prop_assert!(pool.free.iter().eq(naive.free.iter().copied()));
        }
    }
}
