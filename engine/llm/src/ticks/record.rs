//! What a run in ticks tells, and who listens.

use std::fmt::Write;

use kendall_kernel::{Dur, Time, TimeError};

use super::config::System;
use crate::record::{RequestRecord, Status};

/// A request's life, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Number by order of creation, from 0.
    pub id: u64,
    /// Beginning of the step that found it.
    pub added: f64,
    /// Tokens it is to produce.
    pub target_tokens: u32,
    /// When it got its first slot.
    pub scheduled: Option<f64>,
    /// When it got its latest slot: that of decode, where prefill is apart.
    pub started: Option<f64>,
    /// When its first token was there.
    pub first_token: Option<f64>,
    /// When its last token was there.
    pub finished: Option<f64>,
    /// Tokens produced; one more than its target if that is 1 and decode is apart, since it passes
    /// through a decode slot all the same.
    pub tokens: u32,
}

impl Request {
    /// The request as files have it, a tick being a second. Prompts have no length in ticks; where
    /// prefill is apart, it is [instance](System::instances) 0 and decode instance 1.
    ///
    /// # Errors
    /// A time beyond 2^64 ns.
    pub fn record(&self, system: System) -> Result<RequestRecord, TimeError> {
        let maybe = |ticks: Option<f64>| ticks.map(time).transpose();
        let last = system.instances() - 1;
        let pool = |index: u16| self.scheduled.map(|_| index);
        Ok(RequestRecord {
            request_id: self.id,
            class: 0,
            session_id: None,
            instance: pool(last),
            prefill_instance: pool(0).filter(|_| last > 0),
            arrival: time(self.added)?,
            scheduled: maybe(self.scheduled)?,
            first_token: maybe(self.first_token)?,
            finish: maybe(self.finished)?,
            prompt_tokens: 0,
            output_tokens: self.target_tokens,
            generated_tokens: self.tokens.min(self.target_tokens),
            cached_tokens: 0,
            preemptions: 0,
            status: match self.finished {
                Some(_) => Status::Finished,
                None => Status::Unfinished,
            },
        })
    }
}

/// A time of which a tick is a second, rounded to the nearest nanosecond.
///
/// # Errors
/// It is beyond 2^64 ns.
pub fn time(ticks: f64) -> Result<Time, TimeError> {
    Dur::from_secs_f64(ticks).map(|since| Time::ZERO + since)
}

/// How many are where, during a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Waiting for prefill.
    pub prefill_queue: u64,
    /// In prefill.
    pub prefilling: u32,
    /// Waiting for a decode slot of their own.
    pub decode_queue: u64,
    /// Decoding.
    pub decoding: u32,
    /// Gone.
    pub completed: u64,
}

/// Steps of equal length in which nothing but the time changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    /// When the first begins.
    pub start: f64,
    /// How long each is.
    pub length: f64,
    /// How many there are, at least 1.
    pub count: u64,
    /// Who is where.
    pub levels: Levels,
}

impl Steps {
    /// When each of the steps begins, to the bit as the run has it.
    pub fn starts(self) -> impl Iterator<Item = f64> {
        let mut next = self.start;
        (0..self.count).map(move |_| {
            let start = next;
            next += self.length;
            start
        })
    }
}

/// Listens to a run. Every method defaults to nothing.
pub trait Listener {
    /// A request got its first token; if that is its only one, it has finished, and
    /// [`request`](Listener::request) follows when it has left.
    fn first_token(&mut self, request: &Request) {
        let _ = request;
    }

    /// A request left, or the run ended. By time of leaving; those present at the end follow, in
    /// the order of their slots and then of the queues.
    fn request(&mut self, request: &Request) {
        let _ = request;
    }

    /// Steps are about to be taken.
    fn steps(&mut self, steps: &Steps) {
        let _ = steps;
    }
}

/// Listens to nothing.
impl Listener for () {}

impl<L: Listener> Listener for &mut L {
    fn first_token(&mut self, request: &Request) {
        L::first_token(self, request);
    }
    fn request(&mut self, request: &Request) {
        L::request(self, request);
    }
    fn steps(&mut self, steps: &Steps) {
        L::steps(self, steps);
    }
}

/// A listener that may be absent.
impl<L: Listener> Listener for Option<L> {
    fn first_token(&mut self, request: &Request) {
        if let Some(listener) = self {
            listener.first_token(request);
        }
    }
    fn request(&mut self, request: &Request) {
        if let Some(listener) = self {
            listener.request(request);
        }
    }
    fn steps(&mut self, steps: &Steps) {
        if let Some(listener) = self {
            listener.steps(steps);
        }
    }
}

/// Two listeners side by side.
impl<A: Listener, B: Listener> Listener for (A, B) {
    fn first_token(&mut self, request: &Request) {
        self.0.first_token(request);
        self.1.first_token(request);
    }
    fn request(&mut self, request: &Request) {
        self.0.request(request);
        self.1.request(request);
    }
    fn steps(&mut self, steps: &Steps) {
        self.0.steps(steps);
        self.1.steps(steps);
    }
}

/// A line per step with the time and who is where, as disaggregated runs print it. O(steps).
#[derive(Clone, Debug, Default)]
pub struct FlowLog {
    /// The lines so far.
    pub text: String,
}

impl Listener for FlowLog {
    fn steps(&mut self, steps: &Steps) {
        let Levels {
            prefill_queue,
            prefilling,
            decode_queue,
            decoding,
            completed,
        } = steps.levels;
        for start in steps.starts() {
            // Writing to a String cannot fail.
            let _ = writeln!(
                self.text,
                "Time: {start:.2} | PrefillQ: {prefill_queue} | PrefillSlots: {prefilling} | \
                 DecodeQ: {decode_queue} | DecodeSlots: {decoding} | Completed: {completed}"
            );
        }
    }
}
