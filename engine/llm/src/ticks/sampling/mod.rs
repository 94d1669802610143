//! Samples of a run in ticks, without looking at every step.

mod under_way;

use kendall_kernel::{Dur, Time};

use self::under_way::{Totals, UnderWay, at};
use super::config::System;
use super::record::{Levels, Listener, Request, Steps};
use crate::error::EngineError;
use crate::record::{Recorder, RequestRecord};
use crate::sample::{InstanceSample, Sample, Sampler};
use crate::stats::InstanceStats;

/// Tells a recorder of samples, first tokens and finished requests of a run in ticks.
///
/// A tick is a second. Samples are taken at multiples of an interval and at the end; the windows between
/// them begin with the first step, at 0. The last step brings nothing, as in the
/// [`Summary`](super::Summary): nobody sees its end. O(1) per stretch of equal steps and per sample, plus
/// an addition per step where step lengths are not whole.
#[derive(Debug)]
pub struct Sampling<R> {
    recorder: R,
    system: System,
    sampler: Sampler,
    under_way: Option<UnderWay>,
    /// Of steps before those under way.
    before: Totals,
    /// Requests that have their first token.
    first_tokens: u64,
    /// Tokens of the steps under way that nobody asked for.
    surplus: u64,
    fault: Option<EngineError>,
}

impl<R: Recorder> Sampling<R> {
    /// Samples of a run of this system, so far apart.
    #[must_use]
    pub fn new(system: System, interval: Dur, recorder: R) -> Sampling<R> {
        Sampling {
            recorder,
            system,
            sampler: Sampler::new(Some(interval), Time::ZERO),
            under_way: None,
            before: Totals::default(),
            first_tokens: 0,
            surplus: 0,
            fault: None,
        }
    }

    /// Takes the samples that are left when the run has ended, `duration_ticks` after its start, and
    /// gives the recorder back.
    ///
    /// # Errors
    /// Too many samples; time beyond 2^64 ns.
    pub fn conclude(mut self, duration_ticks: f64) -> Result<R, EngineError> {
        self.go_on_to(duration_ticks);
        self.try_to(|sampling| {
            let end = at(duration_ticks)?;
            let Some(steps) = sampling.under_way.take() else {
                return Ok(());
            };
            let levels = steps.steps.levels;
            sampling
                .before
                .add(&levels, steps.steps.count, end - steps.start);
            // Nobody has what the last step would bring.
            sampling.before.decoded -= u64::from(levels.decoding);
            if sampling.sampler.is_on() {
                let totals = sampling.before;
                sampling.sample(end, &levels, totals, None);
            }
            Ok(())
        });
        self.fault.map_or(Ok(self.recorder), Err)
    }

    /// Takes the samples due before something happens.
    fn go_on_to(&mut self, ticks: f64) {
        self.try_to(|sampling| {
            let event = at(ticks)?;
            if sampling.sampler.is_due_before(event) {
                sampling.sample_before(event)?;
            }
            Ok(())
        });
    }

    #[cold]
    fn sample_before(&mut self, event: Time) -> Result<(), EngineError> {
        let Some(mut under_way) = self.under_way.take() else {
            return Ok(());
        };
        let last = Time::from_ns(event.as_ns() - 1);
        self.sampler.check(last, self.system.instances().into())?;
        let levels = under_way.steps.levels;
        while self.sampler.is_due_before(event) {
            let due = self.sampler.step();
            let start = under_way.go_to(due)?;
            let mut totals = self.before;
            totals.add(&levels, under_way.index, start - under_way.start);
            self.sample(due, &levels, totals, Some(due - start));
        }
        self.under_way = Some(under_way);
        Ok(())
    }

    /// Tells of a sample; `in_step` since a step began, if one is under way.
    fn sample(&mut self, now: Time, levels: &Levels, totals: Totals, in_step: Option<Dur>) {
        let arrived = levels.prefill_queue
            + u64::from(levels.prefilling)
            + levels.decode_queue
            + u64::from(levels.decoding)
            + levels.completed;
        let pool = |requests: u64, output_tokens: u64, busy: Dur| InstanceStats {
            requests,
            iterations: totals.steps,
            output_tokens,
            busy,
            ..InstanceStats::default()
        };
        let in_step = in_step.map(|since| (since, levels));
        let instances = &mut self.sampler.instances;
        instances.clear();
        match self.system {
            System::Colocated { .. } => instances.push(of_pool(
                levels.prefilling + levels.decoding,
                levels.prefill_queue,
                in_step.map(|(since, levels)| (since, levels.decoding)),
                pool(arrived, self.first_tokens + totals.decoded, totals.busy),
            )),
            System::Disaggregated { .. } => instances.extend([
                of_pool(
                    levels.prefilling,
                    levels.prefill_queue,
                    in_step.map(|(since, _)| (since, 0)),
                    pool(arrived, self.first_tokens, totals.prefill_busy),
                ),
                of_pool(
                    levels.decoding,
                    levels.decode_queue,
                    in_step.map(|(since, levels)| (since, levels.decoding)),
                    pool(self.first_tokens, totals.decoded, totals.decode_busy),
                ),
            ]),
        }
        let window = self.sampler.close_window(now);
        self.recorder.sample(&Sample {
            time: now,
            window,
            arrived,
            shared_running: 0,
            shared_waiting: 0,
            instances: &self.sampler.instances,
        });
    }

    fn record(&self, request: &Request) -> Result<RequestRecord, EngineError> {
        let record = request.record(self.system);
        record.map_err(|_| EngineError::TimeOverflow)
    }

    /// Does something unless something has gone wrong before.
    fn try_to(&mut self, act: impl FnOnce(&mut Self) -> Result<(), EngineError>) {
        if self.fault.is_none()
            && let Err(fault) = act(self)
        {
            self.fault = Some(fault);
        }
    }
}

impl<R: Recorder> Listener for Sampling<R> {
    fn first_token(&mut self, request: &Request) {
        let Some(now) = request.first_token else {
            return;
        };
        self.go_on_to(now);
        self.first_tokens += 1;
        self.try_to(|sampling| {
            let record = sampling.record(request)?;
            if let Some(ttft) = record.ttft() {
                sampling.recorder.first_token(0, ttft);
            }
            if record.finish.is_some() {
                sampling.recorder.request(&record);
            }
            Ok(())
        });
    }

    fn request(&mut self, request: &Request) {
        if request.target_tokens == 1 {
            // Its token has been told of; it gets another if it passes through decode.
            self.surplus += u64::from(request.tokens - request.tokens.min(1));
        } else if let Some(now) = request.finished {
            self.go_on_to(now);
            self.try_to(|sampling| {
                let record = sampling.record(request)?;
                sampling.recorder.request(&record);
                Ok(())
            });
        }
    }

    fn steps(&mut self, steps: &Steps) {
        self.go_on_to(steps.start);
        self.try_to(|sampling| {
            let next = UnderWay::new(*steps)?;
            if let Some(ended) = sampling.under_way.replace(next) {
                let Steps { levels, count, .. } = ended.steps;
                let since = at(steps.start)? - ended.start;
                sampling.before.add(&levels, count, since);
                sampling.before.decoded -= std::mem::take(&mut sampling.surplus);
            }
            Ok(())
        });
    }
}

/// A pool with requests in slots and before it; in a step since a time, with so many who decode.
fn of_pool(
    running: u32,
    waiting: u64,
    in_step: Option<(Dur, u32)>,
    totals: InstanceStats,
) -> InstanceSample {
    // A step without anybody is no work.
    let (since, decode_tokens) = in_step.filter(|_| running > 0).unwrap_or_default();
    InstanceSample {
        running,
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        decode_tokens,
        in_step: since,
        totals,
        ..InstanceSample::default()
    }
}
