//! Standard output and standard error.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use crate::failure::Failure;

/// Writes text to standard output; a reader that has gone away is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

fn print_bytes(text: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::usage(
            format!("standard output: {error}"),
            "is the disk full?",
        )),
        _ => Ok(()),
    }
}

/// Says where results are, if they were written.
pub(crate) fn results_in(dir: Option<&Path>) -> Result<(), Failure> {
    match dir {
        Some(dir) => print(&format!("\nresults in {}\n", dir.display())),
        None => Ok(()),
    }
}

/// Writes text to standard error, if anybody listens.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Lets `write` fill a file, or standard output for `-`. A regular file appears under its name
/// only when it is complete; a device or a pipe takes the bytes as they come.
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        write(&mut text)?;
        return print_bytes(&text);
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(Failure::usage(
            format!("{} is a directory, must be a file", path.display()),
            "name a file in it",
        )),
        Ok(found) if !found.is_file() => {
            let file = File::options().write(true).open(path);
            let file = file.map_err(|error| unwritable(path, &error))?;
            fill(file, path, write)
        }
        // Through links, so that a link stays one.
        Ok(_) => replace(&fs::canonicalize(path).unwrap_or(path.to_owned()), write),
        Err(_) => replace(path, write),
    }
}

/// Writes beside the file, then takes its place.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let file = File::create(partial).map_err(|error| unwritable(path, &error))?;
    let written = fill(file, path, write)
        .and_then(|()| fs::rename(partial, path).map_err(|error| unwritable(path, &error)));
    if written.is_err() {
        // The error about writing matters more than one about cleaning up.
        let _ = fs::remove_file(partial);
    }
    written
}

fn fill(
    file: File,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut out = BufWriter::new(Noting {
        file,
        refusal: None,
    });
    let written = write(&mut out).and_then(|()| {
        let flushed = out.flush();
        flushed.map_err(|error| unwritable(path, &error))
    });
    // Whoever writes does not know the name of the file.
    match &out.get_ref().refusal {
        Some(refusal) => Err(unwritable(path, refusal)),
        None => written,
    }
}

/// A file that keeps what the system said when it could not be written to.
struct Noting {
    file: File,
    refusal: Option<String>,
}

impl Write for Noting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        written.inspect_err(|error| {
            if error.kind() != ErrorKind::Interrupted {
                self.refusal = Some(error.to_string());
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn unwritable(path: &Path, error: &dyn Display) -> Failure {
    Failure::usage(
        format!("{}: {error}", path.display()),
        "does its directory exist, is it writable and not full?",
    )
}
