//! Laplace-Stieltjes transforms `E[exp(-s X)]`.

use super::Dist;
use crate::theory::numeric::complex::Complex;
use crate::theory::numeric::quadrature::integrate;

impl Dist {
    /// E[exp(-s X)] for real s >= 0.
    #[must_use]
    pub fn transform(&self, s: f64) -> f64 {
        self.transform_at(Complex::real(s)).re
    }

    /// The same for complex s with positive real part.
    pub(in crate::theory) fn transform_at(&self, s: Complex) -> Complex {
        let exponential = |rate: f64| Complex::real(rate) / (Complex::real(rate) + s);
        match self {
            Dist::Exp { mean } => exponential(1.0 / mean),
            Dist::Det { value } => s.scale(-value).exp(),
            Dist::Uniform { lo, hi } => {
                let z = s.scale(hi - lo);
                // (1 - exp(-z)) / z, by its series where the difference would cancel.
                let mean = if z.norm() < 1e-3 {
                    Complex::ONE - z.scale(0.5) + (z * z).scale(1.0 / 6.0)
                        - z.powu(3).scale(1.0 / 24.0)
                        + z.powu(4).scale(1.0 / 120.0)
                } else {
                    (Complex::ONE - (-z).exp()) / z
                };
                s.scale(-lo).exp() * mean
            }
            Dist::Erlang { k, mean } => exponential(f64::from(*k) / mean).powu(*k),
            Dist::Hyperexp { p, rates } => {
                let parts = p
                    .iter()
                    .zip(rates)
                    .map(|(p, rate)| exponential(*rate).scale(*p));
                parts.fold(Complex::real(0.0), |sum, part| sum + part)
            }
            Dist::Geometric { mean } => {
                let z = (-s).exp();
                z.scale(1.0 / mean) / (Complex::ONE - z.scale(1.0 - 1.0 / mean))
            }
            Dist::Lognormal { .. } | Dist::BoundedPareto { .. } => {
                let density = |x: f64| self.density(x).unwrap_or(0.0) * (-s.re * x).exp();
                let panels = refined(&self.panels(), s);
                let re = integrate(&panels, |x| density(x) * (s.im * x).cos());
                let im = integrate(&panels, |x| density(x) * -(s.im * x).sin());
                Complex::new(re, im)
            }
        }
    }
}

/// Panels narrow enough for the oscillation of exp(-s x), up to where it is damped away.
fn refined(panels: &[f64], s: Complex) -> Vec<f64> {
    const RADIANS: f64 = 12.0;
    let mut ends = vec![panels[0]];
    for pair in panels.windows(2) {
        if s.re * (pair[0] - panels[0]) > 45.0 {
            break;
        }
        let width = pair[1] - pair[0];
        let pieces = (width * s.im.abs() / RADIANS).ceil().clamp(1.0, 10_000.0);
        let mut piece = 1.0;
        while piece <= pieces {
            ends.push(pair[0] + width * piece / pieces);
            piece += 1.0;
        }
    }
    ends
}
