//! Standard output and standard error.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use crate::failure::Failure;

/// Writes text to standard output; a reader that has gone away is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::usage(
            format!("standard output: {error}"),
            "is the disk full?",
        )),
        _ => Ok(()),
    }
}

/// Writes text to standard error, if anybody listens.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Lets `write` fill a file, or standard output for `-`. The file appears under its name only
/// when it is complete.
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let name = path.display();
    let failure = |error: io::Error| {
        Failure::usage(
            format!("{name}: {error}"),
            "is the place writable and not full?",
        )
    };
    if path == Path::new("-") {
        let mut buffer = Vec::new();
        write(&mut buffer)?;
        let mut out = io::stdout().lock();
        return match out.write_all(&buffer).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(failure(error)),
            _ => Ok(()),
        };
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let written = File::create(partial).map_err(failure).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.into_inner()
            .map_err(|error| failure(error.into_error()))
            .map(drop)
    });
    if let Err(error) = written {
        // The error about writing matters more than one about cleaning up.
        let _ = std::fs::remove_file(partial);
        return Err(error);
    }
    std::fs::rename(partial, path).map_err(failure)
}
