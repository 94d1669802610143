//! Listens to a run for its summary.

use kendall_kernel::{Dur, Histogram, Time};
use kendall_llm::{Recorder, RequestRecord, Status, StepTimes};
use serde::{Deserialize, Serialize};

use super::requests::{RequestCounts, Requests};

/// What a summary should tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SummaryOptions {
    /// Objectives to judge requests by.
    pub slo: SloTargets,
    /// Requests to leave out.
    pub warm_up: WarmUp,
}

/// Service-level objectives of a request: upper bounds, in seconds, that it meets by staying at
/// or below them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SloTargets {
    /// Time to first token.
    pub ttft_s: Option<f64>,
    /// Time per output token after the first; a single token always meets it.
    pub tpot_s: Option<f64>,
    /// End-to-end time.
    pub e2e_s: Option<f64>,
}

impl SloTargets {
    /// Whether there is any target at all.
    #[must_use]
    pub fn any(&self) -> bool {
        self.ttft_s.or(self.tpot_s).or(self.e2e_s).is_some()
    }

    /// Whether the request finished and met every target.
    #[must_use]
    pub fn met_by(&self, record: &RequestRecord) -> bool {
        let within = |value: Option<f64>, target: Option<f64>| match (value, target) {
            (Some(value), Some(target)) => value <= target,
            _ => true,
        };
        record.status == Status::Finished
            && within(record.ttft().map(Dur::as_secs_f64), self.ttft_s)
            && within(record.tpot_ns().map(|ns| ns / 1e9), self.tpot_s)
            && within(record.e2e().map(Dur::as_secs_f64), self.e2e_s)
    }
}

/// Requests at the start of a run that its summary leaves out, since a system that starts empty
/// does not show them its usual face.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WarmUp {
    /// Every request counts.
    #[default]
    None,
    /// The first so many rows of the trace do not count.
    Requests(u64),
    /// Requests that arrive before this time has passed since the start of the run do not count.
    Seconds(Dur),
}

impl WarmUp {
    /// Whether the request belongs to the warm-up.
    #[must_use]
    pub fn covers(&self, record: &RequestRecord) -> bool {
        match *self {
            WarmUp::None => false,
            WarmUp::Requests(count) => record.request_id < count,
            WarmUp::Seconds(length) => record.arrival < Time::ZERO + length,
        }
    }
}

/// Collects the figures of requests, class by class, and the gaps between their tokens.
#[derive(Clone, Debug)]
pub struct SummaryRecorder {
    pub(super) options: SummaryOptions,
    /// By class, up to the highest that has been heard of.
    pub(super) classes: Vec<Requests>,
    pub(super) itl_ns: Histogram,
}

impl SummaryRecorder {
    /// Has heard nothing yet.
    #[must_use]
    pub fn new(options: SummaryOptions) -> SummaryRecorder {
        SummaryRecorder {
            options,
            classes: Vec::new(),
            itl_ns: Histogram::new(),
        }
    }

    /// Requests heard of, by how they ended, warm-up left out.
    #[must_use]
    pub fn counts(&self) -> RequestCounts {
        let mut counts = RequestCounts::default();
        self.classes
            .iter()
            .for_each(|class| counts.add(class.counts()));
        counts
    }

    /// Adds what another has heard of other requests, under the same options.
    pub fn merge(&mut self, other: SummaryRecorder) {
        for (number, theirs) in other.classes.into_iter().enumerate() {
            self.class(number).merge(theirs);
        }
        self.itl_ns.merge(&other.itl_ns);
    }

    fn class(&mut self, number: usize) -> &mut Requests {
        if number >= self.classes.len() {
            self.classes.resize_with(number + 1, Requests::default);
        }
        &mut self.classes[number]
    }
}

impl Recorder for SummaryRecorder {
    const GAPS: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        if self.options.warm_up.covers(record) {
            return;
        }
        let slo = self.options.slo;
        self.class(record.class.into()).add(record, &slo);
    }

    fn gaps(&mut self, gap: Dur, count: u64) {
        self.itl_ns.record_n(gap.as_ns(), count);
    }

    fn gaps_of_steps(&mut self, times: &StepTimes, count: u64) {
        let (low, high) = times.bounds();
        let sum = (times.end() - times.start()).as_ns();
        let gaps = &mut self.itl_ns;
        if !gaps.record_within(low, high, times.steps(), sum, count) {
            gaps.record_spread(&times.spread(), count, |ns| times.shorter_than(ns));
        }
    }
}
