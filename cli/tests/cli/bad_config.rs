//! Scenarios and options that cannot work: the place, what was expected, what to do.

use super::support::Scratch;

const CHANGE: &str = "kendall config shows every setting; --set KEY=VALUE changes one";

/// What is said about a setting, its own place left out.
fn said(setting: &str) -> String {
    let scratch = Scratch::new();
    let stderr = scratch.refused(&["replay", "-q", "-o", "out", "--set", setting]);
    let start = format!("error: --set {setting}: ");
    let rest = stderr.strip_prefix(&start);
    rest.unwrap_or_else(|| panic!("{stderr}")).to_owned()
}

/// What is said about the scenario in `s.toml`.
fn said_of_file(text: impl AsRef<[u8]>) -> String {
    let scratch = Scratch::new();
    scratch.write("s.toml", text);
    scratch.refused(&["run", "s.toml", "-o", "out"])
}

#[test]
fn impossible_settings_are_refused() {
    for (setting, fault) in [
        (
            "llm.scheduler.max_num_seqs=0",
            "`max_num_seqs` is 0, must be at least 1",
        ),
        (
            "llm.scheduler.max_num_batched_tokens=0",
            "`max_num_batched_tokens` is 0, must be at least 1",
        ),
        (
            "llm.scheduler.max_num_prefills=0",
            "`max_num_prefills` is 0, must be at least 1",
        ),
        (
            "llm.kv.block_size=0",
            "`llm.kv.block_size` is 0, must be at least 1",
        ),
        (
            "llm.kv.num_gpu_blocks=1",
            "`num_gpu_blocks` is 1; one block is vLLM's null block, so at least 2 are needed",
        ),
        (
            "llm.scheduler.watermark=nan",
            "`watermark` is NaN, must lie in 0 to 1",
        ),
        (
            "llm.scheduler.max_model_len=200000",
            "`llm.scheduler.max_model_len` is 200000, but Llama 3.1 8B ends at 131072 tokens",
        ),
        (
            "llm.scheduler.enable_chunked_prefill=false",
            "without chunked prefill a step must hold the longest sequence: \
             `max_num_batched_tokens` is 8192, `max_model_len` is 131072",
        ),
        (
            "llm.instances=0",
            "`llm.instances` is 0, must be at least 1",
        ),
        (
            "workload.rate_scale=0",
            "`workload.rate_scale` is 0, must be a number above 0",
        ),
        (
            "workload.warm_up_s=1e30",
            "`workload.warm_up_s`: 1000000000000000000000000000000 s is beyond the largest time, \
             2^64 ns (about 584 years)",
        ),
        (
            "slo.ttft_s=-1",
            "`slo.ttft_s` is -1, must be a number above 0",
        ),
    ] {
        assert_eq!(said(setting), format!("{fault}\nhint: {CHANGE}\n"));
    }
    assert_eq!(
        said("llm.model=llama-3.1-70b"),
        "Llama 3.1 70B needs 141.1 GB for weights, H100 SXM 80GB x 1 offers 72.0 GB at a \
         utilisation of 0.9\n\
         hint: spread it over more GPUs (llm.tensor_parallel), or choose larger ones \
         (llm.hardware)\n"
    );
    let scratch = Scratch::new();
    #[cfg(not(feature = "zstd"))]
    assert_eq!(
        scratch.refused(&["replay", "-q", "-o", "out", "--set", "output.codec=zstd"]),
        "error: `output.codec` is zstd, which this build does not have\n\
         hint: build with --features zstd, or use lz4\n"
    );
    assert_eq!(
        scratch.refused(&["replay", "-q", "-o", "out", "--set", "workload.limit=0"]),
        "error: `workload.limit` is 0, must be at least 1\nhint: leave it out to take every request\n"
    );
}

#[test]
fn unknown_names_come_with_the_nearest() {
    for (setting, said_instead) in [
        (
            "llm.hardware=h100",
            "no hardware is called `h100`; there are a100-80g, b200, h100-sxm, h200\n\
             hint: did you mean `h100-sxm`?\n",
        ),
        (
            "llm.router=leastloaded",
            "unknown variant `leastloaded`, expected `round-robin` or `least-loaded`\n\
             hint: did you mean `least-loaded`?\n",
        ),
        (
            "llm.kv.blocksize=32",
            "unknown field `blocksize`, expected one of `block_size`, `num_gpu_blocks`, \
             `gpu_memory_utilization`, `enable_prefix_caching`\n\
             hint: did you mean `block_size`?\n",
        ),
        (
            "max_num_seqs=3",
            "unknown field `max_num_seqs`, expected one of `name`, `description`, `seed`, \
             `engine`, `workload`, `llm`, `slo`, `output`\n\
             hint: did you mean `llm.scheduler.max_num_seqs`?\n",
        ),
    ] {
        assert_eq!(said(setting), said_instead);
    }
    let stranger = said("llm.model=gpt");
    assert!(stranger.ends_with("hint: kendall list models describes them\n"));
}

#[test]
fn settings_of_the_wrong_kind_are_explained_in_words() {
    let hint = "hint: kendall config prints every key with its default\n";
    for (setting, fault) in [
        (
            "llm.instances=many",
            "invalid type: string \"many\", expected a whole number from 0 to 65535",
        ),
        (
            "seed=-1",
            "invalid value: integer `-1`, expected a whole number of at least 0",
        ),
        (
            "llm=3",
            "invalid type: integer `3`, expected a section with keys of its own",
        ),
        ("llm.cost.kind=linear", "missing field `c_s`"),
    ] {
        assert_eq!(said(setting), format!("{fault}\n{hint}"));
    }
    let scratch = Scratch::new();
    for text in ["nonsense", "=3", "llm..model=x"] {
        let stderr = scratch.refused(&["replay", "--set", text]);
        let expected = "expected KEY=VALUE, for example llm.scheduler.max_num_seqs=256";
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn settings_that_need_each_other_go_together() {
    let scratch = Scratch::new();
    let settings = [
        "llm.cost.kind=linear",
        "llm.cost.c_s=0.01",
        "llm.cost.a_s=1e-5",
        "llm.cost.b0_tokens=64",
    ];
    let settings = settings.map(|setting| ["--set", setting]).concat();
    scratch.fine(&[&["replay", "--limit", "5"], &settings[..]].concat());
}

#[test]
fn files_name_line_and_column() {
    for (text, said) in [
        (
            "seed = 1\n[llm.scheduler]\nmax_num_seq = 3\n",
            "error: s.toml:3:1: unknown field `max_num_seq`, expected one of `profile`",
        ),
        (
            "seed = 1\n[llm\n",
            "error: s.toml:2:5: unclosed table, expected `]`\nhint: ",
        ),
        (
            "[llm.scheduler]\nmax_num_seqs = \"x\"\n",
            "error: s.toml:2:16: invalid type: string \"x\", expected a whole number from 0 to \
             4294967295\nhint: ",
        ),
        (
            "[llm.scheduler]\nmax_num_seqs = 0\n",
            "error: s.toml:2:16: `max_num_seqs` is 0, must be at least 1\nhint: ",
        ),
        (
            "[llm]\nmodel = \"llama-3.1-70b\"\n",
            "error: s.toml:2:9: Llama 3.1 70B needs 141.1 GB",
        ),
        (
            "[workload]\nlimit = 3\n[workload.generate]\nrequests = 0\n",
            "error: s.toml:4:12: `workload.generate.requests` is 0, must be from 1 to 4294967294",
        ),
        (
            "[workload]\nwarm_up_s = 1.0\nwarm_up_requests = 1\n",
            "error: s.toml:2:13: `workload.warm_up_requests` and `workload.warm_up_s` exclude each \
             other\n",
        ),
    ] {
        let stderr = said_of_file(text);
        assert!(stderr.starts_with(said), "{stderr}");
        assert!(stderr.contains("\nhint: "), "{stderr}");
    }
    let binary = said_of_file(b"seed = 1\nname = \"\xff\"\n");
    assert!(
        binary.starts_with("error: s.toml:2:9: not UTF-8, expected TOML\n"),
        "{binary}"
    );
}

#[test]
fn scenarios_that_are_not_there() {
    let scratch = Scratch::new();
    let hint = "hint: a scenario is a TOML file; kendall config prints one to start from\n";
    assert_eq!(
        scratch.refused(&["run", "nope.toml", "-o", "out"]),
        format!("error: nope.toml: No such file or directory (os error 2)\n{hint}")
    );
    assert_eq!(
        scratch.refused(&["replay", "--config", ".", "-o", "out"]),
        format!("error: .: Is a directory (os error 21)\n{hint}")
    );
}

#[test]
fn options_are_blamed_before_the_file_they_override() {
    let scratch = Scratch::new();
    scratch.write("s.toml", "[workload]\nrate_scale = 2.0\n");
    for (option, value, fault) in [
        (
            "--rate-scale",
            "-1",
            "`workload.rate_scale` is -1, must be a number above 0",
        ),
        (
            "--rate-scale",
            "nan",
            "`workload.rate_scale` is NaN, must be a number above 0",
        ),
    ] {
        assert_eq!(
            scratch.refused(&["run", "s.toml", "-o", "out", option, value]),
            format!("error: {option}: {fault}\nhint: {CHANGE}\n")
        );
    }
    assert_eq!(
        scratch.refused(&["trace", "generate", "--rate", "-1"]),
        "error: --rate: `workload.generate.arrivals.rate_per_s` is -1, must be positive and finite, \
         as must be its reciprocal\n\
         hint: kendall trace generate --help has examples\n"
    );
}

#[test]
fn mistyped_options_and_commands_are_recognised() {
    let scratch = Scratch::new();
    for (args, tip) in [
        (&["replay", "--outptu", "x"][..], "'--output'"),
        (&["replay", "--iterations", "step"], "'steps'"),
        (&["list", "modles"], "'models'"),
        (&["rpelay"], "'replay'"),
        (
            &["replay", "--until", "soon"],
            "expected for example 90, 90s, 500ms, 5m or 2h",
        ),
        (
            &["replay", "--until", "-1"],
            "expected for example 90, 90s, 500ms, 5m or 2h",
        ),
        (
            &["replay", "--warm-up", "x"],
            "neither a number of requests (100) nor a time (30s)",
        ),
        (&["replay", "--limit", "0"], "0 is not in 1.."),
        (&["replay", "--columns", "x"], "`x` is not OURS=THEIRS"),
    ] {
        let stderr = scratch.refused(args);
        assert!(stderr.contains(tip), "{stderr}");
    }
}
