//! Decimal numbers read exactly, as integers and never through floating point.

use std::fmt;

use super::row::Unit;

/// The latest arrival that is read, 292 years: it leaves room to simulate beyond it.
pub(super) const MAX_ARRIVAL_NS: u64 = i64::MAX as u64;

/// Why a text is not the number that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberError {
    NotANumber,
    Negative,
    TooLarge,
}

/// A number times a power of ten, rounded to nearest (halves up).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scaled {
    pub(super) value: u64,
    /// Whether rounding changed nothing.
    pub(super) exact: bool,
}

/// Reads `[+-]digits[.digits][e[+-]digits]` and multiplies by 10^`places`.
pub(super) fn scaled(text: &str, places: u32) -> Result<Scaled, NumberError> {
    if places == 0
        && let Ok(value) = text.parse()
    {
        return Ok(Scaled { value, exact: true });
    }
    // 36 digits reach past every digit that can matter to a 64-bit result.
    const KEPT: u128 = 10_u128.pow(36);
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(NumberError::NotANumber);
    }
    let mut kept = 0_u128;
    let mut lost = false;
    let mut shift = i64::from(places) + exponent - fraction.len() as i64;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return Err(NumberError::NotANumber);
        }
        let digit = byte - b'0';
        if kept < KEPT {
            kept = kept * 10 + u128::from(digit);
        } else {
            shift += 1;
            lost |= digit != 0;
        }
    }
    if negative && kept != 0 {
        return Err(NumberError::Negative);
    }
    let (value, exact) = shifted(kept, shift).ok_or(NumberError::TooLarge)?;
    let value = u64::try_from(value).map_err(|_| NumberError::TooLarge)?;
    Ok(Scaled {
        value,
        exact: exact && !lost,
    })
}

/// `kept` times 10^`shift`, rounded to nearest, and whether that is exact.
fn shifted(kept: u128, shift: i64) -> Option<(u128, bool)> {
    if kept == 0 {
        return Some((0, true));
    }
    let factor = u32::try_from(shift.unsigned_abs())
        .ok()
        .and_then(|power| 10_u128.checked_pow(power));
    match (shift >= 0, factor) {
        (true, Some(factor)) => Some((kept.checked_mul(factor)?, true)),
        (true, None) => None,
        (false, Some(factor)) => Some(((kept + factor / 2) / factor, kept.is_multiple_of(factor))),
        // Fewer than 38 digits divided by at least 10^39.
        (false, None) => Some((0, false)),
    }
}

/// The exponent of a number, cut to a size that no sum overflows.
fn power(text: &str) -> Result<i64, NumberError> {
    const LIMIT: i64 = 1 << 40;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    let size = digits.parse().unwrap_or(LIMIT).min(LIMIT);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// A number of tokens, or what it must be.
pub(super) fn tokens(text: &str) -> Result<u32, &'static str> {
    match scaled(text, 0) {
        Ok(Scaled {
            value: 0,
            exact: true,
        })
        | Err(NumberError::Negative) => Err("be at least 1"),
        Ok(Scaled { value, exact: true }) => {
            u32::try_from(value).map_err(|_| "be at most 4294967295")
        }
        Err(NumberError::TooLarge) => Err("be at most 4294967295"),
        Ok(_) | Err(NumberError::NotANumber) => Err("be a whole number"),
    }
}

/// A block id, or what it must be.
pub(super) fn block_id(text: &str) -> Result<u64, &'static str> {
    match scaled(text, 0) {
        Ok(Scaled { value, exact: true }) => Ok(value),
        _ => Err("be a whole number from 0 to 2^64 - 1"),
    }
}

/// A class number, or what it must be.
pub(super) fn class(text: &str) -> Result<u16, &'static str> {
    match scaled(text, 0) {
        Ok(Scaled { value, exact: true }) => u16::try_from(value).ok(),
        _ => None,
    }
    .ok_or("be a whole number from 0 to 65535 or a name")
}

/// A priority, or what it must be.
pub(super) fn priority(text: &str) -> Result<i32, &'static str> {
    let (sign, size) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    match scaled(size, 0) {
        Ok(Scaled { value, exact: true }) if !size.starts_with('-') => i64::try_from(value)
            .ok()
            .and_then(|value| i32::try_from(sign * value).ok()),
        _ => None,
    }
    .ok_or("be a whole number from -2147483648 to 2147483647")
}

/// An arrival in nanoseconds, or what it must be.
pub(super) fn arrival_ns(text: &str, unit: Unit) -> Result<u64, &'static str> {
    const LATEST: &str = "be at most 2^63 ns (292 years)";
    let Some(places) = unit.places() else {
        return super::date::ns_since_1970(text)
            .ok_or("be a date and time like 2023-11-16 18:15:46.6805900");
    };
    match scaled(text, places) {
        Ok(Scaled { value, .. }) if value <= MAX_ARRIVAL_NS => Ok(value),
        Ok(_) | Err(NumberError::TooLarge) => Err(LATEST),
        Err(NumberError::Negative) => Err("be at least 0"),
        Err(NumberError::NotANumber) => Err("be a number"),
    }
}

/// Shows an integer divided by a power of ten, with no more digits than it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    value: u64,
    places: u32,
}

impl Decimal {
    /// `value` / 10^`places`; at most 19 places.
    pub(super) fn new(value: u64, places: u32) -> Decimal {
        Decimal { value, places }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = 10_u64.pow(self.places);
        let (whole, mut fraction) = (self.value / one, self.value % one);
        write!(f, "{whole}")?;
        if fraction == 0 {
            return Ok(());
        }
        let mut width = self.places as usize;
        while fraction % 10 == 0 {
            fraction /= 10;
            width -= 1;
        }
        write!(f, ".{fraction:0width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str, places: u32) -> Result<u64, NumberError> {
        scaled(text, places).map(|scaled| scaled.value)
    }

    #[test]
    fn decimals_are_exact_and_round_to_nearest() {
        assert_eq!(value("0.1", 9), Ok(100_000_000));
        assert_eq!(value("11403.432082", 9), Ok(11_403_432_082_000));
        assert_eq!(value("18446744073.709551615", 9), Ok(u64::MAX));
        assert_eq!(
            value("18446744073.709551616", 9),
            Err(NumberError::TooLarge)
        );
        assert_eq!(value("0.0000000014", 9), Ok(1));
        assert_eq!(value("0.0000000015", 9), Ok(2));
        assert_eq!(
            value(
                "0.00000000149999999999999999999999999999999999999999999999",
                9
            ),
            Ok(1)
        );
        assert_eq!(value("-0.0", 9), Ok(0));
        assert_eq!(value("-0.1", 9), Err(NumberError::Negative));
        assert_eq!(value("+.5", 1), Ok(5));
        assert_eq!(value("5.", 1), Ok(50));
    }

    #[test]
    fn exponents_move_the_point() {
        assert_eq!(value("1.5e3", 0), Ok(1500));
        assert_eq!(value("1.5E+3", 0), Ok(1500));
        assert_eq!(value("1500e-3", 3), Ok(1500));
        assert_eq!(value("1e-99999999999999999999", 9), Ok(0));
        assert_eq!(
            value("1e99999999999999999999", 9),
            Err(NumberError::TooLarge)
        );
        assert_eq!(value("0e99999999999999999999", 9), Ok(0));
        assert_eq!(value("5e-39", 38), Ok(1));
        assert_eq!(value("4e-39", 38), Ok(0));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "", "-", "+", ".", "e5", "1e", "1e+", "NaN", "inf", "0x1", "1_0", "1 ", "--1", "1.2.3",
        ] {
            assert_eq!(value(text, 9), Err(NumberError::NotANumber), "{text}");
        }
    }

    #[test]
    fn fields_say_what_they_must_be() {
        assert_eq!(tokens("4294967295"), Ok(u32::MAX));
        assert_eq!(tokens("374.0"), Ok(374));
        assert_eq!(tokens("4294967296"), Err("be at most 4294967295"));
        assert_eq!(tokens("1e50"), Err("be at most 4294967295"));
        assert_eq!(tokens("0"), Err("be at least 1"));
        assert_eq!(tokens("-3"), Err("be at least 1"));
        assert_eq!(tokens("0.5"), Err("be a whole number"));
        assert_eq!(tokens("\"12\""), Err("be a whole number"));
        assert_eq!(priority("-2147483648"), Ok(i32::MIN));
        assert!(priority("2147483648").is_err());
        assert!(priority("--1").is_err());
        assert_eq!(class("65535"), Ok(u16::MAX));
        assert!(class("65536").is_err());
        assert_eq!(block_id("18446744073709551615"), Ok(u64::MAX));
        assert!(block_id("-1").is_err());
        assert_eq!(
            arrival_ns("9223372036854775808", Unit::Nanos),
            Err("be at most 2^63 ns (292 years)")
        );
        assert_eq!(arrival_ns("nan", Unit::Seconds), Err("be a number"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(ns: u64, places in 0_u32..=19) {
            let shown = Decimal::new(ns, places).to_string();
            prop_assert_eq!(scaled(&shown, places), Ok(Scaled { value: ns, exact: true }));
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}|[-+0-9.eE]{0,60}", places in 0_u32..12) {
            let _ = scaled(&text, places);
            let _ = priority(&text);
        }
    }
}
