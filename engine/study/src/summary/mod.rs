//! The summary of a run: what `summary.json` and the terminal table show.
//!
//! [`SummaryRecorder`] listens to the run; [`Summary::new`] joins what it heard with the run's
//! totals.
//!
//! - Figures of requests (`requests`, `throughput`, `ttft_s`, `tpot_s`, `e2e_s`, `slo`) leave out
//!   those of the [`WarmUp`]; everything else covers the whole run, since gaps, steps and blocks
//!   belong to no request alone.
//! - TTFT, TPOT and E2E are taken over every request that has them, as the columns of
//!   `requests.parquet` are: a request that was aborted after its first token has a TTFT. Their
//!   percentiles have linear interpolation between the closest ranks (numpy's and DuckDB's
//!   `quantile_cont` default). They are exact up to 2^21 requests; of more, values are counted in
//!   a histogram, and `percentile_error` says how far percentiles may be off. Means and maxima
//!   are exact always.
//! - ITL is over every gap between consecutive output tokens of a request, a preemption's gap
//!   included; its mean and maximum are exact, its percentiles accurate to
//!   [`Histogram::RELATIVE_RESOLUTION`](kendall_kernel::Histogram::RELATIVE_RESOLUTION).
//! - A figure without a sample, or over no time at all, is null.
//!
//! # Memory usage
//! 24 bytes per finished request, up to 48 MiB for each class: exact percentiles need every figure.
//! 5 MiB of counts take their place when there are more.

mod classes;
mod figures;
mod quantile;
mod recorder;
mod requests;

use kendall_kernel::{Dur, Time};
use kendall_llm::{InstanceStats, RunStats};
use serde::Serialize;

pub use classes::ClassSummary;
use classes::Window;
use figures::Figures;
pub use quantile::Spread;
pub use recorder::{SloTargets, SummaryOptions, SummaryRecorder, WarmUp};
pub use requests::RequestCounts;

/// What a run came to. `C` is the resolved configuration in any serialisable form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary<C> {
    /// Requests by how they ended.
    pub requests: RequestCounts,
    /// From the first arrival that is not warm-up to the end of the run, in seconds.
    pub duration_s: f64,
    /// Rates over `duration_s`.
    pub throughput: Throughput,
    /// Time to first token.
    pub ttft_s: Spread,
    /// Time per output token after the first, averaged within each request.
    pub tpot_s: Spread,
    /// Gaps between consecutive output tokens.
    pub itl_s: Spread,
    /// End-to-end time.
    pub e2e_s: Spread,
    /// The most that percentiles of `ttft_s`, `tpot_s` and `e2e_s` may be off, relative to their
    /// values; 0 if they are exact.
    pub percentile_error: f64,
    /// Engine steps of all instances.
    pub iterations: u64,
    /// Times a request lost its KV blocks and had to start over.
    pub preemptions: u64,
    /// Prefix cache over first admissions.
    pub prefix_cache: PrefixCache,
    /// Used share of the KV blocks of all instances.
    pub kv_use: KvUse,
    /// How objectives were met, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo: Option<SloReport>,
    /// Records of the trace that were bad and left out.
    pub skipped_records: u64,
    /// Seed of the run.
    pub seed: u64,
    /// Each instance by itself, in the order of their numbers.
    pub instances: Vec<InstanceSummary>,
    /// Each class of requests by itself, in the order of their numbers, if there is another than 0;
    /// without classes of which no request was heard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassSummary>,
    /// The resolved configuration.
    pub config: C,
}

/// What finished requests make per second; null for a run of no duration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Throughput {
    /// Finished requests.
    pub requests_per_s: Option<f64>,
    /// Output tokens of finished requests.
    pub output_tokens_per_s: Option<f64>,
    /// Prompt tokens of finished requests, cached ones included.
    pub prompt_tokens_per_s: Option<f64>,
}

/// Prefix hits at first admissions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PrefixCache {
    /// `hit_tokens / lookup_tokens`; null if nothing was looked up.
    pub hit_rate: Option<f64>,
    /// Prompt tokens found in the cache.
    pub hit_tokens: u64,
    /// Prompt tokens looked up.
    pub lookup_tokens: u64,
}

/// Used / usable KV blocks, 0 to 1; null without any blocks or duration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KvUse {
    /// Time-weighted from the first arrival to the end of the run.
    pub mean: Option<f64>,
    /// The largest at any time, on any instance.
    pub max: Option<f64>,
}

/// How service-level objectives were met.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SloReport {
    /// Requests that finished and met every target / requests that arrived; null if none did.
    pub attainment: Option<f64>,
    /// Requests that finished and met every target, per second of `duration_s`.
    pub goodput_per_s: Option<f64>,
}

/// One instance over the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct InstanceSummary {
    /// Its number.
    pub instance: usize,
    /// Requests the router sent to it.
    pub requests: u64,
    /// Requests finished on it.
    pub finished: u64,
    /// Engine steps.
    pub iterations: u64,
    /// Times a request lost its KV blocks and had to start over.
    pub preemptions: u64,
    /// Output tokens produced.
    pub output_tokens: u64,
    /// Share of the run, from the first arrival on, that it spent in steps.
    pub utilisation: Option<f64>,
    /// Used share of its KV blocks.
    pub kv_use: KvUse,
    /// Prefix-hit tokens / tokens looked up at first admissions.
    pub hit_rate: Option<f64>,
}

impl<C> Summary<C> {
    /// Joins what was heard during a run with its totals. O(requests).
    #[must_use]
    pub fn new(
        heard: SummaryRecorder,
        stats: &RunStats,
        skipped_records: u64,
        seed: u64,
        config: C,
    ) -> Summary<C> {
        let run = between(stats.first_arrival, stats.end);
        let SummaryRecorder {
            options,
            classes: mut by_class,
            itl_ns,
        } = heard;
        let first = by_class
            .iter()
            .filter_map(|class| class.first_arrival)
            .min();
        let window = Window {
            measured: between(first.unwrap_or(stats.first_arrival), stats.end),
            end: stats.end,
            judged: options.slo.any(),
        };
        let classes = match by_class.len() {
            0 | 1 => Vec::new(),
            _ => ClassSummary::of_each(&mut by_class, &window),
        };
        let all = by_class.into_iter().reduce(|mut all, class| {
            all.merge(class);
            all
        });
        let mut all = all.unwrap_or_default();
        let total = |figure: fn(&InstanceStats) -> u64| stats.instances.iter().map(figure).sum();
        let (hits, lookups) = (total(|i| i.hit_tokens), total(|i| i.lookup_tokens));
        let instances = stats.instances.iter().enumerate();
        Summary {
            requests: all.counts(),
            duration_s: window.measured.as_secs_f64(),
            throughput: window.throughput(&all),
            slo: window.slo(&all),
            percentile_error: match all.is_exact() {
                true => 0.0,
                false => Figures::<u64>::PERCENTILE_ERROR,
            },
            ttft_s: all.ttft_ns.spread(),
            tpot_s: all.tpot_ns.spread(),
            itl_s: Spread::of_histogram_ns(&itl_ns),
            e2e_s: all.e2e_ns.spread(),
            iterations: total(|i| i.iterations),
            preemptions: total(|i| i.preemptions),
            prefix_cache: PrefixCache {
                hit_rate: ratio(hits as f64, lookups as f64),
                hit_tokens: hits,
                lookup_tokens: lookups,
            },
            kv_use: kv_use(&stats.instances, run),
            skipped_records,
            seed,
            instances: instances
                .map(|(n, i)| InstanceSummary::new(n, i, run))
                .collect(),
            classes,
            config,
        }
    }
}

impl InstanceSummary {
    fn new(instance: usize, stats: &InstanceStats, run: Dur) -> InstanceSummary {
        InstanceSummary {
            instance,
            requests: stats.requests,
            finished: stats.finished,
            iterations: stats.iterations,
            preemptions: stats.preemptions,
            output_tokens: stats.output_tokens,
            utilisation: ratio(stats.busy.as_ns() as f64, run.as_ns() as f64),
            kv_use: kv_use(std::slice::from_ref(stats), run),
            hit_rate: ratio(stats.hit_tokens as f64, stats.lookup_tokens as f64),
        }
    }
}

/// The time from `start` to `end`, nothing if the run ended before.
fn between(start: Time, end: Time) -> Dur {
    end.checked_since(start).unwrap_or(Dur::ZERO)
}

/// `part / whole`, `None` of nothing.
fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn kv_use(instances: &[InstanceStats], run: Dur) -> KvUse {
    let usable: u64 = instances
        .iter()
        .map(|i| u64::from(i.kv_blocks_usable))
        .sum();
    let used: u128 = instances.iter().map(|i| i.kv_block_ns).sum();
    let peak = |i: &InstanceStats| ratio(f64::from(i.kv_blocks_max), f64::from(i.kv_blocks_usable));
    KvUse {
        mean: ratio(used as f64, usable as f64 * run.as_ns() as f64),
        max: instances.iter().filter_map(peak).reduce(f64::max),
    }
}

#[cfg(test)]
mod tests;
