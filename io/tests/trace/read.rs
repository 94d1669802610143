//! Traces read as they should be: every format, the public files, and round trips.

use std::path::{Path, PathBuf};
use std::time::Instant;

use kendall_io::trace::{
    LoadedTrace, ReadOptions, TraceError, WriteError, formats, inspect, read, read_bytes,
    write_mooncake, write_plain,
};
use kendall_kernel::Time;
use kendall_llm::{Content, Trace};
use proptest::prelude::*;

fn load(text: &str) -> LoadedTrace {
    read_bytes("test", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn arrivals(trace: &Trace) -> Vec<u64> {
    trace.arrival.iter().map(|time| time.as_ns()).collect()
}

fn mapped(pairs: &[(&str, &str)]) -> ReadOptions {
    let pair = |(ours, theirs): &(&str, &str)| ((*ours).to_owned(), (*theirs).to_owned());
    ReadOptions {
        columns: pairs.iter().map(pair).collect(),
        ..ReadOptions::default()
    }
}

#[test]
fn mooncake_with_whole_and_broken_milliseconds() {
    let loaded = load(concat!(
        "{\"timestamp\": 27482, \"input_length\": 6955, \"output_length\": 52, \"hash_ids\": [46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 2353, 2354]}\n",
        "{\"timestamp\": 30535.000001, \"input_length\": 1, \"output_length\": 26, \"hash_ids\": [46], \"extra\": [1]}\n",
        "{\"timestamp\": 3.1e4, \"input_length\": 512, \"output_length\": 26, \"hash_ids\": [46], \"session_id\": \"s\"}",
    ));
    assert_eq!(loaded.format, "mooncake");
    assert!(loaded.has_content);
    assert_eq!(
        arrivals(&loaded.trace),
        [27_482_000_000, 30_535_000_001, 31_000_000_000]
    );
    assert_eq!(loaded.trace.prompt_tokens, [6955, 1, 512]);
    assert_eq!(loaded.trace.output_tokens, [52, 26, 26]);
    assert_eq!(
        loaded.trace.session,
        [Trace::NO_SESSION, Trace::NO_SESSION, 0]
    );
    let Content::Hashed {
        ids,
        offsets,
        block_tokens,
    } = &loaded.trace.content
    else {
        panic!("no block ids");
    };
    assert_eq!(offsets, &[0, 14, 15, 16]);
    assert_eq!((ids.len(), ids[12], *block_tokens), (16, 2353, 512));
}

#[test]
fn mooncake_without_ids_has_no_content() {
    let loaded = load("{\"timestamp\": 1, \"input_length\": 6955, \"output_length\": 52}");
    assert_eq!(loaded.trace.content, Content::Unique);
    assert!(!loaded.has_content);
}

#[test]
fn plain_jsonl_with_everything() {
    let loaded = load(concat!(
        "{\"arrival_s\": 0.1, \"prompt_tokens\": 33, \"output_tokens\": 2, \"priority\": -1, \"class\": \"chat\", \"session_id\": \"b\", \"hash_ids\": [7, 8], \"block_tokens\": 16}\n",
        "{\"arrival_ms\": 100.5, \"prompt_tokens\": 33, \"output_tokens\": 2, \"class\": \"code\", \"session_id\": 17, \"hash_ids\": [7, 8, 9], \"block_tokens\": 16}\n",
        "{\"arrival_ns\": 100500001, \"prompt_tokens\": 3, \"output_tokens\": 2, \"class\": \"chat\", \"session_id\": null, \"hash_ids\": [], \"block_tokens\": 16}\n",
        "{\"arrival_s\": 1, \"prompt_tokens\": 16, \"output_tokens\": 2, \"class\": \"chat\", \"session_id\": \"b\", \"hash_ids\": [7], \"block_tokens\": 16}\n",
    ));
    let trace = &loaded.trace;
    assert_eq!(loaded.format, "plain-jsonl");
    assert_eq!(
        arrivals(trace),
        [100_000_000, 100_500_000, 100_500_001, 1_000_000_000]
    );
    assert_eq!(trace.priority, [-1, 0, 0, 0]);
    assert_eq!(trace.class, [0, 1, 0, 0]);
    assert_eq!(trace.session, [0, 1, Trace::NO_SESSION, 0]);
    let content = Content::Hashed {
        ids: vec![7, 8, 7, 8, 9, 7],
        offsets: vec![0, 2, 5, 5, 6],
        block_tokens: 16,
    };
    assert_eq!(trace.content, content);
}

#[test]
fn plain_csv_is_the_same_trace_as_plain_jsonl() {
    let csv = load(concat!(
        "\"arrival_s\", prompt_tokens,output_tokens,priority,class,session_id,hash_ids,block_tokens,note\r\n",
        "0.1,33,2,-1,chat,b,7 8,16,\"a, \"\"b\"\"\nc\"\r\n",
        "0.1005,33,2.0,,code,17,7|8|9,16,\r\n",
        "\r\n",
        "0.100500001,3,2,,chat,,,16,\r\n",
        "1,16,2,,\"chat\",b,7,16,",
    ));
    let jsonl = load(concat!(
        "{\"arrival_s\": 0.1, \"prompt_tokens\": 33, \"output_tokens\": 2, \"priority\": -1, \"class\": \"chat\", \"session_id\": \"b\", \"hash_ids\": [7, 8], \"block_tokens\": 16}\n",
        "{\"arrival_s\": 0.1005, \"prompt_tokens\": 33, \"output_tokens\": 2, \"class\": \"code\", \"session_id\": 17, \"hash_ids\": [7, 8, 9], \"block_tokens\": 16}\n",
        "{\"arrival_s\": 0.100500001, \"prompt_tokens\": 3, \"output_tokens\": 2, \"class\": \"chat\", \"hash_ids\": [], \"block_tokens\": 16}\n",
        "{\"arrival_s\": 1, \"prompt_tokens\": 16, \"output_tokens\": 2, \"class\": \"chat\", \"session_id\": \"b\", \"hash_ids\": [7], \"block_tokens\": 16}\n",
    ));
    assert_eq!(csv.format, "plain-csv");
    assert_eq!(csv.trace, jsonl.trace);
}

#[test]
fn azure_counts_from_its_first_row() {
    for zone in ["", "+00:00", "Z"] {
        let loaded = load(&format!(
            "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900{zone},374,44\r\n2023-11-16 18:15:50.9951690{zone},396,109"
        ));
        assert_eq!(loaded.format, "azure");
        assert_eq!(arrivals(&loaded.trace), [0, 4_314_579_000]);
        assert_eq!(loaded.trace.prompt_tokens, [374, 396]);
        assert_eq!(loaded.trace.output_tokens, [44, 109]);
    }
}

#[test]
fn other_names_are_mapped() {
    let options = mapped(&[
        ("arrival_s", "TIMESTAMP"),
        ("prompt_tokens", "ContextTokens"),
        ("output_tokens", "GeneratedTokens"),
    ]);
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109";
    let dated = read_bytes("azure.csv", azure.as_bytes(), &options).unwrap();
    assert_eq!(dated.format, "plain-csv");
    assert_eq!(dated.trace, load(azure).trace);
    let seconds = "TIMESTAMP,ContextTokens,GeneratedTokens\n5.5,374,44\n6,396,109\n";
    let loaded = read_bytes("x.csv", seconds.as_bytes(), &options).unwrap();
    assert_eq!(arrivals(&loaded.trace), [5_500_000_000, 6_000_000_000]);
    let json = "{\"TIMESTAMP\": 5.5, \"ContextTokens\": 3, \"GeneratedTokens\": 4, \"arrival_s\": \"ignored\"}";
    let loaded = read_bytes("x.jsonl", json.as_bytes(), &options).unwrap();
    assert_eq!(loaded.format, "plain-jsonl");
    assert_eq!(arrivals(&loaded.trace), [5_500_000_000]);
    let mooncake = "{\"timestamp\": 5, \"input_length\": 3, \"output_length\": 4, \"user\": \"u\"}";
    let options = mapped(&[("session_id", "user")]);
    let loaded = read_bytes("x.jsonl", mooncake.as_bytes(), &options).unwrap();
    assert_eq!(
        (loaded.format, loaded.trace.session.as_slice()),
        ("mooncake", &[0][..])
    );
}

#[test]
fn a_format_can_be_forced() {
    let text = "{\"timestamp\": 5, \"input_length\": 3, \"output_length\": 4, \"chat_id\": 1}";
    let options = |format: &str| ReadOptions {
        format: Some(format.to_owned()),
        ..ReadOptions::default()
    };
    let loaded = read_bytes("x", text.as_bytes(), &options("mooncake")).unwrap();
    assert_eq!(loaded.format, "mooncake");
    let csv = "output_tokens,prompt_tokens,arrival_ms\n1,2,3\n";
    let loaded = read_bytes("x", csv.as_bytes(), &options("plain")).unwrap();
    assert_eq!(
        (loaded.format, arrivals(&loaded.trace)),
        ("plain-csv", vec![3_000_000])
    );
    assert_eq!(formats().len(), 4);
}

#[test]
fn a_limit_counts_rows_and_not_bytes() {
    let text = "arrival_s,prompt_tokens,output_tokens\n3,1,1\n2,2,1\n1,3,1\nnonsense";
    let options = |limit| ReadOptions {
        sort: true,
        limit: Some(limit),
        ..ReadOptions::default()
    };
    let loaded = read_bytes("x", text.as_bytes(), &options(2)).unwrap();
    assert_eq!(loaded.trace.prompt_tokens, [2, 1]);
    assert_eq!(loaded.bytes, text.len() as u64);
    let none = read_bytes("x", text.as_bytes(), &options(0)).unwrap_err();
    assert!(matches!(none, TraceError::Empty { .. }));
}

#[test]
fn compressed_and_plain_files_are_the_same_trace() {
    let text = "arrival_s,prompt_tokens,output_tokens\n3,1,1\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let gz = encoder.finish().unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zst = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
    let plain = read_bytes("x", text.as_bytes(), &ReadOptions::default()).unwrap();
    for bytes in [gz, zst] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        let loaded = read(file.path(), &ReadOptions::default()).unwrap();
        assert_eq!(
            (&loaded.trace, &loaded.sha256),
            (&plain.trace, &plain.sha256)
        );
        assert_eq!(loaded.bytes, text.len() as u64);
        assert_eq!(loaded.name, file.path().display().to_string());
    }
}

/// A file among the public traces, if they are there.
fn shared(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/traces")
        .join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

#[test]
fn the_conversation_trace_is_as_its_readme_says() {
    let Some(path) = shared("mooncake/conversation_trace.jsonl") else {
        return;
    };
    let loaded = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!((loaded.format, loaded.skipped_records), ("mooncake", 0));
    assert_eq!(loaded.bytes, 3_029_533);
    let found = inspect(&loaded.trace);
    assert_eq!(
        (found.rows, found.distinct_timestamps, found.sessions),
        (12_031, 1_180, 0)
    );
    assert_eq!(
        format!("{:.0} {:.2}", found.span_s, found.rate_per_s),
        "3537 3.40"
    );
    let prompt = found.prompt;
    let shown = format!(
        "{:.0} {:.0} {:.0} {}",
        prompt.mean, prompt.p50, prompt.p99, prompt.max
    );
    assert_eq!(shown, "12035 6909 85400 126195");
    let output = found.output;
    let shown = format!(
        "{:.0} {:.0} {:.0} {}",
        output.mean, output.p50, output.p99, output.max
    );
    assert_eq!(shown, "343 350 1118 2000");
    assert_eq!((prompt.total, output.total), (144_793_823, 4_122_048));
    assert_eq!(
        (found.block_references, found.distinct_blocks),
        (288_500, 182_790)
    );
    assert_eq!(
        format!("{:.4}", found.infinite_cache_hit_rate.unwrap()),
        "0.3664"
    );
}

#[test]
fn the_synthetic_trace_is_as_its_readme_says() {
    let Some(path) = shared("mooncake/synthetic_trace.jsonl") else {
        return;
    };
    let found = inspect(&read(&path, &ReadOptions::default()).unwrap().trace);
    assert_eq!(found.rows, 3_993);
    assert_eq!(
        format!("{:.0} {:.2}", found.span_s, found.rate_per_s),
        "1022 3.91"
    );
    let prompt = found.prompt;
    let shown = format!(
        "{:.0} {:.0} {:.0} {}",
        prompt.mean, prompt.p50, prompt.p99, prompt.max
    );
    // The mean is 15,325.48; the README has 15,326.
    assert_eq!(shown, "15325 11587 66456 191378");
    let output = found.output;
    let shown = format!(
        "{:.0} {:.0} {:.0} {}",
        output.mean, output.p50, output.p99, output.max
    );
    assert_eq!(shown, "149 69 768 893");
    assert_eq!(
        (found.block_references, found.distinct_blocks),
        (121_877, 43_924)
    );
    assert_eq!(
        format!("{:.4}", found.infinite_cache_hit_rate.unwrap()),
        "0.6396"
    );
}

#[test]
fn the_azure_trace_is_as_its_readme_says() {
    let Some(path) = shared("azure/AzureLLMInferenceTrace_conv.csv") else {
        return;
    };
    let loaded = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!((loaded.format, loaded.has_content), ("azure", false));
    let found = inspect(&loaded.trace);
    assert_eq!(found.rows, 19_366);
    assert_eq!(
        format!("{:.0} {:.2}", found.span_s, found.rate_per_s),
        "3502 5.53"
    );
    let prompt = found.prompt;
    let shown = format!(
        "{:.0} {:.0} {:.0} {}",
        prompt.mean, prompt.p50, prompt.p99, prompt.max
    );
    assert_eq!(shown, "1155 1020 4142 14050");
    assert_eq!(found.infinite_cache_hit_rate, None);
}

#[test]
fn the_made_trace_is_read_through_gzip() {
    let Some(path) = shared("made/chat_120k.jsonl.gz") else {
        return;
    };
    let loaded = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!(
        (loaded.format, loaded.trace.len()),
        ("plain-jsonl", 120_000)
    );
    assert_eq!(loaded.trace.arrival[0], Time::from_ns(28_858_000));
}

#[test]
fn public_traces_survive_a_round_trip() {
    for file in [
        "mooncake/conversation_trace.jsonl",
        "azure/AzureLLMInferenceTrace_conv.csv",
    ] {
        let Some(path) = shared(file) else { continue };
        let trace = read(&path, &ReadOptions::default()).unwrap().trace;
        let mut written = Vec::new();
        write_mooncake(&trace, &mut written).unwrap();
        if file.starts_with("mooncake") {
            assert!(
                written == std::fs::read(&path).unwrap(),
                "the file is not its own copy"
            );
        }
        assert!(
            read_bytes("x", &written, &ReadOptions::default())
                .unwrap()
                .trace
                == trace
        );
    }
}

/// Traces that both writers can write: every optional column there or not, sessions numbered in
/// order of appearance.
fn trace() -> impl Strategy<Value = Trace> {
    let row = (
        (0_u64..u64::from(u32::MAX), prop::bool::ANY),
        1_u32..2000,
        1_u32..,
        any::<i32>(),
        any::<u16>(),
        prop::option::of(0_u32..4),
    );
    let columns = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(row, 1..12), columns, any::<u64>()).prop_map(|(rows, columns, id)| {
        let (with_priority, with_class, with_session, with_ids) = columns;
        let mut trace = Trace::default();
        let (mut ids, mut offsets, mut now) = (Vec::new(), vec![0], 0);
        let mut sessions = Vec::new();
        for ((gap, whole), prompt, output, priority, class, session) in rows {
            now += if whole {
                gap / 1_000_000 * 1_000_000
            } else {
                gap
            };
            trace.arrival.push(Time::from_ns(now));
            trace.prompt_tokens.push(prompt);
            trace.output_tokens.push(output);
            trace.priority.extend(with_priority.then_some(priority));
            trace.class.extend(with_class.then_some(class));
            let number = session.map(|session| {
                if !sessions.contains(&session) {
                    sessions.push(session);
                }
                sessions.iter().position(|known| *known == session).unwrap() as u32
            });
            trace.session.push(number.unwrap_or(Trace::NO_SESSION));
            ids.extend((0..u64::from(prompt.div_ceil(512))).map(|block| id.wrapping_mul(block)));
            offsets.push(ids.len() as u64);
        }
        if !with_session || sessions.is_empty() {
            trace.session.clear();
        }
        if with_ids {
            trace.content = Content::Hashed {
                ids,
                offsets,
                block_tokens: 512,
            };
        }
        trace
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(trace in trace()) {
        let (mut mooncake, mut plain) = (Vec::new(), Vec::new());
        write_mooncake(&trace, &mut mooncake).unwrap();
        write_plain(&trace, &mut plain).unwrap();
        for (format, bytes) in [("mooncake", mooncake), ("plain-jsonl", plain)] {
            let loaded = read_bytes("x", &bytes, &ReadOptions::default()).unwrap();
            prop_assert_eq!(loaded.format, format);
            prop_assert_eq!(&loaded.trace, &trace);
        }
    }
}

#[test]
fn what_a_format_has_no_place_for_is_not_written() {
    let trace = |prompt_tokens: u32, block_tokens: u32| Trace {
        arrival: vec![Time::ZERO],
        prompt_tokens: vec![prompt_tokens],
        output_tokens: vec![1],
        content: Content::Hashed {
            ids: vec![1],
            offsets: vec![0, 1],
            block_tokens,
        },
        ..Trace::default()
    };
    let mut out = Vec::new();
    let error = write_mooncake(&trace(16, 16), &mut out).unwrap_err();
    assert!(matches!(
        error,
        WriteError::BlockTokens { block_tokens: 16 }
    ));
    let error = write_mooncake(&trace(513, 512), &mut out).unwrap_err();
    assert!(matches!(
        error,
        WriteError::HashCount {
            row: 0,
            found: 1,
            expected: 2
        }
    ));
    let aborting = Trace {
        abort: vec![Time::MAX],
        ..trace(16, 16)
    };
    assert!(write_plain(&aborting, &mut out).is_err());
    assert!(out.is_empty());
}

/// A record as a struct, to compare with.
#[derive(serde::Deserialize)]
struct Record {
    timestamp: u64,
    input_length: u32,
    output_length: u32,
    hash_ids: Vec<u64>,
}

fn with_serde(bytes: &[u8]) -> usize {
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let records = lines.map(|line| serde_json::from_slice::<Record>(line).unwrap());
    let lengths = |r: &Record| r.timestamp > 0 && r.input_length > 0 && r.output_length > 0;
    records
        .filter(|record| lengths(record) && !record.hash_ids.is_empty())
        .count()
}

/// Prints the speed of reading, SHA-256 included, beside that of serde_json in the same run.
///
/// Run with: cargo test --release -p kendall-io --test trace -- --ignored --nocapture
#[test]
#[ignore = "timing"]
fn parsing_speed() {
    const ROUNDS: usize = 41;
    for file in [
        "mooncake/conversation_trace.jsonl",
        "made/chat_120k.jsonl.gz",
        "azure/AzureLLMInferenceTrace_conv.csv",
    ] {
        let Some(path) = shared(file) else { continue };
        let mut bytes = std::fs::read(&path).unwrap();
        if file.ends_with(".gz") {
            let mut text = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice());
            std::io::Read::read_to_end(&mut decoder, &mut text).unwrap();
            bytes = text;
        }
        let odd = String::from_utf8(bytes.clone())
            .unwrap()
            .replace("\": ", "\" : ");
        let rows = |bytes: &[u8]| {
            read_bytes(file, bytes, &ReadOptions::default())
                .unwrap()
                .trace
                .len()
        };
        let mut rates = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            rates[0].push(rate(&bytes, rows));
            rates[1].push(rate(odd.as_bytes(), rows));
            if file.starts_with("mooncake") {
                rates[2].push(rate(&bytes, with_serde));
            }
        }
        let names = ["as it is", "spaced oddly", "serde_json into a struct"];
        for (name, mut rates) in names.into_iter().zip(rates) {
            rates.sort_by(f64::total_cmp);
            if let Some(best) = rates.last() {
                let median = rates[rates.len() / 2];
                println!("{file}, {name}: {median:.0} MB/s (median), {best:.0} (best)");
            }
        }
    }
}

fn rate(bytes: &[u8], read: impl Fn(&[u8]) -> usize) -> f64 {
    let start = Instant::now();
    assert!(read(bytes) > 1000);
    bytes.len() as f64 / 1e6 / start.elapsed().as_secs_f64()
}
