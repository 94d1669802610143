//! What a run tells a recorder: requests and batches as they end, and samples between events.
//!
//! The queues are shared, and a request may be in batches of several GPUs. So a GPU is an instance as
//! far as batches go; who waits, and who has begun and is in no batch, belongs to the system.

use kendall_kernel::{Dur, Time};

use super::error::TokenBudgetError;
use super::gpu::Gpu;
use super::outcome::{Outcome, Times};
use super::workload::Workload;
use crate::record::{Recorder, Status, StepRecord};
use crate::sample::{InstanceSample, Sample, Sampler};
use crate::stats::InstanceStats;

/// A recorder and what it needs to be told beside what the system knows.
pub(super) struct Recording<'a, 'r, R> {
    workload: &'a Workload,
    recorder: &'r mut R,
    sampler: Sampler,
    /// By GPU; none if nobody listens.
    gpus: Vec<Told>,
    /// Requests that have arrived, that have been in a batch, and that are done.
    arrived: u64,
    begun: u64,
    done: u64,
    /// Time of the latest event.
    now: Time,
}

/// What has been told of a GPU.
#[derive(Debug, Default)]
struct Told {
    /// Of batches that have ended.
    totals: InstanceStats,
    /// Whether the first tokens of the run of batches under way have been told.
    first_tokens: bool,
    /// The batch under way, for a recorder of steps.
    step: Option<StepRecord>,
    /// Who decodes in it.
    decoding: Vec<u32>,
}

impl<'a, 'r, R: Recorder> Recording<'a, 'r, R> {
    /// Whether anybody listens.
    pub(super) const IS_ON: bool = R::REQUESTS || R::STEPS || R::SAMPLES;

    pub(super) fn new(
        workload: &'a Workload,
        gpus: u16,
        sample_interval: Option<Dur>,
        recorder: &'r mut R,
    ) -> Recording<'a, 'r, R> {
        let first_arrival = workload.arrival.first().map(|arrival| arrival.floor());
        let gpus = if Self::IS_ON { gpus } else { 0 };
        Recording {
            workload,
            recorder,
            sampler: Sampler::new(sample_interval, first_arrival.unwrap_or(Time::ZERO)),
            gpus: (0..gpus).map(|_| Told::default()).collect(),
            arrived: 0,
            begun: 0,
            done: 0,
            now: Time::ZERO,
        }
    }

    /// A request arrives.
    pub(super) fn arrive(&mut self, now: Time, request: u32) {
        self.now = now;
        self.arrived += 1;
        self.recorder.arrived(request);
    }

    /// A part of a request's prompt is in a batch for the first time.
    pub(super) fn begin_request(&mut self) {
        self.begun += 1;
    }

    /// A GPU begins a run of batches; whose requests are new has been told.
    pub(super) fn begin(&mut self, index: usize, gpu: &Gpu) {
        let told = &mut self.gpus[index];
        told.first_tokens = false;
        if !R::STEPS {
            return;
        }
        let cohort = &gpu.batch.cohort;
        let alone = gpu.batch.pieces.is_empty();
        let decoding = || cohort.left().map(|(request, _)| request);
        let same_batch = alone && decoding().eq(told.decoding.iter().copied());
        told.decoding.clear();
        told.decoding.extend(decoding());
        let times = gpu.times();
        told.step = Some(StepRecord {
            instance: index as u16,
            iteration: told.totals.iterations,
            start: times.start(),
            end: times.end_of(1),
            prefill_tokens: gpu.batch.prompt_tokens,
            decode_tokens: cohort.len(),
            running: gpu.batch.sequences(),
            waiting: narrow(self.arrived - self.begun),
            preempted: 0,
            kv_blocks_used: 0,
            context_tokens: context_tokens(self.workload, gpu),
            same_batch,
        });
    }

    /// The run of batches of a GPU has ended; its requests have not been given back yet.
    pub(super) fn end(&mut self, index: usize, gpu: &Gpu) {
        self.tell_first_tokens(index, gpu);
        let told = &mut self.gpus[index];
        count(&mut told.totals, gpu, gpu.repeats());
        self.now = gpu.times().end();
        if let Some(step) = told.step.take() {
            self.recorder.step(&step);
        }
    }

    /// A request has been served.
    pub(super) fn finish_request(&mut self, index: usize, request: u32, times: &Times) {
        self.done += 1;
        if R::REQUESTS {
            let mut record = times.record(self.workload, request as usize);
            record.instance = Some(index as u16);
            self.recorder.request(&record);
        }
    }

    /// Whether samples are due before an event at this time.
    #[inline]
    pub(super) fn is_due_before(&self, time: Time) -> bool {
        self.sampler.is_due_before(time)
    }

    /// Takes the samples due before `time`, when the next event happens.
    #[cold]
    pub(super) fn sample_before(
        &mut self,
        time: Time,
        gpus: &[Gpu],
    ) -> Result<(), TokenBudgetError> {
        let last = Time::from_ns(time.as_ns() - 1);
        self.sampler.check(last, gpus.len() as u64)?;
        while self.sampler.is_due_before(time) {
            let due = self.sampler.step();
            self.sample(due, gpus);
        }
        Ok(())
    }

    /// Nothing happens any more: takes the samples that are left, and tells of who was not served.
    pub(super) fn conclude(
        mut self,
        gpus: &[Gpu],
        outcome: &Outcome,
    ) -> Result<(), TokenBudgetError> {
        if R::SAMPLES && self.sampler.is_on() {
            self.sample_before(Time::from_ns(self.now.as_ns().saturating_add(1)), gpus)?;
            if !self.sampler.has_seen(self.now) {
                self.sample(self.now, gpus);
            }
        }
        if R::REQUESTS && self.done < self.workload.len() as u64 {
            let records = outcome.records(self.workload).into_iter();
            for record in records.filter(|record| record.status == Status::Unfinished) {
                self.recorder.request(&record);
            }
        }
        Ok(())
    }

    fn sample(&mut self, time: Time, gpus: &[Gpu]) {
        self.sampler.instances.clear();
        let mut in_batches = 0;
        for (index, gpu) in gpus.iter().enumerate() {
            if gpu.batches_ended(time) > 0 {
                self.tell_first_tokens(index, gpu);
            }
            let sample = self.of_gpu(time, index, gpu);
            in_batches += u64::from(sample.running);
            self.sampler.instances.push(sample);
        }
        let window = self.sampler.close_window(time);
        self.recorder.sample(&Sample {
            time,
            window,
            arrived: self.arrived,
            shared_running: narrow(self.begun - self.done - in_batches),
            shared_waiting: narrow(self.arrived - self.begun),
            instances: &self.sampler.instances,
        });
    }

    /// A GPU at a time, all events up to which have been handled. O(batch).
    fn of_gpu(&self, time: Time, index: usize, gpu: &Gpu) -> InstanceSample {
        let mut totals = self.gpus[index].totals;
        if gpu.is_idle() {
            return InstanceSample {
                totals,
                ..InstanceSample::default()
            };
        }
        let ended = gpu.batches_ended(time);
        count(&mut totals, gpu, ended);
        let decode_tokens = gpu.batch.cohort.len();
        InstanceSample {
            running: gpu.batch.sequences(),
            decode_tokens,
            context_tokens: context_tokens(self.workload, gpu) + u64::from(decode_tokens) * ended,
            in_step: time - gpu.times().end_of(ended),
            totals,
            ..InstanceSample::default()
        }
    }

    /// Tells who had its first token when the first batch of a run ended, once.
    fn tell_first_tokens(&mut self, index: usize, gpu: &Gpu) {
        if R::SAMPLES && !std::mem::replace(&mut self.gpus[index].first_tokens, true) {
            let at = gpu.times().end_of(1);
            for request in gpu.batch.newcomers() {
                let arrival = self.workload.arrival[request as usize].floor();
                self.recorder.first_token(index as u16, at - arrival);
            }
        }
    }
}

/// Adds the first batches of a GPU's run to its totals.
fn count(totals: &mut InstanceStats, gpu: &Gpu, batches: u64) {
    let times = gpu.times();
    totals.iterations += batches;
    totals.busy += times.end_of(batches) - times.start();
    totals.prefill_tokens += u64::from(gpu.batch.prompt_tokens) * batches;
    totals.output_tokens += u64::from(gpu.batch.cohort.len()) * batches;
}

/// Contexts in the first batch of a GPU's run: of a prompt what is computed when the batch ends, of a
/// decoding request its prompt and the tokens it had before. O(batch).
fn context_tokens(workload: &Workload, gpu: &Gpu) -> u64 {
    let tokens = |of: &[u32], request: u32| u64::from(of[request as usize]);
    let prompts = gpu
        .batch
        .pieces
        .iter()
        .map(|prompt| tokens(&workload.prompt_tokens, prompt.request) - u64::from(prompt.left));
    let decodes = gpu.batch.cohort.left().map(|(request, left)| {
        let output_tokens = tokens(&workload.output_tokens, request);
        tokens(&workload.prompt_tokens, request) + output_tokens - u64::from(left)
    });
    prompts.chain(decodes).sum()
}

/// A number of requests, which are fewer than 2^32.
fn narrow(requests: u64) -> u32 {
    u32::try_from(requests).unwrap_or(u32::MAX)
}
