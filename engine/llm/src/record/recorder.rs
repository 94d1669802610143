//! Who listens.

use kendall_kernel::Dur;

use super::{RequestRecord, StepRecord};
use crate::instance::{Outputs, Scheduled};
use crate::sample::Sample;
use crate::step_run::StepRun;
use crate::step_times::StepTimes;

/// Listens to a run. Every method defaults to nothing.
pub trait Recorder {
    /// Whether [`Recorder::request`] wants to be called. Where records of requests are made for
    /// nothing else, they are made only then.
    const REQUESTS: bool = true;

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

    /// The system at a multiple of the interval ([`FleetConfig::sample_interval`](crate::FleetConfig) of a fleet), or at
    /// the end of the run. Everything else up to this time has been told before, requests that are
    /// unfinished at the end aside.
    fn sample(&mut self, sample: &Sample<'_>) {
        let _ = sample;
    }

    /// Whether recording has failed, so that the run may as well end; asked now and then.
    fn failed(&self) -> bool {
        false
    }
}
