//! The standard normal law.

use std::f64::consts::TAU;

use super::{assert_probability, gamma};

/// The probability of a value of at most `z`. Accurate relative to itself in both tails.
///
/// From the incomplete gamma function with a = 1/2 (Abramowitz and Stegun 6.5.16).
#[must_use]
pub fn cdf(z: f64) -> f64 {
    let (inside, outside) = gamma::tails(0.5, z * z / 2.0);
    if z < 0.0 {
        outside / 2.0
    } else {
        0.5 + inside / 2.0
    }
}

/// The probability of a value above `z`.
#[must_use]
pub fn survival(z: f64) -> f64 {
    cdf(-z)
}

/// The density.
#[must_use]
pub fn density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / TAU.sqrt()
}

/// The z that a value does not exceed with probability `p`; infinite at 0 and 1.
///
/// Hastings' approximation (Abramowitz and Stegun 26.2.23, off by at most 4.5e-4), then Halley's
/// method, each step of which cubes the error.
///
/// # Panics
/// If `p` does not lie within 0 and 1.
#[must_use]
pub fn quantile(p: f64) -> f64 {
    assert_probability(p);
    if p > 0.5 {
        // The difference is exact.
        return -quantile(1.0 - p);
    }
    if p == 0.5 {
        return 0.0;
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    let t = (-2.0 * p.ln()).sqrt();
    let numerator = 2.515517 + t * (0.802853 + t * 0.010328);
    let denominator = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    let mut z = numerator / denominator - t;
    for _ in 0..3 {
        let newton = (cdf(z) - p) / density(z);
        // The density of subnormal probabilities underflows.
        if !newton.is_finite() {
            break;
        }
        z -= newton / (1.0 + z * newton / 2.0);
    }
    z
}

/// The z that a value exceeds with probability `p`, accurate for small p.
///
/// # Panics
/// If `p` does not lie within 0 and 1.
#[must_use]
pub fn upper_quantile(p: f64) -> f64 {
    -quantile(p)
}
