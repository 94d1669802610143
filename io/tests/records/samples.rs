//! `samples.parquet`: states as they are, totals as differences, latencies as percentiles.

use kendall_io::records::{OutputDir, RowOrder, SampleSink};
use kendall_kernel::{Dur, Time};
use kendall_llm::{InstanceSample, InstanceStats, Recorder, RequestRecord, Sample, Status};

use super::support::{Contents, metadata, read, rejected, request};

/// An instance that has done `n` times as much as at first.
fn instance(n: u64) -> InstanceSample {
    InstanceSample {
        running: 3,
        waiting: n as u32,
        decode_tokens: 2,
        context_tokens: 700,
        kv_blocks_used: 44,
        in_step: Dur::from_ns(5),
        totals: InstanceStats {
            requests: 6 * n,
            iterations: 10 * n,
            preemptions: n,
            prefill_tokens: 500 * n,
            output_tokens: 20 * n,
            busy: Dur::from_ns(90 * n),
            kv_block_ns: 2_500 * u128::from(n),
            kv_blocks_usable: 100,
            ..InstanceStats::default()
        },
    }
}

fn finished(id: u64, instance: u16, e2e_ns: u64) -> RequestRecord {
    let record = request(id);
    RequestRecord {
        instance: Some(instance),
        first_token: Some(record.arrival),
        finish: Some(record.arrival + Dur::from_ns(e2e_ns)),
        generated_tokens: 11,
        ..record
    }
}

fn sample(
    sink: &mut SampleSink,
    end_ns: u64,
    window_ns: u64,
    arrived: u64,
    instances: &[InstanceSample],
) {
    sink.sample(&Sample {
        time: Time::from_ns(end_ns),
        window: Dur::from_ns(window_ns),
        arrived,
        shared_running: 10,
        shared_waiting: 20,
        instances,
    });
}

/// Two instances and what they share, two windows of 100 ns and the end 40 ns later.
fn written() -> Contents {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let meta = metadata(RowOrder::Trace);
    let mut sink = dir.samples(&meta, Dur::from_ns(100)).unwrap();
    sink.first_token(0, Dur::from_ns(8));
    sink.first_token(1, Dur::from_ns(4));
    sink.first_token(1, Dur::from_ns(6));
    sink.request(&finished(0, 1, 40));
    sink.request(&rejected(1));
    let at = [instance(1), instance(2)];
    sample(&mut sink, 200, 100, 19, &at);
    let aborted = RequestRecord {
        status: Status::Aborted,
        finish: None,
        ..finished(2, 0, 1)
    };
    sink.request(&aborted);
    sink.request(&finished(3, 0, 10));
    sink.request(&finished(4, 0, 30));
    sink.request(&finished(5, 1, 100));
    let at = [instance(4), instance(2)];
    sample(&mut sink, 300, 100, 37, &at);
    let at = [instance(4), instance(2)];
    sample(&mut sink, 340, 40, 37, &at);
    // The run ends, and nothing of it is left out or told twice.
    sink.request(&RequestRecord {
        status: Status::Unfinished,
        ..finished(6, 0, 1)
    });
    assert_eq!(sink.finish().unwrap(), 9);
    read(&scratch.path().join("samples.parquet"))
}

#[test]
fn every_sample_column_survives() {
    let file = written();
    let integers = |name: &str, expected: [u64; 9]| {
        assert_eq!(file.integers(name), expected.map(Some), "{name}");
    };
    integers("time_ns", [200, 200, 200, 300, 300, 300, 340, 340, 340]);
    let places = [Some(0), Some(1), None].repeat(3);
    assert_eq!(file.integers("instance"), places);
    integers("running", [3, 3, 16, 3, 3, 16, 3, 3, 16]);
    integers("waiting", [1, 2, 23, 4, 2, 26, 4, 2, 26]);
    integers("decode_tokens", [2, 2, 4, 2, 2, 4, 2, 2, 4]);
    let contexts = [700, 700, 1400, 700, 700, 1400, 700, 700, 1400];
    integers("context_tokens", contexts);
    integers("kv_blocks_used", [44, 44, 88, 44, 44, 88, 44, 44, 88]);
    integers("window_ns", [100, 100, 100, 100, 100, 100, 40, 40, 40]);
    integers("arrivals", [6, 12, 19, 18, 0, 18, 0, 0, 0]);
    integers("finished", [0, 1, 1, 2, 1, 3, 0, 0, 0]);
    integers("aborted", [0, 0, 0, 1, 0, 1, 0, 0, 0]);
    integers("rejected", [0, 0, 1, 0, 0, 0, 0, 0, 0]);
    integers("iterations", [10, 20, 30, 30, 0, 30, 0, 0, 0]);
    let prefilled = [500, 1000, 1500, 1500, 0, 1500, 0, 0, 0];
    integers("prefill_tokens", prefilled);
    integers("output_tokens", [20, 40, 60, 60, 0, 60, 0, 0, 0]);
    integers("preemptions", [1, 2, 3, 3, 0, 3, 0, 0, 0]);
    integers("busy_ns", [95, 185, 280, 270, 0, 270, 0, 0, 0]);
    let floats = |name: &str, expected: [Option<f64>; 9]| {
        assert_eq!(file.floats(name), expected, "{name}");
    };
    let kv_use = [0.25, 0.5, 0.375, 0.75, 0.0, 0.375, 0.0, 0.0, 0.0];
    floats("kv_use", kv_use.map(Some));
    let none = [None; 6];
    let first = |values: [f64; 3]| {
        let all = [&values.map(Some)[..], &none].concat();
        <[Option<f64>; 9]>::try_from(all).unwrap()
    };
    floats("ttft_p50_ns", first([8.0, 5.0, 6.0]));
    let [p95, p99] = [(0.95, "ttft_p95_ns"), (0.99, "ttft_p99_ns")].map(|(q, name)| {
        let expected = [8.0, 4.0 + 2.0 * q, 8.0 - 2.0 * 2.0 * (1.0 - q)];
        let found: Vec<f64> = file.floats(name).into_iter().flatten().collect();
        let error = |(found, expected): (&f64, f64)| (found - expected).abs();
        found.iter().zip(expected).map(error).fold(0.0, f64::max)
    });
    assert!(p95 < 1e-12 && p99 < 1e-12);
    let median = |scale: f64| {
        let values = [
            None,
            Some(40.0),
            Some(40.0),
            Some(20.0),
            Some(100.0),
            Some(30.0),
        ];
        let all = [
            &values.map(|value| value.map(|ns: f64| ns / scale))[..],
            &none[..3],
        ]
        .concat();
        <[Option<f64>; 9]>::try_from(all).unwrap()
    };
    floats("e2e_p50_ns", median(1.0));
    // Ten gaps each.
    floats("tpot_p50_ns", median(10.0));
    for name in ["tpot_p95_ns", "tpot_p99_ns", "e2e_p95_ns", "e2e_p99_ns"] {
        let largest = if name.starts_with("tpot") {
            10.0
        } else {
            100.0
        };
        let values = file.floats(name);
        assert_eq!(values[4], Some(largest), "{name}");
        assert!(
            values[5] > Some(0.9 * largest) && values[5] < values[4],
            "{name}"
        );
        assert_eq!(values[6..], none[..3], "{name}");
    }
    assert_eq!(file.key("kendall.samples_s").as_deref(), Some("0.0000001"));
}
