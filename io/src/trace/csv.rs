//! Records as rows of a CSV file with a header.

use std::borrow::Cow;

use super::class::ClassText;
use super::columns::RowBuilder;
use super::date;
use super::error::{At, Fault, clipped};
use super::json;
use super::number;
use super::row::{Field, Keys, Layout, Row, Unit};
use super::source::Framing;
use super::{Input, Records, TraceError};

/// One cell of a row: where its text is, quotes left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    start: usize,
    end: usize,
    /// Whether doubled quotes stand for single ones.
    doubled: bool,
}

impl Cell {
    /// The text of the cell in its record.
    pub(super) fn text(self, record: &str) -> Cow<'_, str> {
        let text = record.get(self.start..self.end).unwrap_or_default();
        if self.doubled {
            Cow::Owned(text.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// Cuts a record at its commas (RFC 4180: a quoted cell may hold commas, line ends and doubled
/// quotes).
pub(super) fn split(record: &str, cells: &mut Vec<Cell>) -> Result<(), At> {
    let bytes = record.as_bytes();
    cells.clear();
    let mut at = 0;
    loop {
        let cell = if bytes.get(at) == Some(&b'"') {
            quoted(bytes, at)?
        } else {
            let length = memchr::memchr(b',', &bytes[at..]).unwrap_or(bytes.len() - at);
            Cell {
                start: at,
                end: at + length,
                doubled: false,
            }
        };
        cells.push(cell);
        at = cell.end + usize::from(bytes.get(at) == Some(&b'"'));
        match bytes.get(at) {
            None => return Ok(()),
            Some(b',') => at += 1,
            Some(_) => return Err(Fault::AfterQuote.at(at)),
        }
    }
}

/// The cell whose opening quote is at `at`.
fn quoted(bytes: &[u8], at: usize) -> Result<Cell, At> {
    let start = at + 1;
    let mut doubled = false;
    let mut from = start;
    while let Some(length) = memchr::memchr(b'"', &bytes[from..]) {
        let end = from + length;
        if bytes.get(end + 1) != Some(&b'"') {
            return Ok(Cell {
                start,
                end,
                doubled,
            });
        }
        doubled = true;
        from = end + 2;
    }
    Err(Fault::OpenQuote.at(at))
}

/// Reads the header, and gives what reads the records below it.
pub(super) fn open(input: &mut Input<'_>, layout: &Layout) -> Result<Box<dyn Records>, TraceError> {
    let keys = Keys::new(layout, &input.options.columns)?;
    let header = read_header(input, &keys)?;
    Ok(Box::new(CsvRecords {
        keys,
        header,
        cells: Vec::new(),
        dated: None,
    }))
}

struct CsvRecords {
    keys: Keys,
    /// For every column the key it holds, if any.
    header: Vec<Option<usize>>,
    /// Cells of the record being read.
    cells: Vec<Cell>,
    /// Whether a column of seconds turned out to be one of dates; the first row decides.
    dated: Option<bool>,
}

impl Records for CsvRecords {
    fn read(&mut self, input: &mut Input<'_>, rows: usize) -> Result<(), TraceError> {
        input.each_record(Framing::QuotedCsv, rows, |record, rows| {
            self.push(record, rows)
        })
    }
}

impl CsvRecords {
    fn push(&mut self, record: &[u8], rows: &mut RowBuilder) -> Result<(), At> {
        let record = json::text(record)?;
        split(record, &mut self.cells)?;
        if self.cells.len() != self.header.len() {
            let fault = Fault::Cells {
                found: self.cells.len(),
                header: self.header.len(),
            };
            return Err(fault.at(0));
        }
        let mut row = Row::default();
        for (cell, key) in self.cells.iter().zip(&self.header) {
            let Some(key) = *key else { continue };
            row.mark(&self.keys, key, cell.start)?;
            let field = match self.keys.get(key).field {
                Field::Arrival(Unit::Seconds) => {
                    let looks_dated = || date::looks_like_date(cell.text(record).trim());
                    let dated = *self.dated.get_or_insert_with(looks_dated);
                    Field::Arrival(if dated { Unit::Date } else { Unit::Seconds })
                }
                field => field,
            };
            rows.from_first |= field == Field::Arrival(Unit::Date);
            cell_value(record, *cell, field, &mut row, rows).map_err(|must| {
                let text = cell.text(record);
                let value = match text.trim() {
                    "" => "empty".to_owned(),
                    text => clipped(text),
                };
                let field = self.keys.get(key).name.clone();
                Fault::Value { field, value, must }.at(cell.start)
            })?;
        }
        rows.push(&row, &self.keys)
    }
}

fn cell_value<'a>(
    record: &'a str,
    cell: Cell,
    field: Field,
    row: &mut Row<'a>,
    rows: &mut RowBuilder,
) -> Result<(), &'static str> {
    let text = trimmed(cell.text(record));
    if text.is_empty() && !field.is_required() {
        // The ids of a prompt shorter than a block are an empty list.
        row.has_ids |= field == Field::HashIds;
        return Ok(());
    }
    match field {
        Field::Arrival(unit) => row.arrival_ns = number::arrival_ns(&text, unit)?,
        Field::PromptTokens => row.prompt_tokens = number::tokens(&text)?,
        Field::OutputTokens => row.output_tokens = number::tokens(&text)?,
        Field::BlockTokens => row.block_tokens = Some(number::tokens(&text)?),
        Field::Priority => row.priority = Some(number::priority(&text)?),
        Field::Session => row.session = Some(text),
        Field::Class => row.class = Some(ClassText::Text(text)),
        Field::HashIds => {
            for id in text.split([' ', '|']).filter(|id| !id.is_empty()) {
                rows.ids.push(number::block_id(id)?);
            }
            row.has_ids = true;
        }
    }
    Ok(())
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Reads the header: for every column the key it holds, if any.
fn read_header(input: &mut Input<'_>, keys: &Keys) -> Result<Vec<Option<usize>>, TraceError> {
    let (line, names) = loop {
        match input.lines.next(Framing::QuotedCsv)? {
            Some((_, record)) if record.trim_ascii().is_empty() => {}
            Some((line, record)) => break (line, header_names(record)),
            // The first line was seen before.
            None => return Ok(Vec::new()),
        }
    };
    let fatal = |at: At| TraceError::Record {
        place: input.lines.place(line, at.column),
        fault: at.fault,
    };
    let names = names.map_err(fatal)?;
    let mut row = Row::default();
    let mut header = Vec::new();
    for name in &names {
        let key = keys.find(name.as_bytes());
        if let Some(key) = key {
            row.mark(keys, key, 0).map_err(fatal)?;
        }
        header.push(key);
    }
    for key in keys.iter() {
        let found = row.has(key.field);
        if key.mapped && !found {
            return Err(input.first.lacks(key.ours, &key.name));
        }
        if key.field.is_required() && !found {
            return Err(TraceError::MissingColumn {
                place: input.lines.place(line, 1),
                field: keys.choice(key.field),
                there: names,
            });
        }
    }
    Ok(header)
}

fn header_names(record: &[u8]) -> Result<Vec<String>, At> {
    let record = json::text(record)?;
    let mut cells = Vec::new();
    split(record, &mut cells)?;
    let name = |cell: &Cell| cell.text(record).trim().to_owned();
    Ok(cells.iter().map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(record: &str) -> Result<Vec<String>, Fault> {
        let mut cells = Vec::new();
        split(record, &mut cells).map_err(|at| at.fault)?;
        Ok(cells
            .iter()
            .map(|cell| cell.text(record).into_owned())
            .collect())
    }

    #[test]
    fn cells_may_be_quoted_or_empty() {
        let cells = texts("a,\"b,\"\"c\"\"\",,\"\", d ,").unwrap();
        assert_eq!(cells, ["a", "b,\"c\"", "", "", " d ", ""]);
        assert_eq!(texts("").unwrap(), [""]);
        assert_eq!(texts("5\" disk,1").unwrap(), ["5\" disk", "1"]);
        assert_eq!(texts("\"a\nb\",1").unwrap(), ["a\nb", "1"]);
        assert_eq!(texts("1,\"a\"\"").unwrap_err(), Fault::OpenQuote);
        assert_eq!(texts("1,\"a\"b").unwrap_err(), Fault::AfterQuote);
    }

    proptest! {
        #[test]
        fn cells_survive_quoting(cells in prop::collection::vec("[a-c\", \n\u{e9}]{0,6}", 1..6)) {
            let quoted: Vec<String> = cells
                .iter()
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
                .collect();
            prop_assert_eq!(texts(&quoted.join(",")), Ok(cells));
        }

        #[test]
        fn any_text_is_survived(record in "[a\",\r\n\u{e9}]{0,30}") {
            let _ = texts(&record);
        }
    }
}
