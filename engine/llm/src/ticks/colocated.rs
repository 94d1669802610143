//! Prefill and decode in the same slots.

use std::collections::VecDeque;

use super::batching::{Batch, Batching};
use super::clock::Clock;
use super::config::{Config, TickError, Work};
use super::lengths::Lengths;
use super::pool::{Held, Pool};
use super::queue::Queue;
use super::record::{Levels, Listener, Steps};
use super::summary::Summary;
use super::tally::{Rest, Tally};

/// Runs one pool of slots; the configuration is valid.
pub(super) fn run<N: Lengths>(
    config: &Config,
    slots: u32,
    batching: Batching,
    lengths: &mut N,
    listener: &mut impl Listener,
) -> Result<Summary, TickError> {
    let step_lengths = step_lengths(slots, config.work);
    let mut engine = Engine {
        batching,
        slots,
        chunks: config.work.prefill_chunks.into(),
        clock: Clock::new(config.end_ticks),
        queue: Queue::new(config.load, lengths),
        pool: Pool::new(slots),
        prefills: VecDeque::with_capacity(slots as usize),
        tally: Tally::new(step_lengths.len()),
        step: 0,
        completed: 0,
    };
    let mut last_step = 0.0;
    while !engine.clock.is_over() {
        let first_tokens = engine.collect(listener);
        engine
            .queue
            .arrive(engine.clock.now(), engine.pool.active().into())?;
        engine.admit();
        last_step = engine.take_steps(&step_lengths, first_tokens, listener);
    }
    Ok(engine.end(&step_lengths, last_step, listener))
}

/// The length of a step by the number of those in prefill, first without, then with anybody who
/// decodes.
fn step_lengths(slots: u32, work: Work) -> Vec<f64> {
    let chunk = work.prefill_ticks / f64::from(work.prefill_chunks);
    // Added up one by one, since a product would be rounded otherwise.
    let mut prefills = vec![0.0];
    for of_fewer in 0..slots as usize {
        prefills.push(prefills[of_fewer] + chunk);
    }
    let longest = |prefill: &f64, decode: f64| prefill.max(decode).max(1.0);
    let without = prefills.iter().map(|prefill| longest(prefill, 0.0));
    let with = prefills
        .iter()
        .map(|prefill| longest(prefill, work.itl_ticks));
    without.chain(with).collect()
}

struct Engine<'a, N> {
    batching: Batching,
    slots: u32,
    chunks: u64,
    clock: Clock,
    queue: Queue<'a, N>,
    pool: Pool,
    /// Slots of those in prefill, by admission, which is the order of their first tokens.
    prefills: VecDeque<u32>,
    tally: Tally,
    step: u64,
    completed: u64,
}

impl<N: Lengths> Engine<'_, N> {
    /// Counts what the steps before brought, and lets the finished go. Returns how many of those
    /// who stay have just their first token.
    #[inline]
    fn collect(&mut self, listener: &mut impl Listener) -> u32 {
        let (step, now) = (self.step, self.clock.now());
        let mut first_tokens = 0;
        while let Some(&slot) = self.prefills.front() {
            let held = self.pool.held_mut(slot);
            if held.first_step > step {
                break;
            }
            held.first_token = now;
            self.tally.first_token(now - held.request.added);
            listener.first_token(&held.begun());
            self.prefills.pop_front();
            first_tokens += 1;
        }
        while let Some(held) = self.pool.leave(step) {
            let request = held.request;
            self.tally
                .completed(now - request.added, request.target_tokens);
            self.completed += 1;
            first_tokens -= u32::from(held.first_step == step);
            listener.request(&held.finished(now));
        }
        first_tokens
    }

    #[inline]
    fn admit(&mut self) {
        let batch = Batch {
            slots: self.slots,
            active: self.pool.active(),
            prefilling: self.prefills.len() as u32,
        };
        for _ in 0..self.batching.room(batch) {
            let Some(request) = self.queue.pop() else {
                break;
            };
            let first_step = self.step + self.chunks;
            let now = self.clock.now();
            let held = Held {
                request,
                scheduled: now,
                started: now,
                first_token: 0.0,
                first_step,
            };
            let leaves = first_step + u64::from(request.target_tokens - 1);
            let slot = self.pool.enter(held, leaves);
            self.prefills.push_back(slot);
        }
    }

    /// Takes the present step and those after it in which nothing happens; returns their length.
    #[inline]
    fn take_steps(
        &mut self,
        step_lengths: &[f64],
        first_tokens: u32,
        listener: &mut impl Listener,
    ) -> f64 {
        let prefilling = self.prefills.len() as u32;
        let decoding = self.pool.active() - prefilling;
        let kind = prefilling + if decoding > 0 { self.slots + 1 } else { 0 };
        let length = step_lengths[kind as usize];
        let first = self.prefills.front();
        let first = first.map_or(u64::MAX, |&slot| self.pool.held_mut(slot).first_step);
        let next = first.min(self.pool.next());
        let start = self.clock.now();
        let most = next - self.step;
        let count = self.clock.take(length, most, self.queue.next_arrival());
        self.step += count;
        let queue = self.queue.len();
        self.tally
            .steps(kind as usize, count, queue, decoding, first_tokens);
        listener.steps(&Steps {
            start,
            length,
            count,
            levels: Levels {
                prefill_queue: queue,
                prefilling,
                decode_queue: 0,
                decoding,
                completed: self.completed,
            },
        });
        length
    }

    fn end(
        mut self,
        step_lengths: &[f64],
        last_step: f64,
        listener: &mut impl Listener,
    ) -> Summary {
        // The present step was not taken, so nobody has what it would bring.
        let tokens = |held: &Held| self.step.saturating_sub(held.first_step) as u32;
        let tokens_in_slots = self.pool.iter().map(|held| u64::from(tokens(held))).sum();
        for held in self.pool.iter() {
            listener.request(&held.present(tokens(held)));
        }
        self.queue.tell(listener);
        self.tally.created = self.queue.created();
        let rest = Rest {
            queue: self.queue.len(),
            tokens_in_slots,
            last_step,
        };
        self.tally.summary(step_lengths, &self.clock, &rest)
    }
}
