//! `trace inspect`, `generate` and `convert`.

use std::path::PathBuf;

use super::support::{Ran, Scratch, repository};

/// A public trace that is not part of the repository, if it is there.
fn public(name: &str) -> Option<PathBuf> {
    let path = repository("../shared/traces").join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn public_traces_are_described_as_they_are_known() {
    let scratch = Scratch::new();
    for (name, lines) in [
        (
            "mooncake/conversation_trace.jsonl",
            "rows                       12031\n\
             span                       3536.999 s\n\
             rate                       3.401 per s\n\
             distinct timestamps        1180\n\
             prompt tokens              mean 12035, p50 6909, p90 27367, p99 85400, max 126195, total 144793823\n\
             output tokens              mean 343, p50 350, p90 597, p99 1118, max 2000, total 4122048\n\
             cv of gaps                 3.03\n\
             index of dispersion        2.68 over 29.401 s\n\
             rank correlation           0.07 (length_correlation 0.08)\n\
             block references           288500 of 512 tokens\n\
             distinct blocks            182790\n\
             infinite-cache hit rate    0.3664\n",
        ),
        (
            "mooncake/synthetic_trace.jsonl",
            "rows                       3993\n\
             span                       1022.025 s\n\
             rate                       3.907 per s\n\
             distinct timestamps        3982\n\
             prompt tokens              mean 15325, p50 11587, p90 38611, p99 66456, max 191378, total 61194628\n\
             output tokens              mean 149, p50 69, p90 389, p99 768, max 893, total 595432\n\
             cv of gaps                 1.01\n\
             index of dispersion        0.93 over 25.602 s\n\
             rank correlation           -0.52 (length_correlation -0.53)\n\
             block references           121877 of 512 tokens\n\
             distinct blocks            43924\n\
             infinite-cache hit rate    0.6396\n",
        ),
    ] {
        let Some(path) = public(name) else { continue };
        let path = path.to_str().unwrap();
        let text = scratch.fine(&["trace", "inspect", path]);
        assert_eq!(text, format!("{path}: mooncake\n{lines}"));
    }
}

#[test]
fn json_says_the_same_as_the_table() {
    let scratch = Scratch::new();
    let sample = repository("traces/mooncake/sample.jsonl");
    let inspect = ["trace", "inspect", sample.to_str().unwrap(), "--json"];
    let described: serde_json::Value = serde_json::from_str(&scratch.fine(&inspect)).unwrap();
    // As traces/README.md has it.
    assert_eq!(described["rows"], 1000);
    assert_eq!(described["distinct_timestamps"], 998);
    assert_eq!(described["sessions"], 471);
    assert_eq!(described["block_references"], 7736);
    assert_eq!(described["distinct_blocks"], 3473);
    assert_eq!(described["skipped_records"], 0);
}

#[test]
fn a_generated_trace_can_be_piped_into_a_replay() {
    let scratch = Scratch::new();
    let generate = [
        "trace",
        "generate",
        "--requests",
        "50",
        "--rate",
        "2",
        "--seed",
        "9",
    ];
    let trace = scratch.fine(&generate);
    assert_eq!(trace.lines().count(), 50);
    assert_eq!(scratch.fine(&generate), trace);
    let mut replay = scratch.command(&["replay", "-", "-q", "-o", "piped"]);
    let ran = Ran::from(replay.write_stdin(trace).output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(
        ran.stdout
            .starts_with("workload   <stdin> (mooncake, 50 requests)\n")
    );
    // The same requests as in a run that generates them itself.
    scratch.write(
        "g.toml",
        "seed = 9\n[workload.generate]\nrequests = 50\n\
         arrivals = { process = \"poisson\", rate_per_s = 2.0 }\n",
    );
    scratch.fine(&["run", "g.toml", "-q", "-o", "run"]);
    let [piped, run] =
        ["piped", "run"].map(|dir| scratch.table(&format!("{dir}/requests.parquet")));
    assert_eq!(piped.columns(), run.columns());
}

#[test]
fn the_sample_is_made_by_its_own_scenario() {
    let scratch = Scratch::new();
    let scenario = repository("traces/mooncake/sample.toml");
    scratch.fine(&["trace", "generate", scenario.to_str().unwrap(), "-o", "t"]);
    let sample = std::fs::read(repository("traces/mooncake/sample.jsonl")).unwrap();
    assert!(scratch.bytes("t") == sample);
}

#[test]
fn converted_traces_run_the_same() {
    let scratch = Scratch::new();
    let azure = repository("traces/azure/sample.csv");
    let azure = azure.to_str().unwrap();
    scratch.fine(&["replay", azure, "-q", "-o", "azure"]);
    for format in ["plain", "mooncake"] {
        scratch.fine(&["trace", "convert", azure, "--to", format, "-o", "t.jsonl"]);
        scratch.fine(&["replay", "t.jsonl", "-q", "-o", format]);
        let [was, is] =
            ["azure", format].map(|dir| scratch.table(&format!("{dir}/requests.parquet")));
        assert_eq!(was.columns(), is.columns(), "{format}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_trace_that_cannot_be_written_is_told_by_name() {
    let scratch = Scratch::new();
    // Few requests fail at the end, many on the way.
    for requests in ["10", "5000"] {
        let said = scratch.refused(&[
            "trace",
            "generate",
            "--requests",
            requests,
            "-o",
            "/dev/full",
        ]);
        assert_eq!(
            said,
            "error: /dev/full: No space left on device (os error 28)\n\
             hint: does its directory exist, is it writable and not full?\n"
        );
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let scratch = Scratch::new();
    scratch.write(
        "t",
        "{\"arrival_s\": 1, \"prompt_tokens\": 20, \"output_tokens\": 3, \"hash_ids\": [1, 2], \
         \"block_tokens\": 16}\n",
    );
    let said = scratch.refused(&["trace", "convert", "t", "--to", "mooncake", "-o", "out"]);
    let fault = "error: the trace has blocks of 16 tokens, must have blocks of 512 for mooncake\n";
    assert!(said.starts_with(fault), "{said}");
    assert_eq!(scratch.names("."), ["t"]);
    let law = scratch.run(&["trace", "generate", "--prompt", "lognormal:mu=1"]);
    assert_eq!((law.code, law.stdout.as_str()), (Some(2), ""));
    assert!(law.stderr.contains("sigma"), "{}", law.stderr);
}

#[test]
fn what_mooncake_cannot_hold_is_refused_with_a_way_out() {
    let scratch = Scratch::new();
    let row = |ids: &str, size| {
        format!(
            "{{\"arrival_s\": 1, \"prompt_tokens\": 600, \"output_tokens\": 2, \"hash_ids\": {ids}, \"block_tokens\": {size}}}\n"
        )
    };
    for (text, message) in [
        (
            row("[1, 2]", 400),
            "the trace has blocks of 400 tokens, must have blocks of 512 for mooncake",
        ),
        (
            row("[1]", 512),
            "row 0 has 1 block ids, must have 2 for mooncake",
        ),
    ] {
        scratch.write("t.jsonl", text);
        let convert = ["trace", "convert", "t.jsonl", "--to"];
        let stderr = scratch.refused(&[&convert[..], &["mooncake"]].concat());
        assert_eq!(
            stderr,
            format!("error: {message}\nhint: --to plain writes blocks of any size\n")
        );
        scratch.fine(&[&convert[..], &["plain"]].concat());
    }
}
