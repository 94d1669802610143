//! When trials end: at a wanted precision, at the most there may be, or by Ctrl-C.

use super::super::support::Scratch;
use super::{PAIR, ROUTERS, demo};

#[test]
fn trials_go_on_until_intervals_are_narrow() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let run = ["run", "pair.toml", "--precision", "10%"];
    let run = [&run[..], &["--precision", "kv_use.mean=+-0.002"], &ROUTERS].concat();
    let summary = scratch.summary(&run);
    let trials = summary["trials"].as_u64().unwrap();
    assert!((10..1000).contains(&trials), "{trials}");
    for variant in summary["variants"].as_array().unwrap() {
        let half = |metric: &str| {
            let found = &variant["metrics"][metric];
            let high = found["high"].as_f64().unwrap();
            (
                high - found["mean"].as_f64().unwrap(),
                found["mean"].as_f64().unwrap(),
            )
        };
        let (width, mean) = half("e2e_s.mean");
        assert!(width <= 0.1 * mean * (1.0 + 1e-12), "{width} of {mean}");
        assert!(half("kv_use.mean").0 <= 0.002 * (1.0 + 1e-12));
    }
    assert_eq!(summary["precision"][0]["metric"], "e2e_s.mean");
    assert_eq!(summary["precision"][0]["reached"], true);
    assert_eq!(summary["precision"][1]["half_width"], 0.002);
    let text = scratch.fine(&run);
    assert!(
        text.contains(&format!(
            "± 10 % of e2e_s.mean is reached by {trials} trials"
        )),
        "{text}"
    );
}

#[test]
fn what_is_not_reached_is_told() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let run = [
        "run",
        "pair.toml",
        "--precision",
        "ttft_s.mean=1us",
        "--trials",
        "3",
    ];
    // Microseconds are no unit of times here.
    assert!(scratch.refused(&run).contains("is not a time"));
    let run = [
        "run",
        "pair.toml",
        "--precision",
        "ttft_s.mean=0.001ms",
        "--trials",
        "3",
    ];
    let text = scratch.fine(&run);
    assert!(
        text.contains("of ttft_s.mean is NOT reached by 3 trials"),
        "{text}"
    );
    assert!(text.contains("allow more with --trials"), "{text}");
    let summary = scratch.summary(&run);
    assert_eq!(summary["precision"][0]["reached"], false);
    assert_eq!(summary["trials"], 3);
    // The same for token budgets, whose most important figure is the response time.
    let demo = demo();
    let short = ["--set", "token_budget.load.window_s=20", "--trials", "2"];
    let text = scratch.fine(&[&["run", &demo, "--precision", "0.1%"], &short[..]].concat());
    assert!(
        text.contains("of mean_rts_s is NOT reached by 2 trials"),
        "{text}"
    );
    // Relative widths are told as they were asked for, without noise in the last digit.
    let run = ["run", "pair.toml", "--precision", "7%", "--trials", "1"];
    let text = scratch.fine(&run);
    let note = "± 7 % of e2e_s.mean is NOT reached by 1 trial (one trial has no interval)";
    assert!(text.contains(note), "{text}");
    let text = scratch.fine(&["run", "pair.toml", "--precision", "0.01%", "--trials", "3"]);
    let note = text.lines().last().unwrap_or_default();
    assert!(note.ends_with(" %); allow more with --trials"), "{text}");
    // Nobody has a time per output token if all outputs are single tokens.
    let single = "workload.generate.output_tokens=constant:value=1";
    let run = ["run", "pair.toml", "--set", single, "--trials", "3"];
    let text = scratch.fine(&[&run[..], &["--precision", "tpot_s.mean=1%"]].concat());
    assert!(
        text.contains("(no trial has it); ask for another metric"),
        "{text}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_keeps_the_trials_that_are_done() {
    use super::super::signals::{catches_interrupts, interrupted};

    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let args = ["run", "pair.toml", "--trials", "1000000", "-o", "out"];
    let ran = interrupted(&scratch, &args, |process| {
        let begun = catches_interrupts(process);
        if begun {
            // Some trials are to be done.
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        begun
    });
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    let told = "of 1000000 trials are done\npartial results: out/trials.partial.parquet\n";
    assert!(ran.stderr.ends_with(told), "{}", ran.stderr);
    assert_eq!(scratch.names("out"), ["trials.partial.parquet"]);
    let table = scratch.table("out/trials.partial.parquet");
    assert!((1..1_000_000).contains(&table.rows()), "{}", table.rows());
    let seeds: Vec<u64> = table
        .numbers("trial")
        .iter()
        .map(|trial| trial + 7)
        .collect();
    assert_eq!(table.numbers("seed"), seeds);
}
