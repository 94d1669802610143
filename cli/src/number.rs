//! Numbers of customers, shares and levels on the command line.

use kendall_kernel::stats::{Level, Precision};
use kendall_study::queueing::WarmUpRule;

/// A count that may be written `10M`, `2e9` or plainly.
pub(crate) fn customers(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.chars().last() {
        Some('k' | 'K') => (&text[..text.len() - 1], 1e3),
        Some('M') => (&text[..text.len() - 1], 1e6),
        Some('G') => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    if factor == 1.0
        && let Ok(count) = digits.parse::<u64>()
    {
        return Ok(count);
    }
    let count = digits.parse::<f64>().map(|number| number * factor);
    match count {
        Ok(count) if (0.0..1e18).contains(&count) && count.fract() == 0.0 => Ok(count as u64),
        _ => Err("must be a whole number, for example 1000000, 1e6 or 10M".to_owned()),
    }
}

/// A number of trials, at least 1.
pub(crate) fn trials(text: &str) -> Result<u32, String> {
    const MOST: u32 = 1_000_000;
    match text.parse::<u32>() {
        Ok(0) => Err(
            "0 trials measure nothing; 1 gives figures without intervals, 2 or more give means with them"
                .to_owned(),
        ),
        Ok(trials) if trials <= MOST => Ok(trials),
        _ => Err(format!("must be a whole number from 1 to {MOST}")),
    }
}

/// A warm-up: a number of customers, or `auto`.
pub(crate) fn warm_up(text: &str) -> Result<WarmUpRule, String> {
    match text {
        "auto" => Ok(WarmUpRule::Mser5),
        _ => customers(text)
            .map(WarmUpRule::Customers)
            .map_err(|error| format!("{error}, or auto")),
    }
}

/// A relative half width: `0.1%` or `0.001`.
pub(crate) fn precision(text: &str) -> Result<Precision, String> {
    Precision::new(share(text)?).map_err(|error| error.to_string())
}

/// A level: `95%` or `0.95`.
pub(crate) fn level(text: &str) -> Result<Level, String> {
    Level::new(share(text)?).map_err(|error| error.to_string())
}

/// A positive time in time units.
pub(crate) fn time(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(time) if time.is_finite() && time > 0.0 => Ok(time),
        _ => Err("must be a positive number of time units".to_owned()),
    }
}

/// A share: `1%` or `0.01`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let (digits, whole) = match text.strip_suffix('%') {
        Some(digits) => (digits, 100.0),
        None => (text, 1.0),
    };
    let number = digits.trim().parse::<f64>();
    number
        .map(|number| number / whole)
        .map_err(|_| "must be a share, for example 0.1% or 0.001".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_may_be_abbreviated() {
        let counts = ["0", "1000", "10M", "2e9", "1.5k", "3G"].map(customers);
        let wanted = [0, 1000, 10_000_000, 2_000_000_000, 1500, 3_000_000_000];
        assert_eq!(counts, wanted.map(Ok));
        for wrong in ["", "M", "-1", "1.5", "1e30", "nan", "ten"] {
            assert!(customers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn there_is_at_least_one_trial() {
        assert_eq!((trials("1"), trials("1000000")), (Ok(1), Ok(1_000_000)));
        assert!(trials("0").unwrap_err().contains("2 or more"));
        for wrong in ["", "-1", "1.5", "1000001", "many"] {
            assert!(trials(wrong).unwrap_err().contains("from 1"), "{wrong}");
        }
    }

    #[test]
    fn a_warm_up_may_be_found() {
        assert_eq!(warm_up("auto"), Ok(WarmUpRule::Mser5));
        assert_eq!(warm_up("2k"), Ok(WarmUpRule::Customers(2000)));
        assert!(warm_up("otto").is_err() && warm_up("-1").is_err());
    }

    #[test]
    fn times_are_positive() {
        assert_eq!(time("2.5e3"), Ok(2500.0));
        for wrong in ["0", "-1", "inf", "nan", ""] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_may_be_percentages() {
        assert_eq!(precision("0.1%").unwrap().relative(), 0.001);
        assert!(precision("0").is_err() && precision("-1%").is_err() && precision("x").is_err());
        assert_eq!(level("95%").map(Level::probability), Ok(0.95));
        assert!(level("99%").is_ok() && level("0.9").is_ok() && level("200%").is_err());
    }
}
