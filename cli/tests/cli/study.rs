//! `study`: published studies by name, at a small size.

use std::fs;

use super::signals::interrupted;
use super::support::{Scratch, repository};

/// Each study at a size for tests.
const SMALL: [&[&str]; 9] = [
    &[
        "time-window",
        "--points",
        "3",
        "--trials",
        "2",
        "--window",
        "60",
    ],
    &[
        "chunk-size",
        "--chunks",
        "none,8",
        "--trials",
        "2",
        "--window",
        "40",
    ],
    &[
        "hybrid-ratio",
        "--ratios",
        "0.3,0.6",
        "--trials",
        "2",
        "--window",
        "40",
    ],
    &[
        "arrival-rate",
        "--rates",
        "1,8",
        "--seeds",
        "2",
        "--trials",
        "1",
        "--requests",
        "200",
    ],
    &[
        "mm1",
        "--utilisations",
        "0.5",
        "--trials",
        "3",
        "--window",
        "200",
    ],
    &["rules", "--trials", "1"],
    &[
        "saturation",
        "--gpus",
        "1,2",
        "--trials",
        "2",
        "--scenario",
        "demo3",
    ],
    &["batching", "--trials", "20"],
    &[
        "queue-growth",
        "--points",
        "5",
        "--trials",
        "3",
        "--window",
        "500",
    ],
];

#[test]
fn every_study_has_tables_rows_and_figures() {
    for options in SMALL {
        let scratch = Scratch::new();
        let run = [&["study"], options, &["-q"]].concat();
        let printed = scratch.fine(&run);
        assert_eq!(scratch.fine(&run), printed, "the same every time");
        let written = scratch.fine(&[&run[..], &["-o", "out"]].concat());
        assert_eq!(written, format!("{printed}\nresults in out\n"));
        assert!(
            printed.lines().all(|line| line == line.trim_end()),
            "{printed}"
        );

        let summary = scratch.json("out/summary.json");
        assert_eq!(summary["study"], options[0]);
        let rows = summary["rows"].as_array().unwrap();
        let table = scratch.table("out/study.parquet");
        assert_eq!((table.rows(), rows.is_empty()), (rows.len(), false));
        assert_eq!(table.key("kendall.study"), Some(options[0]));
        let text = |key: &str| {
            let cells = rows.iter().map(|row| row[key].as_str().unwrap());
            cells.map(str::to_owned).collect::<Vec<String>>()
        };
        for column in ["scenario", "system", "variant", "metric", "unit"] {
            assert_eq!(table.strings(column), text(column), "{column}");
        }
        let means: Vec<f64> = rows
            .iter()
            .map(|row| row["mean"].as_f64().unwrap())
            .collect();
        // The reader of JSON is not exact in the last place.
        for (own, mean) in table.floats("mean").into_iter().zip(means) {
            let off = (own.unwrap() - mean).abs();
            assert!(off <= 1e-14 * mean.abs(), "{own:?}, {mean}");
        }
        assert_eq!(table.numbers("trials").len(), rows.len());

        let figures = scratch.names("out");
        let figures = figures.iter().filter(|name| name.ends_with(".svg"));
        for figure in figures.clone() {
            let svg = String::from_utf8(scratch.bytes(&format!("out/{figure}"))).unwrap();
            assert!(
                svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
                "{figure}"
            );
            assert!(!svg.contains("NaN") && svg.contains("#FFFFFF"), "{figure}");
        }
        assert_eq!(figures.count() == 0, options[0] == "rules");
        let again = scratch.refused_over(&[&run[..], &["-o", "out"]].concat());
        assert!(again.contains("already holds a finished run"), "{again}");
        scratch.fine(&[&run[..], &["-o", "out", "--force"]].concat());
    }
}

#[test]
fn studies_are_listed_and_slips_are_recognised() {
    let scratch = Scratch::new();
    let listed = scratch.fine(&["study"]);
    assert_eq!(listed.lines().count(), SMALL.len());
    assert_eq!(scratch.fine(&["list", "studies"]), listed);
    let slip = scratch.refused(&["study", "chunk-sizes"]);
    assert_eq!(
        slip,
        "error: there is no study `chunk-sizes`\nhint: did you mean `chunk-size`?\n"
    );
    let stranger = scratch.refused(&["study", "weather"]);
    assert!(
        stranger.contains("hint: kendall study lists them"),
        "{stranger}"
    );
}

#[test]
fn bad_input_is_refused_with_the_reason() {
    let scratch = Scratch::new();
    for (options, reason) in [
        (
            &["hybrid-ratio", "--ratios", "1.5"][..],
            "1.5 is not from 0 to 1",
        ),
        (
            &["hybrid-ratio", "--ratios", "-0.5"],
            "-0.5 is not from 0 to 1",
        ),
        (
            &["hybrid-ratio", "--ratios", "0.1:0.9:0"],
            "must be positive",
        ),
        (
            &["hybrid-ratio", "--ratios", "0.1:0.9:-0.1"],
            "must be positive",
        ),
        (
            &["hybrid-ratio", "--ratios", "0.9:0.1:0.1"],
            "ends before it begins",
        ),
        (&["hybrid-ratio", "--max-sequences", "0"], "at least 1"),
        (
            &["time-window", "--window", "0"],
            "--window is 0, must be positive",
        ),
        (&["time-window", "--window", "-5"], "is not a time"),
        (&["time-window", "--points", "0"], "0 is not in 1.."),
        (
            &["time-window", "--trials", "0"],
            "0 trials measure nothing",
        ),
        (
            &["hybrid-ratio", "--ratios", "0.5,0.5"],
            "0.5 is given twice",
        ),
        (&["time-window", "--scenario", "demo9"], "possible values"),
        (
            &["time-window", "--ratios", "0.5"],
            "time-window takes no --ratios",
        ),
        (&["chunk-size", "--chunks", "0"], "none for whole prompts"),
        (&["arrival-rate", "--rates", "0"], "0 is not positive"),
        (&["arrival-rate", "--requests", "5"], "must be at least 100"),
        (
            &["mm1", "--utilisations", "1"],
            "1 is not above 0 and below 1",
        ),
        (&["mm1", "--window", "50"], "must exceed 100 here"),
        (
            &["mm1", "--set", "token_budget.gpus=2"],
            "mm1 takes no --set",
        ),
        (
            &["batching", "--scenario", "demo2"],
            "batching takes no --scenario",
        ),
        (&["batching", "--set", "ticks.slots=0"], "slots"),
        (
            &["batching", "--set", "token_budget.gpus=2"],
            "is no setting of this study",
        ),
        (
            &["chunk-size", "--set", "token_budget.chunk_tokens=8"],
            "cannot set token_budget.chunk_tokens here",
        ),
        (&["chunk-size", "--set", "token_budget.gpus=0"], "gpus"),
        (
            &["chunk-size", "--set", "token_budget.nothing=0"],
            "nothing",
        ),
    ] {
        let run = [&["study"], options, &["-o", "out"]].concat();
        let refused = scratch.refused(&run);
        assert!(refused.contains(reason), "{options:?}: {refused}");
    }
}

#[test]
fn a_single_trial_has_no_interval_and_says_so() {
    let scratch = Scratch::new();
    let run = [
        "study",
        "chunk-size",
        "--chunks",
        "8",
        "--window",
        "30",
        "--trials",
        "1",
    ];
    let printed = scratch.fine(&run);
    assert!(
        printed.contains("note: one trial has no interval"),
        "{printed}"
    );
    assert!(!printed.contains('±'), "{printed}");
    let summary = scratch.summary(&run);
    assert!(summary["rows"][0]["low"].is_null() && summary["rows"][0]["sd"].is_null());
}

#[test]
fn shares_that_leave_no_slot_are_warned_of_and_blocked_trials_told() {
    let scratch = Scratch::new();
    let small = [
        "study",
        "hybrid-ratio",
        "--ratios",
        "0.1,0.5",
        "--max-sequences",
        "1000,8",
    ];
    let small = [
        &small[..],
        &["--window", "30", "--trials", "2", "--scenario", "demo2"],
    ]
    .concat();
    let own = [&small[..], &["--set", "token_budget.rules=orie5580"]].concat();
    let ran = scratch.run(&own);
    assert!(
        ran.stderr
            .contains("a decode share of 0.1 of 8 sequences leaves decode no slot"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout
            .contains("2 of 2 trials ended with requests left"),
        "{}",
        ran.stdout
    );
    // Where no limit binds, all shares are one line.
    assert!(ran.stdout.contains("0.1 to 0.5"), "{}", ran.stdout);
    let corrected = scratch.fine(&small);
    assert!(!corrected.contains("requests left"), "{corrected}");
}

#[test]
fn a_prompt_above_the_budget_is_reported_and_ends_the_run() {
    let scratch = Scratch::new();
    let run = [
        "study",
        "chunk-size",
        "--chunks",
        "none",
        "--window",
        "60",
        "--trials",
        "2",
    ];
    let settings = [
        "--set",
        "token_budget.max_tokens=256",
        "--set",
        "token_budget.rules=orie5580",
        "--set",
        "token_budget.schedulers=[\"decode_prioritizing\"]",
    ];
    let ran = scratch.run(&[&run[..], &settings[..]].concat());
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("it will block all behind it"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout
            .contains("needs 512 tokens at once, a batch holds 256"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("hybrid"), "one scheduler was chosen");
}

#[test]
fn the_rule_is_not_silent_about_blocked_trials() {
    let scratch = Scratch::new();
    let run = [
        "study",
        "arrival-rate",
        "--scenario",
        "demo3-unchunked",
        "--rates",
        "4",
    ];
    let small = ["--seeds", "1", "--trials", "1", "--requests", "200"];
    let settings = [
        "--set",
        "token_budget.rules=orie5580",
        "--set",
        "token_budget.schedulers=[\"decode_prioritizing\"]",
        "--set",
        "token_budget.max_tokens=128",
    ];
    let ran = scratch.run(&[&run[..], &small[..], &settings[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("it will block all behind it"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.contains("trials ended with requests left"),
        "{}",
        ran.stdout
    );
}

#[test]
fn originals_stand_beside_equal_settings_only() {
    let scratch = Scratch::new();
    let run = [
        "study",
        "saturation",
        "--gpus",
        "1",
        "--trials",
        "4",
        "--scenario",
        "demo2",
    ];
    let printed = scratch.fine(&run);
    assert!(
        printed.contains("the original's") && printed.contains("12 of 12"),
        "{printed}"
    );
    let other = scratch.fine(&[&run[..], &["--set", "token_budget.max_sequences=999"]].concat());
    assert!(!other.contains("the original's"), "{other}");
}

/// The figures of docs/guides/studies.md are what its commands draw.
#[test]
fn the_guides_figures_are_drawn_again() {
    let chunks = ["chunk-size", "--trials", "10"];
    let queues = ["queue-growth", "--trials", "50"];
    for (options, scenario) in [
        (&["batching"][..], "ticks"),
        (&queues[..], "ticks"),
        (&chunks[..], "demo2"),
    ] {
        let scratch = Scratch::new();
        scratch.fine(&[&["study"], options, &["-q", "-o", "out"]].concat());
        let drawn = scratch.bytes(&format!("out/figure-{scenario}.svg"));
        let figure = format!("docs/guides/figures/{}.svg", options[0]);
        let shown = fs::read(repository(&figure)).unwrap();
        assert!(drawn == shown, "{figure} is not what {options:?} draws");
    }
}

#[test]
fn ctrl_c_ends_a_study_without_results() {
    let scratch = Scratch::new();
    // A hundred thousand windows, each done in no time.
    let long = [
        "study",
        "time-window",
        "--points",
        "100000",
        "--trials",
        "1",
        "-q",
        "-o",
        "out",
    ];
    let ran = interrupted(&scratch, &long, |_| scratch.path("out").exists());
    assert_eq!((ran.code, &*ran.stdout), (Some(130), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing is written"), "{}", ran.stderr);
    assert_eq!(scratch.names("out"), [""; 0]);
}
