//! What a trace is like, in numbers.

use kendall_llm::{Content, Trace};
use serde::Serialize;

use super::bursts::{dispersion, gap_cv, normal_correlation, rank_correlation};

/// A description of a trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Number of requests.
    pub rows: u64,
    /// Seconds from the first arrival to the last.
    pub span_s: f64,
    /// Requests per second of the span; infinite if all arrive at once, 0 without any.
    pub rate_per_s: f64,
    /// Number of different arrival times.
    pub distinct_timestamps: u64,
    /// Standard deviation of the gaps between arrivals over their mean, 1 for Poisson arrivals;
    /// `None` for fewer than two gaps or none longer than 0.
    pub gap_cv: Option<f64>,
    /// Variance over mean of the number of arrivals in windows of 100 mean gaps, 1 for Poisson
    /// arrivals, about `gap_cv` squared for independent gaps and more if the rate itself changes;
    /// `None` for fewer than ten windows.
    pub dispersion: Option<f64>,
    /// Length of such a window in seconds.
    pub dispersion_window_s: Option<f64>,
    /// Prompt lengths, in tokens.
    pub prompt: Lengths,
    /// Output lengths, in tokens.
    pub output: Lengths,
    /// Spearman's rank correlation of prompt and output lengths, equal ones sharing a rank; `None`
    /// for fewer than three rows, or if all lengths of either kind are equal.
    pub rank_correlation: Option<f64>,
    /// The correlation of normal variables with this rank correlation, which is what a generated
    /// workload takes as its `length_correlation`.
    pub length_correlation: Option<f64>,
    /// Number of different sessions.
    pub sessions: u64,
    /// Tokens under one block id; `None` without block ids.
    pub block_tokens: Option<u32>,
    /// Number of block ids over all prompts.
    pub block_references: u64,
    /// Number of different block ids.
    pub distinct_blocks: u64,
    /// Share of block references that an infinite cache holds already, the blocks of a prompt
    /// being inserted when it arrives; `None` without block references.
    pub infinite_cache_hit_rate: Option<f64>,
}

/// A description of lengths; all 0 if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Lengths {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median; percentiles are interpolated between the two nearest of the n sorted lengths, the
    /// fraction p lying at the position p (n - 1) (Hyndman and Fan 1996, type 7; the default of
    /// numpy).
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// The largest.
    pub max: u32,
    /// The sum.
    pub total: u64,
}

/// Describes a trace. O(n log n) in rows and block references.
#[must_use]
pub fn inspect(trace: &Trace) -> Inspection {
    let rows = trace.len() as u64;
    let span_s = match (trace.arrival.first(), trace.arrival.last()) {
        (Some(first), Some(last)) => (*last - *first).as_secs_f64(),
        _ => 0.0,
    };
    let (block_tokens, ids) = match &trace.content {
        Content::Hashed {
            ids, block_tokens, ..
        } => (Some(*block_tokens), ids.as_slice()),
        Content::Unique | Content::Pieces { .. } => (None, [].as_slice()),
    };
    let block_references = ids.len() as u64;
    let distinct_blocks = distinct(ids);
    // Whatever the order, an infinite cache misses every block exactly once.
    let hits = (block_references - distinct_blocks) as f64;
    let dispersion = dispersion(&trace.arrival);
    let rank_correlation = rank_correlation(&trace.prompt_tokens, &trace.output_tokens);
    Inspection {
        rows,
        span_s,
        rate_per_s: if rows == 0 { 0.0 } else { rows as f64 / span_s },
        distinct_timestamps: trace.arrival.chunk_by(|a, b| a == b).count() as u64,
        gap_cv: gap_cv(&trace.arrival),
        dispersion: dispersion.map(|it| it.index),
        dispersion_window_s: dispersion.map(|it| it.window_s),
        prompt: Lengths::of(&trace.prompt_tokens),
        output: Lengths::of(&trace.output_tokens),
        rank_correlation,
        length_correlation: rank_correlation.map(normal_correlation),
        sessions: sessions(trace),
        block_tokens,
        block_references,
        distinct_blocks,
        infinite_cache_hit_rate: (block_references > 0).then(|| hits / block_references as f64),
    }
}

fn sessions(trace: &Trace) -> u64 {
    let real = |session: &u64| *session != u64::from(Trace::NO_SESSION);
    let sessions = trace.session.iter().map(|session| u64::from(*session));
    distinct(&sessions.filter(real).collect::<Vec<_>>())
}

fn distinct(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values.len() as u64
}

impl Lengths {
    /// Describes a list of lengths.
    #[must_use]
    pub fn of(lengths: &[u32]) -> Lengths {
        let mut sorted = lengths.to_vec();
        sorted.sort_unstable();
        let Some(max) = sorted.last().copied() else {
            return Lengths::default();
        };
        let total = sorted.iter().map(|length| u64::from(*length)).sum();
        Lengths {
            mean: total as f64 / sorted.len() as f64,
            p50: percentile(&sorted, 50),
            p90: percentile(&sorted, 90),
            p99: percentile(&sorted, 99),
            max,
            total,
        }
    }
}

/// The position is kept in hundredths, so that only the last step rounds.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let hundredths = (sorted.len() - 1) * percent;
    let low = sorted[hundredths / 100];
    let high = sorted[(hundredths / 100 + 1).min(sorted.len() - 1)];
    let beyond = u64::from(high - low) * (hundredths % 100) as u64;
    (u64::from(low) * 100 + beyond) as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use kendall_kernel::Time;

    #[test]
    fn percentiles_are_interpolated() {
        let lengths = Lengths::of(&[40, 10, 20, 30]);
        assert_eq!(lengths.p50, 25.0);
        assert_eq!(lengths.p90, 37.0);
        assert_eq!((lengths.mean, lengths.max, lengths.total), (25.0, 40, 100));
        assert_eq!(Lengths::of(&[7]).p99, 7.0);
        assert_eq!(Lengths::of(&[]), Lengths::default());
    }

    #[test]
    fn a_small_trace_by_hand() {
        let s = |seconds: u64| Time::from_ns(seconds * 1_000_000_000);
        let trace = Trace {
            arrival: vec![s(1), s(1), s(3)],
            prompt_tokens: vec![20, 40, 16],
            output_tokens: vec![1, 2, 3],
            session: vec![0, Trace::NO_SESSION, 0],
            content: Content::Hashed {
                ids: vec![1, 2, 1, 2, 3, 1],
                offsets: vec![0, 2, 5, 6],
                block_tokens: 16,
            },
            ..Trace::default()
        };
        let found = inspect(&trace);
        assert_eq!(
            (found.rows, found.distinct_timestamps, found.sessions),
            (3, 2, 1)
        );
        assert_eq!((found.span_s, found.rate_per_s), (2.0, 1.5));
        assert_eq!((found.block_references, found.distinct_blocks), (6, 3));
        assert_eq!(found.infinite_cache_hit_rate, Some(0.5));
        assert_eq!(found.block_tokens, Some(16));
    }

    #[test]
    fn nothing_is_described_as_nothing() {
        let found = inspect(&Trace::default());
        assert_eq!((found.rows, found.rate_per_s), (0, 0.0));
        assert_eq!(found.infinite_cache_hit_rate, None);
        let together = Trace {
            arrival: vec![Time::ZERO; 2],
            prompt_tokens: vec![1; 2],
            output_tokens: vec![1; 2],
            ..Trace::default()
        };
        assert_eq!(inspect(&together).rate_per_s, f64::INFINITY);
    }
}
