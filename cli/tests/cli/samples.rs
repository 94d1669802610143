//! samples.parquet, read back.

use super::support::{Scratch, Table};

const RUN: [&str; 6] = [
    "-q",
    "--rate-scale",
    "8",
    "--set",
    "llm.instances=2",
    "--set=llm.kv.num_gpu_blocks=8000",
];

fn replay(scratch: &Scratch, out: &str, more: &[&str]) {
    scratch.fine(&[&["replay", "-o", out], &RUN[..], more].concat());
}

/// Sums of a column over the rows of the fleet (`None`) or of an instance.
fn sum(table: &Table, column: &str, of: Option<u64>) -> u64 {
    let instances = table.integers("instance").into_iter();
    let rows = instances.zip(table.numbers(column));
    rows.filter(|(instance, _)| *instance == of)
        .map(|(_, value)| value)
        .sum()
}

#[test]
fn samples_add_up_to_the_summary() {
    let scratch = Scratch::new();
    replay(&scratch, "out", &["--samples", "2500ms"]);
    let summary = scratch.json("out/summary.json");
    let samples = scratch.table("out/samples.parquet");
    let fleet = |column: &str| sum(&samples, column, None);
    assert_eq!(fleet("finished"), summary["requests"]["finished"]);
    assert_eq!(fleet("arrivals"), summary["requests"]["total"]);
    assert_eq!(fleet("iterations"), summary["iterations"]);
    assert_eq!(fleet("preemptions"), summary["preemptions"]);
    assert!(fleet("preemptions") > 0, "the blocks run short");
    let requests = scratch.table("out/requests.parquet");
    assert_eq!(fleet("output_tokens"), requests.sum("generated_tokens"));
    for (of, instance) in [(0, 0), (1, 1)] {
        let told = &summary["instances"][instance];
        let of = |column: &str| sum(&samples, column, Some(of));
        assert_eq!(of("arrivals"), told["requests"]);
        assert_eq!(of("iterations"), told["iterations"]);
        assert_eq!(of("output_tokens"), told["output_tokens"]);
    }
    // A row per instance and one for both, at multiples and at the end.
    let times = samples.numbers("time_ns");
    let windows = samples.numbers("window_ns");
    let whole = times.len() / 3 - 1;
    for (index, (&time, &window)) in times.iter().zip(&windows).enumerate().take(3 * whole) {
        assert_eq!((time % 2_500_000_000, window), (0, 2_500_000_000));
        assert_eq!(
            samples.integers("instance")[index],
            [Some(0), Some(1), None][index % 3]
        );
    }
    let finishes = requests.integers("finish_ns");
    assert_eq!(times.last(), finishes.into_iter().flatten().max().as_ref());
    assert_eq!(samples.numbers("running").last(), Some(&0));
    assert_eq!(samples.key("kendall.samples_s"), Some("2.5"));
}

#[test]
fn merged_steps_make_the_same_file() {
    let scratch = Scratch::new();
    let samples = |out: &str, more: &[&str]| {
        replay(&scratch, out, &[&["--samples", "70ms"], more].concat());
        let table = scratch.table(&format!("{out}/samples.parquet"));
        let columns = [
            "time_ns",
            "running",
            "waiting",
            "decode_tokens",
            "context_tokens",
        ];
        let more = [
            "kv_blocks_used",
            "prefill_tokens",
            "output_tokens",
            "busy_ns",
        ];
        let numbers = columns.iter().chain(&more).map(|name| table.numbers(name));
        numbers.collect::<Vec<_>>()
    };
    let merged = samples("merged", &["--iterations", "off"]);
    assert!(merged[0].len() > 1000);
    let single = ["--iterations", "off", "--set", "engine.merge_steps=false"];
    assert!(merged == samples("single", &single));
    assert!(merged == samples("steps", &["--iterations", "steps"]));
}

#[test]
fn a_scenario_may_ask_for_samples() {
    let scratch = Scratch::new();
    scratch.write(
        "s.toml",
        "[output]\nsamples_s = 10.0\niterations = \"off\"\n",
    );
    scratch.fine(&["run", "s.toml", "-q", "-o", "out", "--until", "25s"]);
    let names = ["requests.parquet", "samples.parquet", "summary.json"];
    assert_eq!(scratch.names("out"), names);
    let times = scratch.table("out/samples.parquet").numbers("time_ns");
    let seconds = [10, 20, 25].map(|s: u64| s * 1_000_000_000);
    assert_eq!(
        times,
        seconds.iter().flat_map(|&s| [s, s]).collect::<Vec<_>>()
    );
    // The command line has the last word.
    let again = [
        "run",
        "s.toml",
        "-q",
        "-o",
        "again",
        "--until",
        "25s",
        "--samples",
        "20",
    ];
    scratch.fine(&again);
    assert_eq!(scratch.table("again/samples.parquet").rows(), 4);
    assert!(
        scratch
            .fine(&["config", "s.toml"])
            .contains("\nsamples_s = 10.0\n")
    );
    // Without being asked, none are written, and a file of an earlier run does not stay.
    scratch.fine(&["replay", "-q", "-o", "again", "--force"]);
    assert!(!scratch.path("again/samples.parquet").exists());
}

#[test]
fn intervals_that_make_no_sense_are_refused() {
    let scratch = Scratch::new();
    let refused = |more: &[&str]| scratch.refused(&[&["replay", "-o", "out"], more].concat());
    let hint = "hint: kendall config shows every setting; --set KEY=VALUE changes one\n";
    let expected = "must be at least a nanosecond (1e-9)";
    assert_eq!(
        refused(&["--samples", "0"]),
        format!("error: --samples: `output.samples_s` is 0, {expected}\n{hint}")
    );
    assert_eq!(
        refused(&["--set", "output.samples_s=1e-10"]),
        format!(
            "error: --set output.samples_s=1e-10: `output.samples_s` is 0.0000000001, {expected}\n{hint}"
        )
    );
    let negative = refused(&["--set", "output.samples_s=-1.0"]);
    assert!(
        negative.starts_with(
            "error: --set output.samples_s=-1.0: `output.samples_s`: -1 s is negative"
        ),
        "{negative}"
    );
    for text in ["-1", "soon", "nan", "inf"] {
        let said = refused(&["--samples", text]);
        assert!(
            said.contains("is not a time, expected for example 90"),
            "{said}"
        );
    }
    let close = refused(&["--samples", "0.000001"]);
    assert!(
        close.starts_with("error: a sample every 0.000001 s until ")
            && close.ends_with(
                " rows or more, at most 100000000 are written\n\
                 hint: take samples further apart (--samples, output.samples_s), or end the run \
                 earlier (--until)\n"
            ),
        "{close}"
    );
    // A run that ends early has room for them.
    scratch.fine(&[
        "replay",
        "-q",
        "-o",
        "out",
        "--samples",
        "0.000001",
        "--until",
        "230ms",
    ]);
}

#[test]
fn samples_need_a_place_to_go_to() {
    let scratch = Scratch::new();
    let ran = scratch.run(&["replay", "-q", "--limit", "3", "--samples", "1s"]);
    assert_eq!(ran.code, Some(0));
    let warning = "warning: --samples needs a directory to write to (-o DIR)\n";
    assert_eq!(ran.stderr, warning);
    assert_eq!(scratch.names("."), [""; 0]);
}
