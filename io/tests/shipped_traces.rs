//! The traces in traces/ are what their specifications give, byte for byte, and read back whole.
//!
//! After changing a specification: `KENDALL_REWRITE_TRACES=1 cargo test -p kendall-io --test
//! shipped_traces`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kendall_io::trace::{ReadOptions, inspect, read_bytes, write_mooncake, write_plain};
use kendall_kernel::Dur;
use kendall_llm::{Content, Trace};
use kendall_study::Scenario;
use kendall_study::workload::generate;

/// Generates the trace of a folder, writes it and compares, then reads the file.
fn check(folder: &str, file: &str, write: impl FnOnce(&Trace) -> Vec<u8>) -> (Trace, Trace) {
    let folder_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traces");
    let path = folder_path.join(folder).join(file);
    let spec = fs::read_to_string(path.with_extension("toml")).unwrap();
    let scenario: Scenario = toml::from_str(&spec).unwrap();
    let made = generate(&scenario.workload.generate.unwrap(), scenario.seed).unwrap();
    let bytes = write(&made);
    if std::env::var_os("KENDALL_REWRITE_TRACES").is_some() {
        fs::write(&path, &bytes).unwrap();
    }
    let shipped = fs::read(&path).unwrap();
    assert!(
        shipped == bytes,
        "{folder}/{file} is not what its specification gives"
    );
    let loaded = read_bytes(file, &shipped, &ReadOptions::default()).unwrap();
    assert_eq!(loaded.format, folder);
    (made, loaded.trace)
}

#[test]
fn mooncake() {
    let (made, read) = check("mooncake", "sample.jsonl", |trace| {
        let mut bytes = vec![];
        write_mooncake(trace, &mut bytes).unwrap();
        bytes
    });
    assert_eq!(made, read);
    // What traces/README.md says of it.
    let found = inspect(&read);
    assert_eq!((found.rows, found.sessions), (1000, 471));
    assert_eq!(
        (found.block_references, found.distinct_blocks),
        (7736, 3473)
    );
}

#[test]
fn plain_jsonl() {
    let (made, read) = check("plain-jsonl", "sample.jsonl", |trace| {
        let mut bytes = vec![];
        write_plain(trace, &mut bytes).unwrap();
        bytes
    });
    assert_eq!(made, read);
}

#[test]
fn plain_csv() {
    let (made, read) = check("plain-csv", "sample.csv", |trace| {
        let mut text = String::from("arrival_ms,prompt_tokens,output_tokens\n");
        for row in 0..trace.len() {
            let ms = trace.arrival[row].as_ns() / 1_000_000;
            let (prompt, output) = (trace.prompt_tokens[row], trace.output_tokens[row]);
            writeln!(text, "{ms},{prompt},{output}").unwrap();
        }
        text.into_bytes()
    });
    let content = Content::Unique;
    assert_eq!(Trace { content, ..made }, read);
}

/// Its times are dates, counted from the first; no line end follows the last row.
#[test]
fn azure() {
    let (mut made, read) = check("azure", "sample.csv", |trace| {
        let mut text = String::from("TIMESTAMP,ContextTokens,GeneratedTokens");
        for row in 0..trace.len() {
            let ticks = trace.arrival[row].as_ns() / 100;
            let (seconds, fraction) = (ticks / 10_000_000, ticks % 10_000_000);
            let (minutes, second) = (seconds / 60, seconds % 60);
            assert!(minutes < 60, "the clock below has no hours");
            let (prompt, output) = (trace.prompt_tokens[row], trace.output_tokens[row]);
            let date = format!("2026-01-01 00:{minutes:02}:{second:02}.{fraction:07}");
            write!(text, "\r\n{date},{prompt},{output}").unwrap();
        }
        text.into_bytes()
    });
    let first = Dur::from_ns(made.arrival[0].as_ns());
    for (made, read) in made.arrival.iter_mut().zip(&read.arrival) {
        assert_eq!(*made, *read + first);
        *made = *read;
    }
    made.content = Content::Unique;
    assert_eq!(made, read);
}
