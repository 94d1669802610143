//! Every kind of bad input, with the message that it gets.

use std::io::Write;
use std::path::Path;

use kendall_io::trace::{OnBadRecord, ReadOptions, TraceError, read, read_bytes};

const MOONCAKE: &str =
    r#"{"timestamp": 5, "input_length": 600, "output_length": 7, "hash_ids": [0, 1]}"#;
const SKIP_HINT: &str = "--on-bad-record skip drops bad records and counts them in the summary";

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn forced(format: &str) -> ReadOptions {
    ReadOptions {
        format: Some(format.to_owned()),
        ..ReadOptions::default()
    }
}

fn columns(pairs: &[(&str, &str)]) -> ReadOptions {
    let pair = |(ours, theirs): &(&str, &str)| ((*ours).to_owned(), (*theirs).to_owned());
    ReadOptions {
        columns: pairs.iter().map(pair).collect(),
        ..ReadOptions::default()
    }
}

fn error_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> TraceError {
    read_bytes("day.jsonl", text.as_ref(), options).unwrap_err()
}

fn message(text: impl AsRef<[u8]>) -> String {
    error_with(text, &options()).to_string()
}

/// Messages of records under each other, the first being good.
fn after_good(record: &str) -> String {
    message(format!("{MOONCAKE}\n{record}\n"))
}

fn plain(record: &str) -> String {
    message(format!(
        "{{\"arrival_s\": 0, \"prompt_tokens\": 1, \"output_tokens\": 1}}\n{record}"
    ))
}

fn hint(error: &TraceError) -> String {
    error.hint().unwrap_or_default()
}

#[test]
fn a_missing_file() {
    let error = read(Path::new("no/such.jsonl"), &options()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("no/such.jsonl: cannot be opened: No such file")
    );
    assert!(hint(&error).contains("relative to the working directory"));
}

#[test]
fn a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let error = read(directory.path(), &options()).unwrap_err();
    let expected = format!(
        "{}: is a directory, must be a file",
        directory.path().display()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn an_empty_file() {
    for text in ["", "\n \r\n\n", "arrival_s,prompt_tokens,output_tokens\n"] {
        let error = error_with(text, &options());
        assert_eq!(error.to_string(), "day.jsonl: has no rows (0 skipped)");
        assert_eq!(hint(&error), "a trace needs at least one request");
    }
}

#[test]
fn not_utf8() {
    let mut text = format!("{MOONCAKE}\n").into_bytes();
    text.extend(b"{\"timestamp\": 5, \"\xff\": 1}");
    assert_eq!(message(&text), "day.jsonl:2:19: not UTF-8");
    assert_eq!(message(b"\xff\xfe{\0"), "day.jsonl:1:1: not UTF-8");
    let csv = b"arrival_s,prompt_tokens,output_tokens\n1,\xff,3\n";
    assert_eq!(message(csv), "day.jsonl:2:3: not UTF-8");
}

#[test]
fn truncated_json() {
    let expected = "day.jsonl:2:33: not valid JSON in `input_length`: EOF while parsing an object";
    assert_eq!(after_good(r#"{"timestamp": 6, "input_length":6"#), expected);
    let error = error_with(r#"{"timestamp": 5, "input_length": 60"#, &options());
    let expected = "day.jsonl:1:35: not valid JSON in `input_length`: EOF while parsing an object";
    assert_eq!(error.to_string(), expected);
    assert_eq!(hint(&error), SKIP_HINT);
    assert_eq!(
        message("{"),
        "day.jsonl:1:1: not valid JSON: EOF while parsing an object"
    );
}

#[test]
fn the_wrong_type() {
    assert_eq!(
        after_good(
            r#"{"timestamp": 6, "input_length": "600", "output_length": 7, "hash_ids": [0, 1]}"#
        ),
        "day.jsonl:2:34: `input_length` is \"600\", must be a whole number"
    );
    assert_eq!(
        after_good(
            r#"{"timestamp": [6], "input_length": 600, "output_length": 7, "hash_ids": [0, 1]}"#
        ),
        "day.jsonl:2:15: `timestamp` is [6], must be a number"
    );
    assert_eq!(
        after_good(
            r#"{"timestamp": 6, "input_length": 600.5, "output_length": 7, "hash_ids": [0, 1]}"#
        ),
        "day.jsonl:2:34: `input_length` is 600.5, must be a whole number"
    );
    assert_eq!(
        after_good(r#"{"timestamp": 6, "input_length": 600, "output_length": 7, "hash_ids": 3}"#),
        "day.jsonl:2:71: `hash_ids` is 3, must be a list of whole numbers"
    );
    assert_eq!(
        after_good(
            r#"{"timestamp": 6, "input_length": 600, "output_length": 7, "hash_ids": [0, "a"]}"#
        ),
        "day.jsonl:2:75: `hash_ids[1]` is \"a\", must be a whole number from 0 to 2^64 - 1"
    );
    assert_eq!(
        after_good(r#"[6, 600, 7]"#),
        "day.jsonl:2:1: the record is [6, 600, 7], must be a JSON object"
    );
    assert_eq!(
        plain(r#"{"arrival_s": 1, "prompt_tokens": 1, "output_tokens": 1, "class": 65536}"#),
        "day.jsonl:2:67: `class` is 65536, must be a whole number from 0 to 65535 or a name"
    );
    assert_eq!(
        plain(r#"{"arrival_s": 1, "prompt_tokens": 1, "output_tokens": 1, "session_id": true}"#),
        "day.jsonl:2:72: `session_id` is true, must be a string or a whole number"
    );
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\n1,2,3\n2,\"4, 5\",x\n"),
        "day.jsonl:3:4: `prompt_tokens` is 4, 5, must be a whole number"
    );
}

#[test]
fn a_missing_field() {
    let error = error_with(
        format!("{MOONCAKE}\n{{\"timestamp\": 6, \"input_length\": 600, \"hash_ids\": [0, 1]}}"),
        &options(),
    );
    assert_eq!(error.to_string(), "day.jsonl:2:1: missing `output_length`");
    assert!(hint(&error).contains("--columns"));
    assert_eq!(
        message(r#"{"timestamp": 6, "output_length": 600}"#),
        "day.jsonl:1:1: missing `input_length`"
    );
    assert_eq!(
        message(r#"{"prompt_tokens": 6, "output_tokens": 600}"#),
        "day.jsonl:1:1: missing `arrival_s` or `arrival_ms` or `arrival_ns`"
    );
    assert_eq!(
        plain(r#"{"arrival_s": 1, "prompt_tokens": 1, "output_tokens": null}"#),
        "day.jsonl:2:55: `output_tokens` is null, must be a whole number"
    );
    assert_eq!(
        after_good(r#"{"timestamp": 6, "input_length": 600, "output_length": 7}"#),
        "day.jsonl:2:1: `hash_ids` must be in every row or in none"
    );
    assert_eq!(
        message(r#"{"arrival_s": 1, "prompt_tokens": 1, "output_tokens": 1, "hash_ids": [1]}"#),
        "day.jsonl:1:70: missing `block_tokens`"
    );
    let error = error_with("\narrival_s,prompt_tokens,n\n1,2,3\n", &options());
    assert_eq!(
        error.to_string(),
        "day.jsonl:2:1: missing column `output_tokens`"
    );
    assert!(hint(&error).starts_with("there are `arrival_s`, `prompt_tokens`, `n`;"));
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\n1,2\n"),
        "day.jsonl:2:1: the row has 2 fields, must have 3 like the header"
    );
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\n1,,2\n"),
        "day.jsonl:2:3: `prompt_tokens` is empty, must be a whole number"
    );
}

#[test]
fn a_negative_number() {
    let error = error_with(
        format!(
            "{MOONCAKE}\n{}",
            r#"{"timestamp": 6, "input_length": 600, "output_length": -3, "hash_ids": [0, 1]}"#
        ),
        &options(),
    );
    let expected = "day.jsonl:2:56: `output_length` is -3, must be at least 1";
    assert_eq!(error.to_string(), expected);
    assert_eq!(hint(&error), SKIP_HINT);
    assert_eq!(
        message(r#"{"timestamp": -0.5, "input_length": 600, "output_length": 3}"#),
        "day.jsonl:1:15: `timestamp` is -0.5, must be at least 0"
    );
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\n-1e-9,2,3\n"),
        "day.jsonl:2:1: `arrival_s` is -1e-9, must be at least 0"
    );
}

#[test]
fn not_a_number() {
    for word in ["NaN", "Infinity", "-Infinity"] {
        let line =
            format!("{{\"timestamp\": {word}, \"input_length\": 600, \"output_length\": 3}}");
        let expected = format!("day.jsonl:1:15: `timestamp` is {word}, must be a number");
        assert_eq!(message(line), expected);
    }
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\nnan,2,3\n"),
        "day.jsonl:2:1: `arrival_s` is nan, must be a number"
    );
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\n1,inf,3\n"),
        "day.jsonl:2:3: `prompt_tokens` is inf, must be a whole number"
    );
}

#[test]
fn a_huge_number() {
    assert_eq!(
        after_good(r#"{"timestamp": 6, "input_length": 4294967296, "output_length": 3}"#),
        "day.jsonl:2:34: `input_length` is 4294967296, must be at most 4294967295"
    );
    assert_eq!(
        after_good(r#"{"timestamp": 6, "input_length": 6, "output_length": 1e300}"#),
        "day.jsonl:2:54: `output_length` is 1e300, must be at most 4294967295"
    );
    assert_eq!(
        plain(r#"{"arrival_s": 9223372036.854775808, "prompt_tokens": 6, "output_tokens": 1}"#),
        "day.jsonl:2:15: `arrival_s` is 9223372036.854775808, must be at most 2^63 ns (292 years)"
    );
    let largest = format!(
        "{{\"arrival_ns\": {}, \"prompt_tokens\": {}, \"output_tokens\": 1}}",
        i64::MAX,
        u32::MAX
    );
    let loaded = read_bytes("x", largest.as_bytes(), &options()).unwrap();
    assert_eq!(loaded.trace.prompt_tokens, [u32::MAX]);
}

#[test]
fn a_length_of_zero() {
    assert_eq!(
        after_good(r#"{"timestamp": 6, "input_length": 0, "output_length": 3, "hash_ids": []}"#),
        "day.jsonl:2:34: `input_length` is 0, must be at least 1"
    );
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens\n1,2,0\n"),
        "day.jsonl:2:5: `output_tokens` is 0, must be at least 1"
    );
}

#[test]
fn time_going_backwards() {
    let text = "arrival_s,prompt_tokens,output_tokens\n3,1,1\n2.5,2,1\n3,3,1\n2.5,4,1\n";
    let error = error_with(text, &options());
    assert_eq!(
        error.to_string(),
        "day.jsonl:3:1: `arrival_s` is 0.5 s before that of the row above, must not go backwards"
    );
    assert!(hint(&error).starts_with("--sort sorts"));
    let skip = ReadOptions {
        on_bad_record: OnBadRecord::Skip,
        ..options()
    };
    assert_eq!(error_with(text, &skip).to_string(), error.to_string());
    let sort = ReadOptions {
        sort: true,
        ..options()
    };
    let loaded = read_bytes("day.csv", text.as_bytes(), &sort).unwrap();
    assert_eq!(loaded.trace.prompt_tokens, [2, 4, 1, 3]);
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 00:00:01,1,1\n2023-11-16 00:00:00,2,1\n";
    assert_eq!(
        message(azure),
        "day.jsonl:3:1: `TIMESTAMP` is 1 s before that of the row above, must not go backwards"
    );
    let loaded = read_bytes("day.csv", azure.as_bytes(), &sort).unwrap();
    assert_eq!(loaded.trace.prompt_tokens, [2, 1]);
    assert_eq!(loaded.trace.arrival[1].as_ns(), 1_000_000_000);
}

#[test]
fn ids_that_contradict_the_length() {
    let record = |ids: &str| {
        format!(
            "{{\"timestamp\": 6, \"input_length\": 600, \"output_length\": 3, \"hash_ids\": [{ids}]}}"
        )
    };
    assert_eq!(
        after_good(&record("1")),
        "day.jsonl:2:71: the length of `hash_ids` is 1, must be 2 for 600 prompt tokens in blocks of 512"
    );
    assert!(after_good(&record("1, 2, 3")).contains("is 3, must be 2"));
    let plain = |prompt: u32, ids: &str| {
        let line = format!(
            "{{\"arrival_s\": 6, \"prompt_tokens\": {prompt}, \"output_tokens\": 3, \"hash_ids\": [{ids}], \"block_tokens\": 16}}"
        );
        read_bytes("x", line.as_bytes(), &options()).map_err(|error| error.to_string())
    };
    assert!(plain(33, "1, 2").is_ok());
    assert!(plain(33, "1, 2, 3").is_ok());
    assert!(plain(15, "").is_ok());
    assert!(plain(32, "1, 2").is_ok());
    assert_eq!(
        plain(33, "1").unwrap_err(),
        "x:1:71: the length of `hash_ids` is 1, must be 2 or 3 for 33 prompt tokens in blocks of 16"
    );
    assert!(plain(32, "1").unwrap_err().contains("is 1, must be 2 for"));
    assert!(plain(32, "1, 2, 3").is_err());
}

#[test]
fn a_block_size_that_changes() {
    let line = |size: u32| {
        format!(
            "{{\"arrival_s\": 6, \"prompt_tokens\": 16, \"output_tokens\": 3, \"hash_ids\": [1], \"block_tokens\": {size}}}\n"
        )
    };
    assert_eq!(
        message(line(16) + &line(32)),
        "day.jsonl:2:92: `block_tokens` is 32, must be 16 as in the rows before"
    );
}

#[test]
fn a_line_of_100_mb() {
    let mut text = format!("{MOONCAKE}\n{{\"pad\": \"").into_bytes();
    text.resize(100 << 20, b'x');
    assert_eq!(
        message(&text),
        "day.jsonl:2:1: the line is longer than 67108864 bytes"
    );
}

#[test]
fn a_compressed_line_of_100_mb() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut encoder = flate2::write::GzEncoder::new(&mut file, flate2::Compression::fast());
    for _ in 0..100 {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap();
    let error = read(file.path(), &options()).unwrap_err();
    assert!(matches!(error, TraceError::LineTooLong { .. }), "{error}");
}

#[test]
fn an_unknown_format() {
    let error = error_with(
        "{\"chat_id\": 1, \"timestamp\": 1.5, \"input_length\": 3}",
        &options(),
    );
    assert_eq!(
        error.to_string(),
        "day.jsonl:1:1: not a known trace format, the first line has `chat_id`, `timestamp`, `input_length`"
    );
    assert_eq!(
        hint(&error),
        "known formats are mooncake, plain-jsonl, plain-csv, azure; --format forces one, --columns OURS=THEIRS renames fields"
    );
    assert!(message("[{\"id\": 1}]").contains("the first line has no fields"));
    let error = error_with(MOONCAKE, &forced("moncake"));
    assert_eq!(error.to_string(), "no trace format is called `moncake`");
    assert!(hint(&error).starts_with("did you mean `mooncake`?"));
    let error = error_with(MOONCAKE, &forced("something else"));
    assert!(hint(&error).starts_with("known formats are mooncake,"));
}

#[test]
fn a_forced_format_that_does_not_fit() {
    assert_eq!(
        error_with(MOONCAKE, &forced("plain")).to_string(),
        "day.jsonl:1:1: missing `arrival_s` or `arrival_ms` or `arrival_ns`"
    );
    assert_eq!(
        error_with("a,b\n1,2\n", &forced("mooncake")).to_string(),
        "day.jsonl:1:1: not valid JSON: expected value"
    );
    assert_eq!(
        error_with("a,b\n1,2\n", &forced("azure")).to_string(),
        "day.jsonl:1:1: missing column `TIMESTAMP`"
    );
}

#[test]
fn mappings_that_do_not_fit() {
    let csv = "ts,prompt_tokens,output_tokens\n1,2,3\n";
    let error = error_with(csv, &columns(&[("arrival_s", "time")]));
    assert_eq!(
        error.to_string(),
        "day.jsonl:1:1: no field `time`, which --columns maps to `arrival_s`"
    );
    assert_eq!(
        hint(&error),
        "there are `ts`, `prompt_tokens`, `output_tokens`"
    );
    let error = error_with(csv, &columns(&[("arrival_s", "ts"), ("priority", "p")]));
    assert!(error.to_string().contains("no field `p`, which"));
    let error = error_with(
        csv,
        &columns(&[("arrival_s", "ts"), ("urgency", "prompt_tokens")]),
    );
    assert!(hint(&error).contains("`priority`"), "{}", hint(&error));
    let twice = columns(&[("arrival_s", "ts"), ("arrival_ms", "ts")]);
    assert_eq!(
        error_with(csv, &twice).to_string(),
        "`ts` appears twice in --columns"
    );
    let json = r#"{"t": 1, "prompt_tokens": 2, "output_tokens": 3}"#;
    let error = error_with(json, &columns(&[("arrival_s", "x")]));
    assert!(error.to_string().contains("no field `x`, which"));
    let error = error_with(json, &columns(&[("arrival_s", "t"), ("class", "kind")]));
    assert!(error.to_string().contains("no field `kind`, which"));
}

#[test]
fn fields_that_appear_twice() {
    assert_eq!(
        plain(r#"{"arrival_s": 1, "prompt_tokens": 1, "output_tokens": 1, "output_tokens": 2}"#),
        "day.jsonl:2:75: `output_tokens` appears twice"
    );
    assert_eq!(
        plain(
            r#"{"arrival_s": 1, "arrival_ns": 1000000000, "prompt_tokens": 1, "output_tokens": 1}"#
        ),
        "day.jsonl:2:32: `arrival_s` and `arrival_ns` both give the arrival, must be one of them"
    );
    assert_eq!(
        message("arrival_s,prompt_tokens,output_tokens,arrival_s\n1,2,3,1\n"),
        "day.jsonl:1:1: `arrival_s` appears twice"
    );
}

#[test]
fn quotes_that_do_not_close() {
    let csv = "arrival_s,prompt_tokens,output_tokens\n1,2,3\n2,\"3,4\n3,4,5\n";
    let skip = ReadOptions {
        on_bad_record: OnBadRecord::Skip,
        ..options()
    };
    assert_eq!(
        message(csv),
        "day.jsonl:3:3: the quoted field is not closed"
    );
    assert_eq!(error_with(csv, &skip).to_string(), message(csv));
    assert!(
        message("arrival_s,prompt_tokens,output_tokens\n1,\"2\"2,3\n")
            .starts_with("day.jsonl:2:6: text after")
    );
}

#[test]
fn bad_records_are_skipped_and_counted() {
    let text = format!(
        "{MOONCAKE}\n{}\n\n{}\nnonsense\n{MOONCAKE}\n",
        r#"{"timestamp": 6, "input_length": 600, "output_length": 0, "hash_ids": [8, 9]}"#,
        r#"{"timestamp": 6, "input_length": 600, "output_length": 1, "hash_ids": [8, 9, 9]}"#,
    );
    let skip = ReadOptions {
        on_bad_record: OnBadRecord::Skip,
        ..options()
    };
    let loaded = read_bytes("day.jsonl", text.as_bytes(), &skip).unwrap();
    assert_eq!((loaded.trace.len(), loaded.skipped_records), (2, 3));
    let good = read_bytes(
        "x",
        format!("{MOONCAKE}\n{MOONCAKE}").as_bytes(),
        &options(),
    )
    .unwrap();
    assert_eq!(loaded.trace, good.trace);
    let csv = "arrival_s,prompt_tokens,output_tokens,session_id\n1,0,1,bad\n1,1\n2,2,2,good\n";
    let loaded = read_bytes("day.csv", csv.as_bytes(), &skip).unwrap();
    assert_eq!((loaded.trace.len(), loaded.skipped_records), (1, 2));
    assert_eq!(loaded.trace.session, [0]);
    let none = r#"{"timestamp": 6, "input_length": 0, "output_length": 1}"#;
    let error = error_with(none, &skip);
    assert_eq!(error.to_string(), "day.jsonl: has no rows (1 skipped)");
    assert!(hint(&error).contains("--on-bad-record fail"));
}
