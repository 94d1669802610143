//! Traces out, in forms that read back to the same nanosecond.

use std::io::{self, Write};

use kendall_llm::{Content, Trace};

use super::mooncake::BLOCK_TOKENS;
use super::number::Decimal;

/// Why a trace cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output fails.
    #[error("the trace cannot be written: {source}")]
    Io {
        /// What the system says.
        #[from]
        source: io::Error,
    },
    /// The format has no place for something that the trace has.
    #[error("the format {format} has no place for {what}")]
    NoPlace {
        /// The format.
        format: &'static str,
        /// What would be lost.
        what: &'static str,
    },
    /// Mooncake counts in blocks of another size.
    #[error("the trace has blocks of {block_tokens} tokens, must have blocks of 512 for mooncake")]
    BlockTokens {
        /// Tokens under one id.
        block_tokens: u32,
    },
    /// Mooncake wants an id for the last, partly filled block too.
    #[error("row {row} has {found} block ids, must have {expected} for mooncake")]
    HashCount {
        /// The row, from 0.
        row: usize,
        /// Ids that are there.
        found: usize,
        /// Ids that cover the prompt.
        expected: usize,
    },
}

/// Writes a trace as Mooncake JSONL. Stamps are milliseconds with as many digits as they need;
/// priorities, classes and sessions are written where the trace has them; `hash_ids` is left out
/// where nothing is known of the content.
///
/// # Errors
/// Block ids that are not those of whole prompts in 512-token blocks, pieces, withdrawals, and
/// failures of the output.
pub fn write_mooncake(trace: &Trace, out: &mut impl Write) -> Result<(), WriteError> {
    let blocks = Blocks::of(trace, "mooncake")?;
    if let Some(blocks) = &blocks {
        if blocks.block_tokens != BLOCK_TOKENS {
            let block_tokens = blocks.block_tokens;
            return Err(WriteError::BlockTokens { block_tokens });
        }
        for (row, prompt_tokens) in trace.prompt_tokens.iter().enumerate() {
            let found = blocks.row(row).len();
            let expected = prompt_tokens.div_ceil(BLOCK_TOKENS) as usize;
            if found != expected {
                return Err(WriteError::HashCount {
                    row,
                    found,
                    expected,
                });
            }
        }
    }
    for row in 0..trace.len() {
        write!(
            out,
            "{{\"timestamp\": {}, \"input_length\": {}, \"output_length\": {}",
            Decimal::new(trace.arrival[row].as_ns(), 6),
            trace.prompt_tokens[row],
            trace.output_tokens[row]
        )?;
        write_extras(trace, row, out)?;
        if let Some(blocks) = &blocks {
            write_ids(blocks.row(row), out)?;
        }
        out.write_all(b"}\n")?;
    }
    Ok(())
}

/// Writes a trace as plain JSONL, arrivals as `arrival_ns`.
///
/// # Errors
/// Pieces, withdrawals, and failures of the output.
pub fn write_plain(trace: &Trace, out: &mut impl Write) -> Result<(), WriteError> {
    let blocks = Blocks::of(trace, "plain")?;
    for row in 0..trace.len() {
        write!(
            out,
            "{{\"arrival_ns\": {}, \"prompt_tokens\": {}, \"output_tokens\": {}",
            trace.arrival[row].as_ns(),
            trace.prompt_tokens[row],
            trace.output_tokens[row]
        )?;
        write_extras(trace, row, out)?;
        if let Some(blocks) = &blocks {
            write_ids(blocks.row(row), out)?;
            write!(out, ", \"block_tokens\": {}", blocks.block_tokens)?;
        }
        out.write_all(b"}\n")?;
    }
    Ok(())
}

/// Block ids by row.
struct Blocks<'a> {
    ids: &'a [u64],
    offsets: &'a [u64],
    block_tokens: u32,
}

impl<'a> Blocks<'a> {
    /// The block ids of a trace, if it has any; an error for what no format has a place for.
    fn of(trace: &'a Trace, format: &'static str) -> Result<Option<Blocks<'a>>, WriteError> {
        if !trace.abort.is_empty() {
            let what = "times at which requests are withdrawn";
            return Err(WriteError::NoPlace { format, what });
        }
        match &trace.content {
            Content::Unique => Ok(None),
            Content::Hashed {
                ids,
                offsets,
                block_tokens,
            } => Ok(Some(Blocks {
                ids,
                offsets,
                block_tokens: *block_tokens,
            })),
            Content::Pieces { .. } => {
                let what = "prompts of pieces of any length";
                Err(WriteError::NoPlace { format, what })
            }
        }
    }

    fn row(&self, row: usize) -> &'a [u64] {
        &self.ids[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }
}

fn write_extras(trace: &Trace, row: usize, out: &mut impl Write) -> io::Result<()> {
    if let Some(priority) = trace.priority.get(row) {
        write!(out, ", \"priority\": {priority}")?;
    }
    if let Some(class) = trace.class.get(row) {
        write!(out, ", \"class\": {class}")?;
    }
    match trace.session.get(row) {
        None | Some(&Trace::NO_SESSION) => Ok(()),
        Some(session) => write!(out, ", \"session_id\": {session}"),
    }
}

fn write_ids(ids: &[u64], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b", \"hash_ids\": [")?;
    for (index, id) in ids.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(out, "{separator}{id}")?;
    }
    out.write_all(b"]")
}
