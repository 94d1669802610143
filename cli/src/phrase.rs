//! Phrases that several reports share.

use kendall_kernel::stats::Level;

/// A share in per cent, without the digits that only binary fractions have: `7` for 0.07.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    // A float keeps fifteen decimal digits of what it was read from, the product fourteen.
    let rounded = format!("{percent:.13e}").parse::<f64>();
    rounded.unwrap_or(percent).to_string()
}

/// Name and description of a scenario, as far as it has them; `otherwise` without either.
pub(crate) fn title(name: &str, description: &str, otherwise: &str) -> String {
    match (name, description) {
        ("", "") => otherwise.to_owned(),
        (one, "") | ("", one) => one.to_owned(),
        (name, description) => format!("{name}: {description}"),
    }
}

/// `20 trials`.
pub(crate) fn trials(count: u32) -> String {
    match count {
        1 => "1 trial".to_owned(),
        _ => format!("{count} trials"),
    }
}

/// `20 trials under seed 7, 95 % intervals`; one trial has none.
pub(crate) fn trials_with_intervals(count: u32, seed: u64, level: Level) -> String {
    let intervals = match count {
        1 => String::new(),
        _ => format!(", {} % intervals", percent(level.probability())),
    };
    format!("{} under seed {seed}{intervals}", trials(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_in_per_cent_have_no_noise() {
        // As a float, 0.07 * 100 is 7.000000000000001.
        for (share, shown) in [
            (0.07, "7"),
            (0.57, "57"),
            (0.95, "95"),
            (0.999, "99.9"),
            (0.123_456_789, "12.3456789"),
            (1e-11, "0.000000001"),
            (1.0 / 3.0, "33.333333333333"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(percent(share), shown);
        }
        for thousandths in 1..1000 {
            let shown = percent(f64::from(thousandths) / 1000.0);
            assert!(shown.len() <= 4, "{shown}");
        }
    }

    #[test]
    fn titles_say_what_there_is() {
        assert_eq!(title("a", "of b", "c"), "a: of b");
        assert_eq!(title("a", "", "c"), "a");
        assert_eq!(title("", "of b", "c"), "of b");
        assert_eq!(title("", "", "c"), "c");
    }

    #[test]
    fn one_trial_is_singular_and_has_no_interval() {
        let shown = |count| trials_with_intervals(count, 7, Level::P95);
        assert_eq!(shown(1), "1 trial under seed 7");
        assert_eq!(shown(2), "2 trials under seed 7, 95 % intervals");
    }
}
