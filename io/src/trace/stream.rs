//! A trace that is read while a run takes its rows.

use std::io::Cursor;
use std::path::Path;

use kendall_llm::{Content, Source, Trace};

use super::source::{self, Lines};
use super::{ReadOptions, Reader, TraceError};

/// Rows of a stretch.
const STRETCH_ROWS: usize = 4096;

/// A trace file as a [`Source`]: the rows of [`read`](super::read) in the same order, without ever
/// holding more than a stretch of them. `sort` has no effect, since the first row may be the last
/// of the file: times that go backwards are an error.
///
/// # Memory usage
/// A stretch of rows, the longest line, and the names of all sessions so far: any of them may come
/// again.
pub struct TraceStream<'a> {
    reader: Reader<'a>,
    /// The first stretch, which is read at once.
    first: Option<Trace>,
    has_content: bool,
    stretch_rows: usize,
    error: Option<TraceError>,
}

/// What is known of a trace when it has been read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEnd {
    /// The file as it was named.
    pub name: String,
    /// SHA-256 of the decompressed bytes of the whole file, in hex.
    pub sha256: String,
    /// Number of decompressed bytes.
    pub bytes: u64,
    /// Rows that were read; at least one.
    pub rows: u64,
    /// Bad records that were left out.
    pub skipped_records: u64,
}

impl TraceStream<'static> {
    /// Opens a file, or standard input for `-`, and reads its first rows.
    ///
    /// # Errors
    /// Whatever is wrong with the file so far, or the lack of any row.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<TraceStream<'static>, TraceError> {
        TraceStream::start(source::open(path)?, options, STRETCH_ROWS)
    }
}

impl<'a> TraceStream<'a> {
    /// The same for a file that is in memory. `name` is for messages.
    ///
    /// # Errors
    /// As for [`TraceStream::open`].
    ///
    /// # Examples
    /// ```
    /// use kendall_io::trace::{ReadOptions, TraceStream};
    /// use kendall_llm::Source;
    ///
    /// let text = b"arrival_s,prompt_tokens,output_tokens\n0.5,100,20\n0.7,50,x\n";
    /// let mut rows = TraceStream::of_bytes("tiny.csv", text, &ReadOptions::default());
    /// let error = rows.err().map(|error| error.to_string());
    /// assert!(error.is_some_and(|error| error.starts_with("tiny.csv:3:8: ")));
    /// # Ok::<(), kendall_io::trace::TraceError>(())
    /// ```
    pub fn of_bytes(
        name: &str,
        bytes: &'a [u8],
        options: &ReadOptions,
    ) -> Result<TraceStream<'a>, TraceError> {
        TraceStream::of_bytes_by(name, bytes, options, STRETCH_ROWS)
    }

    fn of_bytes_by(
        name: &str,
        bytes: &'a [u8],
        options: &ReadOptions,
        stretch_rows: usize,
    ) -> Result<TraceStream<'a>, TraceError> {
        let input = Box::new(Cursor::new(bytes));
        let lines = Lines::new(name, input, source::MAX_LINE_BYTES)?;
        TraceStream::start(lines, options, stretch_rows)
    }

    fn start(
        lines: Lines<'a>,
        options: &ReadOptions,
        stretch_rows: usize,
    ) -> Result<TraceStream<'a>, TraceError> {
        let options = ReadOptions {
            sort: false,
            ..options.clone()
        };
        let mut reader = Reader::new(lines, &options)?;
        let first = reader.rows(stretch_rows)?;
        if first.is_empty() {
            return Err(reader.empty());
        }
        Ok(TraceStream {
            has_content: first.content != Content::Unique,
            reader,
            first: Some(first),
            stretch_rows,
            error: None,
        })
    }

    /// The file as it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.reader.input.lines.name
    }

    /// Name of the format.
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.reader.format.name()
    }

    /// Whether the rows say what the prompts consist of.
    #[must_use]
    pub fn has_content(&self) -> bool {
        self.has_content
    }

    /// Reads what no run has taken, for the digest.
    ///
    /// # Errors
    /// What ended the rows early, or whatever is wrong with what is left of the file's bytes.
    pub fn finish(self) -> Result<TraceEnd, TraceError> {
        match self.error {
            Some(error) => Err(error),
            None => self.reader.finish(),
        }
    }
}

impl Source for TraceStream<'_> {
    fn next_rows(&mut self) -> Option<Trace> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if self.error.is_some() {
            return None;
        }
        match self.reader.rows(self.stretch_rows) {
            Ok(rows) => Some(rows).filter(|rows| !rows.is_empty()),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::{LoadedTrace, OnBadRecord, read_bytes};
    use super::*;

    const SESSIONS: &str = r#"{"arrival_s":1,"prompt_tokens":5,"output_tokens":1}
{"arrival_s":1,"prompt_tokens":6,"output_tokens":2,"session_id":"b"}

{"arrival_s":2,"prompt_tokens":7,"output_tokens":3,"session_id":"a","class":"chat"}
{"arrival_s":2,"prompt_tokens":8,"output_tokens":4,"session_id":"b","priority":-1}
{"arrival_s":9,"prompt_tokens":9,"output_tokens":5,"class":"code"}"#;

    const IDS: &str = r#"{"timestamp":0,"input_length":600,"output_length":1,"hash_ids":[4,5]}
{"timestamp":3,"input_length":100,"output_length":2,"hash_ids":[6]}
{"timestamp":3,"input_length":1100,"output_length":3,"hash_ids":[4,5,7]}
"#;

    const DATES: &str = "TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.68,374,44
2023-11-16 18:15:50.99,396,109
2023-11-16 18:16:00.00,10,1
2023-11-16 18:16:00.00,20,2
";

    fn by<'a>(text: &'a [u8], rows: usize) -> Result<TraceStream<'a>, TraceError> {
        TraceStream::of_bytes_by("t", text, &ReadOptions::default(), rows)
    }

    /// Appends a column, whose absent values are told apart only where some are there.
    fn extend<T: Copy>(column: &mut Vec<T>, more: &[T], rows: usize, absent: T) {
        match more {
            [] => column.resize(column.len() + rows, absent),
            more => column.extend(more),
        }
    }

    /// A trace with every optional column filled.
    fn filled(trace: &Trace, into: &mut Trace, block_ids: &mut Vec<Vec<u64>>) {
        let rows = trace.len();
        into.arrival.extend(&trace.arrival);
        into.prompt_tokens.extend(&trace.prompt_tokens);
        into.output_tokens.extend(&trace.output_tokens);
        extend(&mut into.priority, &trace.priority, rows, 0);
        extend(&mut into.class, &trace.class, rows, 0);
        let none = Trace::NO_SESSION;
        extend(&mut into.session, &trace.session, rows, none);
        if let Content::Hashed { ids, offsets, .. } = &trace.content {
            let ends = offsets.windows(2);
            let row = |ends: &[u64]| ids[ends[0] as usize..ends[1] as usize].to_vec();
            block_ids.extend(ends.map(row));
        }
    }

    fn same(stream: &mut TraceStream<'_>, whole: &LoadedTrace, most: usize) {
        let (mut joined, mut joined_ids) = (Trace::default(), Vec::new());
        while let Some(rows) = stream.next_rows() {
            assert!((1..=most).contains(&rows.len()));
            filled(&rows, &mut joined, &mut joined_ids);
        }
        let (mut expected, mut expected_ids) = (Trace::default(), Vec::new());
        filled(&whole.trace, &mut expected, &mut expected_ids);
        assert_eq!(joined, expected);
        assert_eq!(joined_ids, expected_ids);
    }

    #[test]
    fn stretches_make_up_the_file() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(DATES.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        for text in [SESSIONS.as_bytes(), IDS.as_bytes(), DATES.as_bytes(), &gzip] {
            let whole = read_bytes("t", text, &ReadOptions::default()).unwrap();
            for rows in 1..=6 {
                let mut stream = by(text, rows).unwrap();
                assert_eq!(stream.format(), whole.format);
                assert_eq!(stream.has_content(), whole.has_content);
                same(&mut stream, &whole, rows);
                let end = stream.finish().unwrap();
                assert_eq!(end.rows, whole.trace.len() as u64);
                assert_eq!((end.sha256, end.bytes), (whole.sha256.clone(), whole.bytes));
            }
        }
    }

    #[test]
    fn rows_that_nobody_takes_are_hashed_too() {
        let whole = read_bytes("t", IDS.as_bytes(), &ReadOptions::default()).unwrap();
        let end = by(IDS.as_bytes(), 1).unwrap().finish().unwrap();
        assert_eq!((end.sha256, end.rows), (whole.sha256, 1));
        let options = ReadOptions {
            limit: Some(2),
            ..ReadOptions::default()
        };
        let mut stream = TraceStream::of_bytes_by("t", IDS.as_bytes(), &options, 2).unwrap();
        assert_eq!(stream.next_rows().map(|rows| rows.len()), Some(2));
        assert_eq!(stream.next_rows(), None);
    }

    /// Rows that do not fit those of earlier stretches.
    #[test]
    fn an_error_is_that_of_the_whole_file() {
        let cases = [
            (
                IDS,
                r#"{"timestamp":2,"input_length":9,"output_length":1,"hash_ids":[1]}"#,
            ),
            (IDS, r#"{"timestamp":5,"input_length":9,"output_length":1}"#),
            (
                IDS,
                r#"{"timestamp":5,"input_length":9,"output_length":-1,"hash_ids":[1]}"#,
            ),
            (
                SESSIONS,
                "\n{\"arrival_s\":9,\"prompt_tokens\":9,\"output_tokens\":5,\"class\":3}",
            ),
            (DATES, "2023-11-16 18:15:59.00,10,1"),
        ];
        for (text, bad) in cases {
            let text = format!("{text}{bad}\n");
            let whole = read_bytes("t", text.as_bytes(), &ReadOptions::default());
            let expected = whole.unwrap_err().to_string();
            for rows in 1..=2 {
                let mut stream = by(text.as_bytes(), rows).unwrap();
                while stream.next_rows().is_some() {}
                assert_eq!(stream.next_rows(), None);
                assert_eq!(stream.finish().unwrap_err().to_string(), expected);
            }
            assert_eq!(by(text.as_bytes(), 9).err().unwrap().to_string(), expected);
            let options = ReadOptions {
                on_bad_record: OnBadRecord::Skip,
                ..ReadOptions::default()
            };
            let Ok(whole) = read_bytes("t", text.as_bytes(), &options) else {
                continue;
            };
            let mut stream = TraceStream::of_bytes_by("t", text.as_bytes(), &options, 2).unwrap();
            same(&mut stream, &whole, 2);
            assert_eq!(stream.finish().unwrap().skipped_records, 1);
        }
    }
}
