//! `iterations.parquet`: one row per engine step, or per run of steps with the same batch.

use std::path::PathBuf;

use kendall_kernel::Time;
use kendall_llm::{Recorder, StepRecord, StepRun};

use super::columns::{Cell, Column, Values};
use super::table::{ColumnSpec, Encoding, TRACE_SHA256, Table, table};
use super::writer::TableSink;
use super::{FileMetadata, OutputDir, OutputError};

/// What a row of `iterations.parquet` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// One engine step.
    Steps,
    /// A run of consecutive steps of one instance with the same batch of decoding requests.
    Runs,
}

impl Granularity {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Granularity::Steps => "steps",
            Granularity::Runs => "runs",
        }
    }
}

/// Consecutive steps with the same batch.
#[derive(Clone, Copy)]
pub(super) struct Run {
    first: StepRecord,
    iterations: u32,
    end: Time,
}

impl Run {
    fn new(step: &StepRecord) -> Run {
        Run {
            first: *step,
            iterations: 1,
            end: step.end,
        }
    }

    /// Adds the step if it continues the run.
    fn extend(&mut self, step: &StepRecord) -> bool {
        let follows = step.iteration == self.first.iteration + u64::from(self.iterations);
        // A row tells of the preemptions of its first step only.
        let fresh = !step.same_batch || step.preempted > 0;
        !fresh && follows && self.lengthen(1, step.end)
    }

    /// Adds `steps` more with the same batch, if a row can count them.
    fn lengthen(&mut self, steps: u64, end: Time) -> bool {
        let iterations = u64::from(self.iterations) + steps;
        let Ok(iterations) = u32::try_from(iterations) else {
            return false;
        };
        self.iterations = iterations;
        self.end = end;
        true
    }
}

table! {
    /// The columns of `iterations.parquet`.
    struct Iterations in "iterations" of |r: Run| {
        instance: u16, Dictionary, "1", "the instance" => r.first.instance;
        iteration: u64, Delta, "1", "number of the (first) iteration on its instance, from 0" => r.first.iteration;
        iterations: u32, Delta, "1", "iterations in this row" => r.iterations;
        start_ns: u64, Delta, "ns", "when the (first) batch was formed" => r.first.start.as_ns();
        end_ns: u64, Delta, "ns", "when the outputs of the (last) batch appeared" => r.end.as_ns();
        prefill_tokens: u32, Delta, "tokens", "prompt or recomputed tokens in the batch" => r.first.prefill_tokens;
        decode_tokens: u32, Delta, "tokens", "decoding requests in the batch, one token each" => r.first.decode_tokens;
        running: u32, Delta, "requests", "requests that hold KV blocks, after scheduling the (first) iteration" => r.first.running;
        waiting: u32, Delta, "requests", "requests queued, after scheduling the (first) iteration" => r.first.waiting;
        preempted: u32, Delta, "requests", "requests preempted while the batch was formed" => r.first.preempted;
        kv_blocks_used: u32, Delta, "blocks", "KV blocks referenced by running requests, after scheduling the (first) iteration" => r.first.kv_blocks_used;
        context_tokens: u64, Delta, "tokens", "context lengths summed over the (first) batch" => r.first.context_tokens;
    }
}

/// Writes `iterations.parquet`. The footer says `steps` or `runs` as `kendall.granularity`.
///
/// Rows appear in the order in which steps, or runs, end. Dropped without
/// [`IterationSink::finish`] or [`IterationSink::abandon`], it leaves a readable partial file
/// that may lack the last rows.
pub struct IterationSink {
    table: TableSink<Iterations>,
    /// The run that each instance is in, by instance; `None` when steps are not merged.
    open: Option<Vec<Option<Run>>>,
}

impl IterationSink {
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        granularity: Granularity,
    ) -> Result<Self, OutputError> {
        Ok(IterationSink {
            table: TableSink::create(dir, meta, &[("kendall.granularity", granularity.name())])?,
            open: (granularity == Granularity::Runs).then(Vec::new),
        })
    }

    /// Whether writing has failed; records go nowhere from then on, and
    /// [`IterationSink::finish`] says why. Costs one load.
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
    pub fn finish(mut self) -> Result<u64, OutputError> {
        self.flush();
        self.table.finish()
    }

    /// Writes what is buffered and closes the file, which keeps its partial name and is
    /// returned: for a run that was interrupted.
    ///
    /// # Errors
    /// If the file could not be written; it is removed then.
    pub fn abandon(mut self) -> Result<PathBuf, OutputError> {
        self.flush();
        self.table.abandon()
    }

    fn flush(&mut self) {
        for run in self.open.iter().flatten().flatten() {
            self.table.push(run);
        }
        self.open = None;
    }
}

impl Recorder for IterationSink {
    const STEPS: bool = true;

    fn steps(&mut self, run: &StepRun<'_>) {
        let more = run.times().steps() - 1;
        if more > 0 && run.keeps_batch() {
            self.step(run.first());
            let instance = usize::from(run.first().instance);
            let row = self.open.as_mut().and_then(|open| open[instance].as_mut());
            if row.is_some_and(|row| row.lengthen(more, run.times().end())) {
                return;
            }
            run.for_each(|step| {
                if step.iteration > run.first().iteration {
                    self.step(step);
                }
            });
        } else {
            run.for_each(|step| self.step(step));
        }
    }

    fn step(&mut self, step: &StepRecord) {
        let Some(open) = &mut self.open else {
            return self.table.push(&Run::new(step));
        };
        let instance = usize::from(step.instance);
        if instance >= open.len() {
            open.resize(instance + 1, None);
        }
        let slot = &mut open[instance];
        if slot.as_mut().is_some_and(|run| run.extend(step)) {
            return;
        }
        if let Some(ended) = slot.replace(Run::new(step)) {
            self.table.push(&ended);
        }
    }

    fn failed(&self) -> bool {
        IterationSink::failed(self)
    }
}
