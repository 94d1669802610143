//! What a run in ticks measures.

use kendall_llm::ticks::{Spread, Summary};

use super::metric::Metric;

/// Latencies by their name in the summary; a tick counts as a second.
const LATENCIES: [(&str, &str); 3] = [
    ("ttft_s", "time to first token, in ticks"),
    ("itl_s", "lengths of steps between output tokens, in ticks"),
    ("e2e_s", "end-to-end time, in ticks"),
];

/// A summary's numbers, in the order of [`tick_values`].
#[must_use]
pub fn tick_metrics() -> Vec<Metric> {
    let mut metrics: Vec<Metric> = [
        ("requests.total", "1", "requests created"),
        ("requests.finished", "1", "requests that finished"),
        ("requests.unfinished", "1", "requests left at the end"),
        ("duration_s", "s", "end of the last step, in ticks"),
        (
            "throughput.requests_per_s",
            "1/s",
            "finished requests per tick",
        ),
        (
            "throughput.output_tokens_per_s",
            "tokens/s",
            "tokens per tick, those in slots at the end included",
        ),
    ]
    .map(|(name, unit, description)| Metric::new(name, unit, description))
    .into();
    for (name, of) in LATENCIES {
        metrics.extend(Metric::spread(name, of));
    }
    metrics.extend(
        [
            ("iterations", "1", "steps"),
            (
                "ticks.requests_per_1k",
                "1",
                "finished requests per 1000 ticks",
            ),
            ("ticks.tokens_per_1k", "tokens", "tokens per 1000 ticks"),
            ("ticks.queue", "1", "requests queued at the end"),
            ("ticks.mean_queue", "1", "requests queued, mean over steps"),
            ("ticks.max_queue", "1", "most requests queued in a step"),
        ]
        .map(|(name, unit, description)| Metric::new(name, unit, description)),
    );
    metrics
}

/// The numbers of a summary.
#[must_use]
pub fn tick_values(summary: &Summary) -> Vec<Option<f64>> {
    let count = |count: u64| Some(count as f64);
    let ticks = summary.duration_ticks;
    let per_tick = |count: u64| (ticks > 0.0).then(|| count as f64 / ticks);
    let mut values = vec![
        count(summary.requests),
        count(summary.completed),
        count(summary.requests - summary.completed),
        Some(ticks),
        per_tick(summary.completed),
        per_tick(summary.completed_tokens + summary.tokens_in_slots),
    ];
    for spread in [summary.ttft_ticks, summary.itl_ticks, summary.e2e_ticks] {
        let Spread {
            mean,
            p0_5: _,
            p50,
            p90,
            p95,
            p99,
            max,
        } = spread;
        values.extend([mean, p50, p90, p95, p99, max]);
    }
    values.extend([
        count(summary.steps),
        Some(summary.requests_per_1k),
        Some(summary.tokens_per_1k),
        count(summary.queue),
        Some(summary.mean_queue),
        count(summary.max_queue),
    ]);
    // Rates over no time at all.
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    values.into_iter().map(finite).collect()
}
