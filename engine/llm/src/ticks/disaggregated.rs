//! Prefill and decode in slots of their own.

use std::collections::VecDeque;

use super::clock::Clock;
use super::config::{Config, TickError};
use super::lengths::Lengths;
use super::pool::{Held, Pool};
use super::queue::Queue;
use super::record::{Levels, Listener, Steps};
use super::summary::Summary;
use super::tally::{Rest, Tally};

/// Runs two pools of slots; the configuration is valid.
pub(super) fn run<N: Lengths>(
    config: &Config,
    prefill_slots: u32,
    decode_slots: u32,
    lengths: &mut N,
    listener: &mut impl Listener,
) -> Result<Summary, TickError> {
    let chunk = config.work.prefill_ticks / f64::from(config.work.prefill_chunks);
    let (prefill, decode) = (chunk.max(1.0), config.work.itl_ticks.max(1.0));
    // By whether anybody is in prefill, and twice that by whether anybody decodes.
    let step_lengths = [1.0, prefill, decode, prefill.max(decode)];
    let mut engine = Engine {
        prefill_slots: prefill_slots as usize,
        chunks: config.work.prefill_chunks.into(),
        clock: Clock::new(config.end_ticks),
        queue: Queue::new(config.load, lengths),
        prefills: VecDeque::with_capacity(prefill_slots as usize),
        handed_over: VecDeque::new(),
        pool: Pool::new(decode_slots),
        tally: Tally::new(step_lengths.len()),
        step: 0,
        completed: 0,
    };
    let mut last_step = 0.0;
    while !engine.clock.is_over() {
        engine.collect(listener);
        let elsewhere = engine.elsewhere();
        engine.queue.arrive(engine.clock.now(), elsewhere)?;
        let first_tokens = engine.admit();
        last_step = engine.take_steps(&step_lengths, first_tokens, listener);
    }
    Ok(engine.end(&step_lengths, last_step, listener))
}

struct Engine<'a, N> {
    prefill_slots: usize,
    chunks: u64,
    clock: Clock,
    queue: Queue<'a, N>,
    /// Those in prefill, by admission, which is the order in which they leave.
    prefills: VecDeque<Held>,
    /// Those who wait for a decode slot, first come first served.
    handed_over: VecDeque<Held>,
    /// Those who decode.
    pool: Pool,
    tally: Tally,
    step: u64,
    completed: u64,
}

impl<N: Lengths> Engine<'_, N> {
    /// Counts what the steps before brought, hands over who has a first token and lets the
    /// finished go.
    #[inline]
    fn collect(&mut self, listener: &mut impl Listener) {
        let (step, now) = (self.step, self.clock.now());
        while let Some(&held) = self.prefills.front() {
            if held.first_step > step {
                break;
            }
            self.prefills.pop_front();
            self.tally.first_token(now - held.request.added);
            if held.request.target_tokens == 1 {
                // It has all its tokens, and passes through decode all the same.
                self.tally.completed(now - held.request.added, 1);
            }
            let first_token = now;
            let held = Held {
                first_token,
                ..held
            };
            listener.first_token(&held.begun());
            self.handed_over.push_back(held);
        }
        while let Some(held) = self.pool.leave(step) {
            let target = held.request.target_tokens;
            if target > 1 {
                self.tally.completed(now - held.request.added, target);
                listener.request(&held.finished(now));
            } else {
                listener.request(&finished_in_prefill(held.present(2)));
            }
            self.completed += 1;
        }
    }

    /// Requests in the system that are not in the queue before prefill.
    fn elsewhere(&self) -> u64 {
        (self.prefills.len() + self.handed_over.len()) as u64 + u64::from(self.pool.active())
    }

    /// Fills slots for prefill, then those for decode; returns how many enter decode.
    #[inline]
    fn admit(&mut self) -> u32 {
        let now = self.clock.now();
        while self.prefills.len() < self.prefill_slots
            && let Some(request) = self.queue.pop()
        {
            self.prefills.push_back(Held {
                request,
                scheduled: now,
                started: now,
                first_token: 0.0,
                first_step: self.step + self.chunks,
            });
        }
        let mut entered = 0;
        while self.pool.empty() > 0
            && let Some(held) = self.handed_over.pop_front()
        {
            let left = u64::from(held.request.target_tokens - 1).max(1);
            let held = Held {
                started: now,
                first_step: self.step,
                ..held
            };
            self.pool.enter(held, self.step + left);
            entered += 1;
        }
        entered
    }

    /// Takes the present step and those after it in which nothing happens; returns their length.
    #[inline]
    fn take_steps(
        &mut self,
        step_lengths: &[f64; 4],
        first_tokens: u32,
        listener: &mut impl Listener,
    ) -> f64 {
        let decoding = self.pool.active();
        let prefilling = self.prefills.len() as u32;
        let kind = usize::from(prefilling > 0) + 2 * usize::from(decoding > 0);
        let length = step_lengths[kind];
        let first = self
            .prefills
            .front()
            .map_or(u64::MAX, |held| held.first_step);
        let next = first.min(self.pool.next());
        let start = self.clock.now();
        let most = next - self.step;
        let count = self.clock.take(length, most, self.queue.next_arrival());
        self.step += count;
        let levels = Levels {
            prefill_queue: self.queue.len(),
            prefilling,
            decode_queue: self.handed_over.len() as u64,
            decoding,
            completed: self.completed,
        };
        let queue = levels.prefill_queue + levels.decode_queue;
        self.tally.steps(kind, count, queue, decoding, first_tokens);
        listener.steps(&Steps {
            start,
            length,
            count,
            levels,
        });
        length
    }

    fn end(
        mut self,
        step_lengths: &[f64],
        last_step: f64,
        listener: &mut impl Listener,
    ) -> Summary {
        // Decode begins with one token; the present step was not taken.
        let tokens = |held: &Held| (self.step - held.first_step) as u32;
        let tokens_in_slots = self.pool.iter().map(|held| u64::from(tokens(held))).sum();
        for held in &self.prefills {
            listener.request(&held.present(0));
        }
        let decoding = self.pool.iter().map(|held| held.present(tokens(held)));
        let handed_over = self.handed_over.iter().map(|held| held.present(1));
        for request in decoding.chain(handed_over) {
            listener.request(&if request.target_tokens == 1 {
                finished_in_prefill(request)
            } else {
                request
            });
        }
        self.queue.tell(listener);
        self.tally.created = self.queue.created();
        let rest = Rest {
            queue: self.queue.len() + self.handed_over.len() as u64,
            tokens_in_slots,
            last_step,
        };
        self.tally.summary(step_lengths, &self.clock, &rest)
    }
}

/// A request whose only token came with its prefill.
fn finished_in_prefill(request: super::record::Request) -> super::record::Request {
    super::record::Request {
        finished: request.first_token,
        ..request
    }
}
