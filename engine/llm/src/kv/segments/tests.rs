//! Segments against the block pool: whatever a scheduler can see must be the same.

use proptest::prelude::*;

use super::*;
use crate::kv::KvCache;
use crate::trace::{Content, Piece, Trace};

mod exact;
mod links;
mod random;

/// Rows whose prompts are these pieces, (stream, offset, tokens); outputs are streams 900, 901, ...
fn trace_of(prompts: &[Vec<(u64, u32, u32)>]) -> Trace {
    let mut trace = Trace::default();
    let (mut flat, mut offsets) = (Vec::new(), vec![0]);
    for prompt in prompts {
        flat.extend(prompt.iter().map(|&(stream, offset, tokens)| Piece {
            stream,
            offset,
            tokens,
        }));
        offsets.push(flat.len() as u64);
        let tokens = prompt.iter().map(|piece| piece.2).sum();
        trace.prompt_tokens.push(tokens);
    }
    trace.content = Content::Pieces {
        pieces: flat,
        offsets,
        output_streams: (900..).take(prompts.len()).collect(),
    };
    trace
}
