//! Records to write and a reader to find them again.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use kendall_io::records::{FileMetadata, RowOrder};
use kendall_kernel::Time;
use kendall_llm::{RequestRecord, Status, StepRecord};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub(crate) fn metadata(row_order: RowOrder) -> FileMetadata {
    FileMetadata {
        version: "0.1.0".to_owned(),
        config_toml: "[llm]\nblock_tokens = 16\n".to_owned(),
        seed: u64::MAX,
        trace_sha256: Some("0123abcd".to_owned()),
        row_order,
    }
}

/// A well-spread 64-bit function of `x` (the finaliser of splitmix64).
pub(crate) fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Request `id` of an imagined run: requests 10 ms apart with plausible lengths and latencies.
pub(crate) fn request(id: u64) -> RequestRecord {
    let noise = mix(id);
    let arrival = id * 10_000_000 + noise % 1_000_000;
    let scheduled = arrival + mix(id + 1) % 20_000_000;
    let first_token = scheduled + 30_000_000 + mix(id + 2) % 200_000_000;
    let output_tokens = 1 + (mix(id + 3) % 400) as u32;
    let finish = first_token + u64::from(output_tokens - 1) * (20_000_000 + noise % 3_000_000);
    RequestRecord {
        request_id: id,
        class: (noise % 3) as u16,
        session_id: (!noise.is_multiple_of(4)).then_some((id / 4) as u32),
        instance: Some((noise % 8) as u16),
        prefill_instance: None,
        arrival: Time::from_ns(arrival),
        scheduled: Some(Time::from_ns(scheduled)),
        first_token: Some(Time::from_ns(first_token)),
        finish: Some(Time::from_ns(finish)),
        prompt_tokens: 1 + (noise % 8000) as u32,
        output_tokens,
        generated_tokens: output_tokens,
        cached_tokens: (noise % 8000) as u32 / 16 * 16 / 3,
        preemptions: u16::from(noise.is_multiple_of(50)),
        status: Status::Finished,
    }
}

/// Request `id` if it was refused.
pub(crate) fn rejected(id: u64) -> RequestRecord {
    RequestRecord {
        instance: None,
        scheduled: None,
        first_token: None,
        finish: None,
        generated_tokens: 0,
        cached_tokens: 0,
        preemptions: 0,
        status: Status::Rejected,
        ..request(id)
    }
}

/// Step `iteration` of an instance; steps are 20 ms long.
pub(crate) fn step(instance: u16, iteration: u64, same_batch: bool) -> StepRecord {
    let start = iteration * 20_000_000;
    StepRecord {
        instance,
        iteration,
        start: Time::from_ns(start),
        end: Time::from_ns(start + 20_000_000),
        prefill_tokens: 0,
        decode_tokens: 32,
        running: 32,
        waiting: (iteration % 5) as u32,
        preempted: 0,
        kv_blocks_used: 1000 + iteration as u32,
        context_tokens: 16_000 + 32 * iteration,
        same_batch,
    }
}

/// A file's footer and rows.
pub(crate) struct Contents {
    pub(crate) footer: ParquetRecordBatchReaderBuilder<File>,
    pub(crate) batches: Vec<RecordBatch>,
}

pub(crate) fn read(path: &Path) -> Contents {
    let open = || ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    Contents {
        footer: open(),
        batches: open().build().unwrap().map(Result::unwrap).collect(),
    }
}

impl Contents {
    /// A column of unsigned integers of any width.
    pub(crate) fn integers(&self, name: &str) -> Vec<Option<u64>> {
        use arrow_array::cast::AsArray;
        use arrow_array::types::{UInt16Type, UInt32Type, UInt64Type};
        use arrow_schema::DataType;

        let column = |batch: &RecordBatch| batch.column_by_name(name).unwrap().clone();
        let cells = self
            .batches
            .iter()
            .map(column)
            .flat_map(|array| match array.data_type() {
                DataType::UInt16 => widen(array.as_primitive::<UInt16Type>()),
                DataType::UInt32 => widen(array.as_primitive::<UInt32Type>()),
                DataType::UInt64 => widen(array.as_primitive::<UInt64Type>()),
                other => panic!("{name} is a {other}"),
            });
        cells.collect()
    }

    /// A column of floats.
    pub(crate) fn floats(&self, name: &str) -> Vec<Option<f64>> {
        use arrow_array::cast::AsArray;
        use arrow_array::types::Float64Type;

        let batches = self.batches.iter();
        let cells = batches.flat_map(|batch| {
            let array = batch.column_by_name(name).unwrap();
            array
                .as_primitive::<Float64Type>()
                .iter()
                .collect::<Vec<_>>()
        });
        cells.collect()
    }

    /// A column of strings.
    pub(crate) fn strings(&self, name: &str) -> Vec<String> {
        use arrow_array::cast::AsArray;

        let batches = self.batches.iter();
        let cells = batches.flat_map(|batch| {
            let array = batch.column_by_name(name).unwrap().as_string::<i32>();
            array
                .iter()
                .map(|cell| cell.unwrap().to_owned())
                .collect::<Vec<_>>()
        });
        cells.collect()
    }

    /// The value of a key of the file's metadata.
    pub(crate) fn key(&self, key: &str) -> Option<String> {
        let pairs = self.footer.metadata().file_metadata().key_value_metadata();
        let pair = pairs?.iter().find(|pair| pair.key == key);
        pair.and_then(|pair| pair.value.clone())
    }
}

fn widen<T>(array: &arrow_array::PrimitiveArray<T>) -> Vec<Option<u64>>
where
    T: arrow_array::ArrowPrimitiveType,
    T::Native: Into<u64>,
{
    array.iter().map(|cell| cell.map(Into::into)).collect()
}
