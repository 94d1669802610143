//! The chi-square law, for any positive number of degrees of freedom.

use super::solve::{Tail, solve};
use super::{assert_degrees_of_freedom, assert_probability, gamma, normal};

/// The probability of a value of at most `x` with `df` degrees of freedom (Abramowitz and Stegun
/// 26.4.19). Accurate relative to itself.
///
/// # Panics
/// If `df` is not positive and finite.
#[must_use]
pub fn cdf(x: f64, df: f64) -> f64 {
    assert_degrees_of_freedom(df);
    gamma::tails(df / 2.0, x / 2.0).0
}

/// The probability of a value above `x` with `df` degrees of freedom. Accurate relative to itself.
///
/// # Panics
/// If `df` is not positive and finite.
#[must_use]
pub fn survival(x: f64, df: f64) -> f64 {
    assert_degrees_of_freedom(df);
    gamma::tails(df / 2.0, x / 2.0).1
}

/// The x that a value does not exceed with probability `p`; 0 and infinite at 0 and 1.
///
/// # Panics
/// If `p` does not lie within 0 and 1 or `df` is not positive and finite.
#[must_use]
pub fn quantile(p: f64, df: f64) -> f64 {
    assert_probability(p);
    assert_degrees_of_freedom(df);
    if p > 0.5 {
        return upper_quantile(1.0 - p, df);
    }
    if p == 0.0 {
        return 0.0;
    }
    solve(Tail::Lower, p, guess(normal::quantile(p), df), |x| {
        (cdf(x, df), gamma::log_density(df / 2.0, x / 2.0))
    })
}

/// The x that a value exceeds with probability `p`, accurate for small p.
///
/// # Panics
/// If `p` does not lie within 0 and 1 or `df` is not positive and finite.
#[must_use]
pub fn upper_quantile(p: f64, df: f64) -> f64 {
    assert_probability(p);
    assert_degrees_of_freedom(df);
    if p > 0.5 {
        return quantile(1.0 - p, df);
    }
    if p == 0.0 {
        return f64::INFINITY;
    }
    solve(Tail::Upper, p, guess(normal::upper_quantile(p), df), |x| {
        (survival(x, df), gamma::log_density(df / 2.0, x / 2.0))
    })
}

/// The approximation of Wilson and Hilferty (Abramowitz and Stegun 26.4.17), kept positive.
fn guess(z: f64, df: f64) -> f64 {
    let spread = 2.0 / (9.0 * df);
    let root = 1.0 - spread + z * spread.sqrt();
    df * root.max(0.05).powi(3)
}
