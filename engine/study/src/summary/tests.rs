//! A run small enough to sum up by hand.

use kendall_llm::{Recorder, RequestRecord, Status};

use super::*;

fn ms(ms: u64) -> Time {
    Time::from_ns(ms * 1_000_000)
}

/// Arrives every second from 1 s on; 4 tokens, the first after `ttft_ms`, then 10 ms apart.
fn finished(id: u64, ttft_ms: u64) -> RequestRecord {
    let arrival = 1000 * (id + 1);
    RequestRecord {
        request_id: id,
        class: 0,
        session_id: None,
        instance: Some(0),
        prefill_instance: None,
        arrival: ms(arrival),
        scheduled: Some(ms(arrival)),
        first_token: Some(ms(arrival + ttft_ms)),
        finish: Some(ms(arrival + ttft_ms + 30)),
        prompt_tokens: 100,
        output_tokens: 4,
        generated_tokens: 4,
        cached_tokens: 0,
        preemptions: 0,
        status: Status::Finished,
    }
}

fn never_scheduled(id: u64, status: Status) -> RequestRecord {
    RequestRecord {
        instance: None,
        scheduled: None,
        first_token: None,
        finish: None,
        generated_tokens: 0,
        status,
        ..finished(id, 0)
    }
}

/// Three finished requests (TTFT 100, 200 and 400 ms), one of each other kind, and one that
/// would have arrived after the end, at 11 s.
fn records() -> Vec<RequestRecord> {
    let mut single = finished(2, 400);
    single.generated_tokens = 1;
    single.finish = single.first_token;
    let mut aborted = finished(4, 300);
    aborted.status = Status::Aborted;
    aborted.finish = None;
    vec![
        finished(1, 200),
        finished(0, 100),
        single,
        never_scheduled(3, Status::Rejected),
        aborted,
        never_scheduled(9, Status::Unfinished),
        never_scheduled(10, Status::Unfinished),
    ]
}

fn instance() -> InstanceStats {
    InstanceStats {
        requests: 4,
        finished: 3,
        iterations: 50,
        preemptions: 2,
        prefill_tokens: 400,
        output_tokens: 9,
        hit_tokens: 64,
        lookup_tokens: 256,
        busy: Dur::from_ns(4_500_000_000),
        kv_block_ns: 90_000_000_000,
        kv_blocks_max: 60,
        kv_blocks_usable: 100,
    }
}

/// From the first arrival at 1 s to 10 s: 9 s.
fn stats() -> RunStats {
    RunStats {
        end: ms(10_000),
        first_arrival: ms(1000),
        instances: vec![
            instance(),
            InstanceStats {
                kv_blocks_usable: 50,
                kv_blocks_max: 40,
                ..InstanceStats::default()
            },
        ],
    }
}

fn summary(options: SummaryOptions) -> Summary<&'static str> {
    let mut recorder = SummaryRecorder::new(options);
    records().iter().for_each(|record| recorder.request(record));
    recorder.gaps(Dur::from_ns(10_000_000), 9);
    Summary::new(recorder, &stats(), 5, 42, "toml")
}

fn close(value: Option<f64>, expected: f64) {
    let value = value.unwrap();
    assert!(
        (value - expected).abs() < 1e-12,
        "{value} is not {expected}"
    );
}

#[test]
fn a_run_is_summed_up() {
    let s = summary(SummaryOptions::default());
    let counts = RequestCounts {
        total: 7,
        finished: 3,
        rejected: 1,
        aborted: 1,
        unfinished: 2,
    };
    assert_eq!(s.requests, counts);
    assert_eq!(s.duration_s, 9.0);
    close(s.throughput.requests_per_s, 3.0 / 9.0);
    close(s.throughput.output_tokens_per_s, 9.0 / 9.0);
    close(s.throughput.prompt_tokens_per_s, 300.0 / 9.0);
    // The aborted request had its first token after 300 ms.
    close(s.ttft_s.mean, 0.25);
    close(s.ttft_s.p50, 0.25);
    close(s.ttft_s.p90, 0.37);
    close(s.ttft_s.max, 0.4);
    close(s.tpot_s.mean, 0.01);
    close(s.tpot_s.p99, 0.01);
    close(s.e2e_s.p50, 0.23);
    close(s.e2e_s.max, 0.4);
    close(s.itl_s.mean, 0.01);
    assert_eq!((s.iterations, s.preemptions), (50, 2));
    close(s.prefix_cache.hit_rate, 0.25);
    // 90 block-seconds of 150 blocks over 9 s.
    close(s.kv_use.mean, 90.0 / (150.0 * 9.0));
    close(s.kv_use.max, 0.8);
    assert_eq!(s.slo, None);
    assert_eq!(s.percentile_error, 0.0);
    assert_eq!((s.skipped_records, s.seed), (5, 42));
}

#[test]
fn instances_have_rows_of_their_own() {
    let s = summary(SummaryOptions::default());
    let [first, second] = s.instances[..] else {
        panic!("two instances")
    };
    assert_eq!((first.instance, first.requests, first.finished), (0, 4, 3));
    close(first.utilisation, 0.5);
    close(first.kv_use.mean, 0.1);
    close(first.kv_use.max, 0.6);
    close(first.hit_rate, 0.25);
    assert_eq!((second.instance, second.utilisation), (1, Some(0.0)));
    assert_eq!(second.hit_rate, None);
}

#[test]
fn objectives_are_judged_over_all_that_arrived() {
    let slo = SloTargets {
        ttft_s: Some(0.2),
        tpot_s: Some(0.01),
        e2e_s: None,
    };
    let slo = summary(SummaryOptions {
        slo,
        ..SummaryOptions::default()
    })
    .slo
    .unwrap();
    // Two met both targets, to the nanosecond; six arrived, the last at the very end.
    close(slo.attainment, 2.0 / 6.0);
    close(slo.goodput_per_s, 2.0 / 9.0);
}

#[test]
fn a_single_token_meets_any_tpot() {
    let tpot = |tpot_s| SloTargets {
        tpot_s: Some(tpot_s),
        ..SloTargets::default()
    };
    let mut record = finished(0, 100);
    assert!(tpot(0.01).met_by(&record));
    assert!(!tpot(0.0099).met_by(&record));
    record.generated_tokens = 1;
    assert!(tpot(0.0).met_by(&record));
    record.status = Status::Aborted;
    assert!(!tpot(1.0).met_by(&record));
}

#[test]
fn warm_up_leaves_early_requests_out() {
    // Both leave out the request of 1 s, whose TTFT is 100 ms.
    let two_seconds = Dur::from_ns(2_000_000_000);
    for warm_up in [WarmUp::Requests(1), WarmUp::Seconds(two_seconds)] {
        let s = summary(SummaryOptions {
            warm_up,
            ..SummaryOptions::default()
        });
        assert_eq!((s.requests.total, s.requests.finished), (6, 2));
        assert_eq!(s.duration_s, 8.0);
        close(s.throughput.requests_per_s, 2.0 / 8.0);
        close(s.ttft_s.mean, 0.3);
        // Of the whole run.
        close(s.kv_use.mean, 90.0 / (150.0 * 9.0));
        assert_eq!(s.iterations, 50);
    }
}

#[test]
fn parts_of_a_run_are_merged() {
    let slo = SloTargets {
        ttft_s: Some(0.2),
        ..SloTargets::default()
    };
    let options = SummaryOptions {
        slo,
        ..SummaryOptions::default()
    };
    for cut in 0..=records().len() {
        let mut parts = [SummaryRecorder::new(options), SummaryRecorder::new(options)];
        for (index, record) in records().iter().enumerate() {
            parts[usize::from(index >= cut)].request(record);
        }
        parts[1].gaps(Dur::from_ns(10_000_000), 9);
        let [mut merged, other] = parts;
        merged.merge(other);
        assert_eq!(
            Summary::new(merged, &stats(), 5, 42, "toml"),
            summary(options)
        );
    }
}

/// The classes share the requests out; each is what a run of its own requests would tell, at the
/// duration of the whole.
#[test]
fn classes_are_told_apart() {
    let slo = SloTargets {
        ttft_s: Some(0.15),
        ..SloTargets::default()
    };
    let options = SummaryOptions {
        slo,
        ..SummaryOptions::default()
    };
    let of = |classes: &dyn Fn(u64) -> u16| {
        let mut recorder = SummaryRecorder::new(options);
        for mut record in records() {
            record.class = classes(record.request_id);
            recorder.request(&record);
        }
        recorder.gaps(Dur::from_ns(10_000_000), 9);
        Summary::new(recorder, &stats(), 5, 42, "toml")
    };
    let one = of(&|_| 0);
    assert_eq!(one, summary(options));
    assert_eq!(one.classes, []);
    // The even ones are class 3, the odd ones class 1; nobody is 0 or 2.
    let two = of(&|id| if id % 2 == 0 { 3 } else { 1 });
    let numbers: Vec<u16> = two.classes.iter().map(|class| class.class).collect();
    assert_eq!(numbers, [1, 3]);
    let whole = Summary {
        classes: Vec::new(),
        ..two.clone()
    };
    assert_eq!(whole, one);
    let [odd, even] = [&two.classes[0], &two.classes[1]];
    assert_eq!(odd.requests.total + even.requests.total, 7);
    assert_eq!((odd.requests.finished, even.requests.finished), (1, 2));
    assert_eq!(odd.ttft_s.mean, Some(0.2));
    close(even.throughput.requests_per_s, 2.0 / 9.0);
    // Of the even ones that arrived, 0, 2 and 4, only 0 finished with its first token in time.
    close(even.slo.unwrap().attainment, 1.0 / 3.0);
    close(odd.slo.unwrap().attainment, 0.0);
}

#[test]
fn a_run_of_nothing_is_null() {
    let recorder = SummaryRecorder::new(SummaryOptions {
        slo: SloTargets {
            e2e_s: Some(1.0),
            ..SloTargets::default()
        },
        ..SummaryOptions::default()
    });
    let s = Summary::new(recorder, &RunStats::default(), 0, 0, ());
    assert_eq!(s.requests, RequestCounts::default());
    assert_eq!((s.duration_s, s.throughput.requests_per_s), (0.0, None));
    assert_eq!((s.ttft_s, s.itl_s), (Spread::default(), Spread::default()));
    assert_eq!((s.kv_use.mean, s.kv_use.max), (None, None));
    let slo = s.slo.unwrap();
    assert_eq!((slo.attainment, slo.goodput_per_s), (None, None));
}

/// The names in `summary.json` are a contract.
#[test]
fn json_has_the_names_of_the_interface() {
    let keys = |value: &serde_json::Value| -> Vec<String> {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let slo = SloTargets {
        ttft_s: Some(1.0),
        ..SloTargets::default()
    };
    let json = serde_json::to_value(summary(SummaryOptions {
        slo,
        ..SummaryOptions::default()
    }));
    let json = json.unwrap();
    let expected = "config duration_s e2e_s instances iterations itl_s kv_use percentile_error \
        preemptions prefix_cache requests seed skipped_records slo throughput tpot_s ttft_s";
    assert_eq!(keys(&json).join(" "), expected);
    let members = |key: &str| keys(&json[key]).join(" ");
    assert_eq!(
        members("requests"),
        "aborted finished rejected total unfinished"
    );
    assert_eq!(
        members("throughput"),
        "output_tokens_per_s prompt_tokens_per_s requests_per_s"
    );
    assert_eq!(members("ttft_s"), "max mean p50 p90 p95 p99");
    assert_eq!(members("prefix_cache"), "hit_rate hit_tokens lookup_tokens");
    assert_eq!(members("kv_use"), "max mean");
    assert_eq!(members("slo"), "attainment goodput_per_s");
    assert_eq!(json["config"], "toml");

    let json = serde_json::to_value(summary(SummaryOptions::default())).unwrap();
    assert!(json.get("slo").is_none());
}
