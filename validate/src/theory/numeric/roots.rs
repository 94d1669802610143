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
