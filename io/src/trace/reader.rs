//! What every format reads with: records one by one, with errors that name their place, and the
//! rows so far, taken whole or in stretches.

use kendall_llm::Trace;

use super::columns::RowBuilder;
use super::error::{At, TraceError};
use super::recognise::{self, FirstLine};
use super::source::{Framing, Lines};
use super::stream::TraceEnd;
use super::{FORMATS, OnBadRecord, ReadOptions, TraceFormat};

/// Reads the records of one file.
pub(super) trait Records {
    /// Reads records until there are `rows` rows in all, or the file or the limit of rows ends.
    fn read(&mut self, input: &mut Input<'_>, rows: usize) -> Result<(), TraceError>;
    /// What shows only when a file with at least one row has been read to its end.
    fn check(&self, input: &Input<'_>) -> Result<(), TraceError> {
        let _ = input;
        Ok(())
    }
}

/// A file being read.
pub(super) struct Reader<'a> {
    pub(super) format: &'static dyn TraceFormat,
    pub(super) input: Input<'a>,
    records: Box<dyn Records>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        mut lines: Lines<'a>,
        options: &ReadOptions,
    ) -> Result<Reader<'a>, TraceError> {
        let first = FirstLine::of(&mut lines)?;
        let format = recognise::choose(&FORMATS, &first, options)?;
        let mut input = Input {
            lines,
            first,
            options: options.clone(),
            rows: RowBuilder::new(options.sort),
            skipped: 0,
            ended: false,
        };
        let records = format.open(&mut input)?;
        Ok(Reader {
            format,
            input,
            records,
        })
    }

    /// The next rows, at most so many; none after the last.
    pub(super) fn rows(&mut self, most: usize) -> Result<Trace, TraceError> {
        let rows = self.input.rows.len().saturating_add(most);
        let open = !self.input.ended;
        self.records.read(&mut self.input, rows)?;
        if open && self.input.ended && self.input.rows.len() > 0 {
            self.records.check(&self.input)?;
        }
        Ok(self.input.rows.take())
    }

    /// The error of a file without rows.
    pub(super) fn empty(&self) -> TraceError {
        TraceError::Empty {
            name: self.input.lines.name.clone(),
            skipped: self.input.skipped,
        }
    }

    /// Reads what is left, for the digest.
    pub(super) fn finish(self) -> Result<TraceEnd, TraceError> {
        let name = self.input.lines.name.clone();
        let (sha256, bytes) = self.input.lines.finish()?;
        Ok(TraceEnd {
            name,
            sha256,
            bytes,
            rows: self.input.rows.len() as u64,
            skipped_records: self.input.skipped,
        })
    }
}

/// What a format reads from, and into.
pub(super) struct Input<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) first: FirstLine,
    pub(super) options: ReadOptions,
    pub(super) rows: RowBuilder,
    skipped: u64,
    /// Whether all lines have been read.
    ended: bool,
}

impl Input<'_> {
    /// Whether the limit of rows is reached.
    pub(super) fn is_full(&self) -> bool {
        let limit = self.options.limit.unwrap_or(u64::MAX);
        self.rows.len() as u64 >= limit
    }

    /// Calls `parse` with every record that is not blank, until there are `rows` rows or their
    /// limit is reached. A fault that it returns is an error, or skips the record.
    pub(super) fn each_record(
        &mut self,
        framing: Framing,
        rows: usize,
        mut parse: impl FnMut(&[u8], &mut RowBuilder) -> Result<(), At>,
    ) -> Result<(), TraceError> {
        while self.rows.len() < rows && !self.is_full() {
            let Some((line, record)) = self.lines.next(framing)? else {
                self.ended = true;
                break;
            };
            if record.trim_ascii().is_empty() {
                continue;
            }
            if let Err(at) = parse(record, &mut self.rows) {
                self.rows.abandon();
                self.reject(line, at)?;
            }
        }
        Ok(())
    }

    fn reject(&mut self, line: u64, at: At) -> Result<(), TraceError> {
        let At { column, fault } = at;
        if self.options.on_bad_record == OnBadRecord::Skip && fault.is_skippable() {
            self.skipped += 1;
            return Ok(());
        }
        let place = self.lines.place(line, column);
        Err(TraceError::Record { place, fault })
    }
}
