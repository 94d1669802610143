//! What a run tells the world: one record per request and per step, and who listens.
//!
//! Invariant: recording never feeds back into the simulation. Listeners are chosen at compile
//! time; what nobody listens to is not computed.

use kendall_kernel::{Dur, Time};

use crate::instance::{Outputs, Scheduled};
use crate::sample::Sample;
use crate::step_run::StepRun;
use crate::step_times::StepTimes;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// All its tokens were produced (or the model's length limit was reached).
    Finished,
    /// Refused on arrival: it could never have finished.
    Rejected,
    /// Withdrawn by its client before it finished.
    Aborted,
    /// Still in the system, or not yet arrived, when the run ended.
    Unfinished,
}

impl Status {
    /// Every status, in the order of its discriminant.
    pub const ALL: [Status; 4] = [
        Status::Finished,
        Status::Rejected,
        Status::Aborted,
        Status::Unfinished,
    ];

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Status::Finished => "finished",
            Status::Rejected => "rejected",
            Status::Aborted => "aborted",
            Status::Unfinished => "unfinished",
        }
    }
}

/// One request's life, in nanoseconds of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Row of the request in its trace.
    pub request_id: u64,
    /// Class given by the trace; 0 without one.
    pub class: u16,
    /// Session number in order of appearance.
    pub session_id: Option<u32>,
    /// Instance that served it; `None` if it was rejected or never arrived.
    pub instance: Option<u16>,
    /// Instance of its prefill, when prefill and decode are apart.
    pub prefill_instance: Option<u16>,
    /// Arrival.
    pub arrival: Time,
    /// Start of the step that first scheduled it.
    pub scheduled: Option<Time>,
    /// End of the step that produced its first token.
    pub first_token: Option<Time>,
    /// End of the step that produced its last token; `None` unless finished.
    pub finish: Option<Time>,
    /// Prompt length.
    pub prompt_tokens: u32,
    /// Output length asked for.
    pub output_tokens: u32,
    /// Output tokens produced.
    pub generated_tokens: u32,
    /// Prompt tokens found in the prefix cache at first admission.
    pub cached_tokens: u32,
    /// Times it lost its KV blocks and had to start over.
    pub preemptions: u16,
    /// How it ended.
    pub status: Status,
}

impl RequestRecord {
    /// Time to first token: from arrival.
    #[must_use]
    pub fn ttft(&self) -> Option<Dur> {
        Some(self.first_token? - self.arrival)
    }

    /// End-to-end time: from arrival to the last token.
    #[must_use]
    pub fn e2e(&self) -> Option<Dur> {
        Some(self.finish? - self.arrival)
    }

    /// Time per output token after the first, in ns; `None` for a single token.
    #[must_use]
    pub fn tpot_ns(&self) -> Option<f64> {
        let span = self.finish? - self.first_token?;
        (self.generated_tokens > 1)
            .then(|| span.as_ns() as f64 / f64::from(self.generated_tokens - 1))
    }
}

/// One engine step of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// The instance.
    pub instance: u16,
    /// Number of the step on its instance, from 0.
    pub iteration: u64,
    /// When the batch was formed.
    pub start: Time,
    /// When its outputs appeared.
    pub end: Time,
    /// Prompt (or recomputed) tokens in the batch.
    pub prefill_tokens: u32,
    /// Decoding sequences in the batch, one token each.
    pub decode_tokens: u32,
    /// Requests that hold KV blocks, after scheduling.
    pub running: u32,
    /// Requests queued, after scheduling.
    pub waiting: u32,
    /// Requests preempted while the batch was formed.
    pub preempted: u32,
    /// KV blocks referenced by running requests, after scheduling.
    pub kv_blocks_used: u32,
    /// Context lengths summed over the batch.
    pub context_tokens: u64,
    /// Whether the batch consists of the same decoding sequences as the step before.
    pub same_batch: bool,
}

/// Listens to a run. Every method defaults to nothing.
pub trait Recorder {
    /// Whether [`Recorder::step`] wants to be called.
    const STEPS: bool = false;

    /// Whether [`Recorder::gaps`] and [`Recorder::gaps_of_steps`] want to be called.
    const GAPS: bool = false;

    /// Whether [`Recorder::scheduled`] and [`Recorder::outputs`] want to be called. They cost
    /// O(batch) per step.
    const DETAIL: bool = false;

    /// Whether [`Recorder::sample`] and [`Recorder::first_token`] want to be called.
    const SAMPLES: bool = false;

    /// The request of this row arrived (it may be rejected at once).
    fn arrived(&mut self, row: u32) {
        let _ = row;
    }

    /// The request of this row was withdrawn before it finished.
    fn withdrawn(&mut self, row: u32) {
        let _ = row;
    }

    /// A batch was formed.
    fn scheduled(&mut self, detail: &Scheduled) {
        let _ = detail;
    }

    /// A batch's outputs were applied.
    fn outputs(&mut self, detail: &Outputs) {
        let _ = detail;
    }

    /// A request left the system (or the run ended).
    fn request(&mut self, record: &RequestRecord) {
        let _ = record;
    }

    /// A step ended.
    fn step(&mut self, record: &StepRecord) {
        let _ = record;
    }

    /// Consecutive steps of one instance ended, the batch growing evenly from each to the next.
    fn steps(&mut self, run: &StepRun<'_>) {
        if Self::STEPS {
            run.for_each(|record| self.step(record));
        }
    }

    /// `count` gaps of this length between consecutive output tokens of a request.
    fn gaps(&mut self, gap: Dur, count: u64) {
        let _ = (gap, count);
    }

    /// For each of `count` requests, as many gaps between consecutive output tokens as there are
    /// steps, each as long as a step.
    fn gaps_of_steps(&mut self, times: &StepTimes, count: u64) {
        // Whoever listens beside another may not listen to gaps at all.
        if Self::GAPS {
            for gap in times.durations() {
                self.gaps(gap, count);
            }
        }
    }

    /// A request of this instance produced its first token, `ttft` after its arrival.
    fn first_token(&mut self, instance: u16, ttft: Dur) {
        let _ = (instance, ttft);
    }

    /// The fleet at a multiple of [`FleetConfig::sample_interval`](crate::FleetConfig), or at the
    /// end of the run. Everything else up to this time has been told before, requests that are
    /// unfinished at the end aside.
    fn sample(&mut self, sample: &Sample<'_>) {
        let _ = sample;
    }

    /// Whether recording has failed, so that the run may as well end; asked now and then.
    fn failed(&self) -> bool {
        false
    }
}

/// Listens to nothing.
impl Recorder for () {}

impl<R: Recorder> Recorder for &mut R {
    const STEPS: bool = R::STEPS;
    const GAPS: bool = R::GAPS;
    const DETAIL: bool = R::DETAIL;
    const SAMPLES: bool = R::SAMPLES;
    fn arrived(&mut self, row: u32) {
        R::arrived(self, row);
    }
    fn withdrawn(&mut self, row: u32) {
        R::withdrawn(self, row);
    }
    fn scheduled(&mut self, detail: &Scheduled) {
        R::scheduled(self, detail);
    }
    fn outputs(&mut self, detail: &Outputs) {
        R::outputs(self, detail);
    }
    fn request(&mut self, record: &RequestRecord) {
        R::request(self, record);
    }
    fn step(&mut self, record: &StepRecord) {
        R::step(self, record);
    }
    fn steps(&mut self, run: &StepRun<'_>) {
        R::steps(self, run);
    }
    fn gaps(&mut self, gap: Dur, count: u64) {
        R::gaps(self, gap, count);
    }
    fn gaps_of_steps(&mut self, times: &StepTimes, count: u64) {
        R::gaps_of_steps(self, times, count);
    }
    fn first_token(&mut self, instance: u16, ttft: Dur) {
        R::first_token(self, instance, ttft);
    }
    fn sample(&mut self, sample: &Sample<'_>) {
        R::sample(self, sample);
    }
    fn failed(&self) -> bool {
        R::failed(self)
    }
}

/// A listener that may be absent.
impl<R: Recorder> Recorder for Option<R> {
    const STEPS: bool = R::STEPS;
    const GAPS: bool = R::GAPS;
    const DETAIL: bool = R::DETAIL;
    const SAMPLES: bool = R::SAMPLES;
    fn arrived(&mut self, row: u32) {
        if let Some(recorder) = self {
            recorder.arrived(row);
        }
    }
    fn withdrawn(&mut self, row: u32) {
        if let Some(recorder) = self {
            recorder.withdrawn(row);
        }
    }
    fn scheduled(&mut self, detail: &Scheduled) {
        if let Some(recorder) = self {
            recorder.scheduled(detail);
        }
    }
    fn outputs(&mut self, detail: &Outputs) {
        if let Some(recorder) = self {
            recorder.outputs(detail);
        }
    }
    fn request(&mut self, record: &RequestRecord) {
        if let Some(recorder) = self {
            recorder.request(record);
        }
    }
    fn step(&mut self, record: &StepRecord) {
        if let Some(recorder) = self {
            recorder.step(record);
        }
    }
    fn steps(&mut self, run: &StepRun<'_>) {
        if let Some(recorder) = self {
            recorder.steps(run);
        }
    }
    fn gaps(&mut self, gap: Dur, count: u64) {
        if let Some(recorder) = self {
            recorder.gaps(gap, count);
        }
    }
    fn gaps_of_steps(&mut self, times: &StepTimes, count: u64) {
        if let Some(recorder) = self {
            recorder.gaps_of_steps(times, count);
        }
    }
    fn first_token(&mut self, instance: u16, ttft: Dur) {
        if let Some(recorder) = self {
            recorder.first_token(instance, ttft);
        }
    }
    fn sample(&mut self, sample: &Sample<'_>) {
        if let Some(recorder) = self {
            recorder.sample(sample);
        }
    }
    fn failed(&self) -> bool {
        self.as_ref().is_some_and(R::failed)
    }
}

/// Two listeners side by side.
impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    const STEPS: bool = A::STEPS || B::STEPS;
    const GAPS: bool = A::GAPS || B::GAPS;
    const DETAIL: bool = A::DETAIL || B::DETAIL;
    const SAMPLES: bool = A::SAMPLES || B::SAMPLES;
    fn arrived(&mut self, row: u32) {
        self.0.arrived(row);
        self.1.arrived(row);
    }
    fn withdrawn(&mut self, row: u32) {
        self.0.withdrawn(row);
        self.1.withdrawn(row);
    }
    fn scheduled(&mut self, detail: &Scheduled) {
        self.0.scheduled(detail);
        self.1.scheduled(detail);
    }
    fn outputs(&mut self, detail: &Outputs) {
        self.0.outputs(detail);
        self.1.outputs(detail);
    }
    fn request(&mut self, record: &RequestRecord) {
        self.0.request(record);
        self.1.request(record);
    }
    fn step(&mut self, record: &StepRecord) {
        self.0.step(record);
        self.1.step(record);
    }
    fn steps(&mut self, run: &StepRun<'_>) {
        self.0.steps(run);
        self.1.steps(run);
    }
    fn gaps(&mut self, gap: Dur, count: u64) {
        self.0.gaps(gap, count);
        self.1.gaps(gap, count);
    }
    fn gaps_of_steps(&mut self, times: &StepTimes, count: u64) {
        self.0.gaps_of_steps(times, count);
        self.1.gaps_of_steps(times, count);
    }
    fn first_token(&mut self, instance: u16, ttft: Dur) {
        self.0.first_token(instance, ttft);
        self.1.first_token(instance, ttft);
    }
    fn sample(&mut self, sample: &Sample<'_>) {
        self.0.sample(sample);
        self.1.sample(sample);
    }
    fn failed(&self) -> bool {
        self.0.failed() || self.1.failed()
    }
}
