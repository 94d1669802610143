//! Step times along a run of steps whose batch grows evenly.
//!
//! Between two changes of its membership a batch grows by the same amounts in every step, so its
//! step time is a maximum of straight lines in the step number. A run keeps to one of them:
//! [`Line::total`] is then a closed form, and equals the same steps added up one by one to the
//! last bit, since every quantity is an integer in units of 2^-32 ns.

use kendall_kernel::FineDur;

/// What every step adds to the sums of a [`BatchShape`](crate::BatchShape).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// KV positions read.
    pub attended_tokens: u64,
    /// Query-key pairs.
    pub attention_pairs: u64,
    /// KV positions read by those that decode.
    pub decode_context_tokens: u64,
}

impl Growth {
    /// Growth of a batch of `decodes` decoding sequences, one token each.
    #[must_use]
    pub fn of_decodes(decodes: u32) -> Growth {
        let tokens = u64::from(decodes);
        Growth {
            attended_tokens: tokens,
            attention_pairs: tokens,
            decode_context_tokens: tokens,
        }
    }

    /// Adds a prompt that is computed in equal chunks of `tokens`.
    pub fn add_chunk(&mut self, tokens: u32) {
        let tokens = u64::from(tokens);
        self.attended_tokens += tokens;
        self.attention_pairs += tokens * tokens;
    }
}

/// Step times on a straight line: step `i` of a run, counted from 0, takes `first + i * slope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Time of the first step, in units of 2^-32 ns.
    pub first: u128,
    /// By how much a step takes longer than the one before, in units of 2^-32 ns.
    pub slope: u128,
}

impl Line {
    /// Steps that all take the same time.
    #[must_use]
    pub fn flat(duration: FineDur) -> Line {
        Line {
            first: duration.units(),
            slope: 0,
        }
    }

    /// Time of step `i`, in units of 2^-32 ns.
    #[must_use]
    pub fn at(&self, i: u64) -> u128 {
        self.first + self.slope * u128::from(i)
    }

    /// Time of the first `steps` steps together, in units of 2^-32 ns; wrong, but not undefined,
    /// if it is above 2^128 (see [`Line::checked_total`]).
    #[inline]
    #[must_use]
    pub fn total(&self, steps: u64) -> u128 {
        let n = u128::from(steps);
        let pairs = n * n.saturating_sub(1) / 2;
        (self.first.wrapping_mul(n)).wrapping_add(self.slope.wrapping_mul(pairs))
    }

    /// [`Line::total`], or `None` beyond 2^128 units.
    #[must_use]
    pub fn checked_total(&self, steps: u64) -> Option<u128> {
        let n = u128::from(steps);
        let pairs = n.checked_mul(n.saturating_sub(1))? / 2;
        self.first
            .checked_mul(n)?
            .checked_add(self.slope.checked_mul(pairs)?)
    }

    /// The least number of steps, of at most `most`, that together take `units` or more; `most` if
    /// even they take less. Their total must be below 2^128.
    #[must_use]
    pub fn steps_lasting(&self, units: u128, most: u64) -> u64 {
        let (mut low, mut high) = (0, most);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.total(middle) >= units {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// How many of the first `steps` steps take less than `units` each.
    #[must_use]
    pub fn steps_below(&self, units: u128, steps: u64) -> u64 {
        let Some(room) = units.checked_sub(self.first).filter(|&room| room > 0) else {
            return 0;
        };
        if self.slope == 0 {
            return steps;
        }
        u64::try_from(room.div_ceil(self.slope)).map_or(steps, |below| below.min(steps))
    }

    /// The larger of two lines at their start, and for how many of `steps` steps it stays the
    /// larger.
    #[must_use]
    pub(crate) fn upper(a: Line, b: Line, steps: u64) -> (Line, u64) {
        let a_first = (a.first, a.slope) >= (b.first, b.slope);
        let (upper, lower) = if a_first { (a, b) } else { (b, a) };
        let last = steps.saturating_sub(1);
        if upper.slope >= lower.slope || upper.at(last) >= lower.at(last) {
            return (upper, steps);
        }
        let lead = (upper.first - lower.first) / (lower.slope - upper.slope);
        (upper, u64::try_from(lead).map_or(steps, |lead| lead + 1))
    }
}

impl std::ops::Add for Line {
    type Output = Line;
    fn add(self, other: Line) -> Line {
        Line {
            first: self.first + other.first,
            slope: self.slope + other.slope,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [Line; 5] = [
        Line { first: 7, slope: 0 },
        Line { first: 0, slope: 3 },
        Line {
            first: 100,
            slope: 7,
        },
        Line {
            first: 101,
            slope: 6,
        },
        Line { first: 0, slope: 0 },
    ];

    #[test]
    fn totals_are_sums_of_steps() {
        for line in LINES {
            let mut sum = 0;
            for steps in 0..50 {
                assert_eq!(line.total(steps), sum);
                assert_eq!(line.checked_total(steps), Some(sum));
                sum += line.at(steps);
            }
        }
        let steep = Line {
            first: 1,
            slope: u128::MAX / 8,
        };
        assert!(steep.checked_total(4).is_some());
        assert_eq!(steep.checked_total(6), None);
    }

    #[test]
    fn inversions_agree_with_counting() {
        for line in LINES {
            for units in 0..200 {
                let below = (0..20).filter(|&i| line.at(i) < units).count() as u64;
                assert_eq!(line.steps_below(units, 20), below);
                let lasting = (0..20).find(|&n| line.total(n) >= units).unwrap_or(20);
                assert_eq!(line.steps_lasting(units, 20), lasting);
            }
        }
    }

    #[test]
    fn the_upper_line_is_followed_until_it_is_overtaken() {
        for a in LINES {
            for b in LINES {
                for steps in 1..40 {
                    let (upper, valid) = Line::upper(a, b, steps);
                    assert!(valid >= 1 && valid <= steps);
                    for i in 0..valid {
                        assert_eq!(upper.at(i), a.at(i).max(b.at(i)));
                    }
                    if valid < steps {
                        assert!(upper.at(valid) < a.at(valid).max(b.at(valid)));
                    }
                }
            }
        }
    }
}
