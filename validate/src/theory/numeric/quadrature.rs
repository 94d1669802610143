//! Gauss-Legendre quadrature on panels.

use std::sync::OnceLock;

/// Nodes per panel.
const ORDER: usize = 20;

/// Nodes in (-1, 1) and weights: Newton's method on the Legendre polynomial (Abramowitz and Stegun,
/// 25.4.29).
fn rule() -> &'static [(f64, f64); ORDER] {
    static RULE: OnceLock<[(f64, f64); ORDER]> = OnceLock::new();
    RULE.get_or_init(|| {
        let order = ORDER as f64;
        std::array::from_fn(|index| {
            let mut x = (std::f64::consts::PI * (index as f64 + 0.75) / (order + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..20 {
                let (mut before, mut value) = (1.0, x);
                for degree in 2..=ORDER {
                    let degree = degree as f64;
                    let next =
                        ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree;
                    (before, value) = (value, next);
                }
                slope = order * (x * value - before) / (x * x - 1.0);
                x -= value / slope;
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
    })
}

/// The nodes and weights of one panel.
fn nodes(lo: f64, hi: f64) -> impl Iterator<Item = (f64, f64)> {
    let (middle, half) = ((lo + hi) / 2.0, (hi - lo) / 2.0);
    rule()
        .iter()
        .map(move |(x, weight)| (middle + half * x, weight * half))
}

/// Integral over consecutive panels, whose ends rise.
pub(crate) fn integrate(panels: &[f64], mut f: impl FnMut(f64) -> f64) -> f64 {
    let panels = panels.windows(2).flat_map(|ends| nodes(ends[0], ends[1]));
    panels.map(|(x, weight)| weight * f(x)).sum()
}

/// Integral of `outer(x, I(x))` over panels, where I(x) is `start` plus the integral of `inner` from
/// the first end to x.
pub(crate) fn integrate_running(
    panels: &[f64],
    start: f64,
    inner: impl Fn(f64) -> f64,
    mut outer: impl FnMut(f64, f64) -> f64,
) -> f64 {
    let mut running = start;
    let mut sum = 0.0;
    for ends in panels.windows(2) {
        for (x, weight) in nodes(ends[0], ends[1]) {
            let part: f64 = nodes(ends[0], x).map(|(t, weight)| weight * inner(t)).sum();
            sum += weight * outer(x, running + part);
        }
        running += nodes(ends[0], ends[1])
            .map(|(t, weight)| weight * inner(t))
            .sum::<f64>();
    }
    sum
}

/// Ends of `count` panels of equal length.
pub(crate) fn even_panels(lo: f64, hi: f64, count: u32) -> Vec<f64> {
    let step = (hi - lo) / f64::from(count);
    let mut ends: Vec<f64> = (0..count)
        .map(|index| lo + step * f64::from(index))
        .collect();
    ends.push(hi);
    ends
}

/// Ends of panels that grow by a constant factor of at most `factor`.
pub(crate) fn geometric_panels(lo: f64, hi: f64, factor: f64) -> Vec<f64> {
    let count = ((hi / lo).ln() / factor.ln()).ceil().max(1.0);
    let step = (hi / lo).ln() / count;
    let mut ends: Vec<f64> = (0..count as u32)
        .map(|index| lo * (step * f64::from(index)).exp())
        .collect();
    ends.push(hi);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_and_exponentials_are_integrated() {
        assert!(
            (integrate(&[0.0, 2.0], |x| x.powi(39)) / (2_f64.powi(40) / 40.0) - 1.0).abs() < 1e-12
        );
        let exponential = integrate(&even_panels(0.0, 40.0, 40), |x| (-x).exp());
        assert!((exponential - 1.0).abs() < 1e-14, "{exponential}");
        let heavy = integrate(&geometric_panels(1.0, 1000.0, 1.5), |x| x.powf(-2.1));
        assert!((heavy - (1.0 - 1000_f64.powf(-1.1)) / 1.1).abs() < 1e-14);
    }

    #[test]
    fn a_running_integral_is_a_double_integral() {
        // Integral over [1, 3] of x * (5 + (x^2 - 1) / 2).
        let value = integrate_running(&[1.0, 1.5, 3.0], 5.0, |t| t, |x, inner| x * inner);
        assert!((value - (4.5 * 4.0 + 10.0)).abs() < 1e-12, "{value}");
    }
}
