//! What a run of a serving system measures.

use super::metric::Metric;
use crate::summary::{Spread, Summary};

/// Latencies by their name in the summary.
const LATENCIES: [(&str, &str); 4] = [
    ("ttft_s", "time to first token"),
    ("tpot_s", "time per output token after the first"),
    ("itl_s", "gap between consecutive output tokens"),
    ("e2e_s", "end-to-end time"),
];

/// A summary's numbers, in the order of [`serving_values`]; with `slo` those of objectives too.
#[must_use]
pub fn serving_metrics(slo: bool) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = [
        ("requests.total", "1", "requests, without warm-up"),
        ("requests.finished", "1", "requests that finished"),
        ("requests.rejected", "1", "requests refused on arrival"),
        ("requests.aborted", "1", "requests withdrawn"),
        ("requests.unfinished", "1", "requests left at the end"),
        ("duration_s", "s", "from the first arrival to the end"),
        (
            "throughput.requests_per_s",
            "1/s",
            "finished requests per second",
        ),
        (
            "throughput.output_tokens_per_s",
            "tokens/s",
            "output tokens per second",
        ),
        (
            "throughput.prompt_tokens_per_s",
            "tokens/s",
            "prompt tokens per second",
        ),
    ]
    .map(|(name, unit, description)| Metric::new(name, unit, description))
    .into();
    for (name, of) in LATENCIES {
        metrics.extend(Metric::spread(name, of));
    }
    metrics.extend(
        [
            ("iterations", "1", "engine steps of all instances"),
            ("preemptions", "1", "times a request lost its KV blocks"),
            (
                "prefix_cache.hit_rate",
                "1",
                "prompt tokens found in the cache / looked up",
            ),
            (
                "prefix_cache.hit_tokens",
                "tokens",
                "prompt tokens found in the cache",
            ),
            (
                "prefix_cache.lookup_tokens",
                "tokens",
                "prompt tokens looked up",
            ),
            ("kv_use.mean", "1", "used / usable KV blocks over time"),
            ("kv_use.max", "1", "the largest at any time on any instance"),
        ]
        .map(|(name, unit, description)| Metric::new(name, unit, description)),
    );
    if slo {
        metrics.extend([
            Metric::new(
                "slo.attainment",
                "1",
                "share of requests that met every objective",
            ),
            Metric::new(
                "slo.goodput_per_s",
                "1/s",
                "requests that met every objective, per second",
            ),
        ]);
    }
    metrics
}

/// The numbers of a summary.
#[must_use]
pub fn serving_values<C>(summary: &Summary<C>) -> Vec<Option<f64>> {
    let count = |count: u64| Some(count as f64);
    let requests = &summary.requests;
    let throughput = &summary.throughput;
    let mut values = vec![
        count(requests.total),
        count(requests.finished),
        count(requests.rejected),
        count(requests.aborted),
        count(requests.unfinished),
        Some(summary.duration_s),
        throughput.requests_per_s,
        throughput.output_tokens_per_s,
        throughput.prompt_tokens_per_s,
    ];
    for spread in [summary.ttft_s, summary.tpot_s, summary.itl_s, summary.e2e_s] {
        let Spread {
            mean,
            p50,
            p90,
            p95,
            p99,
            max,
        } = spread;
        values.extend([mean, p50, p90, p95, p99, max]);
    }
    let cache = &summary.prefix_cache;
    values.extend([
        count(summary.iterations),
        count(summary.preemptions),
        cache.hit_rate,
        count(cache.hit_tokens),
        count(cache.lookup_tokens),
        summary.kv_use.mean,
        summary.kv_use.max,
    ]);
    if let Some(slo) = &summary.slo {
        values.extend([slo.attainment, slo.goodput_per_s]);
    }
    values
}
