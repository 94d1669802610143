//! One request per gap, found at the next step.
//!
//! The rule reproduced here counts floor(now / gap) requests, with the floor division of Python's
//! floats (Objects/floatobject.c, `float_floor_div`): the remainder by `fmod`, which is exact, then
//! the nearest whole number to the rest divided by the gap. As long as the quotient is below 2^51
//! that is the floor of the quotient of the two doubles as real numbers. So the n-th request
//! arrives at the first step that does not begin before n * gap, in exact arithmetic, and no
//! division is needed.

/// Requests at equal gaps.
#[derive(Clone, Debug)]
pub(in super::super) struct Rate {
    gap: f64,
    /// Requests so far.
    arrived: u64,
    /// When the next is due: the least double that is not less than its exact time.
    next: f64,
}

impl Rate {
    pub(super) fn new(per_tick: f64) -> Rate {
        let gap = 1.0 / per_tick;
        Rate {
            gap,
            arrived: 0,
            next: multiple(1, gap),
        }
    }

    #[inline]
    pub(super) fn due(&mut self, now: f64) -> u64 {
        let before = self.arrived;
        while now >= self.next {
            self.arrived += 1;
            self.next = multiple(self.arrived + 1, self.gap);
        }
        self.arrived - before
    }

    #[inline]
    pub(super) fn next(&self) -> f64 {
        self.next
    }
}

/// The least double that is not less than `count * gap`; `count` below 2^53.
fn multiple(count: u64, gap: f64) -> f64 {
    let count = count as f64;
    let rounded = count * gap;
    // The error of the product, exactly.
    let rest = count.mul_add(gap, -rounded);
    if rest > 0.0 {
        rounded.next_up()
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's floor division of positive floats, step by step.
    fn floor_division(value: f64, by: f64) -> f64 {
        let quotient = (value - value % by) / by;
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    }

    #[test]
    fn counts_are_those_of_floor_division() {
        for per_tick in [0.46, 1.7, 0.3, 0.2, 3.0, 1.0 / 3.0, 7.1, 0.013, 1e-3, 40.0] {
            let gap = 1.0 / per_tick;
            let mut rate = Rate::new(per_tick);
            let mut arrived = 0;
            let mut now = 0.0;
            for step in 0..20_000_u32 {
                arrived += rate.due(now);
                assert_eq!(arrived as f64, floor_division(now, gap), "{now} // {gap}");
                // Whole times, sums of thirds, and times about the multiples themselves.
                now += match step % 4 {
                    0 => 1.0,
                    1 => 2.5 / 3.0,
                    2 => (rate.next() - now).max(0.0),
                    _ => 0.1,
                };
            }
        }
    }

    #[test]
    fn multiples_are_rounded_up() {
        // 3 * 0.1 is 0.3000000000000000166..., and the doubles about it are 0.3 less 1.1e-17 and
        // 0.3 plus 4.4e-17.
        assert_eq!(multiple(3, 0.1), 0.300_000_000_000_000_04);
        assert_eq!(multiple(3, 0.5), 1.5);
    }
}
