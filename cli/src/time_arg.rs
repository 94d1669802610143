//! Times and warm-ups on the command line.

/// Seconds from `90`, `90s`, `500ms`, `5m` or `2h`.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let units = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (number, factor) = units
        .iter()
        .find_map(|&(unit, factor)| Some((text.strip_suffix(unit)?, factor)))
        .unwrap_or((text, 1.0));
    let value: f64 = number.trim().parse().map_err(|_| expected(text))?;
    let seconds = value * factor;
    if seconds.is_finite() && seconds >= 0.0 {
        Ok(seconds)
    } else {
        Err(expected(text))
    }
}

fn expected(text: &str) -> String {
    format!("`{text}` is not a time, expected for example 90, 90s, 500ms, 5m or 2h")
}

/// What a warm-up leaves out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WarmUpArg {
    /// The first requests.
    Requests(u64),
    /// The first seconds.
    Seconds(f64),
    /// What a rule finds, in networks of queues.
    Auto,
}

/// A number of requests (`100`), a time with its unit (`30s`) or `auto`.
pub(crate) fn warm_up(text: &str) -> Result<WarmUpArg, String> {
    if text == "auto" {
        return Ok(WarmUpArg::Auto);
    }
    match text.parse() {
        Ok(requests) => Ok(WarmUpArg::Requests(requests)),
        Err(_) => seconds(text).map(WarmUpArg::Seconds).map_err(|_| {
            format!("`{text}` is neither a number of requests (100) nor a time (30s), nor auto")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood_and_nonsense_is_not() {
        assert_eq!(seconds("90"), Ok(90.0));
        assert_eq!(seconds("500ms"), Ok(0.5));
        assert_eq!(seconds("2h"), Ok(7200.0));
        for text in ["", "s", "-1", "nan", "5d", "inf"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert_eq!(warm_up("100"), Ok(WarmUpArg::Requests(100)));
        assert_eq!(warm_up("30s"), Ok(WarmUpArg::Seconds(30.0)));
        assert_eq!(warm_up("auto"), Ok(WarmUpArg::Auto));
    }
}
