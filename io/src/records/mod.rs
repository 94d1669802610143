//! Records out: `requests.parquet`, `iterations.parquet`, `samples.parquet`, `customers.parquet`,
//! `trials.parquet` and `summary.json` of a run; `study.parquet` and figures of a study.
//!
//! A sink is a [`Recorder`](kendall_llm::Recorder) of a serving system or an
//! [`Observer`](kendall_queueing::Observer) of a network of queues. It fills plain column buffers of a fixed
//! number of rows and hands full ones, without a copy, to a writer thread of its own, which
//! encodes and writes them. Encodings are explicit, one per column: delta for ids, times and
//! counts, byte stream split for floats, a dictionary for small sets. They matter more than the
//! codec. Types are plain integers, floats and strings with the unit in the column's name, and
//! the footer explains the file: what each column is, the configuration, the seed.
//!
//! Invariants: memory is bounded by a few column buffers and one encoded row group per file
//! (plus, in trace order, the requests that wait for an older one, and the latencies of one window
//! of samples); a file that bears its final name is whole; the bytes depend on the records and the
//! metadata alone.
//!
//! Deliberately absent: synchronising files to the disk (a run can be repeated), appending to
//! files, and clocks.
//!
//! ```
//! use kendall_io::records::{FileMetadata, OutputDir, RowOrder};
//!
//! let scratch = tempfile::tempdir()?;
//! let dir = OutputDir::prepare(&scratch.path().join("run"), false)?;
//! let meta = FileMetadata {
//!     version: "0.1.0".into(),
//!     config_toml: String::new(),
//!     seed: 1,
//!     trace_sha256: None,
//!     row_order: RowOrder::Trace,
//! };
//! let requests = dir.requests(&meta)?;
//! // ... a run records into `&mut requests` ...
//! assert_eq!(requests.finish()?, 0);
//! assert!(dir.path().join("requests.parquet").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod columns;
mod customers;
mod dir;
mod encode;
mod error;
mod iterations;
mod order;
mod requests;
mod samples;
mod study;
mod table;
mod trials;
mod writer;

pub use customers::CustomerSink;
pub use dir::OutputDir;
pub use error::OutputError;
pub use iterations::{Granularity, IterationSink};
pub use requests::RequestSink;
pub use samples::SampleSink;
pub use study::StudySink;
pub use trials::{TrialSink, TrialVariants};

/// What the footer of a file says about the run that wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMetadata {
    /// Version of Kendall: `kendall.version`.
    pub version: String,
    /// The resolved configuration as TOML: `kendall.config`.
    pub config_toml: String,
    /// Seed of the run: `kendall.seed`.
    pub seed: u64,
    /// SHA-256 of the decompressed trace in hexadecimal, `None` for generated workloads and for
    /// traces that are read while the run goes on (see [`RequestSink::add_trace_sha256`]):
    /// `kendall.trace_sha256`.
    pub trace_sha256: Option<String>,
    /// Order of the rows of `requests.parquet`: `kendall.row_order`.
    pub row_order: RowOrder,
}

/// Order of the rows of `requests.parquet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowOrder {
    /// By `request_id`. Records of requests that finish early wait in memory for the older ones.
    Trace,
    /// As requests leave the system; nothing waits.
    Completion,
}

impl RowOrder {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RowOrder::Trace => "trace",
            RowOrder::Completion => "completion",
        }
    }
}

/// General-purpose compression on top of the encodings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    /// LZ4 blocks (`LZ4_RAW`): cheap to write and read.
    #[default]
    Lz4,
    /// Zstandard at its default level: a little smaller, slower to write.
    #[cfg(feature = "zstd")]
    Zstd,
}
