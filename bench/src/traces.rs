//! Trace files that benchmarks read if they are there.

use std::path::PathBuf;
use std::{fs, io};

/// A trace file in memory.
#[derive(Clone, Debug)]
pub struct TraceFile {
    /// A short name for the benchmark.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Where the public traces lie, relative to the workspace; they are not part of it.
const SHARED: &str = "../shared/traces";

/// A trace of our own making.
///
/// # Panics
/// If the workspace lacks it.
#[must_use]
pub fn own(name: &'static str, path: &str) -> TraceFile {
    let bytes = read(&format!("traces/{path}")).expect("the workspace ships its sample traces");
    TraceFile { name, bytes }
}

/// A public trace; `None`, with a note on standard output, where it is missing.
#[must_use]
pub fn shared(name: &'static str, path: &str) -> Option<TraceFile> {
    let path = format!("{SHARED}/{path}");
    match read(&path) {
        Ok(bytes) => Some(TraceFile { name, bytes }),
        Err(error) => {
            println!("skipped {name}: {path}: {error}");
            None
        }
    }
}

/// Reads a file of the workspace.
fn read(path: &str) -> io::Result<Vec<u8>> {
    let workspace = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    fs::read(workspace.join(path))
}
