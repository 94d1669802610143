//! The regularized incomplete gamma functions.

use super::deviance::poisson;

/// P(a, x) and Q(a, x) = 1 - P(a, x) for a > 0; the smaller one is accurate relative to itself.
///
/// By series below a + 1 (Abramowitz and Stegun 6.5.29), by continued fraction above (6.5.31).
/// O(sqrt(a)) terms.
pub(super) fn tails(a: f64, x: f64) -> (f64, f64) {
    if x.is_nan() {
        (x, x)
    } else if x <= 0.0 {
        (0.0, 1.0)
    } else if x == f64::INFINITY {
        (1.0, 0.0)
    } else if x < a + 1.0 {
        let lower = (poisson(a, x) * series(a, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (a * poisson(a, x) * fraction(a, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// x times the density of the gamma law with shape a and scale 1.
pub(super) fn log_density(a: f64, x: f64) -> f64 {
    a * poisson(a, x)
}

/// The sum of x^k / ((a + 1) ... (a + k)); its terms fall from the second on.
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..=MAX_STEPS {
        term *= x / (a + f64::from(k));
        sum += term;
        if term <= f64::EPSILON / 4.0 * sum {
            break;
        }
    }
    sum
}

/// 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / ...)), by the modified method of Lentz
/// (Thompson and Barnett, "Coulomb and Bessel functions of complex arguments and order", J. Comput.
/// Phys. 64, 1986).
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::MAX;
    let mut d = 1.0 / b;
    let mut value = d;
    for i in 1..=MAX_STEPS {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / nonzero(numerator * d + b);
        c = nonzero(b + numerator / c);
        value *= c * d;
        if (c * d - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// More than what converges takes, a few times the square root of the greatest parameter, for
/// parameters up to 10^12.
pub(super) const MAX_STEPS: u32 = 10_000_000;

/// Lentz's guard against a zero denominator.
pub(super) fn nonzero(x: f64) -> f64 {
    if x.abs() < f64::MIN_POSITIVE {
        f64::MIN_POSITIVE
    } else {
        x
    }
}
