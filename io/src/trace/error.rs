//! What can be wrong with a trace, with its place and a remedy.

use std::fmt;
use std::io;

use super::number::Decimal;

/// Why a trace cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be opened.
    #[error("{name}: cannot be opened: {source}")]
    Open {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// The path is a directory.
    #[error("{name}: is a directory, must be a file")]
    Directory {
        /// The path.
        name: String,
    },
    /// Reading failed half-way.
    #[error("{name}: cannot be read: {source}")]
    Read {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// The compressed stream is damaged or cut short.
    #[error("{name}: not a whole {codec} stream: {source}")]
    Decompress {
        /// The file.
        name: String,
        /// `gzip` or `zstd`.
        codec: &'static str,
        /// What the decoder says.
        source: io::Error,
    },
    /// No row is left to simulate.
    #[error("{name}: has no rows ({skipped} skipped)")]
    Empty {
        /// The file.
        name: String,
        /// Records that were skipped as bad.
        skipped: u64,
    },
    /// The first line fits no format.
    #[error(
        "{place}: not a known trace format, the first line has {}",
        listed(there)
    )]
    Unrecognised {
        /// The first line that is not blank.
        place: Place,
        /// Field names found there.
        there: Vec<String>,
    },
    /// No format has the name asked for.
    #[error("no trace format is called `{given}`")]
    UnknownFormat {
        /// The name asked for.
        given: String,
    },
    /// A mapping names a field that the format does not have.
    #[error("`{ours}` in --columns is no field of the format `{format}`")]
    UnknownField {
        /// The name that was mapped.
        ours: String,
        /// The format.
        format: &'static str,
        /// The fields it has.
        known: Vec<String>,
    },
    /// A mapping names something twice.
    #[error("`{field}` appears twice in --columns")]
    MappedTwice {
        /// Our name or theirs.
        field: String,
    },
    /// The file has no field of the name that was mapped.
    #[error("{place}: no field `{theirs}`, which --columns maps to `{ours}`")]
    NoSuchColumn {
        /// The header or first record.
        place: Place,
        /// Our name.
        ours: String,
        /// The name that is not there.
        theirs: String,
        /// The names that are.
        there: Vec<String>,
    },
    /// The header of a CSV file lacks a column.
    #[error("{place}: missing column {field}")]
    MissingColumn {
        /// The header.
        place: Place,
        /// The column, or the choice of columns.
        field: String,
        /// The columns that are there.
        there: Vec<String>,
    },
    /// A line does not end within the limit.
    #[error("{place}: the line is longer than {limit_bytes} bytes")]
    LineTooLong {
        /// The line.
        place: Place,
        /// The limit.
        limit_bytes: usize,
    },
    /// A record is bad.
    #[error("{place}: {fault}")]
    Record {
        /// Where.
        place: Place,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub name: String,
    /// Line, from 1.
    pub line: u64,
    /// Byte within the line, from 1.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.name, self.line, self.column)
    }
}

/// What is wrong with one record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes are not text.
    #[error("not UTF-8")]
    NotUtf8,
    /// The line is not JSON.
    #[error("not valid JSON{}: {what}", within(field))]
    Json {
        /// The field in which it stops being JSON.
        field: Option<String>,
        /// What the parser says.
        what: String,
    },
    /// The line is JSON but no object.
    #[error("the record is {value}, must be a JSON object")]
    NotAnObject {
        /// How it begins.
        value: String,
    },
    /// A field is not there.
    #[error("missing {field}")]
    Missing {
        /// The field, or the choice of fields.
        field: String,
    },
    /// A field has a value that it must not have.
    #[error("`{field}` is {value}, must {must}")]
    Value {
        /// The field.
        field: String,
        /// How its value begins.
        value: String,
        /// What the value must do, such as `be at least 1`.
        must: &'static str,
    },
    /// A field appears a second time.
    #[error("`{field}` appears twice")]
    Twice {
        /// The field.
        field: String,
    },
    /// Two fields give the same thing.
    #[error("`{field}` and `{other}` both give the arrival, must be one of them")]
    Both {
        /// The field that came first.
        field: String,
        /// The second.
        other: String,
    },
    /// A field is in some rows and not in others.
    #[error("`{field}` must be in every row or in none")]
    Uneven {
        /// The field.
        field: String,
    },
    /// The number of block ids contradicts the length of the prompt.
    #[error(
        "the length of `{field}` is {found}, must be {}{expected} for {prompt_tokens} prompt tokens in blocks of {block_tokens}",
        floor_choice(*or_one_less, *expected)
    )]
    HashCount {
        /// The field.
        field: String,
        /// Ids that are there.
        found: u64,
        /// Ids that cover the prompt.
        expected: u64,
        /// Whether the last, partly filled block may lack its id.
        or_one_less: bool,
        /// Length of the prompt.
        prompt_tokens: u32,
        /// Tokens under one id.
        block_tokens: u32,
    },
    /// The block size changes within the file.
    #[error("`{field}` is {value}, must be {before} as in the rows before")]
    BlockTokens {
        /// The field.
        field: String,
        /// Block size of this row.
        value: u32,
        /// Block size of the rows before.
        before: u32,
    },
    /// The row arrives before the row above it.
    #[error("`{field}` is {} s before that of the row above, must not go backwards", Decimal::new(*by_ns, 9))]
    Backwards {
        /// The field.
        field: String,
        /// By how much.
        by_ns: u64,
    },
    /// A CSV row is shorter or longer than the header.
    #[error("the row has {found} fields, must have {header} like the header")]
    Cells {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        header: usize,
    },
    /// A quoted CSV field never ends.
    #[error("the quoted field is not closed")]
    OpenQuote,
    /// Something follows the closing quote of a CSV field.
    #[error("text after a closing quote, must be a comma or the end of the row")]
    AfterQuote,
}

/// Names of fields for a message.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "no fields".to_owned();
    }
    let quoted: Vec<String> = names
        .iter()
        .take(40)
        .map(|name| format!("`{}`", clipped(name)))
        .collect();
    quoted.join(", ")
}

fn within(field: &Option<String>) -> String {
    field
        .as_ref()
        .map_or_else(String::new, |field| format!(" in `{field}`"))
}

fn floor_choice(or_one_less: bool, expected: u64) -> String {
    if or_one_less {
        format!("{} or ", expected.saturating_sub(1))
    } else {
        String::new()
    }
}

/// The beginning of a value, short enough for a message.
pub(super) fn clipped(value: &str) -> String {
    const SHOWN: usize = 40;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_owned(),
    }
}

/// A fault and the column (a byte, from 1) it is at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) column: u64,
    pub(super) fault: Fault,
}

impl Fault {
    /// This fault at the byte `offset` (from 0) of the line.
    pub(super) fn at(self, offset: usize) -> At {
        At {
            column: offset as u64 + 1,
            fault: self,
        }
    }

    /// Whether leaving the record out mends the trace. An open quote swallows what follows, and
    /// after a wrong time every later row may seem to go backwards.
    pub(super) fn is_skippable(&self) -> bool {
        !matches!(self, Fault::OpenQuote | Fault::Backwards { .. })
    }

    fn hint(&self) -> Option<String> {
        const SKIP: &str = "--on-bad-record skip drops bad records and counts them in the summary";
        let hint = match self {
            Fault::OpenQuote => return None,
            Fault::Backwards { .. } => {
                "--sort sorts the rows by arrival, equal ones stay in the order of the file"
            }
            Fault::Missing { .. } => {
                "--columns OURS=THEIRS reads a field under another name; --on-bad-record skip drops bad records"
            }
            Fault::HashCount { .. } => {
                "the plain formats take other block sizes as `block_tokens`; --on-bad-record skip drops bad records"
            }
            _ => SKIP,
        };
        Some(hint.to_owned())
    }
}

impl TraceError {
    /// What the user can do about it, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            TraceError::Open { .. } => {
                "a path is relative to the working directory, `-` is standard input".to_owned()
            }
            TraceError::Directory { .. } => "name one of the files in it".to_owned(),
            TraceError::Read { .. } => return None,
            TraceError::Decompress { .. } => {
                "the file may be cut short, fetch or compress it again".to_owned()
            }
            TraceError::Empty { skipped: 0, .. } => "a trace needs at least one request".to_owned(),
            TraceError::Empty { .. } => {
                "--on-bad-record fail shows what is wrong with the first bad record".to_owned()
            }
            TraceError::Unrecognised { .. } => format!(
                "known formats are {}; --format forces one, --columns OURS=THEIRS renames fields",
                format_names()
            ),
            TraceError::UnknownFormat { given } => unknown_format_hint(given),
            TraceError::UnknownField { known, .. } => format!("its fields are {}", listed(known)),
            TraceError::MappedTwice { .. } => "map each field once".to_owned(),
            TraceError::NoSuchColumn { there, .. } => format!("there are {}", listed(there)),
            TraceError::MissingColumn { there, .. } => format!(
                "there are {}; --columns OURS=THEIRS reads a column under another name",
                listed(there)
            ),
            TraceError::LineTooLong { .. } => {
                "a trace has one record per line; is this one a single large JSON document?"
                    .to_owned()
            }
            TraceError::Record { fault, .. } => return fault.hint(),
        };
        Some(hint)
    }
}

fn format_names() -> String {
    let names: Vec<&str> = super::formats().iter().map(|format| format.name).collect();
    names.join(", ")
}

fn unknown_format_hint(given: &str) -> String {
    let nearest = super::formats()
        .iter()
        .map(|format| (strsim::damerau_levenshtein(given, format.name), format.name))
        .min();
    match nearest {
        Some((distance, name)) if distance <= 3 => {
            format!(
                "did you mean `{name}`? known formats are {}",
                format_names()
            )
        }
        _ => format!("known formats are {}", format_names()),
    }
}
