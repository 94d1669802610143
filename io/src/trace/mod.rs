//! Traces in: files of arrivals and lengths become the columns of a [`Trace`].
//!
//! A file is opened, decompressed (gzip, Zstandard), cut into lines, recognised by its first line
//! and read by one of the formats in the registry below, whole or, as a [`TraceStream`], while a
//! run takes its rows. A further format is one file that implements `TraceFormat` and one line in
//! the registry.
//!
//! Invariants: no input, of whatever bytes, panics; numbers are read exactly, never through
//! floating point; memory is what the columns need and the longest line; every record is either a
//! row, an error, or counted as skipped. Deliberately absent: tokenizers, and any guess at a
//! length that the file does not state.

mod azure;
mod bursts;
mod class;
mod columns;
mod csv;
mod date;
mod error;
mod inspect;
mod json;
mod jsonl;
mod mooncake;
mod number;
mod plain_csv;
mod plain_jsonl;
mod reader;
mod recognise;
mod row;
mod scan;
mod sort;
mod source;
mod stream;
mod write;

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use kendall_llm::{Content, Trace};

pub use error::{Fault, Place, TraceError};
pub use inspect::{Inspection, Lengths, inspect};
pub use stream::{TraceEnd, TraceStream};
pub use write::{WriteError, write_mooncake, write_plain};

use reader::{Input, Reader, Records};
use recognise::FirstLine;
use source::Lines;

/// All formats; the first that recognises a file reads it.
static FORMATS: [&dyn TraceFormat; 4] = [
    &mooncake::Mooncake,
    &plain_jsonl::PlainJsonl,
    &plain_csv::PlainCsv,
    &azure::Azure,
];

/// A way to write traces.
trait TraceFormat: Sync {
    /// The name that forces it.
    fn name(&self) -> &'static str;
    /// One line for people.
    fn about(&self) -> &'static str;
    /// Whether a file that starts like this is one.
    fn recognises(&self, first: &FirstLine) -> bool;
    /// Reads what comes before the records, and gives what reads these.
    fn open(&self, input: &mut Input<'_>) -> Result<Box<dyn Records>, TraceError>;
}

/// What to do with a bad record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBadRecord {
    /// Stop with an error.
    #[default]
    Fail,
    /// Leave it out and count it.
    Skip,
}

/// How to read a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Name of the format (see [`formats`]; `plain` is either of the plain ones); by default it
    /// is recognised from the first line.
    pub format: Option<String>,
    /// Pairs of our name and theirs for fields that the file calls otherwise.
    pub columns: Vec<(String, String)>,
    /// Sort the rows by arrival, equal ones staying in the order of the file; without it a row
    /// that arrives before the one above is an error.
    pub sort: bool,
    /// What to do with a bad record.
    pub on_bad_record: OnBadRecord,
    /// Stop after this many rows of the file, counted before sorting.
    pub limit: Option<u64>,
}

/// A trace and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedTrace {
    /// The rows; at least one.
    pub trace: Trace,
    /// Name of the format.
    pub format: &'static str,
    /// The file as it was named.
    pub name: String,
    /// SHA-256 of the decompressed bytes of the whole file, in hex.
    pub sha256: String,
    /// Number of decompressed bytes.
    pub bytes: u64,
    /// Bad records that were left out.
    pub skipped_records: u64,
    /// Whether the rows say what the prompts consist of.
    pub has_content: bool,
}

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatInfo {
    /// The name that forces it.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
}

/// The formats that can be read, in the order in which they are tried.
#[must_use]
pub fn formats() -> &'static [FormatInfo] {
    static INFOS: LazyLock<Vec<FormatInfo>> = LazyLock::new(|| {
        let info = |format: &&dyn TraceFormat| FormatInfo {
            name: format.name(),
            about: format.about(),
        };
        FORMATS.iter().map(info).collect()
    });
    &INFOS
}

/// Reads a file, or standard input for `-`. O(bytes), and O(n log n) rows where sorting has
/// something to do.
///
/// # Errors
/// Whatever is wrong with the file, its first bad record unless these are skipped, or the lack of
/// any row.
pub fn read(path: &Path, options: &ReadOptions) -> Result<LoadedTrace, TraceError> {
    read_lines(source::open(path)?, options)
}

/// Reads a file that is in memory, decompressing it if need be. `name` is for messages.
///
/// # Errors
/// As for [`read`].
///
/// # Examples
/// ```
/// use kendall_io::trace::{ReadOptions, read_bytes};
///
/// let text = b"arrival_s,prompt_tokens,output_tokens\n0.5,100,20\n";
/// let loaded = read_bytes("tiny.csv", text, &ReadOptions::default())?;
/// assert_eq!(loaded.format, "plain-csv");
/// assert_eq!(loaded.trace.arrival[0].as_ns(), 500_000_000);
/// # Ok::<(), kendall_io::trace::TraceError>(())
/// ```
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<LoadedTrace, TraceError> {
    let input = Box::new(Cursor::new(bytes));
    read_lines(Lines::new(name, input, source::MAX_LINE_BYTES)?, options)
}

fn read_lines(lines: Lines<'_>, options: &ReadOptions) -> Result<LoadedTrace, TraceError> {
    let mut reader = Reader::new(lines, options)?;
    let trace = reader.rows(usize::MAX)?;
    let format = reader.format.name();
    let empty = trace.is_empty().then(|| reader.empty());
    let end = reader.finish()?;
    if let Some(empty) = empty {
        return Err(empty);
    }
    Ok(LoadedTrace {
        format,
        name: end.name,
        sha256: end.sha256,
        bytes: end.bytes,
        skipped_records: end.skipped_records,
        has_content: trace.content != Content::Unique,
        trace,
    })
}
