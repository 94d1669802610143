//! What is counted while steps go by.
//!
//! Gaps between tokens are lengths of steps, of which there are few different ones, so they are
//! counted by length; latencies are kept one by one.

use super::clock::Clock;
use super::summary::{Spread, Summary};

/// The counts so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) created: u64,
    ttft: Vec<f64>,
    e2e: Vec<f64>,
    completed_tokens: u64,
    /// Gaps by the kind of step.
    gaps: Vec<u64>,
    steps: u64,
    /// Requests queued, summed over steps.
    queued: u128,
    max_queue: u64,
}

/// What there is at the end.
pub(super) struct Rest {
    pub(super) queue: u64,
    pub(super) tokens_in_slots: u64,
    pub(super) last_step: f64,
}

impl Tally {
    /// With so many kinds of steps.
    pub(super) fn new(kinds: usize) -> Tally {
        Tally {
            gaps: vec![0; kinds],
            ..Tally::default()
        }
    }

    #[inline]
    pub(super) fn first_token(&mut self, after: f64) {
        self.ttft.push(after);
    }

    #[inline]
    pub(super) fn completed(&mut self, after: f64, tokens: u32) {
        self.e2e.push(after);
        self.completed_tokens += u64::from(tokens);
    }

    /// Steps of a kind, with `decoding` requests of which `new` have just their first token in the
    /// first of the steps.
    #[inline]
    pub(super) fn steps(&mut self, kind: usize, count: u64, queue: u64, decoding: u32, new: u32) {
        self.steps += count;
        self.gaps[kind] += u64::from(decoding) * count - u64::from(new);
        self.queued += u128::from(queue) * u128::from(count);
        self.max_queue = self.max_queue.max(queue);
    }

    /// The figures, with the length of each kind of step.
    pub(super) fn summary(mut self, lengths: &[f64], clock: &Clock, rest: &Rest) -> Summary {
        let duration = clock.now();
        let completed = self.e2e.len() as u64;
        let tokens = self.completed_tokens + rest.tokens_in_slots;
        let gaps: Vec<(f64, u64)> = lengths.iter().copied().zip(self.gaps).collect();
        let mut gaps: Vec<(f64, u64)> = gaps.into_iter().filter(|gap| gap.1 > 0).collect();
        Summary {
            requests: self.created,
            first_tokens: self.ttft.len() as u64,
            completed,
            e2e_ticks: Spread::of(&mut self.e2e),
            ttft_ticks: Spread::of(&mut self.ttft),
            itl_ticks: Spread::of_weighted(&mut gaps),
            gaps: gaps.iter().map(|&(_, times)| times).sum(),
            steps: self.steps,
            duration_ticks: duration,
            last_step_ticks: rest.last_step,
            requests_per_1k: 1000.0 * completed as f64 / duration,
            tokens_per_1k: 1000.0 * tokens as f64 / duration,
            completed_tokens: self.completed_tokens,
            tokens_in_slots: rest.tokens_in_slots,
            queue: rest.queue,
            mean_queue: self.queued as f64 / self.steps as f64,
            max_queue: self.max_queue,
        }
    }
}
