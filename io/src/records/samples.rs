//! `samples.parquet`: the state of every instance, and of the whole system, at multiples of an
//! interval.

mod window;

use std::path::PathBuf;

use kendall_kernel::{Dur, Time};
use kendall_llm::{InstanceSample, Recorder, RequestRecord, Sample};

use self::window::{Percentiles, Window};
use super::columns::{Cell, Column, Values};
use super::table::{ColumnSpec, Encoding, TRACE_SHA256, Table, table};
use super::writer::TableSink;
use super::{FileMetadata, OutputDir, OutputError};

/// An instance, or a fleet, at a sample: its state and its totals.
#[derive(Clone, Copy, Default)]
struct Level {
    running: u32,
    waiting: u32,
    decode_tokens: u32,
    context_tokens: u64,
    kv_blocks_used: u64,
    kv_blocks_usable: u64,
    kv_block_ns: u128,
    arrivals: u64,
    output_tokens: u64,
    prefill_tokens: u64,
    iterations: u64,
    preemptions: u64,
    busy: Dur,
}

impl Level {
    fn of(sample: &InstanceSample) -> Level {
        let totals = &sample.totals;
        Level {
            running: sample.running,
            waiting: sample.waiting,
            decode_tokens: sample.decode_tokens,
            context_tokens: sample.context_tokens,
            kv_blocks_used: sample.kv_blocks_used.into(),
            kv_blocks_usable: totals.kv_blocks_usable.into(),
            kv_block_ns: totals.kv_block_ns,
            arrivals: totals.requests,
            output_tokens: totals.output_tokens,
            prefill_tokens: totals.prefill_tokens,
            iterations: totals.iterations,
            preemptions: totals.preemptions,
            busy: sample.busy(),
        }
    }

    fn add(&mut self, other: &Level) {
        self.running += other.running;
        self.waiting += other.waiting;
        self.decode_tokens += other.decode_tokens;
        self.context_tokens += other.context_tokens;
        self.kv_blocks_used += other.kv_blocks_used;
        self.kv_blocks_usable += other.kv_blocks_usable;
        self.kv_block_ns += other.kv_block_ns;
        self.arrivals += other.arrivals;
        self.output_tokens += other.output_tokens;
        self.prefill_tokens += other.prefill_tokens;
        self.iterations += other.iterations;
        self.preemptions += other.preemptions;
        self.busy += other.busy;
    }
}

/// An instance, or the fleet, from one sample to the next.
#[derive(Clone, Default)]
struct Place {
    before: Level,
    window: Window,
}

impl Place {
    /// Closes the window at a sample.
    fn row(&mut self, time: Time, window: Dur, instance: Option<u16>, now: Level) -> Row {
        let before = std::mem::replace(&mut self.before, now);
        Row {
            time,
            window,
            instance,
            now,
            before,
            finished: std::mem::take(&mut self.window.finished),
            aborted: std::mem::take(&mut self.window.aborted),
            rejected: std::mem::take(&mut self.window.rejected),
            ttft: Percentiles::take(&mut self.window.ttft_ns),
            tpot: Percentiles::take(&mut self.window.tpot_ns),
            e2e: Percentiles::take(&mut self.window.e2e_ns),
        }
    }
}

/// What a row is made from.
pub(super) struct Row {
    time: Time,
    window: Dur,
    instance: Option<u16>,
    now: Level,
    before: Level,
    finished: u32,
    aborted: u32,
    rejected: u32,
    ttft: Percentiles,
    tpot: Percentiles,
    e2e: Percentiles,
}

impl Row {
    /// By how much a total grew in the window.
    fn grown(&self, total: impl Fn(&Level) -> u64) -> u64 {
        total(&self.now) - total(&self.before)
    }

    /// Share of the KV blocks in use, averaged over the time of the window.
    fn kv_use(&self) -> Option<f64> {
        let used = self.now.kv_block_ns - self.before.kv_block_ns;
        let usable = u128::from(self.now.kv_blocks_usable) * u128::from(self.window.as_ns());
        (usable > 0).then(|| used as f64 / usable as f64)
    }
}

table! {
    /// The columns of `samples.parquet`.
    struct Samples in "samples" of |r: Row| {
        time_ns: u64, Delta, "ns", "time of the sample, the end of its window; whatever happens at it is included" => r.time.as_ns();
        instance: Option<u16>, Dictionary, "1", "the instance, null for the whole fleet" => r.instance;
        running: u32, Delta, "requests", "requests that hold KV blocks" => r.now.running;
        waiting: u32, Delta, "requests", "requests queued" => r.now.waiting;
        decode_tokens: u32, Delta, "tokens", "decoding requests in the iteration under way, one token each" => r.now.decode_tokens;
        context_tokens: u64, Delta, "tokens", "context lengths summed over the batch under way" => r.now.context_tokens;
        kv_blocks_used: u64, Delta, "blocks", "KV blocks referenced by running requests" => r.now.kv_blocks_used;
        window_ns: u64, Delta, "ns", "length of the window: time since the sample before" => r.window.as_ns();
        arrivals: u64, Delta, "requests", "requests that arrived in the window; at an instance those sent there, in the fleet the rejected too" => r.grown(|level| level.arrivals);
        finished: u32, Delta, "requests", "requests that finished in the window" => r.finished;
        aborted: u32, Delta, "requests", "requests that were withdrawn in the window" => r.aborted;
        rejected: u32, Delta, "requests", "requests that were rejected in the window, by no instance" => r.rejected;
        iterations: u64, Delta, "1", "iterations that ended in the window" => r.grown(|level| level.iterations);
        prefill_tokens: u64, Delta, "tokens", "prompt or recomputed tokens of those iterations" => r.grown(|level| level.prefill_tokens);
        output_tokens: u64, Delta, "tokens", "output tokens produced in the window" => r.grown(|level| level.output_tokens);
        preemptions: u64, Delta, "1", "times that a request lost its KV blocks in the window" => r.grown(|level| level.preemptions);
        busy_ns: u64, Delta, "ns", "time with an iteration under way in the window, summed over instances" => r.grown(|level| level.busy.as_ns());
        kv_use: Option<f64>, ByteStreamSplit, "1", "used / usable KV blocks, mean over the time of the window" => r.kv_use();
        ttft_p50_ns: Option<f64>, ByteStreamSplit, "ns", "median time to first token of requests that produced it in the window" => r.ttft.p50;
        ttft_p95_ns: Option<f64>, ByteStreamSplit, "ns", "95th percentile of the same" => r.ttft.p95;
        ttft_p99_ns: Option<f64>, ByteStreamSplit, "ns", "99th percentile of the same" => r.ttft.p99;
        tpot_p50_ns: Option<f64>, ByteStreamSplit, "ns", "median time per output token after the first of requests that finished in the window" => r.tpot.p50;
        tpot_p95_ns: Option<f64>, ByteStreamSplit, "ns", "95th percentile of the same" => r.tpot.p95;
        tpot_p99_ns: Option<f64>, ByteStreamSplit, "ns", "99th percentile of the same" => r.tpot.p99;
        e2e_p50_ns: Option<f64>, ByteStreamSplit, "ns", "median end-to-end time of requests that finished in the window" => r.e2e.p50;
        e2e_p95_ns: Option<f64>, ByteStreamSplit, "ns", "95th percentile of the same" => r.e2e.p95;
        e2e_p99_ns: Option<f64>, ByteStreamSplit, "ns", "99th percentile of the same" => r.e2e.p99;
    }
}

/// Writes `samples.parquet`. The footer has the interval in seconds as `kendall.samples_s`.
///
/// At each time a row per instance, in order, and one for the fleet. Latencies of a window are
/// held until it ends, twice: by instance, and of all. Dropped without [`SampleSink::finish`] or
/// [`SampleSink::abandon`], it leaves a readable partial file that may lack the last rows.
pub struct SampleSink {
    table: TableSink<Samples>,
    fleet: Place,
    /// By instance, as far as they have been heard of.
    instances: Vec<Place>,
}

impl SampleSink {
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        interval: Dur,
    ) -> Result<Self, OutputError> {
        let interval_s = interval.as_secs_f64().to_string();
        Ok(SampleSink {
            table: TableSink::create(dir, meta, &[("kendall.samples_s", &interval_s)])?,
            fleet: Place::default(),
            instances: Vec::new(),
        })
    }

    /// Whether writing has failed; records go nowhere from then on, and
    /// [`SampleSink::finish`] says why. Costs one load.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.table.failed()
    }

    /// Adds the digest of a trace that was read while the run went on: what
    /// [`FileMetadata::trace_sha256`] says of one that was known before.
    pub fn add_trace_sha256(&mut self, digest: &str) {
        self.table.add_metadata(TRACE_SHA256, digest);
    }

    /// Writes what is buffered, closes the file, gives it its final name and returns the number
    /// of its rows.
    ///
    /// # Errors
    /// If the file could not be written (it is removed then) or renamed.
    pub fn finish(self) -> Result<u64, OutputError> {
        self.table.finish()
    }

    /// Writes what is buffered and closes the file, which keeps its partial name and is
    /// returned: for a run that was interrupted.
    ///
    /// # Errors
    /// If the file could not be written; it is removed then.
    pub fn abandon(self) -> Result<PathBuf, OutputError> {
        self.table.abandon()
    }

    fn instance(&mut self, instance: u16) -> &mut Place {
        let index = usize::from(instance);
        if index >= self.instances.len() {
            self.instances.resize(index + 1, Place::default());
        }
        &mut self.instances[index]
    }
}

impl Recorder for SampleSink {
    const SAMPLES: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        self.fleet.window.note(record);
        if let Some(instance) = record.instance {
            self.instance(instance).window.note(record);
        }
    }

    fn first_token(&mut self, instance: u16, ttft: Dur) {
        let ttft_ns = ttft.as_ns() as f64;
        self.fleet.window.ttft_ns.push(ttft_ns);
        self.instance(instance).window.ttft_ns.push(ttft_ns);
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let (time, window) = (sample.time, sample.window);
        let mut fleet = Level::default();
        for (instance, sample) in (0_u16..).zip(sample.instances) {
            let level = Level::of(sample);
            fleet.add(&level);
            let place = self.instance(instance);
            let row = place.row(time, window, Some(instance), level);
            self.table.push(&row);
        }
        fleet.arrivals = sample.arrived;
        fleet.running += sample.shared_running;
        fleet.waiting += sample.shared_waiting;
        self.table.push(&self.fleet.row(time, window, None, fleet));
    }

    fn failed(&self) -> bool {
        SampleSink::failed(self)
    }
}
