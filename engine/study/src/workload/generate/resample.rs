//! Gaps drawn from a trace.

use kendall_kernel::{Dur, Rng};
use rand::RngExt;

use super::GenerateError;
use crate::workload::{FromTraceSpec, TraceColumns};

/// The columns that a specification draws from.
pub(super) fn columns(spec: &FromTraceSpec) -> Result<&TraceColumns, GenerateError> {
    let read = spec.columns_read.as_deref();
    read.ok_or_else(|| GenerateError::NotRead {
        trace: spec.trace.clone(),
    })
}

/// Blocks of consecutive gaps, each beginning anywhere with equal probability and going on with
/// the first gap behind the last. So every gap of the trace is as frequent as every other.
#[derive(Debug)]
pub(super) struct TraceGaps {
    gaps: Vec<Dur>,
    /// What gaps are multiplied by.
    scale: f64,
    block: u32,
    rng: Rng,
    /// The next gap, and how many of the block are left.
    at: usize,
    left: u32,
}

impl TraceGaps {
    pub(super) fn new(
        spec: &FromTraceSpec,
        gap_block: u32,
        rate_per_s: Option<f64>,
        rng: Rng,
    ) -> Result<TraceGaps, GenerateError> {
        let arrival = &columns(spec)?.arrival;
        let pairs = arrival.windows(2);
        let gaps: Vec<Dur> = pairs.map(|pair| pair[1] - pair[0]).collect();
        let span_s = match (arrival.first(), arrival.last()) {
            (Some(&first), Some(&last)) => (last - first).as_secs_f64(),
            _ => 0.0,
        };
        if span_s == 0.0 {
            return Err(GenerateError::TooFewRows {
                trace: spec.trace.clone(),
                rows: arrival.len(),
                span_s,
                must: "two that arrive at different times, for gaps",
            });
        }
        if gap_block == 0 || gap_block as usize > gaps.len() {
            let gaps = gaps.len();
            return Err(GenerateError::GapBlock { gap_block, gaps });
        }
        let own_rate_per_s = gaps.len() as f64 / span_s;
        Ok(TraceGaps {
            gaps,
            scale: rate_per_s.map_or(1.0, |wanted| own_rate_per_s / wanted),
            block: gap_block,
            rng,
            at: 0,
            left: 0,
        })
    }

    /// The next gap in seconds.
    pub(super) fn next_gap_s(&mut self) -> f64 {
        if self.left == 0 {
            self.at = self.rng.random_range(0..self.gaps.len() as u64) as usize;
            self.left = self.block;
        }
        let gap = self.gaps[self.at];
        self.left -= 1;
        self.at = (self.at + 1) % self.gaps.len();
        gap.as_secs_f64() * self.scale
    }
}
