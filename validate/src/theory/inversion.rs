//! Numerical inversion of Laplace transforms (Abate and Whitt, Numerical inversion of Laplace
//! transforms of probability distributions, ORSA Journal on Computing 7, 1995: the Euler algorithm).

use super::mg1::Mg1;
use super::numeric::complex::Complex;
use super::numeric::roots::quantile_of_smooth;

/// Parameters of the algorithm: error of discretisation exp(-a), terms before and within Euler's
/// summation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    a: f64,
    terms: u32,
    averaged: u32,
}

const FIRST: Settings = Settings {
    a: 28.0,
    terms: 60,
    averaged: 14,
};
const SECOND: Settings = Settings {
    a: 25.0,
    terms: 85,
    averaged: 16,
};

/// How far two settings may differ, relative to the quantile.
const AGREEMENT: f64 = 1e-7;

/// P(X > t) from `E[exp(-s X)]`.
fn tail(transform: &impl Fn(Complex) -> Complex, t: f64, settings: Settings) -> f64 {
    let of_tail = |s: Complex| ((Complex::ONE - transform(s)) / s).re;
    let at = |k: u32| {
        let s = Complex::new(
            settings.a / (2.0 * t),
            f64::from(k) * std::f64::consts::PI / t,
        );
        let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * of_tail(s)
    };
    let mut sum = at(0) / 2.0;
    for k in 1..=settings.terms {
        sum += at(k);
    }
    // Binomial averages of the following partial sums.
    let (mut weight, mut average) = (0.5_f64.powi(settings.averaged as i32), 0.0);
    for m in 0..=settings.averaged {
        average += weight * sum;
        sum += at(settings.terms + m + 1);
        weight *= f64::from(settings.averaged - m) / f64::from(m + 1);
    }
    (settings.a / 2.0).exp() / t * average
}

/// The quantile at `level` of a law with this transform, if two settings of the algorithm agree on
/// it; they do not near corners of the distribution function.
fn quantile_of(transform: impl Fn(Complex) -> Complex, level: f64, scale: f64) -> Option<f64> {
    let solve = |settings| {
        let cdf = |t: f64| {
            if t == 0.0 {
                0.0
            } else {
                1.0 - tail(&transform, t, settings)
            }
        };
        quantile_of_smooth(level, scale, cdf)
    };
    let (first, second) = (solve(FIRST), solve(SECOND));
    ((first / second - 1.0).abs() < AGREEMENT).then_some(first)
}

/// `E[exp(-s W)]` in order of arrival (Pollaczek and Khinchine; Kleinrock, Queueing Systems, volume 1,
/// section 5.7), and `E[exp(-s S)]`.
fn wait_and_service(queue: &Mg1, s: Complex) -> (Complex, Complex) {
    let service = queue.service.transform_at(s);
    let below = s - (Complex::ONE - service).scale(queue.lam);
    (s.scale(1.0 - queue.rho()) / below, service)
}

/// Quantile of the wait in an M/G/1 in order of arrival.
#[must_use]
pub fn mg1_wait_quantile(queue: &Mg1, level: f64) -> Option<f64> {
    if level <= 1.0 - queue.rho() {
        return Some(0.0);
    }
    quantile_of(|s| wait_and_service(queue, s).0, level, queue.wait_mean())
}

/// Quantile of the sojourn in an M/G/1 in order of arrival.
#[must_use]
pub fn mg1_sojourn_quantile(queue: &Mg1, level: f64) -> Option<f64> {
    let transform = |s| {
        let (wait, service) = wait_and_service(queue, s);
        wait * service
    };
    quantile_of(transform, level, queue.wait_mean() + queue.service.mean())
}
