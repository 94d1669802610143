//! A GPU and the batches it works on.

use kendall_cost::Line;
use kendall_kernel::{FineDur, FineTime, Time};

use super::batch::Batch;
use super::error::TokenBudgetError;
use crate::step_times::StepTimes;

/// A GPU; it repeats its batch until [`end`](Gpu::end).
#[derive(Debug)]
pub(super) struct Gpu {
    pub(super) batch: Batch,
    start: FineTime,
    /// Of a single batch.
    time: FineDur,
    /// How often the batch is repeated.
    repeats: u64,
    /// When the last one ends; later than any time for an idle GPU.
    end: FineTime,
    /// Counts the runs of all GPUs.
    number: u64,
}

impl Gpu {
    pub(super) fn new() -> Gpu {
        Gpu {
            batch: Batch::default(),
            start: FineTime::ZERO,
            time: FineDur::ZERO,
            repeats: 0,
            end: never(),
            number: 0,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.end == never()
    }

    pub(super) fn end(&self) -> FineTime {
        self.end
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn repeats(&self) -> u64 {
        self.repeats
    }

    /// When the batches end.
    pub(super) fn times(&self) -> StepTimes {
        let line = Line {
            first: self.time.units(),
            slope: 0,
        };
        StepTimes::new(self.start, line, self.repeats, u128::MAX).unwrap_or_default()
    }

    /// How many batches have ended at `now`, all events up to which have been handled; never all of
    /// them.
    pub(super) fn batches_ended(&self, now: Time) -> u64 {
        if self.repeats <= 1 {
            return 0;
        }
        let later = Time::from_ns(now.as_ns().saturating_add(1));
        self.times().step_ending_by(later) - 1
    }

    /// Whether its batches end before another GPU's: at one instant, those first that began first.
    #[inline]
    pub(super) fn ends_before(&self, other: &Gpu) -> bool {
        // Of batches that end together, the longer one began first.
        self.end < other.end
            || self.end == other.end && (other.time, self.number) < (self.time, other.number)
    }

    /// Begins the batch, to be repeated so often, once if it takes no time; `number` counts such
    /// runs. Returns when the first one ends.
    pub(super) fn begin(
        &mut self,
        now: FineTime,
        time: FineDur,
        repeats: u64,
        number: u64,
    ) -> Result<FineTime, TokenBudgetError> {
        self.number = number;
        self.start = now;
        self.time = time;
        self.repeats = repeats;
        self.end = after(now, time, repeats)?;
        after(now, time, 1)
    }

    /// Ends the run with the first batch that ends at `now` or later.
    pub(super) fn cut(&mut self, now: FineTime) -> Result<(), TokenBudgetError> {
        if self.repeats <= 1 || self.end <= now {
            return Ok(());
        }
        let elapsed = now.checked_since(self.start).unwrap_or(FineDur::ZERO);
        self.repeats = steps_to(elapsed.units(), self.time.units()).max(1);
        self.end = after(self.start, self.time, self.repeats)?;
        Ok(())
    }

    /// Ends the run at `now` if one of its batches ends then.
    pub(super) fn cut_if_due(&mut self, now: FineTime) -> Result<(), TokenBudgetError> {
        if self.repeats <= 1 || self.end <= now {
            return Ok(());
        }
        let elapsed = now.checked_since(self.start).unwrap_or(FineDur::ZERO);
        if elapsed > FineDur::ZERO && elapsed.units().is_multiple_of(self.time.units()) {
            self.cut(now)?;
        }
        Ok(())
    }

    pub(super) fn rest(&mut self) {
        self.repeats = 0;
        self.end = never();
    }
}

/// Later than any end of a batch.
#[inline]
fn never() -> FineTime {
    FineTime::from(Time::MAX)
}

/// The end of so many batches; before [`never`].
fn after(start: FineTime, time: FineDur, repeats: u64) -> Result<FineTime, TokenBudgetError> {
    let units = time.units().checked_mul(u128::from(repeats));
    units
        .and_then(|units| start.checked_add(FineDur::from_units(units)))
        .filter(|&end| end < never())
        .ok_or(TokenBudgetError::TimeOverflow)
}

/// Elapsed over step, rounded up.
#[inline]
fn steps_to(elapsed: u128, step: u128) -> u64 {
    match (u64::try_from(elapsed), u64::try_from(step)) {
        // A 64-bit division costs a fraction of one of 128 bits.
        (Ok(elapsed), Ok(step)) => elapsed.div_ceil(step),
        _ => u64::try_from(elapsed.div_ceil(step)).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(ns: u64) -> FineTime {
        FineTime::from(Time::from_ns(ns))
    }

    fn running(time_ns: u128, repeats: u64) -> Gpu {
        let mut gpu = Gpu::new();
        let first = gpu.begin(ns(100), FineDur::from_units(time_ns << 32), repeats, 0);
        assert_eq!(first, Ok(ns(100 + time_ns as u64)));
        gpu
    }

    #[test]
    fn a_run_is_cut_at_the_next_end_of_a_batch() {
        for (now, repeats, end) in [
            (100, 1, 107),
            (101, 1, 107),
            (107, 1, 107),
            (108, 2, 114),
            (169, 10, 170),
            (170, 10, 170),
            (500, 10, 170),
        ] {
            let mut gpu = running(7, 10);
            gpu.cut(ns(now)).unwrap();
            assert_eq!((gpu.repeats(), gpu.end()), (repeats, ns(end)), "at {now}");
        }
    }

    #[test]
    fn long_runs_are_cut() {
        let mut gpu = running(10_000_000_000, 1 << 20);
        gpu.cut(ns(100 + 25_000_000_000)).unwrap();
        assert_eq!(gpu.repeats(), 3);
    }

    #[test]
    fn a_run_is_cut_where_a_batch_ends_at_that_time() {
        for (now, repeats) in [
            (100, 10),
            (106, 10),
            (107, 1),
            (108, 10),
            (121, 3),
            (170, 10),
        ] {
            let mut gpu = running(7, 10);
            gpu.cut_if_due(ns(now)).unwrap();
            assert_eq!(gpu.repeats(), repeats, "at {now}");
        }
    }

    #[test]
    fn at_one_instant_the_batch_that_began_first_ends_first() {
        let begin = |start_ns, time_ns: u128, repeats, number| {
            let mut gpu = Gpu::new();
            let time = FineDur::from_units(time_ns << 32);
            gpu.begin(ns(start_ns), time, repeats, number).unwrap();
            gpu
        };
        let (short, long) = (begin(100, 10, 2, 0), begin(105, 15, 1, 1));
        assert!(long.ends_before(&short) && !short.ends_before(&long));
        let (one, other) = (begin(100, 10, 2, 0), begin(110, 10, 1, 1));
        assert!(one.ends_before(&other) && !other.ends_before(&one));
        assert!(one.ends_before(&Gpu::new()));
    }

    #[test]
    fn time_ends() {
        let mut gpu = Gpu::new();
        let long = FineDur::from_units(1 << 80);
        assert_eq!(
            gpu.begin(ns(0), long, 1 << 20, 0),
            Err(TokenBudgetError::TimeOverflow)
        );
        assert_eq!(
            gpu.begin(ns(u64::MAX), FineDur::ZERO, 1, 0),
            Err(TokenBudgetError::TimeOverflow)
        );
    }
}
