//! Classes of requests, and what they and all requests have in common.

use kendall_kernel::{Dur, Time};
use serde::Serialize;

use super::requests::{RequestCounts, Requests};
use super::{SloReport, Spread, Throughput, ratio};

/// The requests of one class, such as those of a tenant; as in [`Summary`](super::Summary), without warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassSummary {
    /// Its number.
    pub class: u16,
    /// Requests by how they ended.
    pub requests: RequestCounts,
    /// Rates over the duration of the whole.
    pub throughput: Throughput,
    /// Time to first token.
    pub ttft_s: Spread,
    /// Time per output token after the first, averaged within each request.
    pub tpot_s: Spread,
    /// End-to-end time.
    pub e2e_s: Spread,
    /// How objectives were met, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo: Option<SloReport>,
}

/// What rates and shares of requests refer to.
pub(super) struct Window {
    /// From the first arrival that counts to the end of the run.
    pub(super) measured: Dur,
    /// The end of the run.
    pub(super) end: Time,
    /// Whether there are objectives.
    pub(super) judged: bool,
}

impl Window {
    fn per_s(&self, count: u64) -> Option<f64> {
        ratio(count as f64, self.measured.as_secs_f64())
    }

    pub(super) fn throughput(&self, requests: &Requests) -> Throughput {
        Throughput {
            requests_per_s: self.per_s(requests.counts().finished),
            output_tokens_per_s: self.per_s(requests.output_tokens),
            prompt_tokens_per_s: self.per_s(requests.prompt_tokens),
        }
    }

    pub(super) fn slo(&self, requests: &Requests) -> Option<SloReport> {
        self.judged.then(|| SloReport {
            attainment: ratio(requests.met as f64, requests.arrived(self.end) as f64),
            goodput_per_s: self.per_s(requests.met),
        })
    }
}

impl ClassSummary {
    /// Those of which anything was heard, in the order of their numbers.
    pub(super) fn of_each(classes: &mut [Requests], window: &Window) -> Vec<ClassSummary> {
        let numbered = (0..).zip(classes);
        let heard = numbered.filter(|(_, requests)| requests.counts().total > 0);
        heard
            .map(|(class, requests)| ClassSummary {
                class,
                requests: requests.counts(),
                throughput: window.throughput(requests),
                slo: window.slo(requests),
                ttft_s: requests.ttft_ns.spread(),
                tpot_s: requests.tpot_ns.spread(),
                e2e_s: requests.e2e_ns.spread(),
            })
            .collect()
    }
}
