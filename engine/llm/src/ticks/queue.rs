//! Requests from their creation to their first slot.

use std::collections::VecDeque;

use super::config::{Load, TickError};
use super::lengths::Lengths;
use super::load::Source;
use super::record::{Listener, Request};

/// A request without a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) id: u64,
    pub(super) added: f64,
    pub(super) target_tokens: u32,
}

impl Waiting {
    /// As it is seen, if it never gets a slot.
    fn unserved(self) -> Request {
        Request {
            id: self.id,
            added: self.added,
            target_tokens: self.target_tokens,
            scheduled: None,
            started: None,
            first_token: None,
            finished: None,
            tokens: 0,
        }
    }
}

/// The queue before the first slot, and where it comes from.
pub(super) struct Queue<'a, N> {
    source: Source,
    lengths: &'a mut N,
    created: u64,
    waiting: VecDeque<Waiting>,
}

impl<'a, N: Lengths> Queue<'a, N> {
    pub(super) fn new(load: Load, lengths: &'a mut N) -> Queue<'a, N> {
        Queue {
            source: Source::new(load),
            lengths,
            created: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Those arrive who do so at the step that begins `now`, while `elsewhere` requests have left
    /// the queue but not the system.
    #[inline]
    pub(super) fn arrive(&mut self, now: f64, elsewhere: u64) -> Result<(), TickError> {
        let present = elsewhere + self.len();
        for _ in 0..self.source.due(now, present) {
            let created = self.created;
            let length = self.lengths.next_length();
            let target_tokens = length.ok_or(TickError::NoLength { created })?;
            self.waiting.push_back(Waiting {
                id: created,
                added: now,
                target_tokens,
            });
            self.created += 1;
        }
        Ok(())
    }

    /// From when on somebody arrives although nobody left.
    #[inline]
    pub(super) fn next_arrival(&self) -> f64 {
        self.source.next()
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }

    #[inline]
    pub(super) fn len(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// How many requests there have been.
    pub(super) fn created(&self) -> u64 {
        self.created
    }

    /// Tells of those who are left.
    pub(super) fn tell(&self, listener: &mut impl Listener) {
        for waiting in &self.waiting {
            listener.request(&waiting.unserved());
        }
    }
}
