//! What one run at one rate tells.

use kendall_kernel::{Dur, Time};
use kendall_llm::{RequestRecord, Status};

use crate::summary::SloTargets;

/// Blocks of requests, in order of arrival, whose mean times are kept.
pub(super) const BLOCKS: usize = 10;

/// One in so many requests, the first, do not count for objectives and means.
const WARM_UP_PART: usize = 5;

/// A time of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// To the first token.
    Ttft,
    /// Per token after the first.
    Tpot,
    /// End to end.
    E2e,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Metric; 3] = [Metric::Ttft, Metric::Tpot, Metric::E2e];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Metric::Ttft => "TTFT",
            Metric::Tpot => "TPOT",
            Metric::E2e => "E2E",
        }
    }

    fn seconds(self, record: &RequestRecord) -> Option<f64> {
        match self {
            Metric::Ttft => record.ttft().map(Dur::as_secs_f64),
            Metric::Tpot => record.tpot_ns().map(|ns| ns / 1e9),
            Metric::E2e => record.e2e().map(Dur::as_secs_f64),
        }
    }
}

/// One run at one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Of the later half of the time of arrivals: 1 - departures / arrivals. About 0 if the system
    /// is stable, negative if it empties. Requests that were refused or withdrawn do not count.
    pub growth: f64,
    /// Arrivals per second in that half.
    pub arrivals_per_s: f64,
    /// Departures per second in that half.
    pub departures_per_s: f64,
    /// Share of the requests that finished and met every target, from 0 to 1, the first fifth of
    /// the requests left out.
    pub attainment: f64,
    /// Those requests per second of the time in which they arrived.
    pub goodput_per_s: f64,
    /// Finished requests per second from the first arrival to the last finish, the time after the
    /// last arrival included; 0 if nothing finished.
    pub served_per_s: f64,
    /// Mean time of each metric in seconds, by tenth of the requests that count; 0 for a tenth
    /// without any.
    pub block_means_s: [[f64; BLOCKS]; Metric::ALL.len()],
}

impl Sample {
    /// Of requests in order of arrival; `None` if they arrive at one instant. O(n).
    #[must_use]
    pub fn of(records: &[RequestRecord], slo: &SloTargets) -> Option<Sample> {
        let (first, last) = (records.first()?.arrival, records.last()?.arrival);
        let span = last - first;
        let half = Dur::from_ns(span.as_ns() / 2);
        let middle = first + half;
        let late = |time: Time| middle < time && time <= last;
        let stayed = |record: &&RequestRecord| {
            matches!(record.status, Status::Finished | Status::Unfinished)
        };
        let arrivals = records.iter().filter(stayed);
        let arrivals = arrivals.filter(|record| late(record.arrival)).count() as f64;
        let departures = records.iter().filter(|r| r.finish.is_some_and(late));
        let departures = departures.count() as f64;
        let half_s = (span - half).as_secs_f64();
        if arrivals == 0.0 || half_s == 0.0 {
            return None;
        }
        let counted = &records[records.len() / WARM_UP_PART..];
        let met = counted.iter().filter(|record| slo.met_by(record)).count() as f64;
        let counted_s = (last - counted.first()?.arrival).as_secs_f64();
        let finishes = records.iter().filter_map(|record| record.finish);
        let finished = finishes.clone().count() as f64;
        let served_per_s = finishes
            .max()
            .map_or(0.0, |latest| finished / (latest - first).as_secs_f64());
        Some(Sample {
            growth: 1.0 - departures / arrivals,
            arrivals_per_s: arrivals / half_s,
            departures_per_s: departures / half_s,
            attainment: met / counted.len() as f64,
            goodput_per_s: met / counted_s,
            served_per_s,
            block_means_s: Metric::ALL.map(|metric| block_means(counted, metric)),
        })
    }
}

fn block_means(records: &[RequestRecord], metric: Metric) -> [f64; BLOCKS] {
    let mut means = [0.0; BLOCKS];
    let size = records.len().div_ceil(BLOCKS);
    for (mean, block) in means.iter_mut().zip(records.chunks(size)) {
        let seconds = block.iter().filter_map(|record| metric.seconds(record));
        let (count, sum) = seconds.fold((0u64, 0.0), |(count, sum), s| (count + 1, sum + s));
        if count > 0 {
            *mean = sum / count as f64;
        }
    }
    means
}
