//! The exact integral of a step function over simulated time.

use crate::time::Time;

/// A step function of time, such as a queue length or the number of busy servers, integrated
/// exactly.
///
/// The integral is in the unit of the value times nanoseconds. It cannot overflow: a value below
/// 2^64 over less than 2^64 ns stays below 2^128.
///
/// ```
/// use kendall_kernel::{Time, TimeWeighted};
///
/// let mut queue = TimeWeighted::new(Time::ZERO, 0);
/// queue.set(Time::from_ns(10), 3);
/// queue.set(Time::from_ns(30), 1);
/// assert_eq!(queue.integral(Time::from_ns(40)), 3 * 20 + 1 * 10);
/// assert_eq!(queue.mean(Time::from_ns(40)), 1.75);
/// assert_eq!(queue.max(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeWeighted {
    start: Time,
    changed: Time,
    value: u64,
    max: u64,
    /// Up to `changed`.
    integral: u128,
}

impl TimeWeighted {
    /// The function that is `value` from `start` on.
    #[must_use]
    pub fn new(start: Time, value: u64) -> TimeWeighted {
        TimeWeighted {
            start,
            changed: start,
            value,
            max: value,
            integral: 0,
        }
    }

    /// From `now` on the function is `value`. Of several values set at one instant the last
    /// counts, though [`max`](TimeWeighted::max) saw them all.
    ///
    /// # Panics
    /// If `now` lies before the last change.
    #[inline]
    pub fn set(&mut self, now: Time, value: u64) {
        self.integral = self.integral(now);
        self.changed = now;
        self.value = value;
        self.max = self.max.max(value);
    }

    /// The current value.
    #[inline]
    #[must_use]
    pub fn value(&self) -> u64 {
        self.value
    }

    /// The integral from the start to `now`, in units of the value times nanoseconds.
    ///
    /// # Panics
    /// If `now` lies before the last change.
    #[inline]
    #[must_use]
    pub fn integral(&self, now: Time) -> u128 {
        let held = now - self.changed;
        self.integral + u128::from(self.value) * u128::from(held.as_ns())
    }

    /// The largest value so far, including ones that lasted no time.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The average over the time from the start to `now`; the current value if that is no time.
    ///
    /// # Panics
    /// If `now` lies before the last change.
    #[must_use]
    pub fn mean(&self, now: Time) -> f64 {
        let elapsed = now - self.start;
        if elapsed.as_ns() == 0 {
            return self.value as f64;
        }
        self.integral(now) as f64 / elapsed.as_ns() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_integral_is_the_sum_over_nanoseconds(
            start in 0..5_u64,
            first in 0..9_u64,
            steps in prop::collection::vec((0..4_u64, 0..9_u64), 0..20),
            rest in 0..5_u64,
        ) {
            let mut now = start;
            let mut weighted = TimeWeighted::new(Time::from_ns(start), first);
            let mut per_ns = Vec::new();
            let mut value = first;
            for (wait, next) in steps {
                per_ns.extend((0..wait).map(|_| value));
                now += wait;
                value = next;
                weighted.set(Time::from_ns(now), value);
            }
            per_ns.extend((0..rest).map(|_| value));
            let end = Time::from_ns(now + rest);
            prop_assert_eq!(weighted.integral(end), u128::from(per_ns.iter().sum::<u64>()));
            prop_assert_eq!(weighted.value(), value);
        }
    }

    #[test]
    fn the_largest_integral_fits() {
        let weighted = TimeWeighted::new(Time::ZERO, u64::MAX);
        let side = u128::from(u64::MAX);
        assert_eq!(weighted.integral(Time::MAX), side * side);
    }

    #[test]
    fn no_time_has_the_current_value_as_its_mean() {
        let mut weighted = TimeWeighted::new(Time::from_ns(3), 5);
        weighted.set(Time::from_ns(3), 2);
        assert_eq!(weighted.mean(Time::from_ns(3)), 2.0);
        assert_eq!(weighted.max(), 5);
    }

    #[test]
    #[should_panic(expected = "time ran backwards")]
    fn changes_come_in_order() {
        TimeWeighted::new(Time::from_ns(3), 5).set(Time::from_ns(2), 0);
    }
}
