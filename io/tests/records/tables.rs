//! Rows, columns and metadata of the Parquet files.

use std::fs;

use kendall_io::records::{Granularity, OutputDir, RowOrder};
use kendall_kernel::{Dur, Time};
use kendall_llm::{Recorder, RequestRecord, Status};
use parquet::basic::{Compression, Encoding};
use proptest::prelude::*;

use super::support::{Contents, metadata, mix, read, rejected, request, step};

/// Writes the records and reads `requests.parquet` back.
fn write_requests(records: &[RequestRecord], order: RowOrder) -> Contents {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let mut sink = dir.requests(&metadata(order)).unwrap();
    records.iter().for_each(|record| sink.request(record));
    assert_eq!(sink.finish().unwrap(), records.len() as u64);
    read(&scratch.path().join("requests.parquet"))
}

fn check_requests(file: &Contents, expected: &[RequestRecord]) {
    let integers = |name: &str, value: &dyn Fn(&RequestRecord) -> Option<u64>| {
        let expected: Vec<_> = expected.iter().map(value).collect();
        assert_eq!(file.integers(name), expected, "{name}");
    };
    integers("request_id", &|r| Some(r.request_id));
    integers("class", &|r| Some(r.class.into()));
    integers("session_id", &|r| r.session_id.map(Into::into));
    integers("instance", &|r| r.instance.map(Into::into));
    integers("prefill_instance", &|r| r.prefill_instance.map(Into::into));
    integers("arrival_ns", &|r| Some(r.arrival.as_ns()));
    integers("scheduled_ns", &|r| r.scheduled.map(Time::as_ns));
    integers("first_token_ns", &|r| r.first_token.map(Time::as_ns));
    integers("finish_ns", &|r| r.finish.map(Time::as_ns));
    integers("prompt_tokens", &|r| Some(r.prompt_tokens.into()));
    integers("output_tokens", &|r| Some(r.output_tokens.into()));
    integers("generated_tokens", &|r| Some(r.generated_tokens.into()));
    integers("cached_tokens", &|r| Some(r.cached_tokens.into()));
    integers("preemptions", &|r| Some(r.preemptions.into()));
    integers("ttft_ns", &|r| r.ttft().map(Dur::as_ns));
    integers("e2e_ns", &|r| r.e2e().map(Dur::as_ns));
    let tpot: Vec<_> = expected.iter().map(RequestRecord::tpot_ns).collect();
    assert_eq!(file.floats("tpot_ns"), tpot);
    let status: Vec<_> = expected.iter().map(|r| r.status.name()).collect();
    assert_eq!(file.strings("status"), status);
}

/// Requests of every kind, with the largest values that fit.
fn assorted() -> Vec<RequestRecord> {
    let mut records: Vec<_> = (0..8).map(request).collect();
    records[1] = rejected(1);
    records[2].status = Status::Aborted;
    records[2].finish = None;
    records[3] = RequestRecord {
        status: Status::Unfinished,
        ..rejected(3)
    };
    records[4] = RequestRecord {
        class: u16::MAX,
        session_id: Some(u32::MAX - 1),
        instance: Some(u16::MAX),
        prefill_instance: Some(0),
        arrival: Time::ZERO,
        scheduled: Some(Time::ZERO),
        first_token: Some(Time::ZERO),
        finish: Some(Time::MAX),
        prompt_tokens: u32::MAX,
        output_tokens: u32::MAX,
        generated_tokens: u32::MAX,
        cached_tokens: u32::MAX,
        preemptions: u16::MAX,
        ..records[4]
    };
    records[5].generated_tokens = 1;
    records
}

#[test]
fn every_request_column_survives() {
    let records = assorted();
    check_requests(&write_requests(&records, RowOrder::Trace), &records);
    check_requests(&write_requests(&[], RowOrder::Trace), &[]);
}

#[test]
fn completion_order_is_kept() {
    let mut records = assorted();
    records.reverse();
    let file = write_requests(&records, RowOrder::Completion);
    check_requests(&file, &records);
    assert_eq!(file.key("kendall.row_order").as_deref(), Some("completion"));
}

/// Ids 0..n, each displaced by less than `spread` places.
fn shuffled(n: u64, spread: u64, seed: u64) -> Vec<u64> {
    let mut ids: Vec<u64> = (0..n).collect();
    ids.sort_by_key(|&id| (id + mix(id ^ seed) % spread, id));
    ids
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn trace_order_is_restored(n in 0_u64..40_000, spread in 1_u64..5000, seed: u64) {
        let records: Vec<_> = shuffled(n, spread, seed).into_iter().map(request).collect();
        let file = write_requests(&records, RowOrder::Trace);
        let ids: Vec<_> = (0..n).map(Some).collect();
        prop_assert_eq!(file.integers("request_id"), ids);
        let finishes: Vec<_> = (0..n).map(|id| request(id).finish.map(Time::as_ns)).collect();
        prop_assert_eq!(file.integers("finish_ns"), finishes);
    }
}

#[test]
#[should_panic(expected = "request 0 is recorded twice")]
fn no_request_ends_twice() {
    write_requests(&[request(0), request(1), request(0)], RowOrder::Trace);
}

#[test]
fn the_footer_explains_the_file() {
    let file = write_requests(&assorted(), RowOrder::Trace);
    let meta = metadata(RowOrder::Trace);
    assert_eq!(file.key("kendall.version"), Some(meta.version));
    assert_eq!(file.key("kendall.config"), Some(meta.config_toml));
    assert_eq!(file.key("kendall.seed"), Some(u64::MAX.to_string()));
    assert_eq!(file.key("kendall.trace_sha256"), meta.trace_sha256);
    assert_eq!(file.key("kendall.row_order").as_deref(), Some("trace"));
    for field in file.footer.schema().fields() {
        let unit = field.metadata().get("unit").unwrap();
        assert!(!field.metadata().get("description").unwrap().is_empty());
        let suffix = field.name().rsplit('_').next().unwrap();
        let united = ["ns", "tokens"].contains(&suffix);
        assert_eq!(unit, if united { suffix } else { "1" }, "{}", field.name());
    }
}

#[test]
fn generated_workloads_have_no_digest() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let mut meta = metadata(RowOrder::Trace);
    meta.trace_sha256 = None;
    dir.requests(&meta).unwrap().finish().unwrap();
    let file = read(&scratch.path().join("requests.parquet"));
    assert_eq!(file.key("kendall.trace_sha256"), None);
    assert!(file.key("kendall.seed").is_some());
}

#[test]
fn a_digest_may_come_last() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let mut meta = metadata(RowOrder::Completion);
    meta.trace_sha256 = None;
    let mut requests = dir.requests(&meta).unwrap();
    let mut iterations = dir.iterations(&meta, Granularity::Steps).unwrap();
    requests.request(&request(0));
    requests.add_trace_sha256("0123abcd");
    iterations.add_trace_sha256("0123abcd");
    assert_eq!(requests.finish().unwrap(), 1);
    iterations.finish().unwrap();
    for name in ["requests.parquet", "iterations.parquet"] {
        let file = read(&scratch.path().join(name));
        let digest = file.key("kendall.trace_sha256");
        assert_eq!(digest.as_deref(), Some("0123abcd"), "{name}");
        assert!(file.key("kendall.seed").is_some());
    }
}

#[test]
fn encodings_and_row_groups_are_as_meant() {
    let records: Vec<_> = (0..300_000).map(request).collect();
    let file = write_requests(&records, RowOrder::Trace);
    let metadata = file.footer.metadata();
    let rows: Vec<_> = metadata
        .row_groups()
        .iter()
        .map(|group| group.num_rows())
        .collect();
    assert_eq!(rows, [262_144, 300_000 - 262_144]);
    for column in metadata.row_group(0).columns() {
        let name = column.column_path().string();
        let expected = match name.as_str() {
            "class" | "instance" | "prefill_instance" | "status" => Encoding::RLE_DICTIONARY,
            "tpot_ns" => Encoding::BYTE_STREAM_SPLIT,
            _ => Encoding::DELTA_BINARY_PACKED,
        };
        let encodings: Vec<_> = column.encodings().collect();
        assert!(encodings.contains(&expected), "{name}: {encodings:?}");
        assert_eq!(column.compression(), Compression::LZ4_RAW);
    }
}

#[test]
fn the_same_records_make_the_same_bytes() {
    let write = || {
        let scratch = tempfile::tempdir().unwrap();
        let dir = OutputDir::prepare(scratch.path(), false).unwrap();
        let meta = metadata(RowOrder::Trace);
        let mut sinks = (
            dir.requests(&meta).unwrap(),
            dir.iterations(&meta, Granularity::Steps).unwrap(),
        );
        for id in shuffled(20_000, 300, 7) {
            sinks.request(&request(id));
            sinks.step(&step(0, id, false));
        }
        sinks.0.finish().unwrap();
        sinks.1.finish().unwrap();
        ["requests.parquet", "iterations.parquet"]
            .map(|f| fs::read(scratch.path().join(f)).unwrap())
    };
    assert!(write() == write());
}

#[test]
fn steps_are_one_row_each() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let meta = metadata(RowOrder::Trace);
    let mut sink = dir.iterations(&meta, Granularity::Steps).unwrap();
    (0..20_000).for_each(|n| sink.step(&step((n % 2) as u16, n / 2, true)));
    assert_eq!(sink.finish().unwrap(), 20_000);
    let file = read(&scratch.path().join("iterations.parquet"));
    assert_eq!(file.key("kendall.granularity").as_deref(), Some("steps"));
    let steps: Vec<_> = (0..20_000)
        .map(|n| step((n % 2) as u16, n / 2, true))
        .collect();
    let integers = |name: &str, value: &dyn Fn(&kendall_llm::StepRecord) -> u64| {
        let expected: Vec<_> = steps.iter().map(|s| Some(value(s))).collect();
        assert_eq!(file.integers(name), expected, "{name}");
    };
    integers("instance", &|s| s.instance.into());
    integers("iteration", &|s| s.iteration);
    integers("iterations", &|_| 1);
    integers("start_ns", &|s| s.start.as_ns());
    integers("end_ns", &|s| s.end.as_ns());
    integers("prefill_tokens", &|s| s.prefill_tokens.into());
    integers("decode_tokens", &|s| s.decode_tokens.into());
    integers("running", &|s| s.running.into());
    integers("waiting", &|s| s.waiting.into());
    integers("preempted", &|s| s.preempted.into());
    integers("kv_blocks_used", &|s| s.kv_blocks_used.into());
    integers("context_tokens", &|s| s.context_tokens);
}

#[test]
fn runs_merge_steps_of_one_batch() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let meta = metadata(RowOrder::Trace);
    let mut sink = dir.iterations(&meta, Granularity::Runs).unwrap();
    // Instance 0 changes its batch at steps 0 and 3, instance 2 at step 1; both interleave.
    for n in 0..5 {
        sink.step(&step(2, n, n != 1));
        sink.step(&step(0, n, n != 0 && n != 3));
    }
    assert_eq!(sink.finish().unwrap(), 4);
    let file = read(&scratch.path().join("iterations.parquet"));
    assert_eq!(file.key("kendall.granularity").as_deref(), Some("runs"));
    let rows = |name: &str| {
        file.integers(name)
            .into_iter()
            .map(Option::unwrap)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows("instance"), [2, 0, 0, 2]);
    assert_eq!(rows("iteration"), [0, 0, 3, 1]);
    assert_eq!(rows("iterations"), [1, 3, 2, 4]);
    let ms = |times: [u64; 4]| times.map(|ms| ms * 1_000_000);
    assert_eq!(rows("start_ns"), ms([0, 0, 60, 20]));
    assert_eq!(rows("end_ns"), ms([20, 60, 100, 100]));
    assert_eq!(rows("waiting"), [0, 0, 3, 1]);
}
