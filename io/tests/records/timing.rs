//! How fast rows are written; run with `--release -- --ignored --nocapture`.

use std::time::Instant;

use kendall_io::records::{Granularity, OutputDir, RowOrder};
use kendall_llm::Recorder;

use super::support::{metadata, request, step};

/// Rows of a measurement.
const ROWS: u64 = 8_000_000;

/// Distinct records that are written over and over, so that making them costs nothing.
const DISTINCT: u64 = 1 << 16;

/// Writes `ROWS` rows as fast as the sink takes them, which is as fast as the writer thread
/// writes them, and prints the rate.
fn report<S>(name: &str, path: &str, mut sink: S, feed: impl Fn(&mut S, u64), finish: impl Fn(S)) {
    let start = Instant::now();
    (0..ROWS).for_each(|row| feed(&mut sink, row));
    finish(sink);
    let elapsed = start.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(path).unwrap().len();
    println!(
        "{name}: {:.2} M rows/s, {:.1} bytes/row",
        ROWS as f64 / elapsed / 1e6,
        bytes as f64 / ROWS as f64
    );
}

#[test]
#[ignore = "timing"]
fn requests_per_second() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let records: Vec<_> = (0..DISTINCT).map(request).collect();
    let sink = dir.requests(&metadata(RowOrder::Completion)).unwrap();
    let feed = |sink: &mut _, row: u64| {
        Recorder::request(sink, &records[(row % DISTINCT) as usize]);
    };
    let path = scratch.path().join("requests.parquet");
    report("requests", path.to_str().unwrap(), sink, feed, |sink| {
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
    report("iterations", path.to_str().unwrap(), sink, feed, |sink| {
        sink.finish().unwrap();
    });
}
