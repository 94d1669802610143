//! Requests as columns, shared read-only among runs.
//!
//! Invariants: every column has one entry per request; arrivals never go backwards; a prompt is
//! never expanded to tokens, its content is a list of pieces of token streams.

use kendall_kernel::Time;

/// Identity of an endless sequence of tokens. Two tokens are equal exactly if stream and offset
/// are.
pub type StreamId = u64;

/// A stretch of a token stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The stream it is cut from.
    pub stream: StreamId,
    /// First token within the stream.
    pub offset: u32,
    /// Number of tokens.
    pub tokens: u32,
}

/// What prompts consist of, for prefix caching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Nothing is known: every prompt is unlike every other.
    #[default]
    Unique,
    /// Ids of leading prompt blocks, each the name of a stream of `block_tokens` tokens. The last
    /// id of a prompt covers only what the prompt fills of it; prompt tokens behind the last id
    /// are unlike any other.
    Hashed {
        /// Ids of all requests, one after another.
        ids: Vec<u64>,
        /// Request `r` owns `ids[offsets[r] .. offsets[r + 1]]`; one entry more than requests.
        offsets: Vec<u64>,
        /// Tokens under one id.
        block_tokens: u32,
    },
    /// Pieces of arbitrary cut that cover each prompt exactly.
    Pieces {
        /// Pieces of all requests, one after another.
        pieces: Vec<Piece>,
        /// Request `r` owns `pieces[offsets[r] .. offsets[r + 1]]`; one entry more than requests.
        offsets: Vec<u64>,
        /// Stream of each request's output.
        output_streams: Vec<StreamId>,
    },
}

/// A workload with given arrival times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Arrival times, not decreasing; equal ones keep the order of the rows.
    pub arrival: Vec<Time>,
    /// Prompt lengths, at least 1.
    pub prompt_tokens: Vec<u32>,
    /// Output lengths, at least 1.
    pub output_tokens: Vec<u32>,
    /// Priorities, lower is more urgent; empty: all 0.
    pub priority: Vec<i32>,
    /// Classes; empty: all 0.
    pub class: Vec<u16>,
    /// Sessions numbered in order of appearance, [`Trace::NO_SESSION`] for none; empty: none.
    pub session: Vec<u32>,
    /// When the client withdraws the request, [`Time::MAX`] for never; empty: never.
    pub abort: Vec<Time>,
    /// What the prompts consist of.
    pub content: Content,
}

impl Trace {
    /// Marks a request outside any session.
    pub const NO_SESSION: u32 = u32::MAX;

    /// Number of requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrival.len()
    }

    /// Whether there is no request at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrival.is_empty()
    }
}

/// A workload that comes in stretches, so that it need not fit into memory.
pub trait Source {
    /// The next requests, in order of arrival within and between stretches; `None` after the last.
    /// All stretches have content of the same kind. A source that fails ends there, and keeps its
    /// error for its owner.
    fn next_rows(&mut self) -> Option<Trace>;
}
