//! One request, and the columns it goes into.

use std::cmp::Ordering;

use kendall_kernel::Time;
use kendall_llm::{Content, Trace};

/// One request. No two of a tenant have the same [`Row::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) arrival: Time,
    /// Number of the session within its tenant.
    pub(super) session: u32,
    /// Number of the session in the trace, or none.
    pub(super) label: u32,
    pub(super) turn: u32,
    pub(super) prompt_tokens: u32,
    pub(super) output_tokens: u32,
    pub(super) prefix: Prefix,
}

impl Row {
    /// What rows are ordered by: arrival, then session, then turn.
    pub(super) fn place(&self) -> (Time, u32, u32) {
        (self.arrival, self.session, self.turn)
    }

    pub(super) fn order(&self, other: &Row) -> Ordering {
        self.place().cmp(&other.place())
    }
}

/// The shared prefix of a prompt; without tokens if it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) group: u32,
    pub(super) tokens: u32,
}

/// Which columns a trace has beside those that every one has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extras {
    pub(super) sessions: bool,
    pub(super) classes: bool,
    pub(super) priorities: bool,
}

/// A trace under construction.
#[derive(Debug)]
pub(super) struct Columns {
    trace: Trace,
    extras: Extras,
    /// Block ids of all rows.
    pub(super) ids: Vec<u64>,
    offsets: Vec<u64>,
}

impl Columns {
    pub(super) fn new(extras: Extras) -> Columns {
        Columns {
            trace: Trace::default(),
            extras,
            ids: Vec::new(),
            offsets: vec![0],
        }
    }

    /// Room for so many rows more.
    pub(super) fn reserve(&mut self, rows: usize) {
        self.trace.arrival.reserve(rows);
        self.trace.prompt_tokens.reserve(rows);
        self.trace.output_tokens.reserve(rows);
        self.offsets.reserve(rows);
        if self.extras.sessions {
            self.trace.session.reserve(rows);
        }
        if self.extras.classes {
            self.trace.class.reserve(rows);
        }
        if self.extras.priorities {
            self.trace.priority.reserve(rows);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.trace.len()
    }

    /// Appends a row whose block ids have been appended to `ids`.
    pub(super) fn push(&mut self, row: &Row, class: u16, priority: i32) {
        self.trace.arrival.push(row.arrival);
        self.trace.prompt_tokens.push(row.prompt_tokens);
        self.trace.output_tokens.push(row.output_tokens);
        if self.extras.sessions {
            self.trace.session.push(row.label);
        }
        if self.extras.classes {
            self.trace.class.push(class);
        }
        if self.extras.priorities {
            self.trace.priority.push(priority);
        }
        self.offsets.push(self.ids.len() as u64);
    }

    pub(super) fn into_trace(self, block_tokens: u32) -> Trace {
        Trace {
            content: Content::Hashed {
                ids: self.ids,
                offsets: self.offsets,
                block_tokens,
            },
            ..self.trace
        }
    }
}
