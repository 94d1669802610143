//! Numbers of interest of a run.

use kendall_llm::token_budget::Metrics;

use crate::trials::Metric;

/// A number of interest of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Requests served per second.
    Throughput,
    /// Mean time to the first token.
    MeanTtft,
    /// Its 95th percentile.
    P95Ttft,
    /// Mean time per token between the first and the last.
    MeanTbt,
    /// Its 95th percentile.
    P95Tbt,
    /// Mean response time, from arrival to completion.
    MeanRts,
    /// Its 95th percentile.
    P95Rts,
    /// Requests that came.
    Arrived,
    /// Requests that were served.
    Completed,
    /// Batches of the whole run.
    Batches,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Figure; 10] = [
        Figure::Throughput,
        Figure::MeanTtft,
        Figure::P95Ttft,
        Figure::MeanTbt,
        Figure::P95Tbt,
        Figure::MeanRts,
        Figure::P95Rts,
        Figure::Arrived,
        Figure::Completed,
        Figure::Batches,
    ];

    /// Its name, with the unit last.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Figure::Throughput => "throughput_qps",
            Figure::MeanTtft => "mean_ttft_s",
            Figure::P95Ttft => "p95_ttft_s",
            Figure::MeanTbt => "mean_tbt_s",
            Figure::P95Tbt => "p95_tbt_s",
            Figure::MeanRts => "mean_rts_s",
            Figure::P95Rts => "p95_rts_s",
            Figure::Arrived => "n_arrived",
            Figure::Completed => "n_completed",
            Figure::Batches => "batches",
        }
    }

    /// Its name, unit and meaning.
    #[must_use]
    pub fn metric(self) -> Metric {
        let (unit, description) = match self {
            Figure::Throughput => ("1/s", "requests served per second"),
            Figure::MeanTtft => ("s", "mean time to first token"),
            Figure::P95Ttft => ("s", "95th percentile of the time to first token"),
            Figure::MeanTbt => ("s", "mean time per output token"),
            Figure::P95Tbt => ("s", "95th percentile of the time per output token"),
            Figure::MeanRts => ("s", "mean response time"),
            Figure::P95Rts => ("s", "95th percentile of the response time"),
            Figure::Arrived => ("1", "requests that came"),
            Figure::Completed => ("1", "requests that were served"),
            Figure::Batches => ("1", "batches of the whole run"),
        };
        Metric::new(self.name(), unit, description)
    }

    /// Its value in a run; 0 for times of a run without requests served.
    #[must_use]
    pub fn of(self, metrics: &Metrics) -> f64 {
        match self {
            Figure::Throughput => metrics.throughput_per_s,
            Figure::MeanTtft => metrics.ttft.mean_s,
            Figure::P95Ttft => metrics.ttft.p95_s,
            Figure::MeanTbt => metrics.tbt.mean_s,
            Figure::P95Tbt => metrics.tbt.p95_s,
            Figure::MeanRts => metrics.rts.mean_s,
            Figure::P95Rts => metrics.rts.p95_s,
            Figure::Arrived => f64::from(metrics.arrived),
            Figure::Completed => f64::from(metrics.completed),
            Figure::Batches => metrics.batches as f64,
        }
    }
}
