//! Roots of monotone functions.

/// The point in [`lo`, `hi`] where a function that rises through 0 does so, by bisection to the last
/// bit.
pub(crate) fn bisect(mut lo: f64, mut hi: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = (lo + hi) / 2.0;
        if middle <= lo || middle >= hi {
            break;
        }
        if f(middle) < 0.0 {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    (lo + hi) / 2.0
}

/// The quantile at `level` of a law on [0, infinity) with this distribution function; `scale` is a
/// first guess of its size.
pub(crate) fn quantile(level: f64, scale: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    if cdf(0.0) >= level {
        return 0.0;
    }
    let mut hi = scale;
    for _ in 0..200 {
        if cdf(hi) >= level {
            break;
        }
        hi *= 2.0;
    }
    bisect(0.0, hi, |x| cdf(x) - level)
}

/// The quantile at `level` as in [`quantile`], by the Illinois variant of regula falsi (Dowell and
/// Jarratt, BIT 11, 1971), to about ten digits: for distribution functions that are smooth and
/// costly.
pub(crate) fn quantile_of_smooth(level: f64, scale: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let (mut lo, mut at_lo) = (0.0, cdf(0.0) - level);
    if at_lo >= 0.0 {
        return 0.0;
    }
    let (mut hi, mut at_hi) = (scale, cdf(scale) - level);
    for _ in 0..200 {
        if at_hi >= 0.0 {
            break;
        }
        (lo, at_lo) = (hi, at_hi);
        hi *= 2.0;
        at_hi = cdf(hi) - level;
    }
    let mut below = None;
    for _ in 0..200 {
        let x = (lo * at_hi - hi * at_lo) / (at_hi - at_lo);
        let at_x = cdf(x) - level;
        let was_below = below.replace(at_x < 0.0);
        if at_x < 0.0 {
            (lo, at_lo) = (x, at_x);
            at_hi *= if was_below == Some(true) { 0.5 } else { 1.0 };
        } else {
            (hi, at_hi) = (x, at_x);
            at_lo *= if was_below == Some(false) { 0.5 } else { 1.0 };
        }
        if hi - lo < 1e-11 * hi || at_x.abs() < 1e-15 {
            return x;
        }
    }
    (lo + hi) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_an_exponential_law() {
        let cdf = |x: f64| -(-x).exp_m1();
        for level in [0.01_f64, 0.5, 0.99, 0.999_99] {
            let exact = -(1.0 - level).ln();
            assert!((quantile(level, 1e-3, cdf) / exact - 1.0).abs() < 1e-10);
            assert!((quantile_of_smooth(level, 1e-3, cdf) / exact - 1.0).abs() < 1e-10);
        }
        assert_eq!(quantile(0.3, 1.0, |x| 0.4 + x), 0.0);
        assert_eq!(quantile_of_smooth(0.3, 1.0, |x| 0.4 + x), 0.0);
    }
}
