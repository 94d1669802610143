//! `run` and `config` for schedulers under a token budget.

use super::support::{Scratch, repository};

fn demo(name: &str) -> String {
    let file = repository("configs/scenarios/token-budget").join(name);
    file.to_str().unwrap().to_owned()
}

/// A short window, so that debug builds are fast.
const SHORT: [&str; 2] = ["--set", "token_budget.load.window_s=40"];

#[test]
fn a_demo_shows_means_and_intervals_of_each_scheduler() {
    let scratch = Scratch::new();
    let demo = demo("demo2.toml");
    let run = [&["run", &demo, "--trials", "5"], &SHORT[..]].concat();
    let stdout = scratch.fine(&run);
    for name in [
        "decode_prioritizing",
        "prefill_prioritizing",
        "hybrid",
        "p95_rts_s",
    ] {
        assert!(stdout.contains(name), "{stdout}");
    }
    assert!(
        stdout.contains("5 trials under seed 0, 95 % intervals"),
        "{stdout}"
    );
    assert_eq!(scratch.fine(&run), stdout, "the same every time");

    let one = scratch.fine(&[&["run", &demo, "--trials", "1"], &SHORT[..]].concat());
    assert!(one.contains("one trial has no interval"), "{one}");
}

#[test]
fn results_are_written() {
    let scratch = Scratch::new();
    let demo = demo("demo3.toml");
    let run = [&["run", &demo, "--trials", "3", "-o", "out"], &SHORT[..]].concat();
    let stdout = scratch.fine(&run);
    assert!(stdout.ends_with("results in out\n"), "{stdout}");
    let requests = scratch.table("out/requests.parquet");
    let columns = ["arrival_ns", "scheduled_ns", "first_token_ns", "finish_ns"];
    let times = columns.map(|name| requests.numbers(name));
    for row in 0..requests.rows() {
        assert!(
            times.windows(2).all(|two| two[0][row] <= two[1][row]),
            "{row}"
        );
    }
    assert_eq!(
        requests.numbers("generated_tokens"),
        requests.numbers("output_tokens")
    );
    let summary = scratch.json("out/summary.json");
    let points = summary["points"].as_array().unwrap();
    assert_eq!(points.len(), 3);
    let rts = &points[2]["figures"]["mean_rts_s"];
    assert_eq!(rts["trials"].as_array().unwrap().len(), 3);
    let mean = rts["mean"].as_f64().unwrap();
    assert!(rts["low"].as_f64().unwrap() < mean && mean < rts["high"].as_f64().unwrap());
    let first = &points[0]["figures"]["n_arrived"]["trials"][0];
    assert_eq!(first.as_f64(), Some(requests.rows() as f64));
    // Schedulers see the same requests.
    let arrived = |point: usize| points[point]["figures"]["n_arrived"]["trials"].clone();
    assert_eq!(arrived(0), arrived(1));
}

#[test]
fn a_sweep_has_a_row_per_point() {
    let scratch = Scratch::new();
    let demo = demo("chunk-sizes.toml");
    let run = [&["run", &demo, "--trials", "2"], &SHORT[..]].concat();
    let stdout = scratch.fine(&run);
    let (points, differences) = stdout.split_once("\ndifferences to ").unwrap();
    for text in [points, differences] {
        let rows = text.matches(" prefill_prioritizing").count();
        assert_eq!(rows, 8, "{stdout}");
    }
    assert!(points.contains("chunk_tokens"), "{stdout}");
    assert_eq!(differences.matches("mean_rts_s").count(), 16, "{stdout}");
}

#[test]
fn what_gets_stuck_is_told() {
    let scratch = Scratch::new();
    let demo = demo("demo2.toml");
    let starving = [
        "--set",
        "token_budget.max_sequences=8",
        "--set",
        "token_budget.decode_share=0.1",
        "--set",
        "token_budget.schedulers=[\"hybrid\"]",
    ];
    let run = [&["run", &demo, "--trials", "2"], &SHORT[..], &starving].concat();
    let corrected = scratch.run(&run);
    assert_eq!(corrected.code, Some(0));
    assert!(
        corrected
            .stderr
            .contains("leaves decode no slot, it gets one"),
        "{}",
        corrected.stderr
    );
    assert!(
        !corrected.stdout.contains("requests left"),
        "{}",
        corrected.stdout
    );

    let original = scratch.run(&[&run[..], &["--set", "token_budget.rules=orie5580"]].concat());
    assert_eq!(original.code, Some(0));
    assert!(
        original.stderr.contains("nothing will finish"),
        "{}",
        original.stderr
    );
    let note = "2 of 2 trials ended with requests left; trial 0 blocked with";
    assert!(original.stdout.contains(note), "{}", original.stdout);
}

#[test]
fn a_configuration_is_printed_whole_and_faults_have_a_place() {
    let scratch = Scratch::new();
    let printed = scratch.fine(&["config", &demo("demo2.toml")]);
    assert!(printed.contains("rules = \"corrected\""), "{printed}");
    scratch.write("again.toml", &printed);
    assert_eq!(scratch.fine(&["config", "again.toml"]), printed);

    scratch.write("zero.toml", "[token_budget.load]\nwindow_s = 0\n");
    let ran = scratch.run(&["run", "zero.toml"]);
    assert_eq!(ran.code, Some(2));
    let message = "error: zero.toml:2:12: `window_s` is 0, must be positive and finite\n";
    assert!(ran.stderr.starts_with(message), "{}", ran.stderr);
    for (option, value) in [("--until", "5s"), ("--limit", "5")] {
        let foreign = scratch.run(&["run", "again.toml", option, value]);
        assert_eq!(foreign.code, Some(2));
        let message = format!("{option} is for other scenarios");
        assert!(foreign.stderr.contains(&message), "{}", foreign.stderr);
    }
}

#[test]
fn trials_are_replications_of_queues() {
    let scratch = Scratch::new();
    let queues = repository("configs/scenarios/queueing/mm1-feedback.toml");
    let few = [
        "--set",
        "queueing.customers=1000",
        "--trials",
        "3",
        "--quiet",
    ];
    let stdout = scratch.fine(&[&["run", queues.to_str().unwrap()], &few[..]].concat());
    assert!(stdout.contains("in 3 replications"), "{stdout}");
    let level = scratch.summary(
        &[
            &["run", queues.to_str().unwrap()],
            &few[..4],
            &["--level", "99%"],
        ]
        .concat(),
    );
    assert_eq!(level["figures"][0]["estimate"]["level"], 0.99);
    for (option, value) in [("--vary", "queueing.customers=1,2"), ("--precision", "1%")] {
        let refused = scratch.refused(&["run", queues.to_str().unwrap(), option, value]);
        assert!(
            refused.starts_with(&format!("error: {option} ")),
            "{refused}"
        );
    }
}
