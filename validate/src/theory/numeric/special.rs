//! Special functions.

/// ln n!, by summation for small and Stirling's series for large `n` (Abramowitz and Stegun,
/// Handbook of Mathematical Functions, 6.1.41).
pub(crate) fn ln_factorial(n: u32) -> f64 {
    if n < 32 {
        return (2..=n).map(|factor| f64::from(factor).ln()).sum();
    }
    let x = f64::from(n) + 1.0;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// P(N = n) for N Poisson with the given mean.
pub(crate) fn poisson(n: u32, mean: f64) -> f64 {
    if mean == 0.0 {
        return if n == 0 { 1.0 } else { 0.0 };
    }
    (f64::from(n) * mean.ln() - mean - ln_factorial(n)).exp()
}

/// P(N >= n) for N Poisson with the given mean; also the regularised lower incomplete gamma function
/// P(n, mean) for whole n (Abramowitz and Stegun, 6.5.13 and 6.5.29).
pub(crate) fn poisson_at_least(n: u32, mean: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    if mean == 0.0 {
        return 0.0;
    }
    if mean < f64::from(n) {
        let mut term = poisson(n, mean);
        let mut sum = 0.0;
        let mut index = f64::from(n);
        while term > sum * 1e-18 && term > 0.0 {
            sum += term;
            index += 1.0;
            term *= mean / index;
        }
        sum
    } else {
        1.0 - poisson_below(n, mean)
    }
}

/// P(N < n) for N Poisson with the given mean.
fn poisson_below(n: u32, mean: f64) -> f64 {
    let mut term = poisson(n - 1, mean);
    let mut sum = 0.0;
    for index in (0..n).rev() {
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
        term *= f64::from(index) / mean;
    }
    sum
}

/// P(N <= n) for N Poisson with the given mean.
pub(crate) fn poisson_at_most(n: u32, mean: f64) -> f64 {
    if mean > f64::from(n) {
        poisson_below(n + 1, mean)
    } else {
        1.0 - poisson_at_least(n + 1, mean)
    }
}

/// The complementary error function (Abramowitz and Stegun, 7.1.6 and 7.1.14).
pub(crate) fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    let gauss = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.5 {
        let mut term = 2.0 * x;
        let mut sum = 0.0;
        let mut order = 1.0;
        while term > sum * 1e-18 {
            sum += term;
            term *= 2.0 * x * x / (2.0 * order + 1.0);
            order += 1.0;
        }
        return 1.0 - gauss * sum;
    }
    let mut fraction = x;
    let mut depth = 60.0;
    while depth >= 1.0 {
        fraction = x + depth / 2.0 / fraction;
        depth -= 1.0;
    }
    gauss / fraction
}

/// The standard normal distribution function.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!(
            (value / expected - 1.0).abs() < 1e-13,
            "{value} is not {expected}"
        );
    }

    #[test]
    fn known_values() {
        // Abramowitz and Stegun, table 7.1 and 7.2 (more digits from the same functions in
        // arbitrary precision).
        close(erfc(0.5), 0.479_500_122_186_953_5);
        close(erfc(2.0), 0.004_677_734_981_047_266);
        close(erfc(3.0), 2.209_049_699_858_544e-5);
        close(erfc(-1.0), 1.842_700_792_949_715);
        close(ln_factorial(31), ln_factorial(30) + 31_f64.ln());
        close(
            ln_factorial(40),
            ln_factorial(31) + (32..=40).map(|n| f64::from(n).ln()).sum::<f64>(),
        );
    }

    #[test]
    fn poisson_sums_agree() {
        for mean in [0.01, 1.0, 7.5, 300.0] {
            let below: f64 = (0..9).map(|n| poisson(n, mean)).sum();
            close(1.0 - poisson_at_least(9, mean) + 1.0, below + 1.0);
            close(poisson_at_most(8, mean) + 1.0, below + 1.0);
            let whole: f64 = (0..1000).map(|n| poisson(n, mean)).sum();
            close(whole + 100.0, 101.0);
        }
    }
}
