//! Figures of requests.

use kendall_kernel::Time;
use kendall_llm::{RequestRecord, Status};
use serde::Serialize;

use super::figures::Figures;
use super::recorder::SloTargets;

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

impl RequestCounts {
    pub(super) fn add(&mut self, other: RequestCounts) {
        self.total += other.total;
        self.finished += other.finished;
        self.rejected += other.rejected;
        self.aborted += other.aborted;
        self.unfinished += other.unfinished;
    }
}

/// What requests told as they left.
#[derive(Clone, Debug)]
pub(super) struct Requests {
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
}

impl Default for Requests {
    fn default() -> Requests {
        Requests {
            by_status: [0; Status::ALL.len()],
            unseen: Unseen::default(),
            first_arrival: None,
            prompt_tokens: 0,
            output_tokens: 0,
            met: 0,
            ttft_ns: Figures::new(),
            tpot_ns: Figures::new(),
            e2e_ns: Figures::new(),
        }
    }
}

impl Requests {
    /// Adds a request that has left, judged by these targets.
    pub(super) fn add(&mut self, record: &RequestRecord, slo: &SloTargets) {
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
        self.met += u64::from(slo.met_by(record));
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

    /// Those heard of, by how they ended.
    pub(super) fn counts(&self) -> RequestCounts {
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

    /// Adds others.
    pub(super) fn merge(&mut self, other: Requests) {
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
    }

    /// Whether the percentiles of their figures are exact.
    pub(super) fn is_exact(&self) -> bool {
        self.ttft_ns.is_exact() && self.tpot_ns.is_exact() && self.e2e_ns.is_exact()
    }

    /// Those that had arrived by the end of the run.
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
