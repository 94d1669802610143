//! Tails, densities and partial moments, and panels on which they are smooth.

use super::{Dist, power_integral};
use crate::theory::numeric::quadrature::{even_panels, geometric_panels};
use crate::theory::numeric::special::{
    ln_factorial, normal_cdf, poisson_at_least, poisson_at_most,
};

impl Dist {
    /// P(X > x) for x >= 0.
    #[must_use]
    pub fn tail(&self, x: f64) -> f64 {
        match self {
            Dist::Exp { mean } => (-x / mean).exp(),
            Dist::Det { value } => f64::from(u8::from(x < *value)),
            Dist::Uniform { lo, hi } => ((hi - x) / (hi - lo)).clamp(0.0, 1.0),
            Dist::Erlang { k, mean } => poisson_at_most(k - 1, x * f64::from(*k) / mean),
            Dist::Hyperexp { p, rates } => p
                .iter()
                .zip(rates)
                .map(|(p, rate)| p * (-rate * x).exp())
                .sum(),
            Dist::Lognormal { mu, sigma } => normal_cdf((mu - x.ln()) / sigma),
            Dist::BoundedPareto { alpha, lo, hi } => {
                let x = x.clamp(*lo, *hi);
                (x.powf(-alpha) - hi.powf(-alpha)) / (lo.powf(-alpha) - hi.powf(-alpha))
            }
            Dist::Geometric { mean } => (1.0 - 1.0 / mean).powf(x.floor()),
        }
    }

    /// The density at x > 0; `None` for laws without one.
    #[must_use]
    pub fn density(&self, x: f64) -> Option<f64> {
        Some(match self {
            Dist::Exp { mean } => (-x / mean).exp() / mean,
            Dist::Uniform { lo, hi } => f64::from(u8::from(*lo <= x && x <= *hi)) / (hi - lo),
            Dist::Erlang { k, mean } => {
                let rate = f64::from(*k) / mean;
                (f64::from(k - 1) * (rate * x).ln() - rate * x - ln_factorial(k - 1)).exp() * rate
            }
            Dist::Hyperexp { p, rates } => p
                .iter()
                .zip(rates)
                .map(|(p, rate)| p * rate * (-rate * x).exp())
                .sum(),
            Dist::Lognormal { mu, sigma } => {
                let z = (x.ln() - mu) / sigma;
                (-z * z / 2.0).exp() / (x * sigma * (2.0 * std::f64::consts::PI).sqrt())
            }
            Dist::BoundedPareto { alpha, lo, hi } => {
                if x < *lo || x > *hi {
                    return Some(0.0);
                }
                alpha * lo.powf(*alpha) * x.powf(-alpha - 1.0) / (1.0 - (lo / hi).powf(*alpha))
            }
            Dist::Det { .. } | Dist::Geometric { .. } => return None,
        })
    }

    /// `E[X^n; X <= x]` for n from 1 to 3; `None` for laws without a density.
    #[must_use]
    pub fn partial_moment(&self, n: u32, x: f64) -> Option<f64> {
        let order = f64::from(n);
        Some(match self {
            Dist::Exp { mean } => self.moment(order) * poisson_at_least(n + 1, x / mean),
            Dist::Uniform { lo, hi } => power_integral(*lo, x.clamp(*lo, *hi), order) / (hi - lo),
            Dist::Erlang { k, mean } => {
                self.moment(order) * poisson_at_least(k + n, x * f64::from(*k) / mean)
            }
            Dist::Hyperexp { p, rates } => {
                let part = |(p, rate): (&f64, &f64)| {
                    let law = Dist::Exp { mean: 1.0 / rate };
                    p * law.moment(order) * poisson_at_least(n + 1, x * rate)
                };
                p.iter().zip(rates).map(part).sum()
            }
            Dist::Lognormal { mu, sigma } => {
                self.moment(order) * normal_cdf((x.ln() - mu) / sigma - order * sigma)
            }
            Dist::BoundedPareto { alpha, lo, hi } => {
                let scale = alpha * lo.powf(*alpha) / (1.0 - (lo / hi).powf(*alpha));
                scale * power_integral(*lo, x.clamp(*lo, *hi), order - alpha - 1.0)
            }
            Dist::Det { .. } | Dist::Geometric { .. } => return None,
        })
    }

    /// Ends of panels that cover all of the law that matters to its first five moments, narrow
    /// enough for quadrature; the first is the lower end of the law.
    #[must_use]
    pub(in crate::theory) fn panels(&self) -> Vec<f64> {
        let from_zero = |smallest: f64, largest: f64| {
            let mut ends = vec![0.0];
            ends.extend(geometric_panels(smallest, largest, 1.5));
            ends
        };
        match self {
            Dist::Exp { mean } => from_zero(mean * 1e-12, mean * 70.0),
            Dist::Det { value } => vec![*value, *value],
            Dist::Uniform { lo, hi } if *lo == 0.0 => from_zero(hi * 1e-12, *hi),
            Dist::Uniform { lo, hi } => even_panels(*lo, *hi, 32),
            Dist::Erlang { k, mean } => {
                let phases = f64::from(*k);
                from_zero(
                    mean * 1e-12,
                    mean * (1.0 + (70.0 + 12.0 * phases.sqrt()) / phases),
                )
            }
            Dist::Hyperexp { rates, .. } => {
                let slowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
                let fastest = rates.iter().copied().fold(0.0, f64::max);
                from_zero(1e-12 / fastest, 70.0 / slowest)
            }
            Dist::Lognormal { mu, sigma } => {
                let (lo, hi) = (
                    (mu - 10.0 * sigma).exp(),
                    (mu + 5.0 * sigma * sigma + 10.0 * sigma).exp(),
                );
                geometric_panels(lo, hi, (sigma / 2.0).min(0.5).exp())
            }
            Dist::BoundedPareto { lo, hi, .. } => geometric_panels(*lo, *hi, 1.25),
            Dist::Geometric { mean } => vec![1.0, *mean * 70.0 + 1.0],
        }
    }
}
