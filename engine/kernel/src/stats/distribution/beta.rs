//! The regularized incomplete beta function and the binomial law.

use super::deviance::beta_kernel;
use super::gamma::{MAX_STEPS, nonzero};

/// I_x(a, b) and 1 - I_x(a, b) for x + y = 1 and positive a and b; the smaller one is accurate
/// relative to itself.
///
/// By continued fraction (Abramowitz and Stegun 26.5.8), from the side where it converges fast
/// (26.5.2). O(sqrt(a + b)) terms.
pub(super) fn tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        (0.0, 1.0)
    } else if y <= 0.0 {
        (1.0, 0.0)
    } else if x < (a + 1.0) / (a + b + 2.0) {
        let lower = (beta_kernel(a, b, x, y) / a * fraction(a, b, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (beta_kernel(a, b, x, y) / b * fraction(b, a, y)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// The probabilities of at most `k` and of more than `k` successes in `n` trials of probability
/// `p` (Abramowitz and Stegun 26.5.24). O(sqrt(n)).
pub(in crate::stats) fn binomial_tails(n: u64, p: f64, k: u64) -> (f64, f64) {
    if k >= n {
        return (1.0, 0.0);
    }
    tails((n - k) as f64, (k + 1) as f64, 1.0 - p, p)
}

/// 1 / (1 + d1 / (1 + d2 / (1 + ...))), by the modified method of Lentz.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..=MAX_STEPS {
        let m = f64::from(m);
        let m2 = 2.0 * m;
        let even = m * (b - m) * x / ((a + m2 - 1.0) * (a + m2));
        let odd = -(a + m) * (a + b + m) * x / ((a + m2) * (a + m2 + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / nonzero(1.0 + numerator * d);
            c = nonzero(1.0 + numerator / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}
