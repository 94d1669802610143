//! Draws by inversion, one uniform number each.

use rand::distr::{Distribution, Open01};

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
/// not), geometric and empirical laws, in closed form or nearly so, and for gamma and Erlang laws
/// by iteration, which is far slower.
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
    Empirical(Steps),
}

/// The least u that is drawn; the greatest is as far from 1.
const LEAST: f64 = f64::EPSILON / 2.0;

/// Values in ascending order, each with the weight up to and including it.
#[derive(Clone, Debug)]
struct Steps {
    values: Vec<f64>,
    cumulative: Vec<f64>,
}

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
            Law::Empirical { values, weights } => Kind::Empirical(Steps::new(values, weights)),
            Law::Zipf { .. }
            | Law::Hyperexponential { .. }
            | Law::PhaseType { .. }
            | Law::Mixture { .. } => {
                return Err(LawError::NoInverse { law: self.name() });
            }
        }))
    }
}

impl Inverse {
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
            Kind::Empirical(steps) => steps.quantile(u),
        }
    }
}

/// The exponential variable of mean 1 that `u` stands for.
fn unit_exponential(u: f64) -> f64 {
    -(-u).ln_1p()
}

impl Steps {
    fn new(values: &[f64], weights: &[f64]) -> Steps {
        let weight = |i: usize| weights.get(i).copied().unwrap_or(1.0);
        let mut order: Vec<usize> = (0..values.len()).filter(|&i| weight(i) > 0.0).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let cumulative = order.iter().scan(0.0, |sum, &i| {
            *sum += weight(i);
            Some(*sum)
        });
        Steps {
            cumulative: cumulative.collect(),
            values: order.iter().map(|&i| values[i]).collect(),
        }
    }

    fn quantile(&self, u: f64) -> f64 {
        let last = self.values.len() - 1;
        let target = u * self.cumulative[last];
        let at = self.cumulative.partition_point(|&sum| sum < target);
        self.values[at.min(last)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Streams};

    const LAWS: &[&str] = &[
        "constant:value=3",
        "exponential:mean=2",
        "uniform:min=-1,max=5",
        "normal:mean=10,sd=3",
        "lognormal:mu=1,sigma=0.4",
        "gamma:shape=0.5,scale=3",
        "weibull:shape=1.5,scale=4",
        "weibull:shape=0.8,scale=4",
        "pareto:alpha=12,min=2",
        "pareto:alpha=1.5,min=1,max=100",
        "pareto:alpha=1,min=1,max=50",
        "geometric:p=0.05",
        "geometric:p=0.8",
        "geometric:p=1",
        "erlang:k=4,mean=6",
        "empirical:values=1|2|30,weights=5|0|2",
        "empirical:values=4|-4",
    ];

    fn law(text: &str) -> Law {
        text.parse().unwrap()
    }

    /// Within z = 5 standard errors of the sample moments.
    #[test]
    fn means_and_variances_are_those_of_theory() {
        let n = 20_000;
        for text in LAWS {
            let law = law(text);
            let inverse = law.inverse().unwrap();
            for side in [Side::Plain, Side::Mirrored] {
                let mut rng = Streams::new(5).stream(0, Purpose::Service);
                let draws: Vec<f64> = (0..n).map(|_| inverse.sample(&mut rng, side)).collect();
                let (mean, variance) = (law.mean().unwrap(), law.variance().unwrap());
                let moment = |order| {
                    let powers = draws.iter().map(|x| (x - mean).powi(order));
                    powers.sum::<f64>() / f64::from(n)
                };
                let rounding = 1e-12 * mean.abs();
                let limit = 5.0 * (variance / f64::from(n)).sqrt() + rounding;
                assert!(
                    moment(1).abs() <= limit,
                    "{text}: mean off by {}",
                    moment(1)
                );
                let spread = (moment(4) - variance * variance).max(0.0) / f64::from(n);
                let error = (moment(2) - variance).abs();
                assert!(
                    error <= 5.0 * spread.sqrt() + rounding,
                    "{text}: variance off by {error}"
                );
            }
        }
    }

    #[test]
    fn values_grow_with_u() {
        for text in LAWS {
            let inverse = law(text).inverse().unwrap();
            let grid: Vec<f64> = (1..1000)
                .map(|i| inverse.quantile(f64::from(i) / 1000.0))
                .collect();
            assert!(grid.is_sorted(), "{text}");
        }
    }

    #[test]
    fn the_ends_stay_within_the_law() {
        let (least, most) = (2.0_f64.powi(-53), 1.0 - 2.0_f64.powi(-53));
        let ends = |text: &str| {
            let inverse = law(text).inverse().unwrap();
            (inverse.quantile(least), inverse.quantile(most))
        };
        let (low, high) = ends("uniform:min=1e15,max=1000000000000001");
        assert!(low >= 1e15 && high < 1e15 + 1.0);
        let (low, high) = ends("pareto:alpha=0.1,min=1,max=50");
        assert!(low >= 1.0 && high <= 50.0);
        assert_eq!(ends("empirical:values=7|3|5").0, 3.0);
        assert_eq!(ends("empirical:values=7|3|5").1, 7.0);
        assert_eq!(ends("geometric:p=0.3").0, 1.0);
        assert!(ends("exponential:mean=1").0 > 0.0);
        assert!(ends("exponential:mean=1").1.is_finite());
    }

    #[test]
    fn normal_variables_lead_to_the_same_values() {
        for text in LAWS {
            let inverse = law(text).inverse().unwrap();
            let mut before = f64::NEG_INFINITY;
            for step in -24..=24 {
                let z = f64::from(step) / 4.0;
                let (value, u) = (inverse.at_normal(z), normal::cdf(z));
                assert!(value >= before, "{text} at {z}");
                before = value;
                // Between neighbours of u, since discrete laws jump and logarithms round.
                let low = inverse.quantile(u - 1e-12);
                let high = inverse.quantile(u + 1e-12);
                let slack = 1e-12 * value.abs();
                assert!(
                    value >= low - slack && value <= high + slack,
                    "{text} at {z}"
                );
            }
            assert!(inverse.at_normal(-40.0) <= inverse.at_normal(40.0));
            assert!(inverse.at_normal(40.0).is_finite(), "{text}");
        }
    }

    #[test]
    fn medians_are_known() {
        let median = |text: &str| law(text).inverse().unwrap().quantile(0.5);
        assert_eq!(median("exponential:mean=2"), 2.0 * 2.0_f64.ln());
        assert_eq!(median("uniform:min=-1,max=5"), 2.0);
        assert_eq!(median("normal:mean=10,sd=3"), 10.0);
        assert_eq!(median("empirical:values=1|2|30,weights=5|1|2"), 1.0);
        assert_eq!(median("geometric:p=0.5"), 1.0);
        // Erlang of two stages of mean 1: (1 + x) exp(-x) = 1/2.
        let x = median("erlang:k=2,mean=2");
        assert!(((1.0 + x) * (-x).exp() - 0.5).abs() < 1e-14);
    }

    #[test]
    fn every_draw_takes_one_number() {
        for text in LAWS {
            let inverse = law(text).inverse().unwrap();
            let mut rng = Streams::new(1).stream(0, Purpose::Service);
            let mut other = rng.clone();
            inverse.sample(&mut rng, Side::Plain);
            let _: f64 = Open01.sample(&mut other);
            assert_eq!(rng, other, "{text}");
        }
    }

    #[test]
    fn what_has_no_inverse_says_so() {
        let error = law("zipf:n=10,s=1").inverse().unwrap_err();
        assert_eq!(
            error.to_string(),
            "zipf cannot be drawn by inversion, which antithetic pairs need"
        );
        let invalid = Law::Exponential { mean: -1.0 };
        assert!(matches!(
            invalid.inverse(),
            Err(LawError::OutOfRange { .. })
        ));
    }
}
