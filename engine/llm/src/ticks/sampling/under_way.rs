//! Equal steps under way, and totals of those before.

use kendall_kernel::{Dur, Time};

use super::super::clock::Clock;
use super::super::record::{Levels, Steps, time};
use crate::error::EngineError;

/// Equal steps, and the one of them that was looked at last.
#[derive(Clone, Debug)]
pub(super) struct UnderWay {
    pub(super) steps: Steps,
    pub(super) start: Time,
    /// Beginning of the step at `index`.
    clock: Clock,
    pub(super) index: u64,
}

impl UnderWay {
    pub(super) fn new(steps: Steps) -> Result<UnderWay, EngineError> {
        Ok(UnderWay {
            steps,
            start: at(steps.start)?,
            clock: Clock::starting(steps.start),
            index: 0,
        })
    }

    /// Goes on to the last step that begins at `now` or before; tells when it begins.
    pub(super) fn go_to(&mut self, now: Time) -> Result<Time, EngineError> {
        let Steps { length, count, .. } = self.steps;
        // A step or two before `now`, however that is rounded.
        let near = now.as_secs_f64() - 2.0 * length;
        let left = count - 1 - self.index;
        if left > 0 && near > self.clock.now() {
            self.index += self.clock.take(length, left, near);
        }
        while self.index < count - 1 {
            let mut next = self.clock.clone();
            next.take(length, 1, f64::INFINITY);
            if at(next.now())? > now {
                break;
            }
            self.clock = next;
            self.index += 1;
        }
        at(self.clock.now())
    }
}

/// Totals of steps that have ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) steps: u64,
    /// Tokens after the first.
    pub(super) decoded: u64,
    /// Time of steps with somebody in prefill, who decodes, or both.
    pub(super) prefill_busy: Dur,
    pub(super) decode_busy: Dur,
    pub(super) busy: Dur,
}

impl Totals {
    /// Adds so many equal steps, which took so long.
    pub(super) fn add(&mut self, levels: &Levels, steps: u64, took: Dur) {
        self.steps += steps;
        self.decoded += u64::from(levels.decoding) * steps;
        if levels.prefilling > 0 {
            self.prefill_busy += took;
        }
        if levels.decoding > 0 {
            self.decode_busy += took;
        }
        if levels.prefilling + levels.decoding > 0 {
            self.busy += took;
        }
    }
}

/// A time in ticks, which is never negative: the only fault is that it is too late.
pub(super) fn at(ticks: f64) -> Result<Time, EngineError> {
    time(ticks).map_err(|_| EngineError::TimeOverflow)
}
