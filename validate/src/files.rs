//! Reading recordings, gzipped or not.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;

use crate::ValidateError;

/// Entries of a folder (or the path itself, if it is a file) in order of their names.
pub(crate) fn entries(path: &Path) -> Result<Vec<PathBuf>, ValidateError> {
    let io = |source| ValidateError::Io {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(io)?.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(io)? {
        entries.push(entry.map_err(io)?.path());
    }
    entries.sort();
    Ok(entries)
}

/// The text of a file, decompressed if its content is gzip.
pub(crate) fn read_text(path: &Path) -> Result<String, ValidateError> {
    let io = |source| ValidateError::Io {
        path: path.to_owned(),
        source,
    };
    let bytes = fs::read(path).map_err(io)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .map_err(io)?;
    } else {
        (&bytes[..]).read_to_string(&mut text).map_err(io)?;
    }
    Ok(text)
}

/// `name` or `name.gz` in a folder, whichever exists.
pub(crate) fn either(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    if plain.exists() {
        plain
    } else {
        folder.join(format!("{name}.gz"))
    }
}

/// The JSON value that is the whole file.
pub(crate) fn parse_whole<T: DeserializeOwned>(path: &Path) -> Result<T, ValidateError> {
    parse_line(path, 1, &read_text(path)?)
}

/// The JSON value of one line.
fn parse_line<T: DeserializeOwned>(
    path: &Path,
    line: usize,
    text: &str,
) -> Result<T, ValidateError> {
    serde_json::from_str(text).map_err(|error| ValidateError::Format {
        path: path.to_owned(),
        line,
        what: error.to_string(),
    })
}

/// The JSON values of all lines.
pub(crate) fn parse_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, ValidateError> {
    let text = read_text(path)?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| parse_line(path, index + 1, line))
        .collect()
}
