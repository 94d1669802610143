//! How fast rows are written; run with `--release -- --ignored --nocapture --test-threads 1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use kendall_io::records::{Granularity, OutputDir, RowOrder};
use kendall_llm::{Recorder, RequestRecord};

use super::support::{metadata, request, step};

/// Rows of a measurement.
const ROWS: u64 = 8_000_000;

/// Distinct records that are written over and over, so that making them costs nothing.
const DISTINCT: u64 = 1 << 16;

/// Writes `ROWS` rows as fast as the sink takes them and prints the rate, by the wall clock and
/// by the time that the writer thread spent on a processor.
fn report<S>(path: &Path, mut sink: S, feed: impl Fn(&mut S, u64), finish: impl Fn(S)) {
    let start = Instant::now();
    (0..ROWS).for_each(|row| feed(&mut sink, row));
    // Before the thread ends: the last few buffers are missing.
    let busy = writer_seconds().map_or(f64::NAN, |busy| ROWS as f64 / busy / 1e6);
    finish(sink);
    let elapsed = start.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(path).unwrap().len();
    println!(
        "{}: {:.2} M rows/s elapsed, {busy:.2} M rows/s of writer thread, {:.1} bytes/row",
        path.file_name().unwrap().display(),
        ROWS as f64 / elapsed / 1e6,
        bytes as f64 / ROWS as f64
    );
}

/// Processor time of the writer thread so far, where the system tells.
fn writer_seconds() -> Option<f64> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let mut folders = threads.filter_map(|thread| Some(thread.ok()?.path()));
    let is_writer = |folder: &PathBuf| {
        fs::read_to_string(folder.join("comm")).is_ok_and(|name| name.trim() == "kendall-writer")
    };
    let schedstat = fs::read_to_string(folders.find(is_writer)?.join("schedstat")).ok()?;
    let busy_ns: f64 = schedstat.split(' ').next()?.parse().ok()?;
    Some(busy_ns / 1e9)
}

/// Request `id` of a trace that knows neither classes nor sessions, as most do.
fn plain_request(id: u64) -> RequestRecord {
    RequestRecord {
        class: 0,
        session_id: None,
        ..request(id)
    }
}

#[test]
#[ignore = "timing"]
fn plain_requests_per_second() {
    time_requests(plain_request);
}

#[test]
#[ignore = "timing"]
fn requests_per_second() {
    time_requests(request);
}

fn time_requests(request: fn(u64) -> RequestRecord) {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let records: Vec<_> = (0..DISTINCT).map(request).collect();
    let sink = dir.requests(&metadata(RowOrder::Completion)).unwrap();
    let feed = |sink: &mut _, row: u64| {
        Recorder::request(sink, &records[(row % DISTINCT) as usize]);
    };
    let path = scratch.path().join("requests.parquet");
    report(&path, sink, feed, |sink| {
        sink.finish().unwrap();
    });
}

#[test]
#[ignore = "timing"]
fn iterations_per_second() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let meta = metadata(RowOrder::Completion);
    let sink = dir.iterations(&meta, Granularity::Steps).unwrap();
    let feed =
        |sink: &mut _, row: u64| Recorder::step(sink, &step((row % 4) as u16, row / 4, true));
    let path = scratch.path().join("iterations.parquet");
    report(&path, sink, feed, |sink| {
        sink.finish().unwrap();
    });
}
