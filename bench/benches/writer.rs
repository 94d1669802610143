//! Parquet writers.
//!
//! - `write/TABLE`: processor time of the writer thread per row, from the first buffer to the
//!   closed file.
//! - `record/TABLE`: processor time per row on the thread that simulates: filling the buffers and
//!   handing them over.

mod setting;

use std::fs;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::{Digest, clock, records};
use kendall_io::records::{FileMetadata, Granularity, OutputDir, RowOrder};
use kendall_llm::{Recorder, RequestRecord, StepRecord};
use setting::CpuTime;

criterion_group! {
    name = writer;
    config = setting::criterion().sample_size(10);
    targets = requests, iterations
}
criterion_main!(writer);

/// Rows of a file.
const ROWS: usize = 1 << 20;
/// Distinct records, used in turn, so that making them costs nothing.
const DISTINCT: usize = 1 << 16;

fn metadata() -> FileMetadata {
    FileMetadata {
        version: "0.0.0".to_owned(),
        config_toml: String::new(),
        seed: 1,
        trace_sha256: None,
        row_order: RowOrder::Completion,
    }
}

/// What a file cost, in ns.
struct Cost {
    recording: u64,
    writing: u64,
}

fn write_requests(dir: &OutputDir, records: &[RequestRecord]) -> Cost {
    let mut sink = dir.requests(&metadata()).expect("a file");
    cost(|| {
        for row in 0..ROWS {
            sink.request(&records[row % DISTINCT]);
        }
        sink.finish().expect("a writable disk")
    })
}

fn write_iterations(dir: &OutputDir, records: &[StepRecord]) -> Cost {
    let sink = dir.iterations(&metadata(), Granularity::Steps);
    let mut sink = sink.expect("a file");
    cost(|| {
        for row in 0..ROWS {
            sink.step(&records[row % DISTINCT]);
        }
        sink.finish().expect("a writable disk")
    })
}

/// Cost of writing a file, for the thread that does it and for the writer thread that it joins.
fn cost(write: impl FnOnce() -> u64) -> Cost {
    let (recording, writing) = (clock::thread_ns(), clock::other_threads_ns());
    let rows = write();
    assert_eq!(rows, ROWS as u64, "every row is written");
    Cost {
        recording: clock::thread_ns() - recording,
        writing: clock::other_threads_ns() - writing,
    }
}

fn bench(criterion: &mut Criterion<CpuTime>, table: &str, write: impl Fn(&OutputDir) -> Cost) {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let dir = OutputDir::prepare(scratch.path(), true).expect("an empty directory");
    write(&dir);
    let bytes = fs::read(scratch.path().join(format!("{table}.parquet"))).expect("a whole file");
    let mut digest = Digest::default();
    for word in bytes.chunks(8) {
        let mut padded = [0; 8];
        padded[..word.len()].copy_from_slice(word);
        digest.word(u64::from_le_bytes(padded));
    }
    digest.print(&format!("write/{table}"));
    println!(
        "{table}.parquet: {:.1} bytes per row",
        bytes.len() as f64 / ROWS as f64
    );

    type Part = fn(Cost) -> u64;
    let parts: [(&str, Part); 2] = [
        ("write", |cost| cost.writing),
        ("record", |cost| cost.recording),
    ];
    for (name, part) in parts {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        group.bench_function(table, |b| {
            b.iter_custom(|files| {
                let total: u64 = (0..files).map(|_| part(write(&dir))).sum();
                total as f64 / ROWS as f64
            });
        });
    }
}

fn requests(criterion: &mut Criterion<CpuTime>) {
    let records: Vec<_> = (0..DISTINCT as u64).map(records::request).collect();
    bench(criterion, "requests", |dir| write_requests(dir, &records));
}

fn iterations(criterion: &mut Criterion<CpuTime>) {
    let step = |row: u64| records::step((row % 4) as u16, row / 4);
    let records: Vec<_> = (0..DISTINCT as u64).map(step).collect();
    bench(criterion, "iterations", |dir| {
        write_iterations(dir, &records)
    });
}
