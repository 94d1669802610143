//! Simulated time: whole nanoseconds, and a finer clock for chains of steps.
//!
//! Invariants: time is an integer, so sums are associative and the order is total. Floating point
//! enters through one door per type ([`Dur::from_secs_f64`], [`FineDur::from_secs_f64`]) that
//! rejects NaN, negative values and overflow and rounds to nearest. Arithmetic never wraps: the
//! operators panic on overflow, the `checked_` forms return `None`.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

/// Nanoseconds in a second.
pub const NANOS_PER_SEC: u64 = 1_000_000_000;

/// Why a floating-point number is not a time.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum TimeError {
    /// The value is NaN or infinite.
    #[error("{value} is not a finite number of seconds")]
    NotFinite {
        /// What was given.
        value: f64,
    },
    /// The value lies before zero.
    #[error("{value} s is negative")]
    Negative {
        /// What was given, in seconds.
        value: f64,
    },
    /// The value does not fit; the largest time is 2^64 - 1 ns, about 584 years.
    #[error("{value} s is beyond the largest time, 2^64 ns (about 584 years)")]
    TooLarge {
        /// What was given, in seconds.
        value: f64,
    },
}

/// A point in simulated time, in nanoseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

/// A length of simulated time, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dur(u64);

/// Scales a number of seconds to whole units below `limit`.
fn scale_secs(
    secs: f64,
    units_per_sec: f64,
    limit: f64,
    to_whole: fn(f64) -> f64,
) -> Result<f64, TimeError> {
    if !secs.is_finite() {
        return Err(TimeError::NotFinite { value: secs });
    }
    if secs < 0.0 {
        return Err(TimeError::Negative { value: secs });
    }
    let units = to_whole(secs * units_per_sec);
    if units >= limit {
        return Err(TimeError::TooLarge { value: secs });
    }
    Ok(units)
}

/// From here on every double is whole.
const TWO_POW_52: f64 = 4_503_599_627_370_496.0;

const TWO_POW_64: f64 = 18_446_744_073_709_551_616.0;

impl Time {
    /// The start of a run.
    pub const ZERO: Time = Time(0);
    /// The end of representable time; also the key of "never" in event sets.
    pub const MAX: Time = Time(u64::MAX);

    /// A time from whole nanoseconds.
    #[must_use]
    pub const fn from_ns(ns: u64) -> Time {
        Time(ns)
    }

    /// Nanoseconds since the start of the run.
    #[must_use]
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Seconds since the start of the run, for display and statistics only.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// The point `dur` later, or `None` beyond [`Time::MAX`].
    #[must_use]
    pub const fn checked_add(self, dur: Dur) -> Option<Time> {
        match self.0.checked_add(dur.0) {
            Some(ns) => Some(Time(ns)),
            None => None,
        }
    }

    /// The time since `earlier`, or `None` if that lies later.
    #[must_use]
    pub const fn checked_since(self, earlier: Time) -> Option<Dur> {
        match self.0.checked_sub(earlier.0) {
            Some(ns) => Some(Dur(ns)),
            None => None,
        }
    }
}

impl Dur {
    /// No time at all.
    pub const ZERO: Dur = Dur(0);
    /// The longest duration.
    pub const MAX: Dur = Dur(u64::MAX);

    /// A duration from whole nanoseconds.
    #[must_use]
    pub const fn from_ns(ns: u64) -> Dur {
        Dur(ns)
    }

    /// The only door from floating point: seconds, rounded to the nearest nanosecond.
    ///
    /// # Errors
    /// NaN, infinities, negative values and anything from 2^64 ns on.
    #[inline]
    pub fn from_secs_f64(secs: f64) -> Result<Dur, TimeError> {
        let ns = secs * NANOS_PER_SEC as f64;
        if (0.0..TWO_POW_52).contains(&ns) {
            // The part behind the point is exact here; a call of `round` would cost as much as
            // drawing the number did.
            let whole = ns as i64;
            let up = ns - whole as f64 >= 0.5;
            return Ok(Dur(whole as u64 + u64::from(up)));
        }
        scale_secs(secs, NANOS_PER_SEC as f64, TWO_POW_64, f64::round).map(|ns| Dur(ns as u64))
    }

    /// The same door for many values at once, in a unit of `unit_s` seconds: each is rounded to
    /// the nearest nanosecond, ties to even, and written to its place in `rounded`. What is not a
    /// time, or not below 2^51 ns (26 days), is left to `otherwise`, with its value in seconds.
    #[inline]
    pub fn round_each<const N: usize>(
        values: &[f64; N],
        unit_s: f64,
        rounded: &mut [Dur; N],
        otherwise: impl Fn(f64) -> Dur,
    ) {
        // Adding 2^52 leaves no room for a fraction: the sum is rounded, and its low bits are the
        // whole number (Anderson, "Bit Twiddling Hacks", on casting by addition). Its high bits are
        // those of 2^52, unless the value was out of bounds.
        let scale = unit_s * NANOS_PER_SEC as f64;
        let mut beyond = 0;
        for (dur, value) in rounded.iter_mut().zip(values) {
            let ns = value * scale;
            let whole = (ns + TWO_POW_52).to_bits() ^ TWO_POW_52.to_bits();
            // The sign, since what is hardly below 0 rounds to 0.
            beyond |= whole | (ns.to_bits() & (1 << 63));
            *dur = Dur(whole);
        }
        if beyond >= 1 << 51 {
            for (dur, value) in rounded.iter_mut().zip(values) {
                if !(0.0..TWO_POW_52 / 2.0).contains(&(value * scale)) {
                    *dur = otherwise(value * unit_s);
                }
            }
        }
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Seconds, for display and statistics only.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }
}

impl Add<Dur> for Time {
    type Output = Time;
    fn add(self, rhs: Dur) -> Time {
        self.checked_add(rhs).expect("time beyond 2^64 ns")
    }
}

impl AddAssign<Dur> for Time {
    fn add_assign(&mut self, rhs: Dur) {
        *self = *self + rhs;
    }
}

impl Sub for Time {
    type Output = Dur;
    fn sub(self, rhs: Time) -> Dur {
        self.checked_since(rhs).expect("time ran backwards")
    }
}

impl Add for Dur {
    type Output = Dur;
    fn add(self, rhs: Dur) -> Dur {
        Dur(self.0.checked_add(rhs.0).expect("duration beyond 2^64 ns"))
    }
}

impl AddAssign for Dur {
    fn add_assign(&mut self, rhs: Dur) {
        *self = *self + rhs;
    }
}

impl Sub for Dur {
    type Output = Dur;
    fn sub(self, rhs: Dur) -> Dur {
        Dur(self.0.checked_sub(rhs.0).expect("negative duration"))
    }
}

impl Mul<u64> for Dur {
    type Output = Dur;
    fn mul(self, rhs: u64) -> Dur {
        Dur(self.0.checked_mul(rhs).expect("duration beyond 2^64 ns"))
    }
}

impl Sum for Dur {
    fn sum<I: Iterator<Item = Dur>>(iter: I) -> Dur {
        iter.fold(Dur::ZERO, Add::add)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ns", self.0)
    }
}

impl fmt::Debug for Dur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ns", self.0)
    }
}

/// Binary places of a nanosecond that the fine clock keeps.
const FINE_BITS: u32 = 32;

/// A point on a fine clock: units of 2^-32 ns.
///
/// A chain of steps adds durations that are not whole nanoseconds; rounding each would drift by
/// up to half a nanosecond per step. The chain is summed here and only its visible points are
/// rounded down to [`Time`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct FineTime(u128);

/// A duration on the fine clock, in units of 2^-32 ns.
///
/// A `u128`, since a `u64` of these units ends at 4.3 s, less than one long prefill.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct FineDur(u128);

impl FineTime {
    /// The start of a run.
    pub const ZERO: FineTime = FineTime(0);

    /// The visible time: rounded down to whole nanoseconds.
    ///
    /// # Panics
    /// Beyond 2^64 ns.
    #[must_use]
    pub fn floor(self) -> Time {
        Time(u64::try_from(self.0 >> FINE_BITS).expect("time beyond 2^64 ns"))
    }

    /// The time since `earlier`, or `None` if that lies later.
    #[must_use]
    pub const fn checked_since(self, earlier: FineTime) -> Option<FineDur> {
        match self.0.checked_sub(earlier.0) {
            Some(units) => Some(FineDur(units)),
            None => None,
        }
    }

    /// Units of 2^-32 ns since the start of the run.
    #[must_use]
    pub const fn units(self) -> u128 {
        self.0
    }

    /// The point `dur` later, or `None` beyond [`Time::MAX`].
    #[must_use]
    pub const fn checked_add(self, dur: FineDur) -> Option<FineTime> {
        match self.0.checked_add(dur.0) {
            Some(units) if units >> FINE_BITS <= u64::MAX as u128 => Some(FineTime(units)),
            _ => None,
        }
    }
}

impl From<Time> for FineTime {
    fn from(time: Time) -> FineTime {
        FineTime(u128::from(time.0) << FINE_BITS)
    }
}

impl FineDur {
    /// No time at all.
    pub const ZERO: FineDur = FineDur(0);

    /// A duration from units of 2^-32 ns.
    #[must_use]
    pub const fn from_units(units: u128) -> FineDur {
        FineDur(units)
    }

    /// Units of 2^-32 ns.
    #[must_use]
    pub const fn units(self) -> u128 {
        self.0
    }

    /// The only door from floating point: seconds, rounded to the nearest 2^-32 ns. Seconds that
    /// are written as whole nanoseconds (0.005) come out as whole nanoseconds: the product with
    /// 10^9 is rounded once before its fraction is kept.
    ///
    /// # Errors
    /// NaN, infinities, negative values and anything from 2^64 ns on.
    pub fn from_secs_f64(secs: f64) -> Result<FineDur, TimeError> {
        let whole = scale_secs(secs, NANOS_PER_SEC as f64, TWO_POW_64, f64::trunc)?;
        let fraction = secs * NANOS_PER_SEC as f64 - whole;
        let fraction_units = (fraction * (1_u64 << FINE_BITS) as f64).round() as u128;
        Ok(FineDur(((whole as u128) << FINE_BITS) + fraction_units))
    }

    /// Seconds, for display only.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / (1_u64 << FINE_BITS) as f64 / NANOS_PER_SEC as f64
    }
}

impl From<Dur> for FineDur {
    fn from(dur: Dur) -> FineDur {
        FineDur(u128::from(dur.0) << FINE_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_rejects_what_is_not_a_time() {
        assert!(matches!(
            Dur::from_secs_f64(f64::NAN),
            Err(TimeError::NotFinite { .. })
        ));
        assert!(matches!(
            Dur::from_secs_f64(f64::INFINITY),
            Err(TimeError::NotFinite { .. })
        ));
        assert!(matches!(
            Dur::from_secs_f64(-1e-9),
            Err(TimeError::Negative { .. })
        ));
        assert!(matches!(
            Dur::from_secs_f64(1.9e10),
            Err(TimeError::TooLarge { .. })
        ));
        assert!(matches!(
            FineDur::from_secs_f64(1.9e10),
            Err(TimeError::TooLarge { .. })
        ));
        assert_eq!(Dur::from_secs_f64(-0.0), Ok(Dur::ZERO));
    }

    #[test]
    fn the_door_rounds_to_nearest() {
        assert_eq!(Dur::from_secs_f64(0.145_041), Ok(Dur::from_ns(145_041_000)));
        assert_eq!(Dur::from_secs_f64(1.4e-9), Ok(Dur::from_ns(1)));
        assert_eq!(Dur::from_secs_f64(1.5e-9), Ok(Dur::from_ns(2)));
        let below_half = 0.499_999_999_999_999_9e-9;
        assert_eq!(Dur::from_secs_f64(below_half), Ok(Dur::ZERO));
        assert_eq!(
            FineDur::from_secs_f64(0.5e-9).map(FineDur::units),
            Ok(1 << 31)
        );
    }

    #[test]
    fn many_are_rounded_as_one_is() {
        let values = [
            0.0,
            0.4e-9,
            0.6e-9,
            1.0,
            0.145_041,
            2e6,
            3e6,
            f64::NAN,
            -1.0,
            -1e-12,
            -0.0,
            f64::INFINITY,
        ];
        let mut rounded = values.map(|_| Dur::ZERO);
        Dur::round_each(&values, 1.0, &mut rounded, |secs| {
            Dur::from_secs_f64(secs).unwrap_or(Dur::MAX)
        });
        let one_by_one = values.map(|secs| Dur::from_secs_f64(secs).unwrap_or(Dur::MAX));
        assert_eq!(rounded, one_by_one);
    }

    #[test]
    fn the_fine_clock_floors_and_ends_with_time() {
        let start = FineTime::from(Time::from_ns(7));
        let later = start
            .checked_add(FineDur::from_units((1 << 32) - 1))
            .unwrap();
        assert_eq!(later.floor(), Time::from_ns(7));
        assert_eq!(
            later.checked_since(start).map(FineDur::units),
            Some((1 << 32) - 1)
        );
        assert_eq!(start.checked_since(later), None);
        let end = FineTime::from(Time::MAX);
        assert!(
            end.checked_add(FineDur::from_units((1 << 32) - 1))
                .is_some()
        );
        assert!(end.checked_add(FineDur::from_units(1 << 32)).is_none());
    }

    #[test]
    #[should_panic(expected = "time beyond 2^64 ns")]
    fn addition_never_wraps() {
        let _ = Time::MAX + Dur::from_ns(1);
    }
}
