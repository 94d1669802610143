//! No input of any bytes panics.

use kendall_io::trace::{OnBadRecord, ReadOptions, TraceStream, formats, inspect, read_bytes};
use kendall_llm::Source;
use proptest::prelude::*;
use proptest::sample::Index;

const MOONCAKE: &str = r#"{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]}
{"timestamp": 1.5, "input_length": 1025, "output_length": 4, "hash_ids": [0, 1, 2], "session_id": "a", "x": {"y": [1]}}
"#;
const PLAIN_JSONL: &str = r#"{"arrival_s": 0.5, "prompt_tokens": 33, "output_tokens": 5, "class": "chat", "hash_ids": [1, 2], "block_tokens": 16}
{"arrival_ns": 500000000, "prompt_tokens": 33, "output_tokens": 1e1, "priority": -3, "session_id": 5, "hash_ids": [1, 2, 3], "block_tokens": 16}
"#;
const PLAIN_CSV: &str = "arrival_ms,prompt_tokens,output_tokens,session_id,class,hash_ids,block_tokens,\"a \"\"note\"\"\"\r\n0,33,5,a,1,1 2,16,\"x,\ny\"\r\n1.5,16,5,,2,1,16,";
const AZURE: &str = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690+00:00,396,109";

/// A stream gives the same rows, digest and error.
fn streams_alike(bytes: &[u8], options: &ReadOptions) {
    let whole = read_bytes("x", bytes, options);
    let whole = whole.map(|loaded| (loaded.trace.len() as u64, loaded.sha256));
    let streamed = TraceStream::of_bytes("x", bytes, options).and_then(|mut stream| {
        while stream.next_rows().is_some() {}
        stream.finish().map(|end| (end.rows, end.sha256))
    });
    assert_eq!(
        streamed.map_err(|error| error.to_string()),
        whole.map_err(|error| error.to_string())
    );
}

/// Reads bytes in every way there is. Whatever is accepted must hold together.
fn survive(bytes: &[u8]) {
    let forced = formats().iter().map(|format| Some(format.name.to_owned()));
    for format in forced.chain([None]) {
        for (on_bad_record, sort) in [(OnBadRecord::Fail, false), (OnBadRecord::Skip, true)] {
            let options = ReadOptions {
                format: format.clone(),
                sort,
                on_bad_record,
                ..ReadOptions::default()
            };
            match read_bytes("x", bytes, &options) {
                Ok(loaded) => {
                    assert!(loaded.trace.arrival.is_sorted());
                    assert_eq!(loaded.trace.prompt_tokens.len(), loaded.trace.len());
                    assert!(inspect(&loaded.trace).prompt.total > 0);
                }
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    let _ = error.hint();
                }
            }
            if !sort {
                streams_alike(bytes, &options);
            }
        }
    }
}

fn compressed(text: &str) -> [Vec<u8>; 3] {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zst = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
    [text.as_bytes().to_vec(), encoder.finish().unwrap(), zst]
}

/// A change to a file.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Cut(Index),
    Remove(Index),
    Repeat(Index, Index),
    Insert(Index, &'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let pieces = prop::sample::select(vec![
        "-",
        "0",
        "1e9",
        "99999999999999999999",
        "NaN",
        "null",
        "\"",
        "\\",
        "\\u",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\r",
        "|",
        "\u{e9}",
        "\0",
        "\u{feff}",
        "[[[[[[[[",
        "2023-11-16 18:15:46",
    ]);
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        any::<Index>().prop_map(Edit::Cut),
        any::<Index>().prop_map(Edit::Remove),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Edit::Repeat(from, to)),
        (any::<Index>(), pieces).prop_map(|(at, piece)| Edit::Insert(at, piece)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    match edit {
        Edit::Set(at, byte) => bytes[at.index(length)] = *byte,
        Edit::Cut(at) => bytes.truncate(at.index(length)),
        Edit::Remove(at) => {
            bytes.remove(at.index(length));
        }
        Edit::Repeat(from, to) => {
            let part = bytes[from.index(length)..].to_vec();
            let at = to.index(length);
            bytes.splice(at..at, part);
        }
        Edit::Insert(at, piece) => {
            let at = at.index(length);
            bytes.splice(at..at, piece.bytes());
        }
    }
}

#[test]
fn the_files_are_valid_before_they_are_damaged() {
    for (text, format) in [
        (MOONCAKE, "mooncake"),
        (PLAIN_JSONL, "plain-jsonl"),
        (PLAIN_CSV, "plain-csv"),
        (AZURE, "azure"),
    ] {
        for bytes in compressed(text) {
            let loaded = read_bytes("x", &bytes, &ReadOptions::default()).unwrap();
            assert_eq!((loaded.format, loaded.trace.len()), (format, 2));
        }
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    for open in ["[", "{\"a\":"] {
        survive(open.repeat(300_000).as_bytes());
        survive(format!("{{\"arrival_s\": {}", open.repeat(300_000)).as_bytes());
        survive(
            format!(
                "{{\"arrival_s\": 1, \"x\": {}{}}}",
                "[".repeat(300_000),
                "]".repeat(300_000)
            )
            .as_bytes(),
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survive(&bytes);
        for magic in [&b"\x1f\x8b\x08\x00"[..], b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"{\"arrival_s\":"] {
            survive(&[magic, &bytes].concat());
        }
    }

    #[test]
    fn damaged_files(
        text in prop::sample::select(vec![MOONCAKE, PLAIN_JSONL, PLAIN_CSV, AZURE]),
        form in 0_usize..5,
        edits in prop::collection::vec(edit(), 1..5),
    ) {
        // Plain text more often than compressed.
        let mut bytes = compressed(text)[form.saturating_sub(2)].clone();
        for edit in &edits {
            apply(&mut bytes, edit);
        }
        survive(&bytes);
    }
}
