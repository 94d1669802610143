//! The event loop.

use kendall_kernel::{FineDur, FineTime, Streams};

use super::config::Config;
use super::error::TokenBudgetError;
use super::gpu::Gpu;
use super::outcome::{Blocked, Ending, Outcome, Times};
use super::queues::{DecodeQueue, PrefillQueue, Queues};
use super::scheduler::{Limits, Scheduler};
use super::service::Clock;
use super::workload::Workload;

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
    };
    system.run()?;
    Ok(Outcome {
        ending: system.ending(),
        partial: system.partial(),
        times: system.times,
        batches: system.batches,
        end: system.end.floor(),
    })
}

/// A run under way.
struct System<'a> {
    workload: &'a Workload,
    scheduler: Scheduler,
    limits: Limits,
    clock: Clock,
    queues: Queues,
    gpus: Vec<Gpu>,
    times: Vec<Times>,
    batches: u64,
    /// Runs of equal batches begun.
    runs: u64,
    /// When the latest batch ended.
    end: FineTime,
}

impl System<'_> {
    fn run(&mut self) -> Result<(), TokenBudgetError> {
        let mut next = 0;
        loop {
            let gpu = self.first_to_end();
            let end = self.gpus[gpu].end();
            match self.workload.arrival.get(next) {
                Some(&arrival) if arrival <= end => {
                    self.arrive(arrival, next as u32)?;
                    next += 1;
                }
                _ if self.gpus[gpu].is_idle() => return Ok(()),
                _ => self.finish(gpu)?,
            }
        }
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
        let batch = &mut gpu.batch;
        let times = &mut self.times;
        if batch.cohort.len() > 0 {
            let done = |request: u32| {
                times[request as usize].done = at;
                self.queues.prefill.vacate();
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
                }
                tokens => self.queues.decode.push(prompt.request, tokens),
            }
        }
        self.queues.prefill.give_back(&batch.pieces);
        batch.clear();
        gpu.rest();
        let begun_before = self.runs;
        self.dispatch(now)?;
        self.cut_others(now, begun_before)
    }

    /// Fills idle GPUs, the lowest first, until nobody is left who can be served.
    fn dispatch(&mut self, now: FineTime) -> Result<(), TokenBudgetError> {
        let start = now.floor();
        for gpu in self.gpus.iter_mut().filter(|gpu| gpu.is_idle()) {
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
            let repeats = if alone && self.clock.is_deterministic() {
                batch.cohort.until_done()
            } else {
                1
            };
            let first_end = gpu.begin(now, time, repeats, self.runs)?.floor();
            self.runs += 1;
            for prompt in &gpu.batch.pieces {
                let times = &mut self.times[prompt.request as usize];
                times.scheduled = times.scheduled.min(start);
            }
            for request in gpu.batch.newcomers() {
                self.times[request as usize].first_token = first_end;
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

    fn partial(&self) -> Vec<(u32, u32)> {
        let got = |(request, left): (u32, u32)| {
            let output = self.workload.output_tokens[request as usize];
            (request, output - left)
        };
        self.queues.decode.begun().map(got).collect()
    }

    fn ending(&self) -> Ending {
        let Queues { prefill, decode } = &self.queues;
        let left = prefill.len() + decode.len() + prefill.lost() as usize;
        if left == 0 {
            return Ending::Drained;
        }
        let cause = match prefill.head() {
            _ if prefill.lost() > 0 => Blocked::LostChunks {
                requests: prefill.lost(),
            },
            _ if self.limits.decodes == 0 && !decode.is_empty() => Blocked::NoDecodeSlot,
            Some((request, tokens)) if self.limits.prompts > 0 => Blocked::HeadOfLine {
                request,
                tokens,
                max_tokens: self.limits.tokens,
            },
            _ => Blocked::NoPrefillSlot,
        };
        let left = left as u32;
        Ending::Blocked { cause, left }
    }
}
