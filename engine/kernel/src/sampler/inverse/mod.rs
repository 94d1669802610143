//! Draws by inversion, one uniform number each.

mod blend;
mod steps;
#[cfg(test)]
mod tests;

use rand::distr::{Distribution, Open01};

use self::blend::Blend;
use self::steps::Steps;

use super::error::LawError;
use super::law::Law;
use crate::rng::Rng;
use crate::stats::distribution::{chi_square, normal};

/// Draws from a [`Law`] by inverting its distribution function.
///
/// Slower than [`Sampler`](super::Sampler), whose ziggurats and rejections do not take the same
/// number of uniform numbers for every value nor grow with them. Here every value takes one u
/// between 0 and 1 and grows with it, so that a second run that takes 1 - u instead is as far on the
/// other side, draw by draw (antithetic variates; Law, Simulation Modeling and Analysis, 5th
/// edition, section 11.3).
///
/// The same stream gives other values here than with `Sampler`; both runs of a pair have to draw by
/// inversion.
///
/// There is one for constant, exponential, uniform, normal, lognormal, Weibull, Pareto (bounded or
/// not), geometric and empirical laws, in closed form or nearly so, for Zipf laws of up to
/// [`Inverse::MAX_RANKS`] ranks from a table, and for gamma, Erlang and hyperexponential laws and
/// mixtures by iteration, which is far slower. There is none for phase-type laws.
///
/// ```
/// use kendall_kernel::sampler::Side;
/// use kendall_kernel::{Law, Purpose, Streams};
///
/// let uniform = Law::Uniform { min: 0.0, max: 8.0 }.inverse()?;
/// let stream = || Streams::new(1).stream(0, Purpose::Service);
/// let plain = uniform.sample(&mut stream(), Side::Plain);
/// let mirrored = uniform.sample(&mut stream(), Side::Mirrored);
/// assert_eq!(plain + mirrored, 8.0);
/// # Ok::<(), kendall_kernel::LawError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Inverse(Kind);

/// Which of an antithetic pair draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Takes u.
    Plain,
    /// Takes 1 - u.
    Mirrored,
}

#[derive(Clone, Debug)]
enum Kind {
    Constant(f64),
    Exponential {
        mean: f64,
    },
    Uniform {
        min: f64,
        max: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    Weibull {
        inverse_shape: f64,
        scale: f64,
    },
    /// `mass` is what the law without a bound has below `max`, 1 without one.
    Pareto {
        alpha: f64,
        min: f64,
        max: f64,
        mass: f64,
    },
    Geometric {
        ln_failure: f64,
    },
    Steps(Steps),
    Blend(Blend),
}

/// The least u that is drawn; the greatest is as far from 1.
const LEAST: f64 = f64::EPSILON / 2.0;

impl Law {
    /// What draws from this law by inversion.
    ///
    /// # Errors
    /// If the law is not [valid](Law::validate), or there is no inverse for its kind.
    pub fn inverse(&self) -> Result<Inverse, LawError> {
        self.validate()?;
        Ok(Inverse(match self {
            &Law::Constant { value } => Kind::Constant(value),
            &Law::Exponential { mean } => Kind::Exponential { mean },
            &Law::Uniform { min, max } => Kind::Uniform { min, max },
            &Law::Normal { mean, sd } => Kind::Normal { mean, sd },
            &Law::Lognormal { mu, sigma } => Kind::Lognormal { mu, sigma },
            &Law::Gamma { shape, scale } => Kind::Gamma { shape, scale },
            &Law::Erlang { k, mean } => {
                let shape = f64::from(k);
                let scale = mean / shape;
                Kind::Gamma { shape, scale }
            }
            &Law::Weibull { shape, scale } => Kind::Weibull {
                inverse_shape: 1.0 / shape,
                scale,
            },
            &Law::Pareto { alpha, min, max } => Kind::Pareto {
                alpha,
                min,
                max: max.unwrap_or(f64::INFINITY),
                mass: max.map_or(1.0, |max| -(-alpha * (max / min).ln()).exp_m1()),
            },
            &Law::Geometric { p } => Kind::Geometric {
                ln_failure: (-p).ln_1p(),
            },
            Law::Empirical { values, weights } => Kind::Steps(Steps::new(values, weights)),
            &Law::Zipf { n, s } if n <= Inverse::MAX_RANKS => {
                let ranks: Vec<f64> = (1..=n).map(|rank| rank as f64).collect();
                let weights: Vec<f64> = ranks.iter().map(|rank| rank.powf(-s)).collect();
                Kind::Steps(Steps::new(&ranks, &weights))
            }
            Law::Hyperexponential { weights, means } => {
                let branches = means
                    .iter()
                    .map(|&mean| Inverse(Kind::Exponential { mean }));
                Kind::Blend(Blend::new(branches.collect(), weights))
            }
            Law::Mixture { weights, laws } => {
                let parts: Result<Vec<_>, _> = laws.iter().map(Law::inverse).collect();
                Kind::Blend(Blend::new(parts?, weights))
            }
            Law::Zipf { .. } | Law::PhaseType { .. } => {
                return Err(LawError::NoInverse { law: self.name() });
            }
        }))
    }
}

impl Inverse {
    /// Most ranks of a Zipf law: its table has two numbers for each.
    pub const MAX_RANKS: u64 = 1 << 20;

    /// The next value, in the unit of the law's parameters. Takes one number from `rng`, whatever
    /// the law.
    #[inline]
    pub fn sample(&self, rng: &mut Rng, side: Side) -> f64 {
        // An odd multiple of 2^-53, as is its distance from 1, which is exact.
        let u: f64 = Open01.sample(rng);
        match side {
            Side::Plain => self.quantile(u),
            Side::Mirrored => self.quantile(1.0 - u),
        }
    }

    /// The value that stands where `z` stands in the standard normal law: as probable to be not
    /// exceeded. It grows with z, so that normal variables that are correlated give values that are
    /// (Nelsen, An Introduction to Copulas, 2nd edition, section 2.3: the Gaussian copula).
    ///
    /// # Panics
    /// If `z` is NaN.
    #[must_use]
    pub fn at_normal(&self, z: f64) -> f64 {
        match self.0 {
            Kind::Normal { mean, sd } => mean + sd * z,
            Kind::Lognormal { mu, sigma } => (mu + sigma * z).exp(),
            // The ends are as far out as those of a uniform draw.
            _ => self.quantile(normal::cdf(z).clamp(LEAST, 1.0 - LEAST)),
        }
    }

    /// The least value that is not exceeded with probability `u`.
    ///
    /// # Panics
    /// If `u` does not lie between 0 and 1.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        assert!(u > 0.0 && u < 1.0, "{u} does not lie between 0 and 1");
        match &self.0 {
            Kind::Constant(value) => *value,
            Kind::Exponential { mean } => mean * unit_exponential(u),
            Kind::Uniform { min, max } => {
                // Rounding may reach the upper end.
                (min + u * (max - min)).min(max.next_down())
            }
            Kind::Normal { mean, sd } => mean + sd * normal::quantile(u),
            Kind::Lognormal { mu, sigma } => (mu + sigma * normal::quantile(u)).exp(),
            // Twice a gamma variable of scale 1 is chi-square with twice its shape.
            Kind::Gamma { shape, scale } => scale * (chi_square::quantile(u, 2.0 * shape) / 2.0),
            Kind::Weibull {
                inverse_shape,
                scale,
            } => scale * unit_exponential(u).powf(*inverse_shape),
            Kind::Pareto {
                alpha,
                min,
                max,
                mass,
            } => {
                // (1 - u * mass)^(-1 / alpha), accurate for a small mass too.
                let factor = (unit_exponential(u * mass) / alpha).exp();
                (min * factor).min(*max)
            }
            Kind::Geometric { ln_failure } => {
                let trials = -unit_exponential(u) / ln_failure;
                trials.ceil().max(1.0)
            }
            Kind::Steps(steps) => steps.quantile(u),
            Kind::Blend(blend) => blend.quantile(u),
        }
    }

    /// The probability that a value does not exceed `x`.
    fn cdf(&self, x: f64) -> f64 {
        let step = |value: f64| if x >= value { 1.0 } else { 0.0 };
        match &self.0 {
            Kind::Constant(value) => step(*value),
            Kind::Exponential { mean } => up_to(x.max(0.0) / mean),
            Kind::Uniform { min, max } => ((x - min) / (max - min)).clamp(0.0, 1.0),
            Kind::Normal { mean, sd } if *sd == 0.0 => step(*mean),
            Kind::Normal { mean, sd } => normal::cdf((x - mean) / sd),
            Kind::Lognormal { mu, sigma } if *sigma == 0.0 => step(mu.exp()),
            Kind::Lognormal { .. } if x <= 0.0 => 0.0,
            Kind::Lognormal { mu, sigma } => normal::cdf((x.ln() - mu) / sigma),
            Kind::Gamma { shape, scale } => chi_square::cdf(2.0 * x.max(0.0) / scale, 2.0 * shape),
            Kind::Weibull {
                inverse_shape,
                scale,
            } => up_to((x.max(0.0) / scale).powf(1.0 / inverse_shape)),
            Kind::Pareto { min, .. } if x < *min => 0.0,
            Kind::Pareto { max, .. } if x >= *max => 1.0,
            Kind::Pareto {
                alpha, min, mass, ..
            } => up_to(alpha * (x / min).ln()) / mass,
            Kind::Geometric { .. } if x < 1.0 => 0.0,
            Kind::Geometric { ln_failure } => up_to(-ln_failure * x.floor()),
            Kind::Steps(steps) => steps.cdf(x),
            Kind::Blend(blend) => blend.cdf(x),
        }
    }
}

/// The probability that an exponential variable of mean 1 does not exceed `x`.
fn up_to(x: f64) -> f64 {
    -(-x).exp_m1()
}

/// The exponential variable of mean 1 that `u` stands for.
fn unit_exponential(u: f64) -> f64 {
    -(-u).ln_1p()
}
