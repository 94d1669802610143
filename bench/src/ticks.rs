//! Runs in ticks: what they computed.

use kendall_llm::ticks::{Spread, Summary};

use crate::Digest;

/// A fingerprint of a summary, every figure of it.
#[must_use]
pub fn digest(summary: &Summary) -> Digest {
    let mut digest = Digest::default();
    digest.words([
        summary.requests,
        summary.completed,
        summary.steps,
        summary.gaps,
    ]);
    digest.words([
        summary.completed_tokens,
        summary.tokens_in_slots,
        summary.queue,
    ]);
    digest.words([summary.max_queue, summary.duration_ticks.to_bits()]);
    for spread in [summary.e2e_ticks, summary.ttft_ticks, summary.itl_ticks] {
        let Spread {
            mean,
            p0_5,
            p50,
            p90,
            p95,
            p99,
            max,
        } = spread;
        let figures = [mean, p0_5, p50, p90, p95, p99, max];
        digest.words(figures.map(|figure| figure.map_or(0, f64::to_bits)));
    }
    digest
}
