//! The few special functions that moments and distribution functions need.

/// The logarithm of the gamma function for x > 0, within about 10^-13.
///
/// Stirling's series (Abramowitz and Stegun 6.1.41) from 16 on, where the first term left out is
/// below 10^-14; below, the recurrence (6.1.15) leads there.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    let mut shifted = x;
    let mut product = 1.0;
    while shifted < 16.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let z = 1.0 / (shifted * shifted);
    let series = (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z / 1680.0))) / shifted;
    let half_ln_two_pi = 0.5 * std::f64::consts::TAU.ln();
    (shifted - 0.5) * shifted.ln() - shifted + half_ln_two_pi + series - product.ln()
}

/// (1 - exp(-x)) / x, continued to 1 at 0.
pub(super) fn mean_exp(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { -(-x).exp_m1() / x }
}

/// Terms of a harmonic number that are added one by one.
const HARMONIC_HEAD: u64 = 1000;

/// The generalized harmonic number: the sum of k^-s for k from 1 to n. O(1).
///
/// The sum beyond the first thousand terms is by the Euler-Maclaurin formula (Abramowitz and
/// Stegun 23.1.30) with one derivative; the next one is below 10^-11 of a term.
pub(super) fn harmonic(n: u64, s: f64) -> f64 {
    let head = n.min(HARMONIC_HEAD);
    let term = |k: f64| k.powf(-s);
    // From small to large, for accuracy.
    let sum: f64 = (1..=head).rev().map(|k| term(k as f64)).sum();
    if n == head {
        return sum;
    }
    let (a, b) = (head as f64, n as f64);
    let range = (b / a).ln();
    // The integral of x^-s from a to b.
    let integral = a.powf(1.0 - s) * range * mean_exp((s - 1.0) * range);
    let slope = |x: f64| -s * x.powf(-s - 1.0);
    sum + integral + (term(b) - term(a)) / 2.0 + (slope(b) - slope(a)) / 12.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_knows_factorials_and_the_half() {
        let mut factorial = 1.0_f64;
        for n in 1..=100 {
            let x = f64::from(n);
            assert!((ln_gamma(x) - factorial.ln()).abs() < 1e-13 * (1.0 + factorial.ln()));
            factorial *= x;
        }
        let half = std::f64::consts::PI.sqrt().ln();
        assert!((ln_gamma(0.5) - half).abs() < 1e-13);
    }

    #[test]
    fn long_harmonic_sums_are_those_added_one_by_one() {
        for s in [-1.0, 0.0, 0.5, 0.99, 1.0, 1.2, 3.0] {
            let n = 200_000;
            let added: f64 = (1..=n).rev().map(|k| f64::from(k).powf(-s)).sum();
            let relative = (harmonic(u64::from(n as u32), s) - added).abs() / added;
            assert!(relative < 1e-12, "s = {s}: off by {relative}");
        }
    }

    #[test]
    fn mean_exp_is_continuous_at_zero() {
        assert!((mean_exp(1e-12) - mean_exp(0.0)).abs() < 1e-11);
        assert!((mean_exp(-1.0) - (1.0_f64.exp() - 1.0)).abs() < 1e-15);
    }
}
