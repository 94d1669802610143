//! Kendall's own form as JSON lines.

use super::recognise::{FirstLine, Shape};
use super::row::{BlockRule, Field, Layout, Unit};
use super::{Input, Records, TraceError, TraceFormat, jsonl};

/// The fields that both plain forms have.
pub(super) const FIELDS: &[(&str, Field)] = &[
    ("arrival_s", Field::Arrival(Unit::Seconds)),
    ("arrival_ms", Field::Arrival(Unit::Millis)),
    ("arrival_ns", Field::Arrival(Unit::Nanos)),
    ("prompt_tokens", Field::PromptTokens),
    ("output_tokens", Field::OutputTokens),
    ("priority", Field::Priority),
    ("class", Field::Class),
    ("session_id", Field::Session),
    ("hash_ids", Field::HashIds),
    ("block_tokens", Field::BlockTokens),
];

const LAYOUT: Layout = Layout {
    format: "plain-jsonl",
    fields: FIELDS,
    blocks: BlockRule::Given,
};

/// Whether a line has a field that only the plain forms have.
pub(super) fn is_plain(first: &FirstLine) -> bool {
    ["arrival_s", "arrival_ms", "arrival_ns", "prompt_tokens"]
        .iter()
        .any(|name| first.has(name))
}

pub(super) struct PlainJsonl;

impl TraceFormat for PlainJsonl {
    fn name(&self) -> &'static str {
        LAYOUT.format
    }

    fn about(&self) -> &'static str {
        "JSONL: arrival_s, arrival_ms or arrival_ns, prompt_tokens, output_tokens; optional priority, class, session_id, hash_ids with block_tokens"
    }

    fn recognises(&self, first: &FirstLine) -> bool {
        first.shape == Shape::Jsonl && is_plain(first)
    }

    fn open(&self, input: &mut Input<'_>) -> Result<Box<dyn Records>, TraceError> {
        jsonl::open(input, &LAYOUT)
    }
}
