//! Scenarios in ticks, and their recordings.

use std::fs;

use super::support::{Scratch, repository};

/// A scenario of this repository.
fn shipped(name: &str) -> String {
    let path = repository("configs/scenarios/ticks").join(format!("{name}.toml"));
    path.display().to_string()
}

#[test]
fn every_shipped_scenario_runs() {
    let scratch = Scratch::new();
    let mut count = 0;
    for file in fs::read_dir(repository("configs/scenarios/ticks")).unwrap() {
        let path = file.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let table = scratch.fine(&["run", path.to_str().unwrap()]);
        assert!(
            table.starts_with(&format!("scenario   {stem}: ")),
            "{table}"
        );
        count += 1;
    }
    assert_eq!(count, 12);
}

/// The run of the guide that is followed by hand: two prefills of two ticks add up, then three
/// tokens take a tick each.
#[test]
fn a_run_by_hand_is_what_it_should_be() {
    let scratch = Scratch::new();
    let summary = scratch.summary(&["run", &shipped("two-requests"), "-o", "out"]);
    assert_eq!(summary, scratch.json("out/summary.json"));
    assert_eq!(summary["ttft_s"]["mean"], 4.0);
    assert_eq!(summary["e2e_s"]["max"], 7.0);
    assert_eq!(summary["requests"]["finished"], 2);
    assert_eq!(summary["iterations"], 7);
    assert_eq!(summary["ticks"]["tokens_per_1k"], 800.0);

    let table = scratch.table("out/requests.parquet");
    assert_eq!(table.numbers("first_token_ns"), [4_000_000_000; 2]);
    assert_eq!(table.numbers("finish_ns"), [7_000_000_000; 2]);
    assert_eq!(table.numbers("generated_tokens"), [4; 2]);
    let config = table.key("kendall.config").unwrap();
    scratch.write("again.toml", config);
    assert_eq!(scratch.summary(&["run", "again.toml"]), summary);
}

#[test]
fn requests_are_those_of_the_summary() {
    let scratch = Scratch::new();
    let summary = scratch.summary(&["run", &shipped("pools"), "--until", "77", "-o", "out"]);
    let table = scratch.table("out/requests.parquet");
    let column = |name| table.integers(name).into_iter().flatten();
    let requests = &summary["requests"];
    assert_eq!(table.rows() as u64, requests["total"]);
    assert!(column("request_id").eq(0..100));
    assert_eq!(column("finish_ns").count() as u64, requests["finished"]);
    let mean = |name| column(name).sum::<u64>() as f64 / column(name).count() as f64 * 1e-9;
    for (name, figure) in [("ttft_ns", "ttft_s"), ("e2e_ns", "e2e_s")] {
        let figure = summary[figure]["mean"].as_f64().unwrap();
        assert!((mean(name) - figure).abs() < 1e-9, "{name} {figure}");
    }
}

#[test]
fn steps_are_those_of_the_summary() {
    let scratch = Scratch::new();
    for (rows, out) in [("steps", "a"), ("runs", "b")] {
        let run = ["run", &shipped("pools"), "-o", out, "--iterations", rows];
        let summary = scratch.summary(&run);
        let table = scratch.table(&format!("{out}/iterations.parquet"));
        assert_eq!(table.sum("iterations"), summary["iterations"]);
        let (starts, ends) = (table.numbers("start_ns"), table.numbers("end_ns"));
        assert_eq!(starts[1..], ends[..ends.len() - 1]);
        assert_eq!(ends.last(), Some(&500_000_000_000));
        // Of a run of steps only one row is kept, in which nothing changes.
        let waiting = table.numbers("waiting").into_iter();
        let steps = table.numbers("iterations").into_iter();
        let queued: u64 = waiting.zip(steps).map(|(queue, steps)| queue * steps).sum();
        let mean = queued as f64 / summary["iterations"].as_f64().unwrap();
        assert_eq!(summary["ticks"]["mean_queue"], mean);
    }
    assert!(
        scratch.table("b/iterations.parquet").rows() < scratch.table("a/iterations.parquet").rows()
    );
}

#[test]
fn seeds_and_settings_change_a_run() {
    let scratch = Scratch::new();
    let run = |more: &[&str]| scratch.summary(&[&["run", &shipped("rate")], more].concat());
    let usual = run(&[]);
    assert_eq!(run(&["--seed", "42"]), usual);
    assert_ne!(run(&["--seed", "43"])["e2e_s"], usual["e2e_s"]);
    let more_slots = run(&["--set", "ticks.slots=8"]);
    assert!(more_slots["ticks"]["queue"].as_u64() < usual["ticks"]["queue"].as_u64());
    let longer = run(&["--until", "1000"]);
    assert_eq!(longer["duration_s"], 1000.0);
    let config = scratch.fine(&["config", &shipped("rate"), "--set", "ticks.slots=8"]);
    assert!(
        config.contains("slots = 8\nbatching = \"one-prefill\"\n"),
        "{config}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let scratch = Scratch::new();
    let rate = shipped("rate");
    for (more, error) in [
        (
            &["--set", "ticks.work.prefill_chunks=0"][..],
            "error: --set ticks.work.prefill_chunks=0: `ticks.work.prefill_chunks` is 0, must be at \
             least 1\n",
        ),
        (
            &["--until", "0"],
            "error: --until: `end_ticks` is 0, must be above 0 and at most 1e12\n",
        ),
        (
            &["--warm-up", "5"],
            "error: --warm-up is not for scenarios in ticks",
        ),
        (
            &["--set", "ticks.slot=5"],
            "error: --set ticks.slot=5: unknown field `slot`",
        ),
    ] {
        let refused = scratch.refused(&[&["run", &rate, "-o", "out"], more].concat());
        assert!(refused.starts_with(error), "{refused}");
        assert!(refused.contains("\nhint: "), "{refused}");
    }
}

#[test]
fn recordings_are_met_and_strangers_refused() {
    let scratch = Scratch::new();
    let oracles = repository("validate/oracles/ticks");
    let check = ["validate", "ticks", "--oracles", oracles.to_str().unwrap()];
    let stdout = scratch.fine(&check);
    assert_eq!(
        stdout.lines().last(),
        Some("49 passed, 0 failed, 0 skipped")
    );
    assert!(stdout.starts_with("readme_static "), "{stdout}");
    assert_eq!(stdout.lines().count(), 50);

    scratch.write("summary.json", "{\"runs\": 3}");
    scratch.write("other.txt", "ticks");
    for path in ["summary.json", "other.txt", "nowhere"] {
        let refused = scratch.refused(&["validate", "ticks", "--oracles", path]);
        assert!(refused.starts_with("error: "), "{refused}");
    }
}
