//! What a request's tokens are, without the tokens.
//!
//! A position of a sequence belongs to a piece of some stream; a KV block's identity is a 128-bit
//! key chained over the pieces of its prefix. Invariant: two blocks have equal keys exactly if
//! their whole prefixes consist of the same tokens (but for a collision of 128 bits), however the
//! prefix was cut into pieces: adjacent pieces of one stream are coalesced before they are hashed.

use xxhash_rust::xxh3::xxh3_128;

use crate::trace::{Content, Trace};

/// Identity of a KV block: of its tokens and of all before them.
pub type BlockKey = u128;

/// The key before the first block.
pub const ROOT_KEY: BlockKey = 0;

/// Which family a stream name belongs to, so that names of different origin never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Named by the trace.
    Named = 0,
    /// The output of the request of that row.
    Output = 1,
    /// The part of a prompt about which nothing is known, of the request of that row.
    Private = 2,
}

/// A stretch of one stream as found at some position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    family: Family,
    stream: u64,
    offset: u32,
    tokens: u32,
}

impl Stretch {
    fn continues(&self, before: &Stretch) -> bool {
        self.family == before.family
            && self.stream == before.stream
            && before.offset.checked_add(before.tokens) == Some(self.offset)
    }

    fn absorb(&self, key: BlockKey) -> BlockKey {
        let mut bytes = [0_u8; 40];
        bytes[..16].copy_from_slice(&key.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.stream.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.offset.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.tokens.to_le_bytes());
        bytes[32] = self.family as u8;
        xxh3_128(&bytes)
    }
}

/// Content of one request: its prompt, then its output.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a> {
    content: &'a Content,
    row: usize,
    prompt_tokens: u32,
}

impl<'a> Sequence<'a> {
    /// Content of the request in a row of a trace.
    #[must_use]
    pub fn of(trace: &'a Trace, row: usize) -> Sequence<'a> {
        Sequence {
            content: &trace.content,
            row,
            prompt_tokens: trace.prompt_tokens[row],
        }
    }

    /// Key of the block of `block_size` tokens from position `start` on, given the key before it.
    #[must_use]
    pub fn block_key(&self, before: BlockKey, start: u32, block_size: u32) -> BlockKey {
        let mut key = before;
        let end = start + block_size;
        let mut open = self.stretch(start, end);
        let mut at = start + open.tokens;
        while at < end {
            let next = self.stretch(at, end);
            at += next.tokens;
            if next.continues(&open) {
                open.tokens += next.tokens;
            } else {
                key = open.absorb(key);
                open = next;
            }
        }
        open.absorb(key)
    }

    /// The stretch at `position`, cut at `end`.
    fn stretch(&self, position: u32, end: u32) -> Stretch {
        let room = end - position;
        if position >= self.prompt_tokens {
            return self.output(position - self.prompt_tokens, room);
        }
        let room = room.min(self.prompt_tokens - position);
        match self.content {
            Content::Unique => self.private(position, room),
            Content::Hashed {
                ids,
                offsets,
                block_tokens,
            } => {
                let own = &ids[offsets[self.row] as usize..offsets[self.row + 1] as usize];
                let (index, offset) = (position / block_tokens, position % block_tokens);
                match own.get(index as usize) {
                    Some(&stream) => Stretch {
                        family: Family::Named,
                        stream,
                        offset,
                        tokens: room.min(block_tokens - offset),
                    },
                    None => self.private(position, room),
                }
            }
            Content::Pieces {
                pieces, offsets, ..
            } => {
                let own = &pieces[offsets[self.row] as usize..offsets[self.row + 1] as usize];
                let mut skip = position;
                for piece in own {
                    if skip < piece.tokens {
                        return Stretch {
                            family: Family::Named,
                            stream: piece.stream,
                            offset: piece.offset + skip,
                            tokens: room.min(piece.tokens - skip),
                        };
                    }
                    skip -= piece.tokens;
                }
                self.private(position, room)
            }
        }
    }

    fn private(&self, offset: u32, tokens: u32) -> Stretch {
        Stretch {
            family: Family::Private,
            stream: self.row as u64,
            offset,
            tokens,
        }
    }

    fn output(&self, offset: u32, tokens: u32) -> Stretch {
        match self.content {
            Content::Pieces { output_streams, .. } => Stretch {
                family: Family::Named,
                stream: output_streams[self.row],
                offset,
                tokens,
            },
            _ => Stretch {
                family: Family::Output,
                stream: self.row as u64,
                offset,
                tokens,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Piece;

    fn pieces(prompts: &[&[(u64, u32, u32)]]) -> Trace {
        let mut trace = Trace::default();
        let (mut flat, mut offsets) = (Vec::new(), vec![0]);
        for prompt in prompts {
            let cut = prompt.iter().map(|&(stream, offset, tokens)| Piece {
                stream,
                offset,
                tokens,
            });
            flat.extend(cut);
            offsets.push(flat.len() as u64);
            trace
                .prompt_tokens
                .push(prompt.iter().map(|piece| piece.2).sum());
        }
        let output_streams = (0..prompts.len() as u64).map(|row| 900 + row).collect();
        trace.content = Content::Pieces {
            pieces: flat,
            offsets,
            output_streams,
        };
        trace
    }

    fn chain(trace: &Trace, row: usize, blocks: u32, block_size: u32) -> Vec<BlockKey> {
        let sequence = Sequence::of(trace, row);
        let mut keys = vec![];
        for block in 0..blocks {
            let before = keys.last().copied().unwrap_or(ROOT_KEY);
            keys.push(sequence.block_key(before, block * block_size, block_size));
        }
        keys
    }

    #[test]
    fn keys_do_not_depend_on_the_cut() {
        let trace = pieces(&[&[(1, 0, 64)], &[(1, 0, 7), (1, 7, 30), (1, 37, 27)]]);
        assert_eq!(chain(&trace, 0, 4, 16), chain(&trace, 1, 4, 16));
    }

    #[test]
    fn keys_see_the_whole_prefix() {
        let trace = pieces(&[&[(1, 0, 16), (2, 0, 16)], &[(3, 0, 16), (2, 0, 16)]]);
        let (a, b) = (chain(&trace, 0, 2, 16), chain(&trace, 1, 2, 16));
        assert_ne!(a[0], b[0]);
        assert_ne!(a[1], b[1]);
    }

    #[test]
    fn a_prompt_can_continue_another_requests_output() {
        let trace = pieces(&[&[(1, 0, 10)], &[(1, 0, 10), (900, 0, 22)]]);
        assert_eq!(chain(&trace, 0, 2, 16), chain(&trace, 1, 2, 16));
    }

    #[test]
    fn a_finer_block_cuts_hash_ids_and_a_coarser_one_joins_them() {
        let hashed = |ids: Vec<u64>, tokens| Trace {
            prompt_tokens: vec![tokens],
            content: Content::Hashed {
                offsets: vec![0, ids.len() as u64],
                ids,
                block_tokens: 512,
            },
            ..Trace::default()
        };
        let (a, b) = (hashed(vec![5, 6], 1024), hashed(vec![5, 7], 1024));
        let (fine_a, fine_b) = (chain(&a, 0, 64, 16), chain(&b, 0, 64, 16));
        assert_eq!(fine_a[..32], fine_b[..32]);
        assert!(fine_a[32..].iter().zip(&fine_b[32..]).all(|(x, y)| x != y));
        assert_ne!(chain(&a, 0, 1, 1024), chain(&b, 0, 1, 1024));
    }

    #[test]
    fn the_last_id_covers_only_what_the_prompt_fills() {
        // 600 tokens: the second id covers 88, then output follows; a full second id differs.
        let content = Content::Hashed {
            ids: vec![5, 6, 5, 6],
            offsets: vec![0, 2, 4],
            block_tokens: 512,
        };
        let trace = Trace {
            prompt_tokens: vec![600, 1024],
            content,
            ..Trace::default()
        };
        let (short, long) = (chain(&trace, 0, 38, 16), chain(&trace, 1, 38, 16));
        assert_eq!(short[..37], long[..37]);
        assert_ne!(short[37], long[37]);
    }
}
