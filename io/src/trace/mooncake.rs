//! Mooncake: JSONL with milliseconds and ids of 512-token prompt blocks.
//!
//! Source: kvcache-ai/Mooncake, FAST25-release. Stamps may have a fraction and `hash_ids` may be
//! left out in all rows, as in AIPerf's form of it. `priority`, `class` and `session_id` are ours.

use super::recognise::{FirstLine, Shape};
use super::row::{BlockRule, Field, Layout, Unit};
use super::{Input, Records, TraceError, TraceFormat, jsonl};

/// Tokens under one hash id.
pub(super) const BLOCK_TOKENS: u32 = 512;

const LAYOUT: Layout = Layout {
    format: "mooncake",
    fields: &[
        ("timestamp", Field::Arrival(Unit::Millis)),
        ("input_length", Field::PromptTokens),
        ("output_length", Field::OutputTokens),
        ("hash_ids", Field::HashIds),
        ("priority", Field::Priority),
        ("class", Field::Class),
        ("session_id", Field::Session),
    ],
    blocks: BlockRule::Fixed(BLOCK_TOKENS),
};

pub(super) struct Mooncake;

impl TraceFormat for Mooncake {
    fn name(&self) -> &'static str {
        LAYOUT.format
    }

    fn about(&self) -> &'static str {
        "JSONL: timestamp (ms), input_length, output_length, hash_ids of 512 tokens"
    }

    /// Qwen-Bailian's traces look alike but count seconds and 16-token blocks; their `chat_id`
    /// tells them apart. A first record that lacks one field is still taken for what it is, so
    /// that the error can name the field.
    fn recognises(&self, first: &FirstLine) -> bool {
        let lengths = first.has("input_length") || first.has("output_length");
        let others = first.has("timestamp") || first.has("hash_ids");
        first.shape == Shape::Jsonl && !first.has("chat_id") && lengths && others
    }

    fn open(&self, input: &mut Input<'_>) -> Result<Box<dyn Records>, TraceError> {
        jsonl::open(input, &LAYOUT)
    }
}
