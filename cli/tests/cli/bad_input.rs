//! Traces that are no good: what is said, and that nothing is left.

use std::fs::File;
use std::io::Write;

use super::support::Scratch;

const SKIP: &str = "--on-bad-record skip drops bad records and counts them in the summary";

/// A first row without fault.
const GOOD: &str = r#"{"arrival_s": 1, "prompt_tokens": 5, "output_tokens": 3}"#;

/// What is said about a trace.
fn said(trace: impl AsRef<[u8]>, options: &[&str]) -> String {
    let scratch = Scratch::new();
    scratch.write("t", trace);
    scratch.refused(&[&["replay", "t", "-o", "out"], options].concat())
}

#[test]
fn files_that_are_no_traces() {
    let scratch = Scratch::new();
    let refused = |trace| scratch.refused(&["replay", trace, "-o", "out"]);
    assert_eq!(
        refused("nope.jsonl"),
        "error: nope.jsonl: cannot be opened: No such file or directory (os error 2)\n\
         hint: a path is relative to the working directory, `-` is standard input\n"
    );
    assert_eq!(
        refused("."),
        "error: .: is a directory, must be a file\nhint: name one of the files in it\n"
    );
    assert_eq!(
        said("", &[]),
        "error: t: has no rows (0 skipped)\nhint: a trace needs at least one request\n"
    );
    assert_eq!(
        said(b"\xff\xfe{\"timestamp\"", &[]),
        format!("error: t:1:1: not UTF-8\nhint: {SKIP}\n")
    );
    let unknown = said("when,how_long\n1,2\n", &[]);
    let start = "error: t:1:1: not a known trace format, the first line has `when`, `how_long`\n\
                 hint: known formats are mooncake, plain-jsonl, plain-csv, azure;";
    assert!(unknown.starts_with(start), "{unknown}");
    let damaged = said(b"\x1f\x8b\x08\0\0\0\0\0\0\0garbage", &[]);
    assert!(
        damaged.starts_with("error: t: not a whole gzip stream: "),
        "{damaged}"
    );
}

#[test]
fn records_with_a_fault_name_their_place_and_what_was_expected() {
    for (record, place, fault) in [
        (
            r#"{"arrival_s": 2, "prompt_tokens": "many", "output_tokens": 3}"#,
            35,
            r#"`prompt_tokens` is "many", must be a whole number"#,
        ),
        (
            r#"{"arrival_s": 2, "prompt_tokens": 4, "output_tokens": [3]}"#,
            55,
            "`output_tokens` is [3], must be a whole number",
        ),
        (
            r#"{"arrival_s": 2, "prompt_tokens": 4, "output_tokens": -3}"#,
            55,
            "`output_tokens` is -3, must be at least 1",
        ),
        (
            r#"{"arrival_s": -2, "prompt_tokens": 4, "output_tokens": 3}"#,
            15,
            "`arrival_s` is -2, must be at least 0",
        ),
        (
            r#"{"arrival_s": NaN, "prompt_tokens": 4, "output_tokens": 3}"#,
            15,
            "`arrival_s` is NaN, must be a number",
        ),
        (
            r#"{"arrival_s": 2, "prompt_tokens": 4294967297, "output_tokens": 3}"#,
            35,
            "`prompt_tokens` is 4294967297, must be at most 4294967295",
        ),
        (
            r#"{"arrival_s": 2, "prompt_tokens": 0, "output_tokens": 3}"#,
            35,
            "`prompt_tokens` is 0, must be at least 1",
        ),
        (
            r#"{"arrival_s": 2, "prompt_tokens": 4, "output_tokens": 0}"#,
            55,
            "`output_tokens` is 0, must be at least 1",
        ),
        ("[1, 2]", 1, "the record is [1, 2], must be a JSON object"),
    ] {
        assert_eq!(
            said(format!("{GOOD}\n{record}\n"), &[]),
            format!("error: t:2:{place}: {fault}\nhint: {SKIP}\n")
        );
    }
    let truncated = said(format!("{GOOD}\n{{\"arrival_s\": 2, \"prompt_to"), &[]);
    assert!(
        truncated.starts_with("error: t:2:27: not valid JSON"),
        "{truncated}"
    );
    assert!(truncated.ends_with(&format!("hint: {SKIP}\n")));
    assert_eq!(
        said(r#"{"arrival_s": 2, "prompt_tokens": 5}"#, &[]),
        "error: t:1:1: missing `output_tokens`\n\
         hint: --columns OURS=THEIRS reads a field under another name; --on-bad-record skip drops \
         bad records\n"
    );
}

#[test]
fn csv_cells_are_named_like_fields() {
    let header = "arrival_s,prompt_tokens,output_tokens";
    for (row, place, fault) in [
        ("2,x,3", 3, "`prompt_tokens` is x, must be a whole number"),
        ("nan,4,3", 1, "`arrival_s` is nan, must be a number"),
        (
            "2,4",
            1,
            "the row has 2 fields, must have 3 like the header",
        ),
    ] {
        let said = said(format!("{header}\n{row}\n"), &[]);
        let expected = format!("error: t:2:{place}: {fault}\nhint: {SKIP}\n");
        assert_eq!(said, expected);
    }
}

#[test]
fn times_that_go_backwards_want_sorting() {
    let scratch = Scratch::new();
    let early = r#"{"arrival_s": 0.25, "prompt_tokens": 7, "output_tokens": 3}"#;
    scratch.write("t", format!("{GOOD}\n{early}\n"));
    for options in [&[][..], &["--on-bad-record", "skip"]] {
        let args = [&["replay", "t", "-o", "out"], options].concat();
        assert_eq!(
            scratch.refused(&args),
            "error: t:2:15: `arrival_s` is 0.75 s before that of the row above, must not go \
             backwards\n\
             hint: --sort sorts the rows by arrival, equal ones stay in the order of the file\n"
        );
    }
    scratch.fine(&["replay", "t", "-o", "out", "--sort"]);
    let requests = scratch.table("out/requests.parquet");
    assert_eq!(requests.numbers("arrival_ns"), [250_000_000, 1_000_000_000]);
    assert_eq!(requests.numbers("prompt_tokens"), [7, 5]);
}

#[test]
fn block_ids_have_to_cover_the_prompt() {
    let mooncake = |ids: &str| {
        format!(
            "{{\"timestamp\": 1, \"input_length\": 1025, \"output_length\": 3, \"hash_ids\": {ids}}}\n"
        )
    };
    assert_eq!(
        said(mooncake("[1, 2]"), &[]),
        "error: t:1:72: the length of `hash_ids` is 2, must be 3 for 1025 prompt tokens in blocks \
         of 512\n\
         hint: the plain formats take other block sizes as `block_tokens`; --on-bad-record skip \
         drops bad records\n"
    );
    let plain = |ids: &str| {
        format!(
            "{{\"arrival_s\": 1, \"prompt_tokens\": 1025, \"output_tokens\": 3, \"hash_ids\": {ids}, \"block_tokens\": 512}}\n"
        )
    };
    let many = said(plain("[1, 2, 3, 4]"), &[]);
    assert!(
        many.contains("the length of `hash_ids` is 4, must be 2 or 3 for 1025 prompt tokens"),
        "{many}"
    );
    let scratch = Scratch::new();
    for (name, good) in [
        ("ceil", plain("[1, 2, 3]")),
        ("floor", plain("[1, 2]")),
        ("mooncake", mooncake("[1, 2, 3]")),
    ] {
        scratch.write(name, good);
        scratch.fine(&["replay", name]);
    }
}

#[test]
fn a_line_of_100_mb_is_given_up() {
    let scratch = Scratch::new();
    let mut file = File::create(scratch.path("t")).unwrap();
    write!(file, "{GOOD}\n{{\"arrival_s\": 2, \"note\": \"").unwrap();
    let megabyte = vec![b'x'; 1 << 20];
    (0..100).for_each(|_| file.write_all(&megabyte).unwrap());
    drop(file);
    assert_eq!(
        scratch.refused(&["replay", "t", "-o", "out"]),
        "error: t:2:1: the line is longer than 67108864 bytes\n\
         hint: a trace has one record per line; is this one a single large JSON document?\n"
    );
}

#[test]
fn formats_and_columns_that_do_not_exist() {
    assert_eq!(
        said(GOOD, &["--format", "mooncak"]),
        "error: no trace format is called `mooncak`\n\
         hint: did you mean `mooncake`? known formats are mooncake, plain-jsonl, plain-csv, azure\n"
    );
    let unknown = said(GOOD, &["--columns", "promt_tokens=x"]);
    assert!(
        unknown.starts_with("error: `promt_tokens` in --columns is no field of the format"),
        "{unknown}"
    );
    let missing = said(GOOD, &["--columns", "prompt_tokens=x"]);
    assert!(
        missing.starts_with("error: t:1:1: no field `x`, which --columns maps to `prompt_tokens`"),
        "{missing}"
    );
}

#[test]
fn bad_records_can_be_left_out_but_are_counted() {
    let scratch = Scratch::new();
    let bad = r#"{"arrival_s": 2, "prompt_tokens": 0, "output_tokens": 3}"#;
    let last = r#"{"arrival_s": 3, "prompt_tokens": 9, "output_tokens": 3}"#;
    scratch.write("t", format!("{GOOD}\n{bad}\nno JSON at all\n{last}\n"));
    let ran = scratch.run(&["replay", "t", "-o", "out", "--on-bad-record", "skip"]);
    assert_eq!(ran.code, Some(0));
    let warning = "warning: 2 bad records were left out; without --on-bad-record skip the first \
                   is shown\n";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("\n2 bad records skipped\n"),
        "{}",
        ran.stdout
    );
    let summary = scratch.json("out/summary.json");
    assert_eq!(summary["skipped_records"], 2);
    assert_eq!(summary["requests"]["total"], 2);
    let requests = scratch.table("out/requests.parquet");
    assert_eq!(requests.numbers("prompt_tokens"), [5, 9]);
    assert!(
        said(format!("{GOOD}\n{bad}\n"), &["--on-bad-record", "fail"]).starts_with("error: t:2:35")
    );
    assert_eq!(
        said("{}\nx\n", &["--format", "plain", "--on-bad-record", "skip"]),
        "error: t: has no rows (2 skipped)\n\
         hint: --on-bad-record fail shows what is wrong with the first bad record\n"
    );
}

#[test]
fn requests_beyond_every_limit_are_rejected_and_the_run_goes_on() {
    let scratch = Scratch::new();
    let row = |at: u32, prompt: u64, output: u64| {
        format!(
            "{{\"arrival_s\": {at}, \"prompt_tokens\": {prompt}, \"output_tokens\": {output}}}\n"
        )
    };
    let rows = [
        row(1, 100, 5),
        // Longer than the model goes.
        row(2, 4_294_967_295, 4_294_967_295),
        // Longer than the cache is.
        row(3, 5_000, 5),
        // Ends where the model ends.
        row(4, 100, 4_294_967_295),
        row(5, 100, 5),
    ];
    scratch.write("t", rows.concat());
    let limits = [
        "llm.kv.num_gpu_blocks=101",
        "llm.scheduler.max_model_len=1000",
    ];
    let settings = limits.map(|limit| ["--set", limit]).concat();
    let ran = scratch.run(&[&["replay", "t", "-o", "out"], &settings[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for warning in [
        "warning: 2 of 5 requests were rejected: their prompt and output exceed the KV cache (1600 \
         tokens) or max_model_len (1000); use more memory",
        "warning: 1 request asks for more than max_model_len (1000) tokens of prompt and output",
    ] {
        assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    }
    let requests = scratch.table("out/requests.parquet");
    assert_eq!(
        requests.strings("status"),
        ["finished", "rejected", "rejected", "finished", "finished"]
    );
    assert_eq!(requests.numbers("generated_tokens"), [5, 0, 0, 900, 5]);
    let output_tokens = requests.numbers("output_tokens");
    assert_eq!(output_tokens, [5, 4_294_967_295, 5, 4_294_967_295, 5]);
    assert_eq!(scratch.json("out/summary.json")["requests"]["rejected"], 2);
}
