//! Why a check could not be made.

use std::path::PathBuf;

use kendall_queueing::RunError;

use crate::StudyError;

/// Why a check could not be made; differences are not errors but verdicts.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A recording is not in its format.
    #[error("{}:{line}: {what}", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// Nothing in the folder belongs to the check.
    #[error("{}: no recordings of {check} found", path.display())]
    NothingRecognised {
        /// Where.
        path: PathBuf,
        /// Name of the check.
        check: &'static str,
    },
    /// A built-in check cannot run.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// A network of queues cannot run.
    #[error(transparent)]
    Network(#[from] RunError),
}
