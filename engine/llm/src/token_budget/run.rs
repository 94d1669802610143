//! The event loop.

use kendall_kernel::{Dur, FineDur, FineTime, Streams, Time};

use super::config::Config;
use super::error::TokenBudgetError;
use super::gpu::Gpu;
use super::outcome::{Outcome, Times};
use super::queues::{DecodeQueue, PrefillQueue, Queues};
use super::record::Recording;
use super::scheduler::{Limits, Scheduler};
use super::service::Clock;
use super::workload::Workload;
use crate::record::Recorder;

/// Runs until every request is served, or nothing can happen any more. Service times that are
/// random are drawn from the streams.
///
/// O(1) per arrival, per prompt of a batch and per run of equal batches; O(decoding requests) per
/// completion.
///
/// # Errors
/// Settings or requests out of their range, and time beyond 2^64 ns.
pub fn run(
    workload: &Workload,
    config: &Config,
    streams: Streams,
) -> Result<Outcome, TokenBudgetError> {
    run_recorded(workload, config, streams, None, &mut ())
}

/// The same, told to a recorder: requests as they end, batches ([`Recorder::step`]) and first tokens,
/// and samples every so often ([`Recorder::sample`]). What nobody listens to costs nothing. The
/// `instance` of a batch is its GPU, that of a request the GPU of its last token.
///
/// O(1) more per event and O(decoding requests) per sample and GPU; a recorder of batches has every
/// batch run by itself, which costs O(decoding requests).
///
/// # Errors
/// As [`run`], and too many samples.
pub fn run_recorded<R: Recorder>(
    workload: &Workload,
    config: &Config,
    streams: Streams,
    sample_interval: Option<Dur>,
    recorder: &mut R,
) -> Result<Outcome, TokenBudgetError> {
    config.validate()?;
    workload.validate()?;
    let mut system = System {
        workload,
        scheduler: config.scheduler,
        limits: Limits::of(config),
        clock: Clock::new(&config.service, streams)?,
        queues: Queues {
            prefill: PrefillQueue::new(config),
            decode: DecodeQueue::default(),
        },
        gpus: (0..config.gpus).map(|_| Gpu::new()).collect(),
        times: vec![Times::NEVER; workload.len()],
        batches: 0,
        runs: 0,
        end: FineTime::ZERO,
        recording: Recording::new(workload, config.gpus, sample_interval, recorder),
    };
    system.run()?;
    let outcome = Outcome {
        ending: system.ending(),
        partial: system.partial(),
        times: system.times,
        batches: system.batches,
        end: system.end.floor(),
    };
    if Recording::<R>::IS_ON {
        system.recording.conclude(&system.gpus, &outcome)?;
    }
    Ok(outcome)
}

/// A run under way.
pub(super) struct System<'a, 'r, R> {
    pub(super) workload: &'a Workload,
    scheduler: Scheduler,
    pub(super) limits: Limits,
    clock: Clock,
    pub(super) queues: Queues,
    gpus: Vec<Gpu>,
    times: Vec<Times>,
    batches: u64,
    /// Runs of equal batches begun.
    runs: u64,
    /// When the latest batch ended.
    end: FineTime,
    recording: Recording<'a, 'r, R>,
}

impl<R: Recorder> System<'_, '_, R> {
    fn run(&mut self) -> Result<(), TokenBudgetError> {
        let mut next = 0;
        loop {
            let gpu = self.first_to_end();
            let end = self.gpus[gpu].end();
            match self.workload.arrival.get(next) {
                Some(&arrival) if arrival <= end => {
                    self.sample_before(arrival)?;
                    self.arrive(arrival, next as u32)?;
                    next += 1;
                }
                _ if self.gpus[gpu].is_idle() => return Ok(()),
                _ => {
                    self.sample_before(end)?;
                    self.finish(gpu)?;
                }
            }
        }
    }

    /// Takes the samples due before the nanosecond of the next event.
    #[inline]
    fn sample_before(&mut self, event: FineTime) -> Result<(), TokenBudgetError> {
        if R::SAMPLES && self.recording.is_due_before(event.floor()) {
            self.recording.sample_before(event.floor(), &self.gpus)?;
        }
        Ok(())
    }

    /// The GPU whose batches end first; any if all are idle.
    #[inline]
    fn first_to_end(&self) -> usize {
        let mut first = 0;
        for gpu in 1..self.gpus.len() {
            if self.gpus[gpu].ends_before(&self.gpus[first]) {
                first = gpu;
            }
        }
        first
    }

    fn arrive(&mut self, now: FineTime, request: u32) -> Result<(), TokenBudgetError> {
        let prompt_tokens = self.workload.prompt_tokens[request as usize];
        if Recording::<R>::IS_ON {
            self.recording.arrive(now.floor(), request);
        }
        self.queues.prefill.push(request, prompt_tokens);
        if self.scheduler.heeds_arrivals() {
            for gpu in &mut self.gpus {
                gpu.cut(now)?;
            }
        } else {
            self.cut_coinciding(now)?;
        }
        self.dispatch(now)
    }

    /// Ends the batches that are the next to end and starts what can be started.
    fn finish(&mut self, first: usize) -> Result<(), TokenBudgetError> {
        let now = self.gpus[first].end();
        self.cut_coinciding(now)?;
        let index = self.first_to_end();
        let gpu = &mut self.gpus[index];
        let at = now.floor();
        self.end = now;
        let repeats = gpu.repeats();
        self.batches += repeats;
        let recording = &mut self.recording;
        if Recording::<R>::IS_ON {
            recording.end(index, gpu);
        }
        let batch = &mut gpu.batch;
        let times = &mut self.times;
        if batch.cohort.len() > 0 {
            let done = |request: u32| {
                let times = &mut times[request as usize];
                times.done = at;
                self.queues.prefill.vacate();
                if Recording::<R>::IS_ON {
                    recording.finish_request(index, request, times);
                }
            };
            batch.cohort.advance(repeats, done);
            self.queues.decode.give_back(&mut batch.cohort);
        }
        for prompt in batch.pieces.iter().filter(|prompt| prompt.left == 0) {
            let row = prompt.request as usize;
            times[row].prefill_done = at;
            match self.workload.output_tokens[row] {
                0 => {
                    times[row].done = at;
                    self.queues.prefill.vacate();
                    if Recording::<R>::IS_ON {
                        recording.finish_request(index, prompt.request, &times[row]);
                    }
                }
                tokens => self.queues.decode.push(prompt.request, tokens),
            }
        }
        self.queues.prefill.give_back(&batch.pieces);
        batch.clear();
        gpu.rest();
        let begun_before = self.runs;
        self.dispatch(now)?;
        if Recording::<R>::IS_ON && self.gpus[index].is_idle() {
            self.cut_behind(index, now)?;
        }
        self.cut_others(now, begun_before)
    }

    /// Lets GPUs behind one that has fallen idle hand over to it with their next batch, since the
    /// first idle one is filled first. Which GPU it is shows to nobody but a recorder.
    fn cut_behind(&mut self, idle: usize, now: FineTime) -> Result<(), TokenBudgetError> {
        let mut behind = self.gpus[idle + 1..].iter_mut();
        behind.try_for_each(|gpu| gpu.cut(now))
    }

    /// Fills idle GPUs, the lowest first, until nobody is left who can be served.
    fn dispatch(&mut self, now: FineTime) -> Result<(), TokenBudgetError> {
        let start = now.floor();
        let gpus = self.gpus.iter_mut().enumerate();
        for (index, gpu) in gpus.filter(|(_, gpu)| gpu.is_idle()) {
            let batch = &mut gpu.batch;
            self.scheduler.fill(&mut self.queues, &self.limits, batch);
            if batch.is_empty() {
                break;
            }
            let decodes = batch.cohort.len();
            let time = self.clock.time(batch.prompt_tokens, decodes)?;
            // Who decodes alone was all that could be served, or filled the batch, and that stays
            // so until one of them is done or something is added to the queues. Batches that take no
            // time alternate with those of other GPUs, and are no run.
            let alone = batch.pieces.is_empty() && time > FineDur::ZERO;
            let repeats = if alone && self.clock.is_deterministic() && !R::STEPS {
                batch.cohort.until_done()
            } else {
                1
            };
            let first_end = gpu.begin(now, time, repeats, self.runs)?.floor();
            self.runs += 1;
            for prompt in &gpu.batch.pieces {
                let times = &mut self.times[prompt.request as usize];
                if Recording::<R>::IS_ON && times.scheduled == Time::MAX {
                    self.recording.begin_request();
                }
                times.scheduled = times.scheduled.min(start);
            }
            for request in gpu.batch.newcomers() {
                self.times[request as usize].first_token = first_end;
            }
            if Recording::<R>::IS_ON {
                self.recording.begin(index, gpu);
            }
        }
        Ok(())
    }

    /// Ends runs one of whose batches ends now, so that GPUs take turns at one instant as they would
    /// batch by batch.
    fn cut_coinciding(&mut self, now: FineTime) -> Result<(), TokenBudgetError> {
        if self.gpus.len() > 1 {
            for gpu in &mut self.gpus {
                gpu.cut_if_due(now)?;
            }
        }
        Ok(())
    }

    /// Lets other GPUs look at what a batch has left behind in the queues.
    fn cut_others(&mut self, now: FineTime, begun_before: u64) -> Result<(), TokenBudgetError> {
        if self.gpus.len() == 1 {
            return Ok(());
        }
        let Queues { prefill, .. } = &self.queues;
        let prompts = !prefill.is_empty() || prefill.lost() > 0;
        if prompts && self.scheduler.heeds_arrivals() || !self.queues.decode.is_empty() {
            let others = self.gpus.iter_mut();
            for gpu in others.filter(|gpu| gpu.number() < begun_before) {
                gpu.cut(now)?;
            }
        }
        Ok(())
    }
}
