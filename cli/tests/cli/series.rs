//! `--samples` and `--iterations` of scenarios under a token budget and in ticks.

use super::support::{Scratch, Table, repository};

fn shipped(name: &str) -> String {
    let file = repository("configs/scenarios").join(name);
    file.to_str().unwrap().to_owned()
}

/// Rows of samples: those of an instance, or of the system.
fn rows_of(samples: &Table, instance: Option<u64>) -> Vec<usize> {
    let instances = samples.integers("instance").into_iter().enumerate();
    let of = instances.filter(|(_, of)| *of == instance);
    of.map(|(row, _)| row).collect()
}

fn column(samples: &Table, name: &str, rows: &[usize]) -> Vec<u64> {
    let all = samples.numbers(name);
    rows.iter().map(|&row| all[row]).collect()
}

fn sum(samples: &Table, name: &str, rows: &[usize]) -> u64 {
    column(samples, name, rows).iter().sum()
}

/// Windows add up to what requests and batches are, instance by instance and of the system; there
/// are no KV blocks.
fn check_windows(samples: &Table, requests: &Table, iterations: &Table) {
    let system = rows_of(samples, None);
    let total = |name| sum(samples, name, &system);
    assert_eq!(total("arrivals"), requests.rows() as u64);
    let finish = requests.integers("finish_ns");
    assert_eq!(total("finished"), finish.iter().flatten().count() as u64);
    assert_eq!(total("output_tokens"), requests.sum("generated_tokens"));
    for name in ["iterations", "prefill_tokens", "output_tokens", "busy_ns"] {
        assert_eq!(samples.sum(name), 2 * total(name), "{name}");
    }
    assert_eq!(total("iterations"), iterations.sum("iterations"));
    for name in ["kv_blocks_used", "preemptions", "aborted", "rejected"] {
        assert_eq!(samples.sum(name), 0, "{name}");
    }
    let windows = column(samples, "window_ns", &system);
    let times = column(samples, "time_ns", &system);
    assert!(times.is_sorted() && windows.iter().all(|&window| window > 0));
}

/// How many of the times, if there are any, have come by `now`.
fn by(times: &[Option<u64>], now: u64) -> u64 {
    times.iter().flatten().filter(|&&time| time <= now).count() as u64
}

#[test]
fn samples_under_a_token_budget_are_those_of_the_first_trial() {
    let scratch = Scratch::new();
    let demo = shipped("token-budget/demo2.toml");
    let run = |out: &str, more: &[&str]| {
        let usual = ["run", &demo, "--trials", "2", "--samples", "5s", "-o", out];
        let short = ["--set", "token_budget.load.window_s=40"];
        scratch.fine(&[&usual[..], &short, more].concat());
        scratch.table(&format!("{out}/samples.parquet"))
    };
    for (out, gpus, granularity) in [("one", "1", "steps"), ("three", "3", "runs")] {
        let gpus = format!("token_budget.gpus={gpus}");
        let samples = run(out, &["--set", &gpus, "--iterations", granularity]);
        let table = |name: &str| scratch.table(&format!("{out}/{name}.parquet"));
        let (requests, iterations) = (table("requests"), table("iterations"));
        check_windows(&samples, &requests, &iterations);
        let figures = &scratch.json(&format!("{out}/summary.json"))["points"][0]["figures"];
        let batches = figures["batches"]["trials"][0].as_f64();
        assert_eq!(batches, Some(iterations.sum("iterations") as f64));

        let system = rows_of(&samples, None);
        let arrivals = requests.integers("arrival_ns");
        let scheduled = requests.integers("scheduled_ns");
        let finish = requests.integers("finish_ns");
        let times = column(&samples, "time_ns", &system);
        assert_eq!(times[..3], [5, 10, 15].map(|s| s * 1_000_000_000));
        for (&row, now) in system.iter().zip(times) {
            let begun = by(&scheduled, now);
            assert_eq!(samples.numbers("waiting")[row], by(&arrivals, now) - begun);
            assert_eq!(samples.numbers("running")[row], begun - by(&finish, now));
        }
        // A row is a batch, or a run of equal ones, of which there are far fewer.
        let (rows, batches) = (iterations.rows() as u64, iterations.sum("iterations"));
        match granularity {
            "steps" => assert_eq!(rows, batches),
            _ => assert!(rows < batches / 5, "{rows} rows of {batches} batches"),
        }

        // Whoever asks for batches sees the same samples.
        let alone = run(&format!("{out}-alone"), &["--set", &gpus]);
        assert_eq!(alone.columns(), samples.columns());
        assert!(
            !scratch
                .path(&format!("{out}-alone/iterations.parquet"))
                .exists()
        );
        assert_eq!(samples.key("kendall.samples_s"), Some("5"));
    }
    assert_eq!(
        rows_of(&scratch.table("three/samples.parquet"), Some(2)).len(),
        9
    );
}

#[test]
fn a_blocked_system_keeps_who_waits() {
    let scratch = Scratch::new();
    let starving = [
        "--set",
        "token_budget.schedulers=[\"hybrid\"]",
        "--set",
        "token_budget.max_sequences=8",
        "--set",
        "token_budget.decode_share=0.1",
        "--set",
        "token_budget.rules=orie5580",
        "--set",
        "token_budget.load.window_s=40",
    ];
    let demo = shipped("token-budget/demo2.toml");
    let run = [
        "run",
        &demo,
        "--trials",
        "1",
        "-q",
        "--samples",
        "10s",
        "-o",
        "out",
    ];
    scratch.fine(&[&run[..], &["--iterations", "steps"], &starving].concat());
    let table = |name: &str| scratch.table(&format!("out/{name}.parquet"));
    let (samples, requests) = (table("samples"), table("requests"));
    check_windows(&samples, &requests, &table("iterations"));
    let last = *rows_of(&samples, None).last().unwrap();
    // All have their prompts, and nobody decodes.
    assert_eq!(samples.numbers("running")[last], requests.rows() as u64);
    assert_eq!(samples.sum("output_tokens"), 0);
}

#[test]
fn samples_in_ticks_are_those_of_the_run() {
    let scratch = Scratch::new();
    let rate = shipped("ticks/rate.toml");
    let run = [
        "run",
        &rate,
        "--samples",
        "5s",
        "-o",
        "out",
        "--iterations",
        "steps",
    ];
    let summary = scratch.summary(&run);
    let table = |name: &str| scratch.table(&format!("out/{name}.parquet"));
    let (samples, requests, iterations) =
        (table("samples"), table("requests"), table("iterations"));
    check_windows(&samples, &requests, &iterations);
    let system = rows_of(&samples, None);
    let times = column(&samples, "time_ns", &system);
    assert!(
        times.iter().eq((1..=20)
            .map(|sample| sample * 5_000_000_000)
            .collect::<Vec<_>>()
            .iter())
    );
    assert_eq!(sum(&samples, "iterations", &system), summary["iterations"]);
    let starts = iterations.numbers("start_ns");
    for (&row, now) in system.iter().zip(times) {
        let step = starts.partition_point(|&start| start <= now) - 1;
        for name in ["running", "waiting"] {
            let levels = (samples.numbers(name)[row], iterations.numbers(name)[step]);
            assert_eq!(levels.0, levels.1, "{name} at {now}");
        }
    }
}

#[test]
fn pools_in_ticks_are_instances() {
    let scratch = Scratch::new();
    let pools = shipped("ticks/pools.toml");
    let summary = scratch.summary(&["run", &pools, "--samples", "10s", "-o", "out"]);
    let samples = scratch.table("out/samples.parquet");
    let requests = scratch.table("out/requests.parquet");
    let [prefill, decode] = [Some(0), Some(1)].map(|pool| rows_of(&samples, pool));
    assert_eq!(requests.integers("prefill_instance"), [Some(0)].repeat(100));
    assert_eq!(requests.integers("instance"), [Some(1)].repeat(100));
    // A prefill takes two ticks and a slot of four, so fifty in a hundred ticks wait no more.
    let waiting = column(&samples, "waiting", &prefill);
    assert_eq!(waiting[..4], [76, 56, 36, 16]);
    // The first of a new four moves on at once, if there is room.
    assert!(
        column(&samples, "waiting", &decode)
            .iter()
            .any(|&waiting| waiting > 30)
    );
    assert_eq!(sum(&samples, "arrivals", &decode), 100);
    assert_eq!(sum(&samples, "output_tokens", &prefill), 100);
    let tokens = sum(&samples, "output_tokens", &decode);
    assert_eq!(100 + tokens, requests.sum("generated_tokens"));
    assert_eq!(sum(&samples, "iterations", &decode), summary["iterations"]);
}

#[test]
fn intervals_that_make_no_sense_are_refused() {
    let scratch = Scratch::new();
    for name in ["token-budget/demo2.toml", "ticks/rate.toml"] {
        let scenario = shipped(name);
        let refused = |interval: &str| {
            scratch.refused(&["run", &scenario, "-o", "out", "-q", "--samples", interval])
        };
        assert_eq!(
            refused("0"),
            "error: --samples is 0 s, must be at least a nanosecond (1e-9)\n\
             hint: give a time from one sample to the next, for example 10s or 500ms\n"
        );
        let close = refused("0.000001");
        assert!(
            close.starts_with("error: a sample every 0.000001 s until ")
                && close
                    .contains(" rows or more, at most 100000000 are written\nhint: take samples"),
            "{close}"
        );
    }
    let few = ["--trials", "1", "--set", "token_budget.load.window_s=5"];
    for (name, more) in [
        ("token-budget/demo2.toml", &few[..]),
        ("ticks/rate.toml", &[]),
    ] {
        let scenario = shipped(name);
        let ran = scratch.run(&[&["run", &scenario, "--samples", "1s"], more].concat());
        assert_eq!(ran.code, Some(0));
        let warning = "warning: --samples needs a directory to write to (-o DIR)\n";
        assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    }
    assert_eq!(scratch.names("."), [""; 0]);
}
