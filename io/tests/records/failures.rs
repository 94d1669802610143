//! What is left when something goes wrong, and what is said about it.

use std::error::Error;
use std::fs;
use std::path::Path;

use kendall_io::records::{Granularity, OutputDir, OutputError, RowOrder};
use kendall_llm::Recorder;

use super::support::{metadata, read, request, step};

/// Names in a directory, sorted.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn files_get_their_names_when_complete() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("deep/run");
    let dir = OutputDir::prepare(&path, false).unwrap();
    let meta = metadata(RowOrder::Trace);
    let requests = dir.requests(&meta).unwrap();
    let iterations = dir.iterations(&meta, Granularity::Runs).unwrap();
    assert_eq!(
        names(&path),
        ["iterations.partial.parquet", "requests.partial.parquet"]
    );
    requests.finish().unwrap();
    iterations.finish().unwrap();
    dir.write_summary("{}").unwrap();
    assert_eq!(
        names(&path),
        ["iterations.parquet", "requests.parquet", "summary.json"]
    );
    assert_eq!(
        fs::read_to_string(path.join("summary.json")).unwrap(),
        "{}\n"
    );
}

#[test]
fn an_interrupted_run_leaves_readable_partial_files() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let meta = metadata(RowOrder::Trace);
    let mut requests = dir.requests(&meta).unwrap();
    let mut iterations = dir.iterations(&meta, Granularity::Runs).unwrap();
    // Request 1 never ends; those behind it are not lost.
    [0, 3, 2]
        .into_iter()
        .for_each(|id| requests.request(&request(id)));
    (0..2).for_each(|n| iterations.step(&step(0, n, n > 0)));
    let requests = requests.abandon().unwrap();
    let iterations = iterations.abandon().unwrap();
    assert_eq!(requests, scratch.path().join("requests.partial.parquet"));
    assert_eq!(
        names(scratch.path()),
        ["iterations.partial.parquet", "requests.partial.parquet"]
    );
    let ids = [0, 2, 3].map(Some);
    assert_eq!(read(&requests).integers("request_id"), ids);
    assert_eq!(read(&iterations).integers("iterations"), [Some(2)]);
    // They do not keep the next run from starting, and do not survive it.
    OutputDir::prepare(scratch.path(), false).unwrap();
    assert_eq!(names(scratch.path()), [""; 0]);
}

#[test]
fn a_dropped_sink_leaves_a_readable_partial_file() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let mut sink = dir.requests(&metadata(RowOrder::Completion)).unwrap();
    (0..20_000).for_each(|id| sink.request(&request(id)));
    drop(sink);
    let file = read(&scratch.path().join("requests.partial.parquet"));
    assert!(file.integers("request_id").len() >= 16_384);
}

#[test]
fn a_finished_run_is_refused_unless_forced() {
    let scratch = tempfile::tempdir().unwrap();
    let finished = scratch.path().join("iterations.parquet");
    fs::write(&finished, "rows").unwrap();
    let error = OutputDir::prepare(scratch.path(), false).unwrap_err();
    assert!(matches!(error, OutputError::FinishedRun { .. }));
    let expected = format!(
        "{} already holds a finished run (iterations.parquet)",
        scratch.path().display()
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().contains("--force"));
    assert!(finished.exists());
    OutputDir::prepare(scratch.path(), true).unwrap();
    assert!(!finished.exists());
}

#[test]
fn a_file_is_no_directory() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let error = OutputDir::prepare(&file, true).unwrap_err();
    assert!(matches!(error, OutputError::NotADirectory { .. }));
    let error = OutputDir::prepare(&file.join("run"), true).unwrap_err();
    assert!(matches!(error, OutputError::CreateDir { .. }));
    assert!(error.to_string().contains("file/run"));
}

/// Nobody, not even root, creates files among the tasks of a process.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_written_to_is_refused() {
    let error = OutputDir::prepare(Path::new("/proc/self/task"), false).unwrap_err();
    assert!(
        matches!(error, OutputError::NotWritable { .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains("/proc/self/task is not writable")
    );
    assert!(error.source().is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_leaves_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let full = |name: &str| {
        std::os::unix::fs::symlink("/dev/full", scratch.path().join(name)).unwrap();
    };
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    full("requests.partial.parquet");
    full("iterations.partial.parquet");
    full("summary.partial.json");
    let meta = metadata(RowOrder::Trace);

    // Enough for a row group, so that the failure shows while the run goes on.
    let mut sink = dir.requests(&meta).unwrap();
    let mut id = 0;
    while !sink.failed() {
        sink.request(&request(id));
        id += 1;
    }
    sink.request(&request(id));
    check_full(&sink.finish().unwrap_err(), "requests.partial.parquet");
    // Too little for a row group: the failure shows when the file is closed.
    let mut sink = dir.iterations(&meta, Granularity::Steps).unwrap();
    sink.step(&step(0, 0, false));
    check_full(&sink.abandon().unwrap_err(), "iterations.partial.parquet");
    check_full(
        &dir.write_summary("{}").unwrap_err(),
        "summary.partial.json",
    );
    assert_eq!(names(scratch.path()), [""; 0]);
}

fn check_full(error: &OutputError, file: &str) {
    assert!(matches!(error, OutputError::Write { .. }), "{error:?}");
    assert!(error.to_string().ends_with(file), "{error}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("No space left on device"), "{cause}");
    assert!(error.hint().starts_with("free some space"));
}
