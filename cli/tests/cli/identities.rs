//! What must hold exactly on every run: nothing is lost, the files agree with each other, and the
//! bytes do not depend on anything but the scenario and its seed.

use std::collections::BTreeMap;

use super::support::{Scratch, Table};

/// Systems of different kinds, each under pressure of its own.
const SYSTEMS: [&[&str]; 6] = [
    &[],
    &["llm.instances=4", "llm.router=least-loaded"],
    // Preemptions, and requests that are too long.
    &["llm.kv.num_gpu_blocks=900", "workload.rate_scale=4.0"],
    &[
        "llm.scheduler.policy=priority",
        "llm.scheduler.max_num_seqs=8",
    ],
    &["workload.until_s=60.0", "llm.instances=3"],
    &[
        "llm.scheduler.profile=inference-lab",
        "llm.kv.num_gpu_blocks=1500",
        "llm.kv.enable_prefix_caching=false",
    ],
];

fn args<'a>(dir: &'a str, iterations: &'a str, settings: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["replay", "-q", "-o", dir, "--iterations", iterations];
    args.extend(settings.iter().flat_map(|setting| ["--set", *setting]));
    args
}

#[test]
fn nothing_is_lost_and_the_files_agree() {
    for settings in SYSTEMS {
        let scratch = Scratch::new();
        scratch.fine(&args("steps", "steps", settings));
        scratch.fine(&args("runs", "runs", settings));
        check_requests(&scratch, settings);
        check_iterations(&scratch, settings);
        for file in ["requests.parquet", "summary.json"] {
            // The configuration differs in what is written, and nothing else does.
            let (steps, runs) = (format!("steps/{file}"), format!("runs/{file}"));
            if file == "summary.json" {
                let (mut steps, mut runs) = (scratch.json(&steps), scratch.json(&runs));
                steps["config"].take();
                runs["config"].take();
                assert_eq!(steps, runs);
            } else {
                let (steps, runs) = (scratch.table(&steps), scratch.table(&runs));
                assert_eq!(steps.columns(), runs.columns());
            }
        }
    }
}

fn check_requests(scratch: &Scratch, settings: &[&str]) {
    let summary = scratch.json("steps/summary.json");
    let requests = scratch.table("steps/requests.parquet");
    let counted = &summary["requests"];
    let mut by_status = BTreeMap::from([
        ("finished", 0),
        ("rejected", 0),
        ("aborted", 0),
        ("unfinished", 0),
    ]);
    let statuses = requests.strings("status");
    for status in &statuses {
        *by_status.get_mut(status.as_str()).unwrap() += 1_u64;
    }
    for (status, count) in &by_status {
        assert_eq!(counted[*status], *count, "{settings:?}");
    }
    assert_eq!(counted["total"], by_status.values().sum::<u64>());
    assert_eq!(counted["total"], 1000);
    let ids: Vec<u64> = (0..1000).collect();
    assert_eq!(requests.numbers("request_id"), ids);

    let instances = summary["instances"].as_array().unwrap();
    let total = |figure: &str| -> u64 {
        let rows = instances.iter();
        rows.map(|row| row[figure].as_u64().unwrap()).sum()
    };
    let generated = requests.numbers("generated_tokens");
    assert_eq!(
        generated.iter().sum::<u64>(),
        total("output_tokens"),
        "{settings:?}"
    );
    assert_eq!(requests.sum("preemptions"), total("preemptions"));
    assert_eq!(summary["preemptions"], total("preemptions"));
    assert_eq!(by_status["finished"], total("finished"));
    assert_eq!(
        requests.sum("cached_tokens"),
        summary["prefix_cache"]["hit_tokens"].as_u64().unwrap()
    );
    let asked = requests.numbers("output_tokens");
    for (row, status) in statuses.iter().enumerate() {
        match status.as_str() {
            "finished" => assert_eq!(generated[row], asked[row]),
            "rejected" => assert_eq!(generated[row], 0),
            _ => assert!(generated[row] <= asked[row]),
        }
    }
    check_times(&requests, &summary);
}

fn check_times(requests: &Table, summary: &serde_json::Value) {
    let column = |name| requests.integers(name);
    let (arrival, scheduled) = (column("arrival_ns"), column("scheduled_ns"));
    let (first, finish) = (column("first_token_ns"), column("finish_ns"));
    let (ttft, e2e) = (column("ttft_ns"), column("e2e_ns"));
    let later = |end: Option<u64>, start: Option<u64>| Some(end? - start?);
    for row in 0..requests.rows() {
        assert_eq!(ttft[row], later(first[row], arrival[row]));
        assert_eq!(e2e[row], later(finish[row], arrival[row]));
        let times = [arrival[row], scheduled[row], first[row], finish[row]];
        let known: Vec<u64> = times.into_iter().flatten().collect();
        assert!(known.is_sorted(), "row {row}: {times:?}");
    }
    for (name, column) in [("ttft_s", ttft), ("e2e_s", e2e)] {
        let known: Vec<u64> = column.into_iter().flatten().collect();
        let mean = known.iter().sum::<u64>() as f64 / known.len() as f64 / 1e9;
        let stated = summary[name]["mean"].as_f64().unwrap();
        assert!(
            (mean - stated).abs() <= 1e-12 * mean,
            "{name}: {mean} {stated}"
        );
        let longest = *known.iter().max().unwrap() as f64 / 1e9;
        assert_eq!(summary[name]["max"], longest, "{name}");
    }
    let statuses = requests.strings("status");
    let generated = requests.numbers("generated_tokens");
    let finished = statuses.iter().zip(generated);
    let finished = finished.filter(|(status, _)| *status == "finished");
    let tokens: u64 = finished.map(|(_, tokens)| tokens).sum();
    let per_s = tokens as f64 / summary["duration_s"].as_f64().unwrap();
    assert_eq!(summary["throughput"]["output_tokens_per_s"], per_s);
}

fn check_iterations(scratch: &Scratch, settings: &[&str]) {
    let summary = scratch.json("steps/summary.json");
    let steps = scratch.table("steps/iterations.parquet");
    let runs = scratch.table("runs/iterations.parquet");
    assert_eq!(summary["iterations"], steps.rows());
    assert_eq!(steps.sum("iterations"), steps.rows() as u64);
    assert_eq!(runs.sum("iterations"), steps.rows() as u64);
    assert!(runs.rows() < steps.rows() / 2, "{settings:?}");
    let preemptions = summary["preemptions"].as_u64().unwrap();
    assert_eq!(steps.sum("preempted"), preemptions, "{settings:?}");
    assert_eq!(runs.sum("preempted"), preemptions, "{settings:?}");

    // A run starts with its first step, ends with its last and says what the first one was like.
    let key = |table: &Table| -> Vec<(u64, u64)> {
        let instances = table.numbers("instance").into_iter();
        instances.zip(table.numbers("iteration")).collect()
    };
    let rows: BTreeMap<(u64, u64), usize> = key(&steps).into_iter().zip(0..).collect();
    assert_eq!(rows.len(), steps.rows());
    let (starts, ends) = (steps.numbers("start_ns"), steps.numbers("end_ns"));
    let (run_starts, run_ends) = (runs.numbers("start_ns"), runs.numbers("end_ns"));
    let lengths = runs.numbers("iterations");
    let columns = [
        "prefill_tokens",
        "decode_tokens",
        "running",
        "waiting",
        "context_tokens",
    ];
    let of_steps = columns.map(|name| steps.numbers(name));
    let of_runs = columns.map(|name| runs.numbers(name));
    for (run, (instance, iteration)) in key(&runs).into_iter().enumerate() {
        let first = rows[&(instance, iteration)];
        let last = rows[&(instance, iteration + lengths[run] - 1)];
        assert_eq!(
            (run_starts[run], run_ends[run]),
            (starts[first], ends[last])
        );
        for (of_run, of_step) in of_runs.iter().zip(&of_steps) {
            assert_eq!(of_run[run], of_step[first]);
        }
    }
    check_tokens(scratch, &steps, settings);
}

/// Every token of a prompt that was not cached is computed once, and every output token but the
/// first takes a step of its own; what was preempted is computed again.
fn check_tokens(scratch: &Scratch, steps: &Table, settings: &[&str]) {
    let requests = scratch.table("steps/requests.parquet");
    let (computed, produced) = (steps.sum("prefill_tokens"), steps.sum("decode_tokens"));
    let statuses = requests.strings("status");
    if requests.sum("preemptions") > 0 || statuses.iter().any(|status| status == "unfinished") {
        return;
    }
    let columns = ["prompt_tokens", "cached_tokens", "generated_tokens"];
    let columns = columns.map(|name| requests.numbers(name));
    let (mut prefill, mut decode) = (0, 0);
    for (row, status) in statuses.iter().enumerate() {
        if status == "finished" {
            let [prompt, cached, generated] = [0, 1, 2].map(|column: usize| columns[column][row]);
            prefill += prompt - cached;
            decode += generated - 1;
        }
    }
    assert_eq!((computed, produced), (prefill, decode), "{settings:?}");
}

#[test]
fn one_seed_gives_the_same_bytes() {
    let scratch = Scratch::new();
    let generated = "[workload.generate]\nrequests = 400\n[llm]\ninstances = 2\n";
    scratch.write("g.toml", generated);
    let run = |dir: &str, seed: &str| {
        let args = [
            "run",
            "g.toml",
            "-q",
            "-o",
            dir,
            "--iterations",
            "steps",
            "--seed",
            seed,
        ];
        scratch.fine(&args);
        scratch
            .names(dir)
            .iter()
            .map(|file| scratch.bytes(&format!("{dir}/{file}")))
            .collect()
    };
    let first: Vec<Vec<u8>> = run("first", "7");
    assert_eq!(first.len(), 3);
    assert!(first == run("second", "7"));
    let other: Vec<Vec<u8>> = run("other", "8");
    assert!(
        first
            .iter()
            .zip(&other)
            .all(|(one, another)| one != another)
    );
    let requests = scratch.table("first/requests.parquet");
    assert_eq!(requests.key("kendall.seed"), Some("7"));
    assert_eq!(requests.key("kendall.trace_sha256"), None);
}

#[test]
fn results_do_not_depend_on_the_event_set() {
    for settings in SYSTEMS {
        let scratch = Scratch::new();
        let heap = [settings, &["engine.event_set=heap"]].concat();
        scratch.fine(&args("tree", "steps", settings));
        scratch.fine(&args("heap", "steps", &heap));
        for file in ["requests.parquet", "iterations.parquet"] {
            let table = |set| scratch.table(&format!("{set}/{file}"));
            assert_eq!(
                table("tree").columns(),
                table("heap").columns(),
                "{settings:?}"
            );
        }
        let summary = |set| {
            let mut summary = scratch.json(&format!("{set}/summary.json"));
            summary["config"]["engine"].take();
            summary
        };
        assert_eq!(summary("tree"), summary("heap"));
    }
}

#[test]
fn the_systems_are_under_pressure() {
    let scratch = Scratch::new();
    let mut seen = BTreeMap::new();
    for (index, settings) in SYSTEMS.iter().enumerate() {
        let dir = index.to_string();
        scratch.fine(&args(&dir, "off", settings));
        let summary = scratch.json(&format!("{dir}/summary.json"));
        for (what, count) in [
            ("preemptions", &summary["preemptions"]),
            ("rejected", &summary["requests"]["rejected"]),
            ("unfinished", &summary["requests"]["unfinished"]),
            ("hits", &summary["prefix_cache"]["hit_tokens"]),
        ] {
            *seen.entry(what).or_insert(0) += count.as_u64().unwrap();
        }
    }
    assert!(seen.values().all(|&count| count > 0), "{seen:?}");
}
