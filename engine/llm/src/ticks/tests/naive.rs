//! The model step by step, request by request, as its description reads.

use crate::ticks::{Batching, Config, Levels, Load, Request, System};

/// A request on its way.
#[derive(Clone, Copy)]
struct Active {
    request: Request,
    chunks: u32,
}

/// What a step begins with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) start: f64,
    pub(super) length: f64,
    pub(super) levels: Levels,
}

#[derive(Default)]
pub(super) struct Naive {
    pub(super) steps: Vec<Step>,
    pub(super) ttft: Vec<f64>,
    pub(super) e2e: Vec<f64>,
    pub(super) gaps: Vec<f64>,
    pub(super) completed_tokens: u64,
    /// By order of creation.
    pub(super) requests: Vec<Request>,
    pub(super) end: f64,
    pub(super) tokens_in_slots: u64,
    queue: Vec<Active>,
    /// All slots, or those of prefill.
    active: Vec<Active>,
    handed_over: Vec<Active>,
    decoding: Vec<Active>,
    completed: u64,
    last: f64,
}

pub(super) fn run(config: &Config, lengths: &[u32]) -> Naive {
    let mut naive = Naive::default();
    let mut lengths = lengths.iter();
    while naive.end < config.end_ticks {
        let now = naive.end;
        naive.tick(config, now);
        naive.leave(config);
        for _ in 0..naive.due(config, now) {
            let request = Request {
                id: naive.requests.len() as u64,
                added: now,
                target_tokens: *lengths.next().unwrap(),
                scheduled: None,
                started: None,
                first_token: None,
                finished: None,
                tokens: 0,
            };
            naive.requests.push(request);
            naive.queue.push(Active { request, chunks: 1 });
        }
        naive.admit(config, now);
        naive.step(config, now);
    }
    naive.finish();
    naive
}

impl Naive {
    fn tick(&mut self, config: &Config, now: f64) {
        for active in self.active.iter_mut().chain(&mut self.decoding) {
            if active.chunks < config.work.prefill_chunks {
                active.chunks += 1;
            } else {
                active.request.tokens += 1;
            }
            let request = &mut active.request;
            if request.tokens == 1 {
                self.ttft.push(now - request.added);
                request.first_token = Some(now);
            }
            if request.tokens == request.target_tokens {
                self.e2e.push(now - request.added);
                self.completed_tokens += u64::from(request.target_tokens);
                request.finished = Some(now);
            }
        }
    }

    fn leave(&mut self, config: &Config) {
        if let System::Disaggregated { .. } = config.system {
            let ready = |active: &mut Active| active.request.tokens > 0;
            self.handed_over.extend(self.active.extract_if(.., ready));
        }
        for active in [&mut self.active, &mut self.decoding] {
            let done = |active: &mut Active| active.request.tokens >= active.request.target_tokens;
            for gone in active.extract_if(.., done) {
                self.requests[gone.request.id as usize] = gone.request;
                self.completed += 1;
            }
        }
    }

    fn due(&mut self, config: &Config, now: f64) -> u64 {
        let present = self.queue.len() + self.active.len() + self.decoding.len();
        match config.load {
            Load::Batch { requests } if now == 0.0 => requests,
            Load::Batch { .. } => 0,
            Load::Concurrent { requests } => {
                requests.saturating_sub((present + self.handed_over.len()) as u64)
            }
            Load::Rate { per_tick } => {
                let gap = 1.0 / per_tick;
                let due = floor_division(now, gap) - floor_division(self.last, gap);
                self.last = now;
                due as u64
            }
        }
    }

    fn admit(&mut self, config: &Config, now: f64) {
        let (slots, room) = match config.system {
            System::Colocated { slots, batching } => {
                let prefills = self.active.iter().any(|active| active.request.tokens == 0);
                let room = match batching {
                    Batching::Static if !self.active.is_empty() => 0,
                    Batching::OnePrefill if prefills => 0,
                    Batching::OnePrefill => 1,
                    _ => usize::MAX,
                };
                (slots, room)
            }
            System::Disaggregated { prefill_slots, .. } => (prefill_slots, usize::MAX),
        };
        let room = room.min(slots as usize - self.active.len());
        let next = self.queue.drain(..room.min(self.queue.len()));
        self.active.extend(next.map(|active| started(active, now)));
        if let System::Disaggregated { decode_slots, .. } = config.system {
            let room = decode_slots as usize - self.decoding.len();
            let next = self.handed_over.drain(..room.min(self.handed_over.len()));
            self.decoding
                .extend(next.map(|active| started(active, now)));
        }
    }

    fn step(&mut self, config: &Config, now: f64) {
        let chunk = config.work.prefill_ticks / f64::from(config.work.prefill_chunks);
        let all = || self.active.iter().chain(&self.decoding);
        let prefilling = all().filter(|active| active.request.tokens == 0).count();
        let decoding = all().count() - prefilling;
        let prefill = match config.system {
            System::Disaggregated { .. } if prefilling > 0 => chunk,
            _ => (0..prefilling).fold(0.0, |sum, _| sum + chunk),
        };
        let decode = if decoding > 0 {
            config.work.itl_ticks
        } else {
            0.0
        };
        let length = prefill.max(decode).max(1.0);
        let sampled = all().filter(|active| active.request.tokens > 1).count();
        self.gaps.extend(vec![length; sampled]);
        self.steps.push(Step {
            start: now,
            length,
            levels: Levels {
                prefill_queue: self.queue.len() as u64,
                prefilling: prefilling as u32,
                decode_queue: self.handed_over.len() as u64,
                decoding: decoding as u32,
                completed: self.completed,
            },
        });
        self.end = now + length;
    }

    /// Those who are still there.
    fn finish(&mut self) {
        for active in self.active.iter().chain(&self.decoding) {
            self.tokens_in_slots += u64::from(active.request.tokens);
        }
        let slots = self.active.iter().chain(&self.decoding);
        for active in slots.chain(&self.handed_over) {
            self.requests[active.request.id as usize] = active.request;
        }
    }
}

fn started(active: Active, now: f64) -> Active {
    Active {
        request: Request {
            scheduled: active.request.scheduled.or(Some(now)),
            started: Some(now),
            ..active.request
        },
        ..active
    }
}

/// Python's, for positive numbers.
fn floor_division(value: f64, by: f64) -> f64 {
    let quotient = (value - value % by) / by;
    let floor = quotient.floor();
    floor + f64::from(u8::from(quotient - floor > 0.5))
}
