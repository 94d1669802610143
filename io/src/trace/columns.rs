//! Checks records against each other and stores them as the columns of a trace.

use std::collections::HashMap;

use kendall_kernel::Time;
use kendall_llm::{Content, Trace};

use super::class::Classes;
use super::error::{At, Fault, clipped};
use super::row::{BlockRule, Field, Keys, Row, Unit};
use super::sort;

/// Columns under construction, of a whole file or of a stretch of it.
///
/// A reader appends the block ids of a record to [`RowBuilder::ids`], then pushes the record or
/// abandons it. What was read can be taken at any time; what later rows are checked against stays:
/// names of sessions and classes, and how the first row was.
#[derive(Debug, Default)]
pub(super) struct RowBuilder {
    trace: Trace,
    /// Rows that were taken before those in `trace`.
    taken: usize,
    /// Arrival of the last row.
    last_ns: u64,
    /// Block ids of the rows, and behind them those of the record being read.
    pub(super) ids: Vec<u64>,
    /// End of each row's ids; empty if rows have none.
    id_ends: Vec<u64>,
    /// Whether rows have block ids; the first decides.
    has_ids: bool,
    block_tokens: u32,
    sessions: HashMap<String, u32>,
    classes: Classes,
    /// Whether arrivals count from the first one.
    pub(super) from_first: bool,
    /// The first arrival taken, which others then count from.
    first: Option<Time>,
    allow_unsorted: bool,
    seen: [bool; Field::COUNT],
}

impl RowBuilder {
    pub(super) fn new(allow_unsorted: bool) -> RowBuilder {
        RowBuilder {
            allow_unsorted,
            ..RowBuilder::default()
        }
    }

    /// Number of rows stored, those taken included.
    pub(super) fn len(&self) -> usize {
        self.taken + self.trace.len()
    }

    /// Whether any stored row had the field.
    pub(super) fn has_seen(&self, field: Field) -> bool {
        self.seen[field.index()]
    }

    /// Forgets the ids of a record that is not pushed.
    pub(super) fn abandon(&mut self) {
        self.ids.truncate(self.committed());
    }

    fn committed(&self) -> usize {
        self.id_ends.last().map_or(0, |end| *end as usize)
    }

    /// Checks a record and stores it; a bad one stores nothing and is to be abandoned.
    pub(super) fn push(&mut self, row: &Row<'_>, keys: &Keys) -> Result<(), At> {
        for field in [
            Field::Arrival(Unit::Nanos),
            Field::PromptTokens,
            Field::OutputTokens,
        ] {
            if !row.has(field) {
                let field = keys.choice(field);
                return Err(Fault::Missing { field }.at(0));
            }
        }
        if row.arrival_ns < self.last_ns && !self.allow_unsorted {
            let fault = Fault::Backwards {
                field: row.arrival_name(keys).to_owned(),
                by_ns: self.last_ns - row.arrival_ns,
            };
            return Err(row.at(Field::Arrival(Unit::Nanos), fault));
        }
        let block_tokens = self.check_blocks(row, keys)?;
        let first = self.len() == 0;
        let class = self
            .classes
            .number(row.class.as_ref(), first)
            .map_err(|must| {
                let fault = Fault::Value {
                    field: keys.name(Field::Class).to_owned(),
                    value: clipped(row.class.as_ref().map_or("", |class| class.text())),
                    must,
                };
                row.at(Field::Class, fault)
            })?;
        self.store(row, class, block_tokens);
        Ok(())
    }

    fn store(&mut self, row: &Row<'_>, class: Option<u16>, block_tokens: Option<u32>) {
        let rows = self.trace.len();
        if let Some(block_tokens) = block_tokens {
            self.has_ids = true;
            self.block_tokens = block_tokens;
            self.id_ends.push(self.ids.len() as u64);
        }
        let session = row.session.as_deref().map(|text| self.session_number(text));
        append(&mut self.trace.session, rows, session, Trace::NO_SESSION);
        append(&mut self.trace.priority, rows, row.priority, 0);
        append(&mut self.trace.class, rows, class, 0);
        self.trace.prompt_tokens.push(row.prompt_tokens);
        self.trace.output_tokens.push(row.output_tokens);
        self.trace.arrival.push(Time::from_ns(row.arrival_ns));
        self.last_ns = row.arrival_ns;
        for field in [
            Field::Priority,
            Field::Class,
            Field::Session,
            Field::HashIds,
            Field::BlockTokens,
        ] {
            self.seen[field.index()] |= row.has(field);
        }
    }

    /// Compares the ids of a record with its prompt and with the rows before. Returns the block
    /// size if it has ids.
    fn check_blocks(&self, row: &Row<'_>, keys: &Keys) -> Result<Option<u32>, At> {
        let earlier_rows = self.len() > 0;
        if earlier_rows && row.has_ids != self.has_ids {
            let fault = Fault::Uneven {
                field: keys.name(Field::HashIds).to_owned(),
            };
            return Err(row.at(Field::HashIds, fault));
        }
        if !row.has_ids {
            return Ok(None);
        }
        let size = match (keys.blocks, row.block_tokens) {
            (BlockRule::Fixed(size), _) | (BlockRule::Given, Some(size)) => size,
            (BlockRule::Given, None) => {
                let field = keys.choice(Field::BlockTokens);
                return Err(row.at(Field::HashIds, Fault::Missing { field }));
            }
        };
        if earlier_rows && size != self.block_tokens {
            let fault = Fault::BlockTokens {
                field: keys.name(Field::BlockTokens).to_owned(),
                value: size,
                before: self.block_tokens,
            };
            return Err(row.at(Field::BlockTokens, fault));
        }
        let found = (self.ids.len() - self.committed()) as u64;
        let expected = u64::from(row.prompt_tokens.div_ceil(size));
        let whole = u64::from(row.prompt_tokens / size);
        let or_one_less = keys.blocks == BlockRule::Given && whole != expected;
        if found == expected || (or_one_less && found == whole) {
            return Ok(Some(size));
        }
        let fault = Fault::HashCount {
            field: keys.name(Field::HashIds).to_owned(),
            found,
            expected,
            or_one_less,
            prompt_tokens: row.prompt_tokens,
            block_tokens: size,
        };
        Err(row.at(Field::HashIds, fault))
    }

    fn session_number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.sessions.get(text) {
            return *number;
        }
        // There are no more sessions than rows, and memory ends long before 2^32 rows.
        let number = self.sessions.len() as u32;
        self.sessions.insert(text.to_owned(), number);
        number
    }

    /// Takes the rows that have not been taken: all at once where they are to be sorted.
    pub(super) fn take(&mut self) -> Trace {
        let mut trace = std::mem::take(&mut self.trace);
        self.taken += trace.len();
        if self.has_ids {
            let mut offsets = Vec::with_capacity(self.id_ends.len() + 1);
            offsets.push(0);
            offsets.append(&mut self.id_ends);
            trace.content = Content::Hashed {
                ids: std::mem::take(&mut self.ids),
                offsets,
                block_tokens: self.block_tokens,
            };
        }
        sort::by_arrival(&mut trace);
        if let (true, Some(&first)) = (self.from_first, trace.arrival.first()) {
            let first = *self.first.get_or_insert(first);
            for arrival in &mut trace.arrival {
                *arrival = Time::from_ns(arrival.as_ns() - first.as_ns());
            }
        }
        trace
    }
}

/// Appends to a column that stays empty until a row has a value.
fn append<T: Copy>(column: &mut Vec<T>, rows: usize, value: Option<T>, absent: T) {
    match value {
        Some(value) => {
            column.resize(rows, absent);
            column.push(value);
        }
        None if column.is_empty() => {}
        None => column.push(absent),
    }
}
