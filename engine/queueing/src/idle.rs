//! Sets of idle servers.

/// A set of servers, the lowest at hand.
#[derive(Clone, Debug)]
pub(crate) enum Idle {
    /// Up to 64 servers.
    Word(u64),
    Words(Vec<u64>),
}

impl Idle {
    /// So many servers, all of them.
    pub(crate) fn all(count: usize) -> Idle {
        let mut idle = match count {
            0..=64 => Idle::Word(0),
            _ => Idle::Words(vec![0; count.div_ceil(64)]),
        };
        (0..count).for_each(|server| idle.insert(server));
        idle
    }

    #[inline(always)]
    pub(crate) fn insert(&mut self, server: usize) {
        match self {
            Idle::Word(word) => *word |= 1 << (server % 64),
            Idle::Words(words) => words[server / 64] |= 1 << (server % 64),
        }
    }

    #[inline(always)]
    pub(crate) fn remove(&mut self, server: usize) {
        match self {
            Idle::Word(word) => *word &= !(1 << (server % 64)),
            Idle::Words(words) => words[server / 64] &= !(1 << (server % 64)),
        }
    }

    #[inline(always)]
    pub(crate) fn first(&self) -> Option<usize> {
        match self {
            Idle::Word(0) => None,
            Idle::Word(word) => Some(word.trailing_zeros() as usize),
            Idle::Words(words) => {
                let (at, word) = words.iter().enumerate().find(|(_, word)| **word != 0)?;
                Some(at * 64 + word.trailing_zeros() as usize)
            }
        }
    }
}
