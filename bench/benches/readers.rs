//! Trace readers.
//!
//! `read/NAME`: time to read a trace that is in memory into columns, its SHA-256 included; MB are
//! 10^6 bytes. `conversation` and `azure` are the public traces of the Mooncake and Azure
//! projects, read if they are there.

mod setting;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::Digest;
use kendall_bench::traces::{self, TraceFile};
use kendall_bench::workload::{self, Cache};
use kendall_io::trace::{ReadOptions, read_bytes, write_mooncake, write_plain};
use kendall_llm::{Content, Trace};
use setting::CpuTime;

criterion_group! {
    name = readers;
    config = setting::criterion();
    targets = read
}
criterion_main!(readers);

/// A generated trace as a file.
fn written(name: &'static str, write: impl Fn(&Trace, &mut Vec<u8>)) -> TraceFile {
    let cache = Cache {
        block_size: 16,
        prefix_caching: true,
    };
    let mut bytes = Vec::new();
    write(&workload::chat(20_000, cache).trace, &mut bytes);
    TraceFile { name, bytes }
}

fn files() -> Vec<TraceFile> {
    let made = [
        traces::own("sample", "mooncake/sample.jsonl"),
        written("made-mooncake", |trace, out| {
            write_mooncake(trace, out).expect("blocks of 512 tokens");
        }),
        written("made-plain-jsonl", |trace, out| {
            write_plain(trace, out).expect("no pieces");
        }),
    ];
    let public = [
        traces::shared("conversation", "mooncake/conversation_trace.jsonl"),
        traces::shared("azure", "azure/AzureLLMInferenceTrace_conv.csv"),
    ];
    made.into_iter()
        .chain(public.into_iter().flatten())
        .collect()
}

/// Every column.
fn digest(trace: &Trace) -> Digest {
    let Trace {
        arrival,
        prompt_tokens,
        output_tokens,
        priority,
        class,
        session,
        abort,
        content,
    } = trace;
    let mut digest = Digest::default();
    digest.words(arrival.iter().map(|time| time.as_ns()));
    for column in [prompt_tokens, output_tokens, session] {
        digest.words(column.iter().map(|&number| number.into()));
    }
    digest.words(priority.iter().map(|&number| number as u64));
    digest.words(class.iter().map(|&number| number.into()));
    digest.words(abort.iter().map(|time| time.as_ns()));
    if let Content::Hashed { ids, offsets, .. } = content {
        digest.words(ids.iter().chain(offsets).copied());
    }
    digest
}

fn read(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("read");
    let options = ReadOptions::default();
    for TraceFile { name, bytes } in files() {
        let read = || read_bytes(name, &bytes, &options).expect("a good trace");
        digest(&read().trace).print(&format!("read/{name}"));
        group.throughput(Throughput::BytesDecimal(bytes.len() as u64));
        group.bench_function(name, |b| b.iter_with_large_drop(read));
    }
}
