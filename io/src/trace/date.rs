//! Dates of log files, in nanoseconds since 1970.

use super::number;

/// Reads `2023-11-16 18:15:46.6805900`: a space or `T` between date and time, any number of
/// fractional digits, then nothing, `Z` or an offset such as `+00:00`.
///
/// `None` for anything else, for what lies before 1970 and for what 63 bits do not hold.
pub(super) fn ns_since_1970(text: &str) -> Option<u64> {
    let date = text.get(..10)?;
    let separator = text.as_bytes().get(10)?;
    let clock = text.get(11..)?;
    if !matches!(separator, b' ' | b'T') {
        return None;
    }
    let (year, month, day) = (
        digits(date.get(..4)?)?,
        digits(date.get(5..7)?)?,
        digits(date.get(8..)?)?,
    );
    if date.as_bytes()[4] != b'-' || date.as_bytes()[7] != b'-' {
        return None;
    }
    let zone_at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let minutes = i64::from(days_since_1970(year, month, day)?) * 24 * 60
        + minutes_of_day(clock.get(..5)?)?
        - offset_minutes(zone)?;
    let seconds = clock.get(5..)?.strip_prefix(':')?;
    let seconds_ns = number::scaled(seconds, 9).ok()?.value;
    if !seconds.starts_with(|c: char| c.is_ascii_digit()) || seconds_ns >= 60_000_000_000 {
        return None;
    }
    u64::try_from(minutes)
        .ok()?
        .checked_mul(60_000_000_000)?
        .checked_add(seconds_ns)
        .filter(|ns| *ns <= number::MAX_ARRIVAL_NS)
}

/// Whether a text starts like a date rather than a number.
pub(super) fn looks_like_date(text: &str) -> bool {
    text.as_bytes().get(4) == Some(&b'-') && text.bytes().take(4).all(|b| b.is_ascii_digit())
}

fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// `HH:MM` as minutes.
fn minutes_of_day(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (hour < 24 && minute < 60).then_some(i64::from(hour * 60 + minute))
}

fn offset_minutes(zone: &str) -> Option<i64> {
    match zone.as_bytes().first() {
        None => Some(0),
        Some(b'Z' | b'z') => (zone.len() == 1).then_some(0),
        Some(b'-') => minutes_of_day(&zone[1..]).map(|minutes| -minutes),
        Some(_) => minutes_of_day(&zone[1..]),
    }
}

/// Days of the Gregorian calendar from 1 January 1970; `None` for days that do not exist or lie
/// before.
fn days_since_1970(year: u32, month: u32, day: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let before_month = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    let start = *before_month.get(month.checked_sub(1)? as usize)?;
    let end = *before_month.get(month as usize)?;
    let days = end - start + u32::from(leap && month == 2);
    if year < 1970 || day == 0 || day > days {
        return None;
    }
    let leap_days = |years: u32| years / 4 - years / 100 + years / 400;
    let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    Some(years + start + u32::from(leap && month > 2) + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_of_the_azure_traces() {
        // date -u -d '2023-11-16 18:15:46' +%s
        let expected = Some(1_700_158_546_680_590_000);
        for text in [
            "2023-11-16 18:15:46.6805900",
            "2023-11-16T18:15:46.68059Z",
            "2023-11-16 18:15:46.680590+00:00",
            "2023-11-16 20:45:46.680590+02:30",
            "2023-11-16 11:15:46.680590-07:00",
        ] {
            assert_eq!(ns_since_1970(text), expected, "{text}");
        }
        assert_eq!(ns_since_1970("1970-01-01 00:00:00"), Some(0));
        // date -u -d '2024-02-29 23:59:59' +%s, 2000-03-01, 2100-03-01
        assert_eq!(
            ns_since_1970("2024-02-29 23:59:59"),
            Some(1_709_251_199_000_000_000)
        );
        assert_eq!(
            ns_since_1970("2000-03-01 00:00:00"),
            Some(951_868_800_000_000_000)
        );
        assert_eq!(
            ns_since_1970("2100-03-01 00:00:00"),
            Some(4_107_542_400_000_000_000)
        );
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2023-11-16",
            "2023-11-16 18:15",
            "2023-11-16 18:15:",
            "2023-11-16 18:15:60",
            "2023-11-16 24:00:00",
            "2023-13-16 18:15:46",
            "2023-00-16 18:15:46",
            "2023-02-29 18:15:46",
            "1969-12-31 23:59:59",
            "1970-01-01 00:00:00+01:00",
            "2023-11-16 18:15:46 ",
            "2023-11-16 18:15:46.5PM",
            "2023-11-16 18:15:46+1",
            "2023-11-16 18:15:-1",
            "2023-11-16 +8:15:46",
            "9999-11-16 18:15:46",
            "é023-11-16 18:15:46",
        ] {
            assert_eq!(ns_since_1970(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}|[-+0-9.: TZé]{0,40}") {
            let _ = ns_since_1970(&text);
        }
    }
}
