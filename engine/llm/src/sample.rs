//! Samples: the state of a system at multiples of an interval, whatever the steps in flight.
//!
//! A sample at a time shows the state once all events up to and including that time have been
//! handled, steps started at it as well: what a run that ends there would tell. Samples are taken at
//! multiples of the interval from the first arrival on, and one more at the end of the run if that
//! is no multiple, so that the windows between them cover the run.
//!
//! Steps that are taken together are not cut for a sample: which of them it falls into is solved
//! for. In a fleet it costs O(block size) per instance, and nothing while nobody listens.
//!
//! Under a token budget the instances are GPUs, which share a queue; in ticks they are pools of slots.

use kendall_kernel::{Dur, Time};

use crate::fleet::FleetConfig;
use crate::stats::InstanceStats;

/// Most rows of samples of a run, one per instance and one for the fleet at each time.
pub const MOST_SAMPLE_ROWS: u64 = 100_000_000;

/// Samples so close that there would be more rows than anybody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sample every {} s until {} s makes {rows} rows or more, at most {MOST_SAMPLE_ROWS} are written",
    interval.as_secs_f64(), end.as_secs_f64()
)]
pub struct TooManySamples {
    /// Time from one to the next.
    pub interval: Dur,
    /// The end of the run, as far as it is known.
    pub end: Time,
    /// Rows up to there.
    pub rows: u64,
}

/// Makes sure that samples of so many instances from `first_arrival` to `end` are not too many.
///
/// # Errors
/// They are.
pub fn check_samples(
    interval: Dur,
    first_arrival: Time,
    end: Time,
    instances: u16,
) -> Result<(), TooManySamples> {
    Sampler::new(Some(interval), first_arrival).check(end, instances.into())
}

/// One instance at the time of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceSample {
    /// Requests that hold KV blocks.
    pub running: u32,
    /// Requests queued, those that came since the step in flight started included.
    pub waiting: u32,
    /// Decoding requests in the batch under way, one token each; 0 between steps.
    pub decode_tokens: u32,
    /// Context lengths summed over the batch under way.
    pub context_tokens: u64,
    /// KV blocks referenced by running requests.
    pub kv_blocks_used: u32,
    /// Time since the step under way started.
    pub in_step: Dur,
    /// Totals: of steps those that have ended, of KV blocks up to the time of the sample.
    pub totals: InstanceStats,
}

impl InstanceSample {
    /// Time spent in steps up to now, the one under way included.
    #[must_use]
    pub fn busy(&self) -> Dur {
        self.totals.busy + self.in_step
    }
}

/// A system at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample<'a> {
    /// The time.
    pub time: Time,
    /// Time since the sample before; the window is open where it starts and closed where it ends.
    /// Zero only for the end of a run that ends before anything arrives.
    pub window: Dur,
    /// Requests that have arrived, those that were rejected included.
    pub arrived: u64,
    /// Requests that have begun and are in no batch under way, where requests do not stay with an
    /// instance; 0 where they do.
    pub shared_running: u32,
    /// Requests queued for whichever instance is free, where instances share a queue; 0 where each
    /// has its own.
    pub shared_waiting: u32,
    /// Every instance, in order.
    pub instances: &'a [InstanceSample],
}

/// When samples are due, and room for one.
#[derive(Debug)]
pub(crate) struct Sampler {
    interval: Dur,
    /// Time of the next sample at a multiple of the interval; [`Time::MAX`] for never.
    next: Time,
    /// Start of the window.
    from: Time,
    /// Rows of the samples so far.
    rows: u64,
    pub(crate) instances: Vec<InstanceSample>,
}

impl Sampler {
    /// Samples from the first arrival on, the first at the multiple at or after it.
    pub(crate) fn new(interval: Option<Dur>, first_arrival: Time) -> Sampler {
        let interval = interval.filter(|interval| interval.as_ns() > 0);
        let first = interval.and_then(|interval| {
            let intervals = first_arrival.as_ns().div_ceil(interval.as_ns()).max(1);
            intervals.checked_mul(interval.as_ns())
        });
        let interval = interval.unwrap_or_default();
        let next = first.map_or(Time::MAX, Time::from_ns);
        Sampler {
            interval,
            next,
            from: Time::from_ns(next.as_ns().saturating_sub(interval.as_ns())),
            rows: 0,
            instances: Vec::new(),
        }
    }

    /// Whether there are any samples.
    pub(crate) fn is_on(&self) -> bool {
        self.interval > Dur::ZERO
    }

    /// Whether a sample is due before this time.
    pub(crate) fn is_due_before(&self, time: Time) -> bool {
        self.next < time
    }

    /// Makes sure that there may be as many rows as samples at all multiples up to `end` and one
    /// more come to.
    ///
    /// # Errors
    /// Too many rows.
    pub(crate) fn check(&self, end: Time, instances: u64) -> Result<(), TooManySamples> {
        let ahead = end.checked_since(self.next);
        let due = ahead.map_or(0, |ahead| ahead.as_ns() / self.interval.as_ns().max(1) + 1);
        let more = u128::from(due) * u128::from(instances + 1);
        let rows = u128::from(self.rows) + more;
        if rows <= u128::from(MOST_SAMPLE_ROWS) {
            return Ok(());
        }
        Err(TooManySamples {
            interval: self.interval,
            end,
            rows: u64::try_from(rows).unwrap_or(u64::MAX),
        })
    }

    /// Moves on to the sample at a multiple of the interval that is due; tells its time.
    pub(crate) fn step(&mut self) -> Time {
        let time = self.next;
        self.next = time.checked_add(self.interval).unwrap_or(Time::MAX);
        time
    }

    /// Closes the window at `time`, and opens the next; tells how long it was.
    pub(crate) fn close_window(&mut self, time: Time) -> Dur {
        let window = time.checked_since(self.from).unwrap_or_default();
        self.from = time;
        self.rows += self.instances.len() as u64 + 1;
        window
    }

    /// Whether there has been a sample at this time or later.
    pub(crate) fn has_seen(&self, time: Time) -> bool {
        self.rows > 0 && self.from >= time
    }
}

impl FleetConfig {
    /// Makes sure that the samples of a run from `first_arrival` to `end` are not too many.
    ///
    /// # Errors
    /// They are.
    pub fn check_samples(&self, first_arrival: Time, end: Time) -> Result<(), TooManySamples> {
        let interval = self.sample_interval.unwrap_or_default();
        check_samples(interval, first_arrival, end.min(self.until), self.instances)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(interval_ns: u64, first_arrival_ns: u64) -> Sampler {
        Sampler::new(
            Some(Dur::from_ns(interval_ns)),
            Time::from_ns(first_arrival_ns),
        )
    }

    #[test]
    fn samples_begin_with_the_first_arrival() {
        for (first_arrival, first) in [(0, 10), (1, 10), (10, 10), (11, 20), (1_000_001, 1_000_010)]
        {
            let mut sampler = sampler(10, first_arrival);
            assert!(sampler.is_due_before(Time::from_ns(first + 1)));
            assert!(!sampler.is_due_before(Time::from_ns(first)));
            assert_eq!(sampler.step(), Time::from_ns(first));
            assert_eq!(sampler.close_window(Time::from_ns(first)), Dur::from_ns(10));
            assert_eq!(sampler.step(), Time::from_ns(first + 10));
        }
        assert!(!Sampler::new(None, Time::ZERO).is_due_before(Time::MAX));
        // The next multiple lies beyond time.
        assert!(!sampler(u64::MAX - 1, u64::MAX).is_due_before(Time::MAX));
    }

    #[test]
    fn rows_are_counted_before_they_are_made() {
        let limit = MOST_SAMPLE_ROWS;
        let sampler = sampler(10, 0);
        let end = |samples: u64| Time::from_ns(10 * samples + 9);
        assert_eq!(sampler.check(end(limit / 4), 3), Ok(()));
        let error = TooManySamples {
            interval: Dur::from_ns(10),
            end: end(limit / 4 + 1),
            rows: limit + 4,
        };
        assert_eq!(sampler.check(end(limit / 4 + 1), 3), Err(error));
        assert!(sampler.check(Time::from_ns(9), 3).is_ok());
        assert!(Sampler::new(None, Time::ZERO).check(Time::MAX, 3).is_ok());
        assert!(
            super::tests::sampler(1, 0)
                .check(Time::MAX, 65_535)
                .is_err()
        );
    }
}
