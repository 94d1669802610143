//! The saddle-point form of Poisson and binomial probabilities (Loader, "Fast and Accurate
//! Computation of Binomial Probabilities", 2000, sections 3 and 4), for real arguments.

use std::f64::consts::TAU;

use crate::sampler::special::ln_gamma;

/// Where Stirling's series is accurate to 10^-14 after four terms.
const STIRLING_FROM: f64 = 16.0;

/// x^a exp(-x) / Gamma(a + 1) for a > 0 and x > 0: the Poisson probability of a at mean x.
pub(super) fn poisson(a: f64, x: f64) -> f64 {
    (-stirling_error(a) - deviance(a, x)).exp() / (TAU * a).sqrt()
}

/// x^a y^b / B(a, b) for x + y = 1, all positive: a b / (a + b) times the binomial probability of a
/// among a + b.
pub(super) fn beta_kernel(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let errors = stirling_error(n) - stirling_error(a) - stirling_error(b);
    let exponent = errors - deviance(a, n * x) - deviance(b, n * y);
    // a * b may overflow.
    (a / n * b / TAU).sqrt() * exponent.exp()
}

/// ln Gamma(a + 1) - ((a + 1/2) ln a - a + ln(2 pi) / 2), what Stirling's formula leaves out.
fn stirling_error(a: f64) -> f64 {
    if a < STIRLING_FROM {
        return ln_gamma(a + 1.0) - (a + 0.5) * a.ln() + a - 0.5 * TAU.ln();
    }
    let z = 1.0 / (a * a);
    (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z / 1680.0))) / a
}

/// x ln(x / m) + m - x, without cancellation where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        let ratio = x / m;
        // The ratio to a subnormal number may overflow.
        let log = if ratio.is_finite() {
            ratio.ln()
        } else {
            x.ln() - m.ln()
        };
        return x * log - difference;
    }
    // ln(x / m) = 2 artanh(v); each term is below a hundredth of the one before.
    let v = difference / (x + m);
    let mut term = 2.0 * x * v;
    let mut sum = difference * v;
    for odd in (3..100).step_by(2) {
        term *= v * v;
        let next = sum + term / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}
