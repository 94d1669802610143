//! `replay` and `run` with their options.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::support::{Scratch, repository};

const SAMPLE: &str = "traces/mooncake/sample.jsonl";

#[test]
fn a_first_look_needs_no_arguments() {
    let scratch = Scratch::new();
    let ran = scratch.run(&["replay"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.stderr,
        "note: assuming llama-3.1-8b on h100-sxm; --set llm.model=... and llm.hardware=... choose \
         others (kendall list models, kendall list hardware)\n"
    );
    let heading = "workload   the built-in sample (mooncake, 1000 requests)\n\
                   system     Llama 3.1 8B on H100 SXM 80GB, 1 instance(s)\n";
    assert!(ran.stdout.starts_with(heading), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n1000 requests in "));
    assert_eq!(scratch.names("."), [""; 0]);
    let quiet = scratch.run(&["replay", "-q"]);
    assert_eq!((quiet.stderr.as_str(), &quiet.stdout), ("", &ran.stdout));
    let told = scratch.run(&["replay", "--set", "llm.model=qwen3-32b"]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
}

#[test]
fn instances_have_rows_of_their_own() {
    let scratch = Scratch::new();
    let four = [
        "--set",
        "llm.instances=4",
        "--set",
        "llm.router=least-loaded",
    ];
    let table = scratch.fine(&[&["replay"], &four[..]].concat());
    let (_, rows) = table.split_once("instance ").unwrap();
    let first: Vec<&str> = rows
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(first, ["0", "1", "2", "3"], "{table}");
    let summary = scratch.summary(&[&["replay"], &four[..]].concat());
    let instances = summary["instances"].as_array().unwrap();
    let requests = instances
        .iter()
        .map(|row| row["requests"].as_u64().unwrap());
    assert_eq!(requests.sum::<u64>(), 1000);
}

#[test]
fn a_trace_reads_the_same_from_anywhere() {
    let scratch = Scratch::new();
    let sample = fs::read(repository(SAMPLE)).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&sample).unwrap();
    scratch.write("plain.jsonl", &sample);
    scratch.write("packed.jsonl.gz", gzip.finish().unwrap());
    let zstd = compress_to_vec(&sample[..], CompressionLevel::Fastest);
    scratch.write("packed.jsonl.zst", zstd);
    scratch.fine(&["replay", "-o", "built-in", "-q"]);
    for trace in ["plain.jsonl", "packed.jsonl.gz", "packed.jsonl.zst"] {
        scratch.fine(&["replay", trace, "-o", trace.trim_start_matches("p"), "-q"]);
    }
    let mut piped = scratch.command(&["replay", "-", "-o", "piped", "-q"]);
    piped.write_stdin(sample).assert().success();
    let expected = scratch.table("built-in/requests.parquet");
    for run in ["lain.jsonl", "acked.jsonl.gz", "acked.jsonl.zst", "piped"] {
        let requests = scratch.table(&format!("{run}/requests.parquet"));
        assert_eq!(requests.columns(), expected.columns(), "{run}");
        let digest = "kendall.trace_sha256";
        assert!(requests.key(digest).is_some());
        assert_eq!(requests.key(digest), expected.key(digest), "{run}");
    }
}

#[test]
fn a_trace_replaces_the_workload_of_a_scenario() {
    let scratch = Scratch::new();
    let generated = "[workload.generate]\nrequests = 7\n[llm]\ninstances = 2\n";
    scratch.write("g.toml", generated);
    assert_eq!(scratch.summary(&["run", "g.toml"])["requests"]["total"], 7);
    let sample = repository("traces/plain-jsonl/sample.jsonl");
    let sample = sample.to_str().unwrap();
    let summary = scratch.summary(&["replay", sample, "--config", "g.toml"]);
    assert_eq!(summary["requests"]["total"], 60);
    assert_eq!(summary["instances"].as_array().unwrap().len(), 2);
    scratch.write(
        "a.toml",
        "[workload]\ntrace = \"a.csv\"\nformat = \"azure\"\n",
    );
    scratch.fine(&["replay", sample, "--config", "a.toml"]);
    let forced = [
        "replay",
        sample,
        "--config",
        "a.toml",
        "--set",
        "workload.format=azure",
    ];
    assert!(scratch.refused(&forced).starts_with("error: "));
}

#[test]
fn a_trace_is_found_beside_its_scenario() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("sub")).unwrap();
    fs::copy(
        repository("traces/plain-csv/sample.csv"),
        scratch.path("sub/t.csv"),
    )
    .unwrap();
    scratch.write("sub/s.toml", "[workload]\ntrace = \"t.csv\"\n");
    let summary = scratch.summary(&["run", "sub/s.toml"]);
    assert_eq!(summary["requests"]["total"], 48);
    // What `config` prints works from elsewhere, too.
    fs::create_dir(scratch.path("other")).unwrap();
    scratch.write("other/s.toml", scratch.fine(&["config", "sub/s.toml"]));
    let again = scratch.summary(&["run", "other/s.toml"]);
    assert_eq!(again["ttft_s"], summary["ttft_s"]);
}

#[test]
fn columns_of_other_names_are_mapped() {
    let scratch = Scratch::new();
    scratch.write("t.csv", "t,in,out\n0.5,100,20\n1.5,200,10\n");
    let columns = "arrival_s=t,prompt_tokens=in,output_tokens=out";
    scratch.fine(&["replay", "t.csv", "--columns", columns, "-o", "out"]);
    let requests = scratch.table("out/requests.parquet");
    assert_eq!(requests.numbers("arrival_ns"), [500_000_000, 1_500_000_000]);
    assert_eq!(requests.numbers("prompt_tokens"), [100, 200]);
    assert_eq!(requests.numbers("output_tokens"), [20, 10]);
}

#[test]
fn limit_keeps_the_first_requests() {
    let scratch = Scratch::new();
    scratch.fine(&["replay", "-o", "all", "-q"]);
    scratch.fine(&["replay", "-o", "some", "-q", "--limit", "30"]);
    let (all, some) = (
        scratch.table("all/requests.parquet").numbers("arrival_ns"),
        scratch.table("some/requests.parquet").numbers("arrival_ns"),
    );
    assert_eq!(some, all[..30]);
    assert_eq!(scratch.json("some/summary.json")["requests"]["total"], 30);
    scratch.write("g.toml", "[workload.generate]\nrequests = 50\n");
    let limited = scratch.summary(&["run", "g.toml", "--limit", "30"]);
    assert_eq!(limited["requests"]["total"], 30);
}

#[test]
fn until_ends_the_run_and_says_what_is_left() {
    let scratch = Scratch::new();
    let ran = scratch.run(&["replay", "-o", "out", "--until", "1m"]);
    assert_eq!(ran.code, Some(0));
    let summary = scratch.json("out/summary.json");
    let unfinished = summary["requests"]["unfinished"].as_u64().unwrap();
    assert!((1..1000).contains(&unfinished));
    let warning = format!(
        "warning: {unfinished} of 1000 requests had not finished when the run ended; a later \
         --until lets them\n"
    );
    assert!(ran.stderr.ends_with(&warning), "{}", ran.stderr);
    let requests = scratch.table("out/requests.parquet");
    let finished = requests.integers("finish_ns").into_iter().flatten();
    let latest = finished.max().unwrap();
    assert!((50_000_000_000..=60_000_000_000).contains(&latest));
    let statuses = requests.strings("status");
    let count = statuses.iter().filter(|status| *status == "unfinished");
    assert_eq!(count.count() as u64, unfinished);
    // Nothing happens at all before the first arrival.
    let nothing = scratch.summary(&["replay", "--until", "0"]);
    assert_eq!(nothing["requests"]["unfinished"], 1000);
    assert_eq!(nothing["duration_s"], 0.0);
}

#[test]
fn rate_scale_divides_arrival_times() {
    let scratch = Scratch::new();
    scratch.fine(&["replay", "-o", "once", "-q"]);
    scratch.fine(&["replay", "-o", "twice", "-q", "--rate-scale", "2"]);
    let arrivals = |dir| {
        let requests = scratch.table(&format!("{dir}/requests.parquet"));
        requests.numbers("arrival_ns")
    };
    // The sample's stamps are whole milliseconds.
    let halved: Vec<u64> = arrivals("once").iter().map(|ns| ns / 2).collect();
    assert_eq!(arrivals("twice"), halved);
    let late = scratch.refused(&["replay", "-q", "-o", "out", "--rate-scale", "1e-12"]);
    assert!(
        late.starts_with("error: request 0 would arrive too late: 221000000000 s is beyond"),
        "{late}"
    );
    assert!(late.ends_with("hint: use a larger --rate-scale\n"));
}

#[test]
fn warm_up_is_left_out_of_the_summary_only() {
    let scratch = Scratch::new();
    scratch.fine(&["replay", "-o", "out", "-q", "--warm-up", "100"]);
    assert_eq!(scratch.json("out/summary.json")["requests"]["total"], 900);
    let requests = scratch.table("out/requests.parquet");
    assert_eq!(requests.rows(), 1000);
    let later = requests.numbers("arrival_ns");
    let later = later.iter().filter(|&&ns| ns >= 30_000_000_000).count();
    let summary = scratch.summary(&["replay", "--warm-up", "30s"]);
    assert_eq!(summary["requests"]["total"], later);
    let all = scratch.run(&["replay", "--warm-up", "1000"]);
    let warning = "warning: the warm-up covers all 1000 requests, so that the summary is of none; \
                   shorten it (--warm-up)\n";
    assert!(all.stderr.ends_with(warning), "{}", all.stderr);
}

#[test]
fn what_cannot_be_cached_is_pointed_out() {
    let scratch = Scratch::new();
    let plain = repository("traces/plain-csv/sample.csv");
    let plain = plain.to_str().unwrap();
    let system = ["replay", plain, "--set", "llm.model=llama-3.1-8b"];
    assert_eq!(
        scratch.run(&system).stderr,
        "warning: prefix caching is on, but the trace does not say what its prompts consist of, so \
         nothing can hit; add hash_ids to the trace, or set llm.kv.enable_prefix_caching=false\n"
    );
    let off = ["--set", "llm.kv.enable_prefix_caching=false"];
    assert_eq!(scratch.run(&[&system[..], &off].concat()).stderr, "");
}

#[test]
fn json_is_the_summary_file() {
    let scratch = Scratch::new();
    let printed = scratch.fine(&["replay", "-q", "--json", "-o", "out"]);
    assert_eq!(printed.as_bytes(), scratch.bytes("out/summary.json"));
    let files = ["iterations.parquet", "requests.parquet", "summary.json"];
    assert_eq!(scratch.names("out"), files);
    let off = ["replay", "-q", "-o", "off", "--iterations", "off"];
    assert!(scratch.fine(&off).ends_with("\nresults in off\n"));
    assert_eq!(scratch.names("off"), files[1..]);
    let nowhere = scratch.run(&["replay", "--iterations", "steps"]);
    let warning = "warning: --iterations needs a directory to write to (-o DIR)\n";
    assert!(nowhere.stderr.starts_with(warning), "{}", nowhere.stderr);
}
