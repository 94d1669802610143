//! Workloads that are made or read while the run goes on.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::support::{Scratch, Table, repository};

const NEVER: [&str; 2] = ["--set", "workload.stream=never"];
const ALWAYS: [&str; 2] = ["--set", "workload.stream=always"];

/// Conversations over shared prefixes, of more than one stretch.
const CHATTY: &str = "
[workload.generate]
requests = 9000
arrivals = { process = \"poisson\", rate_per_s = 10.0 }
prompt_tokens = { law = \"lognormal\", mu = 6.0, sigma = 1.0 }
output_tokens = { law = \"exponential\", mean = 20.0 }
prefix = { groups = 20, zipf = 1.0, tokens = { law = \"uniform\", min = 0, max = 3000 } }
sessions = { turns = { law = \"geometric\", p = 0.3 }, think_s = { law = \"exponential\", mean = 30.0 } }
[llm]
instances = 4
router = \"least-loaded\"
[slo]
ttft_s = 0.1
";

/// A trace of so many rows, the requests 100 ms apart.
fn csv(rows: u32) -> String {
    let row = |row: u32| {
        format!(
            "{}.{},{},{}\n",
            row / 10,
            row % 10,
            100 + row % 900,
            1 + row % 7
        )
    };
    let rows: String = (0..rows).map(row).collect();
    format!("arrival_s,prompt_tokens,output_tokens\n{rows}")
}

/// A column in the order of the trace.
fn by_request(table: &Table, column: &str) -> Vec<Option<u64>> {
    let mut rows: Vec<_> = (table.numbers("request_id").into_iter())
        .zip(table.integers(column))
        .collect();
    rows.sort_by_key(|&(request, _)| request);
    rows.into_iter().map(|(_, value)| value).collect()
}

/// Runs whole and streamed, and compares what they leave.
fn compare(scratch: &Scratch, args: &[&str]) {
    scratch.fine(&[args, &["-q", "-o", "whole"], &NEVER].concat());
    scratch.fine(&[args, &["-q", "-o", "streamed"], &ALWAYS].concat());
    let [mut whole, mut streamed] =
        ["whole", "streamed"].map(|run| scratch.json(&format!("{run}/summary.json")));
    for summary in [&mut whole, &mut streamed] {
        summary["config"]["workload"]["stream"] = Value::Null;
    }
    assert_eq!(whole, streamed, "{args:?}");
    let [whole, streamed] =
        ["whole", "streamed"].map(|run| scratch.table(&format!("{run}/requests.parquet")));
    for column in [
        "session_id",
        "instance",
        "arrival_ns",
        "scheduled_ns",
        "first_token_ns",
        "finish_ns",
        "prompt_tokens",
        "cached_tokens",
    ] {
        let expected = by_request(&whole, column);
        assert!(
            expected == by_request(&streamed, column),
            "{args:?}: {column}"
        );
    }
    assert_eq!(whole.key("kendall.row_order"), Some("trace"));
    assert_eq!(streamed.key("kendall.row_order"), Some("completion"));
    let digest = "kendall.trace_sha256";
    assert_eq!(whole.key(digest), streamed.key(digest));
    let [whole, streamed] =
        ["whole", "streamed"].map(|run| scratch.table(&format!("{run}/iterations.parquet")));
    assert!(whole.columns() == streamed.columns(), "{args:?}");
    assert_eq!(whole.key(digest), streamed.key(digest));
    for run in ["whole", "streamed"] {
        fs::remove_dir_all(scratch.path(run)).unwrap();
    }
}

#[test]
fn generated_workloads_run_the_same_streamed() {
    let scratch = Scratch::new();
    scratch.write("chatty.toml", CHATTY);
    compare(&scratch, &["run", "chatty.toml"]);
    compare(
        &scratch,
        &["run", "chatty.toml", "--rate-scale", "3", "--limit", "5000"],
    );
    compare(
        &scratch,
        &["run", "chatty.toml", "--until", "5m", "--warm-up", "500"],
    );
}

/// Two tenants, of whom one comes in bursts and by the time of day.
const TENANTS: &str = "
[workload.generate]
requests = 9000
arrivals = { process = \"gamma\", rate_per_s = 20.0, cv = 3.0 }
prompt_tokens = { law = \"lognormal\", mu = 6.0, sigma = 1.0 }
output_tokens = { law = \"exponential\", mean = 20.0 }
diurnal = { period_s = 100.0 }
[[workload.generate.tenants]]
name = \"bursty\"
length_correlation = 0.6
[[workload.generate.tenants]]
name = \"chat\"
arrivals = { process = \"poisson\", rate_per_s = 5.0 }
sessions = { turns = { law = \"geometric\", p = 0.3 }, think_s = { law = \"exponential\", mean = 30.0 } }
[llm]
instances = 4
";

#[test]
fn tenants_run_the_same_streamed() {
    let scratch = Scratch::new();
    scratch.write("tenants.toml", TENANTS);
    compare(&scratch, &["run", "tenants.toml"]);
}

#[test]
fn traces_run_the_same_streamed() {
    let scratch = Scratch::new();
    compare(&scratch, &["replay"]);
    let sample = repository("traces/mooncake/sample.jsonl");
    compare(
        &scratch,
        &["replay", sample.to_str().unwrap(), "--limit", "700"],
    );
    let mut bad = csv(10_000);
    bad.push_str("1000.5,12,0\n1000.6,12,1\n");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bad.as_bytes()).unwrap();
    scratch.write("t.csv.gz", gzip.finish().unwrap());
    let skip = ["replay", "t.csv.gz", "--on-bad-record", "skip"];
    compare(&scratch, &[&skip[..], &["--rate-scale", "0.5"]].concat());
    // Standard input is read whole unless told otherwise.
    let mut piped = scratch.command(&[&["replay", "-", "-q", "-o", "piped"], &ALWAYS[..]].concat());
    piped.write_stdin(csv(5000)).assert().success();
    assert_eq!(
        scratch.json("piped/summary.json")["requests"]["finished"],
        5000
    );
}

#[test]
fn a_bad_record_far_below_ends_a_streamed_run() {
    let scratch = Scratch::new();
    let rows = csv(9000);
    scratch.write("t.csv", format!("{rows}900.0,10,-3\n901.0,10,3\n"));
    let run = [
        &["replay", "t.csv", "-q", "-o", "out", "--iterations", "off"],
        &ALWAYS[..],
    ]
    .concat();
    let ran = scratch.run(&run);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.stdout, "");
    let (partial, error) = ran.stderr.split_once('\n').unwrap();
    assert_eq!(partial, "partial results: out/requests.partial.parquet");
    let error = error.lines().next().unwrap();
    // Whole, the same is found before anything runs.
    let whole = scratch.run(&["replay", "t.csv", "-q", "-o", "other"]);
    assert_eq!(whole.stderr.lines().next(), Some(error));
    assert!(error.starts_with("error: t.csv:9002:10: "), "{error}");
    assert_eq!(scratch.names("other"), [""; 0]);
    // What came before it has run to its end.
    let rows = scratch.table("out/requests.partial.parquet");
    assert_eq!(rows.strings("status"), vec!["finished"; rows.rows()]);
    assert_eq!(rows.rows(), 8192, "two stretches");
}

#[test]
fn arrivals_that_end_too_early_end_a_streamed_run() {
    let scratch = Scratch::new();
    let generate = "[workload.generate]\nrequests = 19\n\
                    arrivals = { process = \"constant\", rate_per_s = 1e-9 }\n";
    scratch.write("slow.toml", generate);
    let [whole, streamed] = [NEVER, ALWAYS].map(|stream| {
        let ran = scratch.run(&[&["run", "slow.toml", "-q"], &stream[..]].concat());
        assert_eq!(ran.code, Some(2));
        ran.stderr
    });
    assert!(whole.contains("gives 18 of 19 requests"), "{whole}");
    assert_eq!(whole, streamed);
}

#[test]
fn sorting_needs_the_whole_trace() {
    let scratch = Scratch::new();
    let error = scratch.refused(&[&["replay", "--sort", "-o", "out"], &ALWAYS[..]].concat());
    let expected = "`workload.sort` and `workload.stream` exclude each other";
    assert!(error.contains(expected), "{error}");
    let error = scratch.refused(&["replay", "-o", "out", "--set", "workload.stream=sometimes"]);
    assert!(error.contains("unknown variant `sometimes`"), "{error}");
}

/// Long prompts, named by 40 block ids each, that are answered in a token.
#[cfg(target_os = "linux")]
const LONG_PROMPTS: &str = "
[workload.generate]
arrivals = { process = \"poisson\", rate_per_s = 5.0 }
prompt_tokens = { law = \"constant\", value = 20000 }
output_tokens = { law = \"constant\", value = 1 }
[llm]
instances = 8
router = \"least-loaded\"
[llm.kv]
block_size = 512
enable_prefix_caching = false
";

/// The most memory that a run held, in bytes, and its summary.
#[cfg(target_os = "linux")]
fn peak_bytes(scratch: &Scratch, args: &[&str]) -> (u64, Value) {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    let mut child = Command::new(super::support::KENDALL)
        .args(args)
        .args(["-q", "--json"])
        .current_dir(scratch.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB"));
        let kib = kib.map_or(0, |kib| kib.trim().parse::<u64>().unwrap());
        peak = peak.max(kib << 10);
        sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    (peak, serde_json::from_slice(&output.stdout).unwrap())
}

/// 250,000 requests of 376 bytes each make a trace of 94 MB. Streamed, five times the requests
/// take what their exact percentiles need, 24 bytes each and as much again while a vector grows.
#[cfg(target_os = "linux")]
#[test]
fn memory_follows_the_requests_in_the_system() {
    let scratch = Scratch::new();
    scratch.write("long.toml", LONG_PROMPTS);
    let peak = |requests: u64, stream: [&str; 2]| {
        let requests = format!("workload.generate.requests={requests}");
        let args = ["run", "long.toml", "--set", &requests];
        peak_bytes(&scratch, &[&args[..], &stream].concat()).0
    };
    let [few, many] = [50_000, 250_000].map(|requests| peak(requests, ALWAYS));
    assert!(many - few < 200_000 * 48 + (4 << 20), "{few} {many} bytes");
    let whole = peak(250_000, NEVER);
    assert!(whole - many > 60_000_000, "{many} {whole} bytes");
}

/// Beyond 2^21 requests memory stays where it is, and the summary says what its percentiles are
/// good for.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes a minute or two"]
fn millions_of_requests_are_counted() {
    let scratch = Scratch::new();
    scratch.write("long.toml", LONG_PROMPTS);
    let run = |requests: &str| {
        let requests = format!("workload.generate.requests={requests}");
        let args = ["run", "long.toml", "--set", &requests];
        peak_bytes(&scratch, &args)
    };
    let [(few, exact), (many, counted)] = ["2_000_000", "4_000_000"].map(run);
    assert_eq!(exact["percentile_error"], 0.0);
    assert_eq!(counted["percentile_error"], 1.0 / 8192.0);
    // The counts beside the values, for a moment.
    assert!(many < few + (8 << 20), "{few} {many} bytes");
    let table = scratch.fine(&[
        "run",
        "long.toml",
        "--set",
        "workload.generate.requests=2_100_000",
    ]);
    let line = "\npercentiles of TTFT, TPOT and E2E are counted, and within 0.0122 %\n";
    assert!(table.contains(line), "{table}");
}
