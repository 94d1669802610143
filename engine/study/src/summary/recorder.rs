//! Listens to a run for its summary.

use kendall_kernel::{Dur, Histogram, Time};
use kendall_llm::{Recorder, RequestRecord, Status, StepTimes};
use serde::{Deserialize, Serialize};

use super::figures::Figures;

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

/// Requests by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// All of them.
    pub total: u64,
    /// Those that produced all their tokens.
    pub finished: u64,
    /// Those refused on arrival.
    pub rejected: u64,
    /// Those withdrawn by their clients.
    pub aborted: u64,
    /// Those still in the system, or not yet arrived, when the run ended.
    pub unfinished: u64,
}

/// Collects the figures of requests and the gaps between their tokens.
#[derive(Clone, Debug)]
pub struct SummaryRecorder {
    pub(super) options: SummaryOptions,
    /// Requests by the discriminant of their status.
    by_status: [u64; Status::ALL.len()],
    unseen: Unseen,
    pub(super) first_arrival: Option<Time>,
    pub(super) prompt_tokens: u64,
    pub(super) output_tokens: u64,
    /// Requests that met every target.
    pub(super) met: u64,
    pub(super) ttft_ns: Figures<u64>,
    pub(super) tpot_ns: Figures<f64>,
    pub(super) e2e_ns: Figures<u64>,
    pub(super) itl_ns: Histogram,
}

impl SummaryRecorder {
    /// Has heard nothing yet.
    #[must_use]
    pub fn new(options: SummaryOptions) -> SummaryRecorder {
        SummaryRecorder {
            options,
            by_status: [0; Status::ALL.len()],
            unseen: Unseen::default(),
            first_arrival: None,
            prompt_tokens: 0,
            output_tokens: 0,
            met: 0,
            ttft_ns: Figures::new(),
            tpot_ns: Figures::new(),
            e2e_ns: Figures::new(),
            itl_ns: Histogram::new(),
        }
    }

    /// Requests heard of, by how they ended, warm-up left out.
    #[must_use]
    pub fn counts(&self) -> RequestCounts {
        let [finished, rejected, aborted, unfinished] =
            Status::ALL.map(|status| self.by_status[status as usize]);
        RequestCounts {
            total: self.by_status.iter().sum(),
            finished,
            rejected,
            aborted,
            unfinished,
        }
    }

    /// Adds what another has heard of other requests, under the same options.
    pub fn merge(&mut self, other: SummaryRecorder) {
        for (mine, theirs) in self.by_status.iter_mut().zip(other.by_status) {
            *mine += theirs;
        }
        self.unseen.merge(other.unseen);
        let first = [self.first_arrival, other.first_arrival];
        self.first_arrival = first.into_iter().flatten().min();
        self.prompt_tokens += other.prompt_tokens;
        self.output_tokens += other.output_tokens;
        self.met += other.met;
        self.ttft_ns.merge(other.ttft_ns);
        self.tpot_ns.merge(other.tpot_ns);
        self.e2e_ns.merge(other.e2e_ns);
        self.itl_ns.merge(&other.itl_ns);
    }

    /// Whether the percentiles of requests' figures are exact.
    pub(super) fn is_exact(&self) -> bool {
        self.ttft_ns.is_exact() && self.tpot_ns.is_exact() && self.e2e_ns.is_exact()
    }

    /// Requests that had arrived by the end of the run.
    pub(super) fn arrived(&self, end: Time) -> u64 {
        self.counts().total - self.unseen.after(end)
    }
}

/// Unfinished requests that no instance has seen. The run ended before they arrived, or while
/// others were taken in at the same time; so of these only the earliest can have arrived.
#[derive(Clone, Copy, Debug, Default)]
struct Unseen {
    count: u64,
    /// Of the earliest; 0 without any.
    earliest: Time,
    /// Those that arrive then.
    at_earliest: u64,
}

impl Unseen {
    fn one(arrival: Time) -> Unseen {
        Unseen {
            count: 1,
            earliest: arrival,
            at_earliest: 1,
        }
    }

    fn merge(&mut self, other: Unseen) {
        let (before, after) = match (self.count, other.count) {
            (_, 0) => return,
            (0, _) => (other, *self),
            _ if other.earliest < self.earliest => (other, *self),
            _ => (*self, other),
        };
        let tie = after.count > 0 && after.earliest == before.earliest;
        *self = Unseen {
            count: before.count + after.count,
            earliest: before.earliest,
            at_earliest: before.at_earliest + if tie { after.at_earliest } else { 0 },
        };
    }

    /// Those that arrive after the end of the run.
    fn after(&self, end: Time) -> u64 {
        match self.earliest > end {
            true => self.count,
            false => self.count - self.at_earliest,
        }
    }
}

impl Recorder for SummaryRecorder {
    const GAPS: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        if self.options.warm_up.covers(record) {
            return;
        }
        self.by_status[record.status as usize] += 1;
        let first = self.first_arrival.get_or_insert(record.arrival);
        *first = record.arrival.min(*first);
        if let Some(ttft) = record.ttft() {
            self.ttft_ns.push(ttft.as_ns());
        }
        if let Some(tpot_ns) = record.tpot_ns() {
            self.tpot_ns.push(tpot_ns);
        }
        if let Some(e2e) = record.e2e() {
            self.e2e_ns.push(e2e.as_ns());
        }
        self.met += u64::from(self.options.slo.met_by(record));
        match record.status {
            Status::Finished => {
                self.prompt_tokens += u64::from(record.prompt_tokens);
                self.output_tokens += u64::from(record.generated_tokens);
            }
            Status::Unfinished if record.instance.is_none() => {
                self.unseen.merge(Unseen::one(record.arrival));
            }
            Status::Rejected | Status::Aborted | Status::Unfinished => {}
        }
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
