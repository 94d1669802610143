//! Student's t law, for any positive number of degrees of freedom.

use super::deviance::beta_kernel;
use super::solve::{Tail, solve};
use super::{assert_degrees_of_freedom, assert_probability, beta, normal};

/// From here on Hill's expansion is more accurate than the continued fraction, whose argument is
/// too near 1.
const EXPANSION_FROM: f64 = 1_000.0;

/// The probability of a value of at most `t` with `df` degrees of freedom.
///
/// # Panics
/// If `df` is not positive and finite.
#[must_use]
pub fn cdf(t: f64, df: f64) -> f64 {
    survival(-t, df)
}

/// The probability of a value above `t` with `df` degrees of freedom.
///
/// From the incomplete beta function (Abramowitz and Stegun 26.7.1); from 1,000 degrees of freedom
/// on by an expansion to a normal variable (Hill, "Algorithm 395: Student's t-distribution", CACM
/// 13, 1970), whose error there is below 10^-13 of the tail up to t = 10 and 10^-11 up to 15.
///
/// # Panics
/// If `df` is not positive and finite.
#[must_use]
pub fn survival(t: f64, df: f64) -> f64 {
    assert_degrees_of_freedom(df);
    if t < 0.0 {
        return 1.0 - survival(-t, df);
    }
    if t.is_nan() {
        return t;
    }
    if df >= EXPANSION_FROM {
        return normal::survival(equivalent_normal(t, df));
    }
    let (x, y) = shares(t, df);
    let (outside, _) = beta::tails(df / 2.0, 0.5, x, y);
    outside / 2.0
}

/// The t that a value does not exceed with probability `p`; infinite at 0 and 1.
///
/// # Panics
/// If `p` does not lie within 0 and 1 or `df` is not positive and finite.
#[must_use]
pub fn quantile(p: f64, df: f64) -> f64 {
    assert_probability(p);
    if p > 0.5 {
        upper_quantile(1.0 - p, df)
    } else {
        -upper_quantile(p, df)
    }
}

/// The t that a value exceeds with probability `p`, accurate for small p.
///
/// # Panics
/// If `p` does not lie within 0 and 1 or `df` is not positive and finite.
#[must_use]
pub fn upper_quantile(p: f64, df: f64) -> f64 {
    assert_probability(p);
    assert_degrees_of_freedom(df);
    if p > 0.5 {
        return -upper_quantile(1.0 - p, df);
    }
    if p == 0.5 {
        return 0.0;
    }
    if p == 0.0 {
        return f64::INFINITY;
    }
    let z = normal::upper_quantile(p);
    // Two terms of the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5).
    let guess = z * (1.0 + (z * z + 1.0) / (4.0 * df));
    solve(Tail::Upper, p, guess, |t| {
        let (x, y) = shares(t, df);
        // dx/dt = -2 x y / t, so that t times the density is the kernel.
        (survival(t, df), beta_kernel(df / 2.0, 0.5, x, y))
    })
}

/// df / (df + t^2) and t^2 / (df + t^2).
fn shares(t: f64, df: f64) -> (f64, f64) {
    let ratio = t * (t / df);
    // 1 / ratio, since the ratio may overflow.
    (1.0 / (1.0 + ratio), 1.0 / (1.0 + df / t / t))
}

/// The value that a standard normal variable exceeds as often as this one exceeds `t`.
fn equivalent_normal(t: f64, df: f64) -> f64 {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * (t / df)).ln_1p();
    // Far beyond what has a probability, where the series would overflow.
    if y > 1e6 {
        return y.sqrt();
    }
    let inner = ((-0.4 * y - 3.3) * y - 24.0) * y - 85.5;
    let series = inner / (0.8 * y * y + 100.0 + b) + y + 3.0;
    (series / b + 1.0) * y.sqrt()
}
