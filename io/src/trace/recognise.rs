//! Which format a file has, judged by its first line.

use super::csv;
use super::error::{Fault, Place, TraceError};
use super::json;
use super::source::{Framing, Lines};
use super::{ReadOptions, TraceFormat};

/// How a file is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One JSON object per line.
    Jsonl,
    /// A header and rows.
    Csv,
}

/// The first line of a file that is not blank.
#[derive(Debug)]
pub(super) struct FirstLine {
    pub(super) place: Place,
    pub(super) shape: Shape,
    /// Names of the fields: keys of the object or cells of the header.
    pub(super) names: Vec<String>,
    /// What keeps it from being text or JSON.
    broken: Option<(u64, Fault)>,
}

impl FirstLine {
    /// Looks at the first line and leaves it to be read.
    pub(super) fn of(lines: &mut Lines<'_>) -> Result<FirstLine, TraceError> {
        let (line, bytes) = loop {
            match lines.next(Framing::Line)? {
                Some((line, bytes)) if !bytes.trim_ascii().is_empty() => {
                    break (line, bytes.to_vec());
                }
                Some(_) => {}
                None => {
                    return Err(TraceError::Empty {
                        name: lines.name.clone(),
                        skipped: 0,
                    });
                }
            }
        };
        lines.unread();
        let mut first = FirstLine {
            place: lines.place(line, 1),
            shape: Shape::Csv,
            names: Vec::new(),
            broken: None,
        };
        let text = match json::text(&bytes) {
            Ok(text) => text,
            Err(at) => {
                first.broken = Some((at.column, at.fault));
                return Ok(first);
            }
        };
        if text.trim_ascii_start().starts_with('{') {
            first.shape = Shape::Jsonl;
            first.names = json::members(text)
                .map(|(name, _)| name.to_owned())
                .collect();
            first.broken = json::check(text).err().map(|at| (at.column, at.fault));
        } else if !text.trim_ascii_start().starts_with('[') {
            let mut cells = Vec::new();
            // A header that goes on in the next line is complained of when it is read.
            let _ = csv::split(text, &mut cells);
            first.names = cells
                .iter()
                .map(|cell| cell.text(text).trim().to_owned())
                .collect();
        }
        Ok(first)
    }

    /// Whether the line has a field of this name, the user's names applied.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|there| there == name)
    }

    /// Whether the line is a whole record or header, so that a name it lacks is not there.
    pub(super) fn is_whole(&self) -> bool {
        self.broken.is_none()
    }

    /// The error of a name that is mapped but not there.
    pub(super) fn lacks(&self, ours: &str, theirs: &str) -> TraceError {
        TraceError::NoSuchColumn {
            place: self.place.clone(),
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
            there: self.names.clone(),
        }
    }

    /// This line as if it used our names.
    fn renamed(&self, columns: &[(String, String)]) -> FirstLine {
        let ours = |name: &String| {
            let mapped = columns.iter().find(|(_, theirs)| theirs == name);
            mapped.map_or(name, |(ours, _)| ours).clone()
        };
        FirstLine {
            place: self.place.clone(),
            shape: self.shape,
            names: self.names.iter().map(ours).collect(),
            broken: self.broken.clone(),
        }
    }
}

/// The format that is asked for, or the first that recognises the line.
pub(super) fn choose(
    formats: &[&'static dyn TraceFormat],
    first: &FirstLine,
    options: &ReadOptions,
) -> Result<&'static dyn TraceFormat, TraceError> {
    let renamed = first.renamed(&options.columns);
    if let Some(given) = &options.format {
        return forced(formats, &renamed, given);
    }
    if let Some(format) = formats.iter().find(|format| format.recognises(&renamed)) {
        return Ok(*format);
    }
    if let Some((column, fault)) = &first.broken {
        let place = Place {
            column: *column,
            ..first.place.clone()
        };
        return Err(TraceError::Record {
            place,
            fault: fault.clone(),
        });
    }
    if let Some((ours, theirs)) = options
        .columns
        .iter()
        .find(|(_, theirs)| !first.has(theirs))
    {
        return Err(first.lacks(ours, theirs));
    }
    Err(TraceError::Unrecognised {
        place: first.place.clone(),
        there: first.names.clone(),
    })
}

/// The format of this name, or of the family (`plain` for `plain-jsonl` and `plain-csv`) the one
/// that fits the shape of the file.
fn forced(
    formats: &[&'static dyn TraceFormat],
    first: &FirstLine,
    given: &str,
) -> Result<&'static dyn TraceFormat, TraceError> {
    let suffix = match first.shape {
        Shape::Jsonl => "jsonl",
        Shape::Csv => "csv",
    };
    let in_family = format!("{given}-{suffix}");
    formats
        .iter()
        .find(|format| format.name() == given || format.name() == in_family)
        .copied()
        .ok_or_else(|| TraceError::UnknownFormat {
            given: given.to_owned(),
        })
}
