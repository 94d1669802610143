//! Time in ticks, as a sum of step lengths in double precision.

/// From so many steps on it pays to see whether they can be counted instead of added up.
const MANY: u64 = 16;
/// Whole numbers up to here and sums of two of them are exact.
const EXACT: f64 = (1_u64 << 52) as f64;

/// The time at which the present step begins.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    now: f64,
    end: f64,
}

impl Clock {
    pub(super) fn new(end: f64) -> Clock {
        Clock { now: 0.0, end }
    }

    /// From this time on, without an end.
    pub(super) fn starting(now: f64) -> Clock {
        Clock {
            now,
            end: f64::INFINITY,
        }
    }

    #[inline]
    pub(super) fn now(&self) -> f64 {
        self.now
    }

    /// Whether the present step is beyond the end.
    #[inline]
    pub(super) fn is_over(&self) -> bool {
        self.now >= self.end
    }

    /// Takes steps of this length until one begins at `wake` or later, or at the end, but at least
    /// one and at most `most`; returns how many.
    #[inline]
    pub(super) fn take(&mut self, length: f64, most: u64, wake: f64) -> u64 {
        let stop = wake.min(self.end);
        if most > MANY
            && let Some(steps) = self.count(length, stop)
        {
            let steps = steps.min(most);
            // Both are whole, and so is the sum, far below 2^53.
            self.now += steps as f64 * length;
            return steps;
        }
        let mut now = self.now;
        let mut steps = 0;
        loop {
            now += length;
            steps += 1;
            if steps == most || now >= stop {
                break;
            }
        }
        self.now = now;
        steps
    }

    /// How many steps there are until one begins at `stop`, if times are whole, so that nothing is
    /// rounded.
    #[inline]
    fn count(&self, length: f64, stop: f64) -> Option<u64> {
        let now = whole(self.now)?;
        let length = whole(length)?;
        let stop = stop.ceil() as u64;
        Some(stop.saturating_sub(now).div_ceil(length).max(1))
    }
}

/// The number as an integer, if it is one that sums of two cannot round.
#[inline]
fn whole(value: f64) -> Option<u64> {
    let integer = value as u64;
    (value <= EXACT && integer as f64 == value).then_some(integer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Counting, and adding up in one go, is adding up one by one.
        #[test]
        fn many_steps_are_as_many_single_ones(
            start in prop_oneof![(0..1000_u32).prop_map(f64::from), 0.0..1e3],
            length in prop_oneof![(1..20_u32).prop_map(f64::from), 1.0..20.0],
            most in 1..200_u64,
            wake in prop_oneof![Just(f64::INFINITY), 0.0..3e3],
            end in 1001.0..3e3,
        ) {
            let mut merged = Clock { now: start, end };
            let mut single = merged.clone();
            let steps = merged.take(length, most, wake);
            let mut taken = 0;
            while taken == 0 || (taken < most && single.now < wake && !single.is_over()) {
                single.now += length;
                taken += 1;
            }
            prop_assert_eq!(steps, taken);
            prop_assert_eq!(merged.now.to_bits(), single.now.to_bits());
        }
    }
}
