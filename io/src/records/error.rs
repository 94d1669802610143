//! Why results could not be written.

use std::io;
use std::path::PathBuf;

use parquet::errors::ParquetError;

/// Why results could not be written. [`OutputError::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The output directory does not exist and cannot be created.
    #[error("cannot create output directory {}", path.display())]
    CreateDir {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something that is not a directory bears its name.
    #[error("{} is not a directory", path.display())]
    NotADirectory {
        /// What was given as output directory.
        path: PathBuf,
    },
    /// No file can be created in the output directory.
    #[error("output directory {} is not writable", path.display())]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The output directory holds the results of an earlier run.
    #[error("{} already holds a finished run ({file})", path.display())]
    FinishedRun {
        /// The directory.
        path: PathBuf,
        /// A file of that run.
        file: &'static str,
    },
    /// A file of an earlier run cannot be removed.
    #[error("cannot remove {} of an earlier run", path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be created.
    #[error("cannot create {}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written to, for example because the disk is full. It has been removed.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be encoded. It has been removed.
    #[error("cannot encode {}", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        source: ParquetError,
    },
    /// A complete file cannot be given its final name.
    #[error("cannot rename {} to {}", from.display(), to.display())]
    Rename {
        /// Name while being written, which it keeps.
        from: PathBuf,
        /// Final name.
        to: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A network has more stations than its records can tell apart.
    #[error("records cannot tell {stations} stations apart, {most} at most")]
    TooManyStations {
        /// Stations of the network.
        stations: usize,
        /// Most stations.
        most: usize,
    },
    /// The thread that writes a file cannot be started.
    #[error("cannot start a thread to write {}", path.display())]
    Thread {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl OutputError {
    /// What a user can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            OutputError::FinishedRun { .. } => {
                "choose another directory with -o, or pass --force to replace that run"
            }
            OutputError::NotADirectory { .. } => "-o takes a directory, not a file",
            OutputError::Write { source, .. } if disk_is_full(source) => {
                "free some space or choose a directory on another disk with -o; \
                 of single runs, --iterations runs or off writes less"
            }
            OutputError::Encode { .. } => "this is a defect of kendall, please report it",
            OutputError::Rename { .. } => {
                "the file is complete under its partial name; remove what bears the final one"
            }
            OutputError::Thread { .. } => "raise the limit on processes or threads",
            OutputError::TooManyStations { .. } => "run it without -o",
            OutputError::CreateDir { .. }
            | OutputError::NotWritable { .. }
            | OutputError::Remove { .. }
            | OutputError::Create { .. }
            | OutputError::Write { .. } => {
                "check the path and its permissions, or choose another directory with -o"
            }
        }
    }
}

/// Whether space, the user's quota or the largest file size is used up.
fn disk_is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
