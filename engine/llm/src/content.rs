//! What a request's tokens are, without the tokens.
//!
//! A position of a sequence belongs to a piece of some stream; a KV block's identity is a 128-bit
//! key chained over the pieces of its prefix. Invariant: two blocks have equal keys exactly if
//! their whole prefixes consist of the same tokens (but for a collision of 128 bits), however the
//! prefix was cut into pieces: adjacent pieces of one stream are coalesced before they are hashed.
//!
//! A piece is hashed once, together with the key before it; the key of a prefix that ends inside
//! it is that hash plus a multiple of a constant, so a block costs an addition and only a new
//! piece a hash.

use xxhash_rust::xxh3::xxh3_128;

use crate::trace::{Content, Trace};

/// Identity of a KV block: of its tokens and of all before them.
pub type BlockKey = u128;

/// What a token adds to the key of a piece: an odd number without structure, the first 128 bits
/// of the golden ratio's fraction.
const TOKEN_STRIDE: BlockKey = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

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

    /// Hash of the key before the piece and of where the piece starts.
    fn open(&self, before: BlockKey) -> BlockKey {
        let mut bytes = [0_u8; 32];
        bytes[..16].copy_from_slice(&before.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.stream.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.offset.to_le_bytes());
        bytes[28] = self.family as u8;
        xxh3_128(&bytes)
    }
}

/// Where the walk along a sequence's prefix stands: inside one coalesced piece.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    /// Hash of the piece and of all before it.
    base: BlockKey,
    /// Position of its first token.
    start: u32,
    /// Position behind its last token.
    end: u32,
    /// Number of the prompt's piece, as cut by the trace, at that position or before it, and the
    /// position at which it begins.
    cut: (u32, u32),
}

impl Cursor {
    /// Hash of the piece and of all before it: the same wherever the same tokens come before the
    /// same stretch of a stream, however long that is.
    #[must_use]
    pub fn base(&self) -> BlockKey {
        self.base
    }

    /// Position behind the last token of the piece.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.end
    }

    fn key(&self, position: u32) -> BlockKey {
        let tokens = BlockKey::from(position - self.start);
        self.base.wrapping_add(tokens.wrapping_mul(TOKEN_STRIDE))
    }
}

/// Content of one request: its prompt, then its output.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a> {
    content: &'a Content,
    /// Place in the content's columns.
    index: usize,
    /// What sets it apart from all others.
    number: u32,
    prompt_tokens: u32,
}

impl<'a> Sequence<'a> {
    /// Content of the request in a row of a trace that is the whole workload.
    #[must_use]
    pub fn of(trace: &'a Trace, row: usize) -> Sequence<'a> {
        Sequence::new(trace, row, row as u32)
    }

    /// Content of the request at `index` of a stretch of rows, row `number` of the workload.
    #[must_use]
    pub fn new(trace: &'a Trace, index: usize, number: u32) -> Sequence<'a> {
        Sequence {
            content: &trace.content,
            index,
            number,
            prompt_tokens: trace.prompt_tokens[index],
        }
    }

    /// Key of the prefix of `position` tokens. The cursor starts as the default and goes along;
    /// it may be asked again for the same position, never for one before the piece it stands in.
    #[must_use]
    pub fn prefix_key(&self, cursor: &mut Cursor, position: u32) -> BlockKey {
        self.seek(cursor, position);
        cursor.key(position)
    }

    /// Moves a cursor to the piece in which the prefix of `position` tokens ends; positions as in
    /// [`Sequence::prefix_key`].
    pub fn seek(&self, cursor: &mut Cursor, position: u32) {
        while cursor.end < position {
            *cursor = self.next_piece(cursor);
        }
    }

    /// The coalesced piece that follows.
    #[cold]
    fn next_piece(&self, cursor: &Cursor) -> Cursor {
        let start = cursor.end;
        let mut cut = cursor.cut;
        let first = self.stretch(start, &mut cut);
        let base = first.open(cursor.key(start));
        let mut last = first;
        let mut end = start.saturating_add(first.tokens);
        // Every hash id begins its stream, and so continues nothing.
        let alone = matches!(self.content, Content::Hashed { .. });
        while end < u32::MAX && !alone {
            let next = self.stretch(end, &mut cut);
            if !next.continues(&last) {
                break;
            }
            end = end.saturating_add(next.tokens);
            last = next;
        }
        Cursor {
            base,
            start,
            end,
            cut,
        }
    }

    /// The stretch from `position` to the end of its piece, which is looked for from `cut` on.
    fn stretch(&self, position: u32, cut: &mut (u32, u32)) -> Stretch {
        if position >= self.prompt_tokens {
            return self.output(position - self.prompt_tokens);
        }
        let room = self.prompt_tokens - position;
        match self.content {
            Content::Unique => self.private(position, room),
            Content::Hashed {
                ids,
                offsets,
                block_tokens,
            } => {
                let own = &ids[offsets[self.index] as usize..offsets[self.index + 1] as usize];
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
                let own = &pieces[offsets[self.index] as usize..offsets[self.index + 1] as usize];
                let (at, start) = cut;
                while let Some(piece) = own.get(*at as usize) {
                    let skip = position - *start;
                    if skip < piece.tokens {
                        return Stretch {
                            family: Family::Named,
                            stream: piece.stream,
                            offset: piece.offset + skip,
                            tokens: room.min(piece.tokens - skip),
                        };
                    }
                    (*at, *start) = (*at + 1, *start + piece.tokens);
                }
                self.private(position, room)
            }
        }
    }

    fn private(&self, offset: u32, tokens: u32) -> Stretch {
        Stretch {
            family: Family::Private,
            stream: u64::from(self.number),
            offset,
            tokens,
        }
    }

    /// The output from its token `offset` on, without end.
    fn output(&self, offset: u32) -> Stretch {
        let (family, stream) = match self.content {
            Content::Pieces { output_streams, .. } => (Family::Named, output_streams[self.index]),
            _ => (Family::Output, u64::from(self.number)),
        };
        Stretch {
            family,
            stream,
            offset,
            tokens: u32::MAX,
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
        let mut cursor = Cursor::default();
        let ends = (1..=blocks).map(|block| block * block_size);
        ends.map(|end| sequence.prefix_key(&mut cursor, end))
            .collect()
    }

    #[test]
    fn keys_do_not_depend_on_the_cut() {
        let cut = [(1, 0, 7), (5, 0, 0), (1, 7, 30), (1, 37, 27)];
        let trace = pieces(&[&[(1, 0, 64)], &cut]);
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
