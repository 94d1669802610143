//! Requests come, and may be withdrawn.

use std::cmp::Reverse;

use kendall_kernel::{EventKey, Hasten, Time};

use super::event_loop::{ARRIVAL, Fleet, STEP_END, WITHDRAWAL};
use crate::error::EngineError;
use crate::instance::Instance;
use crate::record::{Recorder, Status};
use crate::request::{NO_REQUEST, Place, Request, RequestId, outside_record};
use crate::router::Load;
use crate::rows::RowAt;

/// Requests that a run can number.
const MOST_REQUESTS: u64 = u32::MAX as u64 - 1;

impl<R: Recorder, E: Hasten> Fleet<'_, '_, R, E> {
    pub(super) fn await_arrival(&mut self) {
        if let Some(arrival) = self.world.rows.next_arrival() {
            self.events.insert(EventKey::new(arrival, ARRIVAL, 0));
        }
        self.note_external();
    }

    /// Takes in every request of this nanosecond.
    pub(super) fn arrive(&mut self) -> Result<(), EngineError> {
        while self.world.rows.next_arrival() == Some(self.now)
            && let Some(at) = self.world.rows.take()
        {
            if self.world.rows.known() > MOST_REQUESTS {
                return Err(EngineError::TooMany {
                    what: "requests",
                    count: self.world.rows.known(),
                    limit: MOST_REQUESTS,
                });
            }
            self.take_in(at);
            self.arrived += 1;
        }
        self.await_arrival();
        Ok(())
    }

    fn take_in(&mut self, at: RowAt) {
        let row = self.world.rows.number(at);
        let (trace, index) = self.world.rows.of(at);
        let (prompt_tokens, output_tokens) =
            (trace.prompt_tokens[index], trace.output_tokens[index]);
        let priority = trace.priority.get(index).copied().unwrap_or(0);
        let abort = trace.abort.get(index).copied().unwrap_or(Time::MAX);
        let max_model_len = self.instances[0].max_model_len();
        let target_tokens = prompt_tokens
            .saturating_add(output_tokens)
            .min(max_model_len);
        self.recorder.arrived(row);
        if !self.instances[0].could_finish(prompt_tokens, target_tokens) {
            self.record_outside(at, Status::Rejected);
            return;
        }
        let load = |i: &Instance| Load {
            running: i.running(),
            waiting: i.waiting(),
        };
        let instance = self.router.route(&mut self.instances.iter().map(load)) as u16;
        let id = self.world.requests.insert(Request {
            row,
            at,
            arrival: self.now,
            prompt_tokens,
            target_tokens,
            known_tokens: prompt_tokens,
            priority,
            instance,
            place: Place::Waiting,
            next: NO_REQUEST,
            previous: NO_REQUEST,
            scheduled: None,
            first_token: None,
            latest_token: None,
            cached_tokens: 0,
            preemptions: 0,
        });
        if abort != Time::MAX {
            self.await_withdrawal(abort.max(self.now), row, id);
        }
        let cut = self.instances[usize::from(instance)].arrive::<R>(self.now, id, &mut self.world);
        self.hasten(instance, cut);
        self.touched.push(instance);
    }

    /// Moves the end of an instance's steps, if they were cut short.
    fn hasten(&mut self, instance: u16, cut: Option<(Time, Time)>) {
        if let Some((from, to)) = cut {
            let key = |time| EventKey::new(time, STEP_END, u32::from(instance));
            self.events.hasten(key(from), key(to));
        }
    }

    pub(super) fn record_outside(&mut self, at: RowAt, status: Status) {
        let record = outside_record(&self.world.rows, at, status);
        self.recorder.request(&record);
        self.world.rows.leave(at);
    }

    fn await_withdrawal(&mut self, time: Time, row: u32, id: RequestId) {
        let key = |time| EventKey::new(time, WITHDRAWAL, 0);
        match self.withdrawals.peek() {
            None => self.events.insert(key(time)),
            Some(&Reverse((next, ..))) if time < next => self.events.hasten(key(next), key(time)),
            Some(_) => {}
        }
        self.withdrawals.push(Reverse((time, row, id)));
        self.note_external();
    }

    fn note_external(&mut self) {
        let arrival = self.world.rows.next_arrival();
        let withdrawal = self.withdrawals.peek().map(|&Reverse((time, ..))| time);
        let external = arrival.into_iter().chain(withdrawal).min();
        self.external = external.unwrap_or(Time::MAX);
    }

    /// Takes the withdrawals of this nanosecond; of requests that have left they are void.
    pub(super) fn withdraw(&mut self) {
        while let Some(&Reverse((time, row, id))) = self.withdrawals.peek()
            && time == self.now
        {
            self.withdrawals.pop();
            if self.world.requests.is_present(id, row) {
                let instance = self.world.requests[id].instance;
                let cut = self.instances[usize::from(instance)].withdraw(self.now, id);
                self.hasten(instance, cut);
                self.touched.push(instance);
            }
        }
        if let Some(&Reverse((time, ..))) = self.withdrawals.peek() {
            self.events.insert(EventKey::new(time, WITHDRAWAL, 0));
        }
        self.note_external();
    }
}
