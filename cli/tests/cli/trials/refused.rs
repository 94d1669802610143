//! Trials that cannot be.

use super::super::support::{Scratch, repository};
use super::{PAIR, demo, ticks};

#[test]
fn nothing_is_measured_by_no_trials() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let none = scratch.refused(&["run", "pair.toml", "--trials", "0"]);
    assert!(none.contains("2 or more give means with them"), "{none}");
    let less = scratch.refused(&["run", "pair.toml", "--trials", "-3"]);
    assert!(less.contains("from 1 to 1000000"), "{less}");
}

#[test]
fn a_trace_is_one_sample() {
    let scratch = Scratch::new();
    let trace = repository("traces/plain-csv/sample.csv");
    let scenario = format!(
        "[workload]\ntrace = {:?}\nlimit = 20\n",
        trace.to_str().unwrap()
    );
    scratch.write("trace.toml", &scenario);
    scratch.write("sample.toml", "seed = 1\n");
    for file in ["trace.toml", "sample.toml"] {
        let refused = scratch.refused(&["run", file, "--trials", "3", "-o", "out"]);
        assert!(
            refused.contains("which is one sample, and nothing else is drawn"),
            "{refused}"
        );
        let refused = scratch.refused(&["run", file, "--precision", "1%"]);
        assert!(
            refused.contains("hint: draw requests from the trace"),
            "{refused}"
        );
    }
    // One of each variant compares them on it.
    let vary = ["--vary", "llm.scheduler.max_num_seqs=1,8"];
    let run = [&["run", "trace.toml"], &vary[..]].concat();
    let text = scratch.fine(&run);
    assert!(text.contains("1 trial under seed 0"), "{text}");
    assert!(text.contains("one pair"), "{text}");
    // Standard input is gone after the first.
    let piped = scratch.refused(&[&run[..], &["--set", "workload.trace=-"]].concat());
    assert!(piped.contains("standard input can be read once"), "{piped}");
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let (ticks, demo) = (ticks(), demo());
    for (args, said) in [
        (
            &["pair.toml", "--trials", "2", "--samples", "1s"][..],
            "--samples is for single runs",
        ),
        (
            &["pair.toml", "--trials", "2", "--iterations", "steps"],
            "--iterations is for single runs",
        ),
        (
            &[&ticks, "--trials", "2", "--iterations", "steps"],
            "--iterations is for single runs",
        ),
        (
            &["pair.toml", "--level", "90%"],
            "--level is that of intervals",
        ),
        (&[&ticks, "--level", "90%"], "--level without trials"),
        (
            &["pair.toml", "--vary", "llm.router=robin,least-loaded"],
            "--vary llm.router=robin: unknown variant",
        ),
        (
            &["pair.toml", "--vary", "llm.instances=1,0"],
            "--vary llm.instances=0: ",
        ),
        (
            &["pair.toml", "--vary", "llm.routers=1,2"],
            "--vary llm.routers=1: unknown field",
        ),
        (
            &["pair.toml", "--vary", "seed=1,2"],
            "--vary seed: every trial has a seed of its own",
        ),
        (
            &[
                "pair.toml",
                "--vary",
                "llm.instances=1",
                "--vary",
                "llm.instances=2",
            ],
            "is given twice",
        ),
        (
            &["pair.toml", "--vary", "llm.instances=1,1"],
            "takes the value 1 twice",
        ),
        (
            &[
                "pair.toml",
                "--vary",
                "llm.router=\"round-robin\",round-robin",
            ],
            "takes the value round-robin twice",
        ),
        (
            &["pair.toml", "--vary", "workload.limit=2,3", "--limit", "5"],
            "--vary workload.limit is without effect, --limit overrules it",
        ),
        (
            &[
                "pair.toml",
                "--vary",
                "workload.warm_up_s=2,3",
                "--warm-up",
                "5",
            ],
            "--vary workload.warm_up_s is without effect, --warm-up overrules it",
        ),
        (
            &["pair.toml", "--vary", "llm.instances"],
            "must be KEY=V1,V2,...",
        ),
        (
            &["pair.toml", "--precision", "e2e.mean=1%"],
            "there is no metric `e2e.mean`",
        ),
        (
            &["pair.toml", "--precision", "iterations=1s"],
            "a time is given, and it is none",
        ),
        (
            &["pair.toml", "--precision", "200%"],
            "must lie between 0 and 1",
        ),
        (
            &[&demo, "--vary", "token_budget.gpus=1,2"],
            "--vary is not for systems under a token budget",
        ),
        (
            &[&demo, "--precision", "rts=1%"],
            "there is no metric `rts`",
        ),
        (
            &[&ticks, "--vary", "ticks.batching=static,none"],
            "--vary ticks.batching=none",
        ),
    ] {
        let refused = scratch.refused(&[&["run"], args].concat());
        assert!(refused.contains(said), "{args:?}\n{refused}");
    }
    // A replay has no trials.
    let replay = scratch.refused(&["replay", "--trials", "2"]);
    assert!(
        replay.contains("unexpected argument '--trials'"),
        "{replay}"
    );
}

#[test]
fn trials_without_chance_are_told() {
    let scratch = Scratch::new();
    let ran = scratch.run(&[
        "run",
        &ticks(),
        "--trials",
        "3",
        "--set",
        "ticks.work.sd_tokens=0",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("output lengths are constant"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.contains("all trials are the same"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_finished_run_is_not_replaced() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let run = ["run", "pair.toml", "--trials", "2", "-o", "results"];
    scratch.fine(&run);
    assert_eq!(scratch.names("results"), ["summary.json", "trials.parquet"]);
    let refused = scratch.refused(&run);
    assert!(refused.contains("--force"), "{refused}");
    // A single run takes its place, and nothing of the trials is left.
    scratch.fine(&["run", "pair.toml", "-q", "-o", "results", "--force"]);
    assert!(
        !scratch
            .names("results")
            .contains(&"trials.parquet".to_owned())
    );
}
