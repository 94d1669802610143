//! When the steps of a run end, and how long they are, without looking at each.
//!
//! Steps follow each other without a pause on the instance's fine clock, and their durations lie
//! on a straight line. What the world sees are the ends in whole nanoseconds, rounded down, and
//! the differences between them; both can be told for any step, and counted over many.

use kendall_cost::Line;
use kendall_kernel::{Dur, FineDur, FineTime, Spread, Time};

/// Binary places of the fine clock below a nanosecond.
const FINE_BITS: u32 = 32;

/// Consecutive steps of one instance.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepTimes {
    start: FineTime,
    line: Line,
    steps: u64,
}

impl StepTimes {
    /// As many of `steps` steps as end below `limit` on the fine clock; `None` if not even one
    /// does.
    pub(crate) fn new(start: FineTime, line: Line, steps: u64, limit: u128) -> Option<StepTimes> {
        let fits = |steps: u64| {
            let total = line.checked_total(steps);
            total.is_some_and(|total| total <= limit.saturating_sub(start.units()))
        };
        if fits(steps) {
            return Some(StepTimes { start, line, steps });
        }
        let (mut fit, mut too_many) = (0, steps);
        while too_many - fit > 1 {
            let middle = fit + (too_many - fit) / 2;
            if fits(middle) {
                fit = middle;
            } else {
                too_many = middle;
            }
        }
        (fit > 0).then_some(StepTimes {
            start,
            line,
            steps: fit,
        })
    }

    /// Number of steps.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// End of the first `steps` steps; of none, the start.
    #[must_use]
    pub fn end_of(&self, steps: u64) -> Time {
        self.fine_end_of(steps).floor()
    }

    /// End of the last step.
    #[must_use]
    pub fn end(&self) -> Time {
        self.end_of(self.steps)
    }

    /// Start of the first step.
    #[must_use]
    pub fn start(&self) -> Time {
        self.start.floor()
    }

    /// Bounds of the steps' durations in nanoseconds, as the world sees them.
    #[must_use]
    pub fn bounds(&self) -> (u64, u64) {
        let last = self.steps.saturating_sub(1);
        (whole(self.line.at(0)), whole(self.line.at(last)) + 1)
    }

    /// Count, sum and extremes of the steps' durations in nanoseconds, as the world sees them.
    #[must_use]
    pub fn spread(&self) -> Spread {
        let sum = (self.end() - self.start()).as_ns();
        let steps = self.steps;
        if steps <= 1 {
            return Spread {
                count: steps,
                sum,
                min: sum,
                max: sum,
            };
        }
        // A duration on the fine clock shows as its whole nanoseconds or one more.
        let (least, most) = (whole(self.line.at(0)), whole(self.line.at(steps - 1)));
        let alike = self.whole_below(least + 1);
        let longest = self.whole_below(most);
        Spread {
            count: steps,
            sum,
            min: least + u64::from(self.longer(0, alike, least) == alike),
            max: most + u64::from(self.longer(longest, steps, most) > 0),
        }
    }

    /// How many steps last less than `ns` nanoseconds, as the world sees them.
    #[must_use]
    pub fn shorter_than(&self, ns: u64) -> u64 {
        let Some(below) = ns.checked_sub(1) else {
            return 0;
        };
        let (certain, possible) = (self.whole_below(below), self.whole_below(ns));
        possible - self.longer(certain, possible, below)
    }

    /// The steps' durations as the world sees them, one by one.
    pub fn durations(&self) -> impl Iterator<Item = Dur> + '_ {
        (0..self.steps).map(|step| self.end_of(step + 1) - self.end_of(step))
    }

    /// How many steps take less than `ns` nanoseconds on the fine clock.
    fn whole_below(&self, ns: u64) -> u64 {
        self.line
            .steps_below(u128::from(ns) << FINE_BITS, self.steps)
    }

    /// How many of the steps `from..to`, all of which take `ns` whole nanoseconds on the fine
    /// clock, show as one more.
    fn longer(&self, from: u64, to: u64, ns: u64) -> u64 {
        (self.end_of(to) - self.end_of(from)).as_ns() - (to - from) * ns
    }

    /// End of the first `steps` steps on the fine clock.
    pub(crate) fn fine_end_of(&self, steps: u64) -> FineTime {
        let total = FineDur::from_units(self.line.total(steps));
        self.start
            .checked_add(total)
            .expect("a run ends within the range of time")
    }

    /// The first step, counted from 1, that ends at `now` or later; the last if none does.
    pub(crate) fn step_ending_by(&self, now: Time) -> u64 {
        let ahead = FineTime::from(now)
            .units()
            .saturating_sub(self.start.units());
        self.line.steps_lasting(ahead, self.steps).max(1)
    }

    /// The same steps up to the first `steps`.
    pub(crate) fn up_to(&self, steps: u64) -> StepTimes {
        StepTimes { steps, ..*self }
    }

    pub(crate) fn line(&self) -> &Line {
        &self.line
    }
}

/// Whole nanoseconds of a time on the fine clock.
fn whole(units: u128) -> u64 {
    (units >> FINE_BITS) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_agrees_with_looking_at_each(
            start in 0..1_u128 << 40, first in 0..40_u128, first_part in any::<u32>(),
            slope in prop_oneof![Just(0_u128), 0..1_u128 << 20, 0..1_u128 << 34],
            steps in 1..60_u64,
        ) {
            let start = FineTime::ZERO.checked_add(FineDur::from_units(start)).unwrap();
            let line = Line { first: (first << 32) + u128::from(first_part), slope };
            let times = StepTimes::new(start, line, steps, u128::MAX >> 32).unwrap();
            let each: Vec<u64> = times.durations().map(Dur::as_ns).collect();
            let spread = times.spread();
            prop_assert_eq!(spread.count, steps);
            prop_assert_eq!(spread.sum, each.iter().sum::<u64>());
            prop_assert_eq!(Some(spread.min), each.iter().min().copied());
            prop_assert_eq!(Some(spread.max), each.iter().max().copied());
            let (low, high) = times.bounds();
            prop_assert!(low <= spread.min && spread.max <= high);
            for ns in 0..spread.max + 3 {
                let shorter = each.iter().filter(|&&duration| duration < ns).count();
                prop_assert_eq!(times.shorter_than(ns), shorter as u64);
            }
            for now in (0..times.end().as_ns() + 2).step_by(7) {
                let now = Time::from_ns(now);
                let step = (1..=steps).find(|&step| times.end_of(step) >= now);
                prop_assert_eq!(times.step_ending_by(now), step.unwrap_or(steps));
            }
        }
    }

    #[test]
    fn a_run_keeps_within_the_range_of_time() {
        let line = Line {
            first: 10,
            slope: 1,
        };
        let at = |limit| StepTimes::new(FineTime::ZERO, line, 100, limit).map(|t| t.steps());
        assert_eq!(at(10), Some(1));
        assert_eq!(at(9), None);
        assert_eq!(at(20), Some(1));
        assert_eq!(at(21), Some(2));
        assert_eq!(at(u128::MAX), Some(100));
    }
}
