//! Trials of serving systems, in ticks and under token budgets.

mod refused;
mod stopping;

use serde_json::Value;

use super::support::{Scratch, Table, repository};

/// A busy pair of instances and few requests, so that debug builds are fast.
const PAIR: &str = "
name = \"pair\"
seed = 7
[llm]
instances = 2
[llm.scheduler]
max_num_seqs = 4
[slo]
ttft_s = 1
[workload.generate]
requests = 60
prompt_tokens = { law = \"lognormal\", mu = 6, sigma = 1 }
output_tokens = { law = \"lognormal\", mu = 4, sigma = 1 }
arrivals = { process = \"poisson\", rate_per_s = 20 }
";

const ROUTERS: [&str; 2] = ["--vary", "llm.router=round-robin,least-loaded"];

/// Columns of trials.parquet that are metrics.
fn metrics(table: &Table, keys: usize) -> Vec<String> {
    let names = table.names();
    assert_eq!(names[0], "variant");
    assert_eq!(names[keys + 1..keys + 3], ["trial", "seed"]);
    names[keys + 3..].to_vec()
}

/// The value at a dotted path.
fn at<'a>(summary: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(summary, |value, key| &value[key])
}

/// Whether two figures are equal, up to the last bit, which reading JSON may get wrong.
fn same(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= 2.0 * f64::EPSILON * expected.abs()
        }
        _ => found == expected,
    }
}

fn ticks() -> String {
    let path = repository("configs/scenarios/ticks/in-flight.toml");
    path.to_str().unwrap().to_owned()
}

fn demo() -> String {
    let path = repository("configs/scenarios/token-budget/demo2.toml");
    path.to_str().unwrap().to_owned()
}

/// Trial k of a variant is the single run with that setting and the k-th seed, number by number.
fn trials_are_single_runs(scratch: &Scratch, file: &str, key: &str, values: [&str; 2], seed: u64) {
    let vary = format!("{key}={},{}", values[0], values[1]);
    let run = ["run", file, "--trials", "3", "--vary", &vary, "-o", "out"];
    scratch.fine(&run);
    let table = scratch.table("out/trials.parquet");
    assert_eq!(table.rows(), 6);
    assert_eq!(table.numbers("trial"), [0, 1, 2, 0, 1, 2]);
    assert_eq!(table.numbers("seed"), [0, 1, 2, 0, 1, 2].map(|k| seed + k));
    let varied = table.strings(key);
    let names: Vec<String> = varied
        .iter()
        .map(|value| format!("{key}={value}"))
        .collect();
    assert_eq!(table.strings("variant"), names);
    let metrics = metrics(&table, 1);
    assert!(metrics.len() > 20, "{metrics:?}");
    for row in [0, 2, 4] {
        let set = format!("{key}={}", varied[row]);
        let seed = table.numbers("seed")[row].to_string();
        let single = scratch.summary(&["run", file, "--set", &set, "--seed", &seed]);
        for metric in &metrics {
            let (found, expected) = (table.floats(metric)[row], at(&single, metric).as_f64());
            assert!(
                same(found, expected),
                "{metric} of row {row}: {found:?} {expected:?}"
            );
        }
    }
}

#[test]
fn a_trial_is_a_single_run_under_its_seed() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let routers = ["round-robin", "least-loaded"];
    trials_are_single_runs(&scratch, "pair.toml", "llm.router", routers, 7);
}

#[test]
fn a_streamed_trial_is_a_single_run_under_its_seed() {
    let scratch = Scratch::new();
    let streamed = format!("{PAIR}\n[workload]\nstream = \"always\"\n");
    scratch.write("pair.toml", &streamed);
    let profiles = ["vllm", "orca"];
    let key = "llm.scheduler.profile";
    trials_are_single_runs(&scratch, "pair.toml", key, profiles, 7);
}

#[test]
fn a_trial_in_ticks_is_a_single_run_under_its_seed() {
    let scratch = Scratch::new();
    let batching = ["static", "in-flight"];
    trials_are_single_runs(&scratch, &ticks(), "ticks.batching", batching, 42);
}

/// The summary says of each metric what its column does, by definitions.
#[test]
fn the_summary_is_that_of_the_rows() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let run = [
        &["run", "pair.toml", "--trials", "5", "-o", "out"],
        &ROUTERS[..],
    ]
    .concat();
    let printed = scratch.summary(&run);
    assert_eq!(printed, scratch.json("out/summary.json"));
    let table = scratch.table("out/trials.parquet");
    let variants = printed["variants"].as_array().unwrap();
    assert_eq!(printed["trials"], 5);
    assert_eq!(variants[0]["differences"], Value::Null);
    let same = |found: &Value, expected: f64| {
        let found = found.as_f64().unwrap();
        assert!(
            (found - expected).abs() <= 1e-9 * expected.abs() + 1e-12,
            "{found} {expected}"
        );
    };
    // Student's t of 4 degrees of freedom at 95 %, of any table.
    let t = 2.776_445_105;
    for metric in metrics(&table, 1) {
        let column = table.floats(&metric);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / 5.0;
        let error = |values: &[f64]| {
            let mean = mean(values);
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            (squares / 4.0 / 5.0).sqrt()
        };
        let of = |variant: usize| {
            let cells = &column[variant * 5..variant * 5 + 5];
            cells.iter().copied().collect::<Option<Vec<f64>>>()
        };
        let (Some(first), Some(second)) = (of(0), of(1)) else {
            continue;
        };
        for (variant, values) in [&first, &second].into_iter().enumerate() {
            let found = &variants[variant]["metrics"][&metric];
            same(&found["mean"], mean(values));
            same(&found["sd"], error(values) * 5.0_f64.sqrt());
            assert_eq!(found["trials"], 5);
            let half = (found["high"].as_f64().unwrap() - found["low"].as_f64().unwrap()) / 2.0;
            assert!(
                (half - t * error(values)).abs() <= 1e-6 * half + 1e-9,
                "{metric} {half}"
            );
        }
        let differences: Vec<f64> = second.iter().zip(&first).map(|(a, b)| a - b).collect();
        let found = &variants[1]["differences"][&metric];
        let scale = mean(&first).abs() * 1e-12;
        let value = found["mean"].as_f64().unwrap();
        assert!(
            (value - mean(&differences)).abs() <= 1e-9 * value.abs() + scale,
            "{metric}"
        );
        let half = t * error(&differences);
        assert_eq!(found["differs"], value.abs() > half, "{metric} {found}");
        assert_eq!(found["pairs"], 5);
    }
    // Routers cannot change what comes.
    let totals = table.floats("prefix_cache.lookup_tokens");
    assert_eq!(totals[..5], totals[5..]);
}

#[test]
fn one_seed_gives_the_same_bytes_on_one_thread_and_on_two() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let short = ["--set", "token_budget.load.window_s=20"];
    let (ticks, demo) = (ticks(), demo());
    let runs: [Vec<&str>; 4] = [
        [&["pair.toml", "--trials", "6"], &ROUTERS[..]].concat(),
        vec!["pair.toml", "--precision", "5%", "--trials", "40"],
        vec![&ticks, "--trials", "9"],
        [&[&*demo, "--precision", "10%"], &short[..]].concat(),
    ];
    for run in runs {
        let results = ["1", "2"].map(|threads| {
            let args = [&["run"], &run[..], &["-o", threads, "--force"]].concat();
            let mut command = scratch.command(&args);
            let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let text = String::from_utf8(output.stdout).unwrap();
            let text = text.replace(&format!("results in {threads}"), "results");
            let files = ["trials.parquet", "summary.json"];
            (
                text,
                files.map(|file| scratch.bytes(&format!("{threads}/{file}"))),
            )
        });
        assert!(results[0] == results[1], "{run:?}");
    }
}

#[test]
fn tables_name_metrics_variants_and_differences() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let one = scratch.fine(&["run", "pair.toml", "--trials", "4"]);
    let heading = "pair\n4 trials under seeds 7 to 10, 95 % intervals\n";
    assert!(one.starts_with(heading), "{one}");
    for metric in [
        "e2e_s.p99",
        "kv_use.max",
        "slo.attainment",
        "requests.total",
    ] {
        assert_eq!(one.matches(metric).count(), 1, "{one}");
    }
    let two = [
        &["run", "pair.toml", "--trials", "4", "--level", "90%"],
        &ROUTERS[..],
    ]
    .concat();
    let two = scratch.fine(&two);
    assert!(two.contains("90 % intervals"), "{two}");
    assert!(
        two.contains("differences to llm.router=round-robin, trial by trial"),
        "{two}"
    );
    assert_eq!(two.matches("e2e_s.p99").count(), 2, "{two}");
    // All combinations, a row each.
    let many = [
        &[
            "run",
            "pair.toml",
            "--trials",
            "2",
            "--vary",
            "llm.instances=1,2,3",
        ],
        &ROUTERS[..],
    ];
    let many = scratch.fine(&many.concat());
    assert!(many.contains("llm.instances, llm.router"), "{many}");
    assert!(many.contains("\n 3, least-loaded "), "{many}");
    // Metrics are spread over several tables, each with all variants, so that lines stay short.
    let tables = many.split("differences to").next().unwrap_or_default();
    assert!(tables.matches("\n 3, least-loaded ").count() > 1, "{many}");
    assert_eq!(tables.matches("e2e_s.p99").count(), 1, "{many}");
    let widest = many.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(140), "{widest:?}: {many}");
    // Without --vary one trial is what there is without --trials, but for the intervals.
    let alone = scratch.fine(&["run", "pair.toml", "--trials", "1"]);
    assert!(alone.contains("note: one trial has no interval"), "{alone}");
}

#[test]
fn values_in_brackets_are_one() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let laws =
        "workload.generate.output_tokens={law=\"constant\",value=5},{law=\"constant\",value=9}";
    let summary = scratch.summary(&["run", "pair.toml", "--trials", "2", "--vary", laws]);
    let variants = summary["variants"].as_array().unwrap();
    assert_eq!(variants.len(), 2);
    let key = "workload.generate.output_tokens";
    assert_eq!(variants[1]["settings"][key], "{law=\"constant\",value=9}");
}

#[test]
fn warnings_appear_once() {
    let scratch = Scratch::new();
    scratch.write("pair.toml", PAIR);
    let run = ["run", "pair.toml", "--trials", "3", "--until", "1s"];
    let ran = scratch.run(&[&run, &ROUTERS[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stderr.matches("had not finished").count(),
        1,
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("of llm.router=round-robin, and of 5 more)"),
        "{}",
        ran.stderr
    );
    let quiet = scratch.run(&[&run[..], &["-q"]].concat());
    assert_eq!(quiet.stderr, "");
}

#[test]
fn trials_of_token_budgets_are_written_too() {
    let scratch = Scratch::new();
    let demo = demo();
    let short = ["--set", "token_budget.load.window_s=20"];
    let run = [&["run", &demo, "--trials", "3", "-o", "out"], &short[..]].concat();
    scratch.fine(&run);
    let table = scratch.table("out/trials.parquet");
    let summary = scratch.json("out/summary.json");
    assert_eq!(table.rows(), 9);
    let points = summary["points"].as_array().unwrap();
    for metric in metrics(&table, 1) {
        let trials = points.iter().flat_map(|point| {
            let trials = point["figures"][&metric]["trials"].as_array().unwrap();
            trials.iter().map(Value::as_f64)
        });
        let mut pairs = table.floats(&metric).into_iter().zip(trials);
        assert!(pairs.all(|(row, figure)| same(row, figure)), "{metric}");
    }
    assert_eq!(points[0]["differences"], Value::Null);
    let less = &points[1]["differences"]["mean_rts_s"];
    let mean = |point: usize| {
        points[point]["figures"]["mean_rts_s"]["mean"]
            .as_f64()
            .unwrap()
    };
    let difference = mean(1) - mean(0);
    assert!((less["mean"].as_f64().unwrap() - difference).abs() < 1e-9 * difference.abs());
    assert_eq!(less["pairs"], 3);
}
