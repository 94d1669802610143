//! Random variables: laws, how they are written, and what draws from them.
//!
//! A [`Law`] describes, a [`Sampler`] draws, and an [`Inverse`] draws such that antithetic pairs can
//! be made. Invariants: both exist only for a valid law; what they draw is a function of the law and
//! the state of the generator. Deliberately absent: rounding to time, which has one door
//! ([`Dur::from_secs_f64`](crate::Dur::from_secs_f64)), and truncation, which changes a law's
//! moments without saying so.

mod by_cv;
mod error;
mod exponential;
mod forms;
mod inverse;
mod law;
mod moments;
mod phases;
mod range;
mod read;
pub(crate) mod special;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use error::LawError;
pub use inverse::{Inverse, Side};
pub use law::Law;

use phases::Process;
use rand::distr::{Distribution, Open01, Uniform};
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Exp1, Gamma, Geometric, LogNormal, Normal, Zipf};

use crate::rng::Rng;

/// Draws from a [`Law`].
///
/// The algorithms are those of `rand_distr` where it has the law: ziggurat for the exponential and
/// normal (Marsaglia and Tsang 2000), Marsaglia and Tsang's squeeze for gamma and Erlang (2000),
/// rejection for Zipf. Weibull and Pareto variables are functions of an exponential one, which
/// costs less than the logarithm that inversion takes; a choice among weighted things is by alias
/// table (Vose 1991), O(1) whatever their number; a phase-type variable is the sum of its stays.
///
/// ```
/// use kendall_kernel::{Law, Purpose, Streams};
///
/// let sampler = Law::Exponential { mean: 0.5 }.sampler()?;
/// let mut rng = Streams::new(1).stream(0, Purpose::Service);
/// assert!(sampler.sample(&mut rng) >= 0.0);
/// let tokens = "lognormal:mu=6.9,sigma=0.7".parse::<Law>()?.sampler()?;
/// assert!((16..=4096).contains(&tokens.sample_count(&mut rng, 16, 4096)));
/// # Ok::<(), kendall_kernel::LawError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampler(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Constant(Constant),
    Exponential(Exponential),
    Uniform(Uniform<f64>),
    Normal(Normal<f64>),
    Lognormal(LogNormal<f64>),
    Gamma(Gamma<f64>),
    Weibull(Weibull),
    Pareto(Pareto),
    BoundedPareto(BoundedPareto),
    NarrowPareto(NarrowPareto),
    Geometric(Trials),
    Zipf(Ranks),
    Hyperexponential(Choice<Exponential>),
    PhaseType(Process),
    Empirical(Choice<Constant>),
    Mixture(Choice<Sampler>),
}

/// Runs one expression for whichever distribution a sampler holds, the match outside of it.
macro_rules! with_distribution {
    ($sampler:expr, $distribution:ident => $body:expr) => {
        match &$sampler.0 {
            Kind::Constant($distribution) => $body,
            Kind::Exponential($distribution) => $body,
            Kind::Uniform($distribution) => $body,
            Kind::Normal($distribution) => $body,
            Kind::Lognormal($distribution) => $body,
            Kind::Gamma($distribution) => $body,
            Kind::Weibull($distribution) => $body,
            Kind::Pareto($distribution) => $body,
            Kind::BoundedPareto($distribution) => $body,
            Kind::NarrowPareto($distribution) => $body,
            Kind::Geometric($distribution) => $body,
            Kind::Zipf($distribution) => $body,
            Kind::Hyperexponential($distribution) => $body,
            Kind::PhaseType($distribution) => $body,
            Kind::Empirical($distribution) => $body,
            Kind::Mixture($distribution) => $body,
        }
    };
}

impl Sampler {
    /// The next value, in the unit of the law's parameters. Finite, unless a parameter is so
    /// extreme that a value exceeds the largest double.
    #[inline]
    pub fn sample(&self, rng: &mut Rng) -> f64 {
        with_distribution!(self, distribution => distribution.sample(rng))
    }

    /// The next values, the same as from as many calls of [`sample`](Sampler::sample) but with
    /// the kind of law looked up once.
    pub fn fill(&self, rng: &mut Rng, values: &mut [f64]) {
        if let Kind::Exponential(Exponential { mean }) = self.0 {
            return exponential::fill(mean, rng, values);
        }
        with_distribution!(self, distribution => fill(distribution, rng, values));
    }

    /// The next value as a count: rounded to nearest (ties up), then clamped to `min..=max`.
    ///
    /// # Panics
    /// If `min` exceeds `max`.
    #[inline]
    pub fn sample_count(&self, rng: &mut Rng, min: u32, max: u32) -> u32 {
        assert!(min <= max, "counts from {min} to {max}");
        let rounded = self.sample(rng).round();
        rounded.clamp(f64::from(min), f64::from(max)) as u32
    }
}

impl Law {
    /// What draws from this law. O(number of components).
    ///
    /// # Errors
    /// If the law is not [valid](Law::validate).
    pub fn sampler(&self) -> Result<Sampler, LawError> {
        self.validate()?;
        Ok(Sampler(kind(self)))
    }
}

/// A function per law, and a generator of its own: so its state stays in registers.
#[inline(never)]
fn fill(distribution: &impl Distribution<f64>, rng: &mut Rng, values: &mut [f64]) {
    let mut own = rng.clone();
    for value in values {
        *value = distribution.sample(&mut own);
    }
    *rng = own;
}

/// What `rand_distr` refuses is a subset of what [`Law::validate`] refuses.
const VALIDATED: &str = "the law was validated";

fn kind(law: &Law) -> Kind {
    match law {
        &Law::Constant { value } => Kind::Constant(Constant(value)),
        &Law::Exponential { mean } => Kind::Exponential(Exponential { mean }),
        &Law::Uniform { min, max } => Kind::Uniform(Uniform::new(min, max).expect(VALIDATED)),
        &Law::Normal { mean, sd } => Kind::Normal(Normal::new(mean, sd).expect(VALIDATED)),
        &Law::Lognormal { mu, sigma } => {
            Kind::Lognormal(LogNormal::new(mu, sigma).expect(VALIDATED))
        }
        &Law::Gamma { shape, scale } => Kind::Gamma(Gamma::new(shape, scale).expect(VALIDATED)),
        &Law::Weibull { shape, scale } => {
            let exponent = 1.0 / shape;
            Kind::Weibull(Weibull { scale, exponent })
        }
        &Law::Pareto { alpha, min, max } => pareto(Pareto { min, alpha }, max),
        &Law::Geometric { p } => Kind::Geometric(Trials(Geometric::new(p).expect(VALIDATED))),
        &Law::Zipf { n, s } => {
            let n = n as f64;
            // Its formulas cancel near 1 but have a form of their own at 1.
            let s = if (s - 1.0).abs() < 1e-8 { 1.0 } else { s };
            let law = Zipf::new(n, s).expect(VALIDATED);
            Kind::Zipf(Ranks { law, n })
        }
        &Law::Erlang { k, mean } => {
            let stages = f64::from(k);
            Kind::Gamma(Gamma::new(stages, mean / stages).expect(VALIDATED))
        }
        Law::Hyperexponential { weights, means } => {
            let branches = means.iter().map(|&mean| Exponential { mean });
            Kind::Hyperexponential(Choice::new(weights, branches.collect()))
        }
        Law::PhaseType { initial, generator } => Kind::PhaseType(Process::new(initial, generator)),
        Law::Empirical { values, weights } => Kind::Empirical(Choice::new(
            weights,
            values.iter().copied().map(Constant).collect(),
        )),
        Law::Mixture { weights, laws } => {
            let samplers = laws.iter().map(|law| Sampler(kind(law)));
            Kind::Mixture(Choice::new(weights, samplers.collect()))
        }
    }
}

impl Distribution<f64> for Sampler {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        with_distribution!(self, distribution => distribution.sample(rng))
    }
}

#[derive(Clone, Copy, Debug)]
struct Constant(f64);

impl Distribution<f64> for Constant {
    fn sample<R: rand::Rng + ?Sized>(&self, _: &mut R) -> f64 {
        self.0
    }
}

/// Scaled by the mean; `rand_distr::Exp` takes the rate, whose reciprocal need not be the mean.
#[derive(Clone, Copy, Debug)]
struct Exponential {
    mean: f64,
}

impl Distribution<f64> for Exponential {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let unit: f64 = Exp1.sample(rng);
        self.mean * unit
    }
}

/// A power of an exponential variable.
#[derive(Clone, Copy, Debug)]
struct Weibull {
    scale: f64,
    /// One over the shape.
    exponent: f64,
}

impl Distribution<f64> for Weibull {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let unit: f64 = Exp1.sample(rng);
        self.scale * unit.powf(self.exponent)
    }
}

/// The logarithm, in units of `min`, is exponential with rate alpha.
#[derive(Clone, Copy, Debug)]
struct Pareto {
    min: f64,
    alpha: f64,
}

impl Distribution<f64> for Pareto {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let unit: f64 = Exp1.sample(rng);
        self.min * (unit / self.alpha).exp()
    }
}

/// A Pareto law, conditioned on not exceeding `max` if there is one.
fn pareto(law: Pareto, max: Option<f64>) -> Kind {
    let Some(max) = max else {
        return Kind::Pareto(law);
    };
    let limit = law.alpha * (max / law.min).ln();
    // Below, an exponential variable holds too few bits to be reduced to the range.
    if limit > 1e-3 {
        Kind::BoundedPareto(BoundedPareto { law, max, limit })
    } else {
        let mass = -(-limit).exp_m1();
        Kind::NarrowPareto(NarrowPareto { law, max, mass })
    }
}

/// An exponential variable modulo `limit` is one conditioned on being less than `limit`, since
/// it has no memory.
#[derive(Clone, Copy, Debug)]
struct BoundedPareto {
    law: Pareto,
    max: f64,
    /// alpha ln(max / min).
    limit: f64,
}

impl Distribution<f64> for BoundedPareto {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let Pareto { min, alpha } = self.law;
        let mut unit: f64 = Exp1.sample(rng);
        if unit >= self.limit {
            unit %= self.limit;
        }
        (min * (unit / alpha).exp()).min(self.max)
    }
}

/// By inversion: the survival function falls from 1 at `min` to (min / max)^alpha at `max`.
#[derive(Clone, Copy, Debug)]
struct NarrowPareto {
    law: Pareto,
    max: f64,
    /// 1 - (min / max)^alpha.
    mass: f64,
}

impl Distribution<f64> for NarrowPareto {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let Pareto { min, alpha } = self.law;
        let u: f64 = Open01.sample(rng);
        // (1 - u * mass)^(-1 / alpha), accurate for a small mass too.
        let factor = ((-u * self.mass).ln_1p() / -alpha).exp();
        (min * factor).min(self.max)
    }
}

/// Counts the success too, where `rand_distr` counts the failures before it.
#[derive(Clone, Copy, Debug)]
struct Trials(Geometric);

impl Distribution<f64> for Trials {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.0.sample(rng) as f64 + 1.0
    }
}

/// Keeps to n, which rounding in the inversion may exceed by one.
#[derive(Clone, Copy, Debug)]
struct Ranks {
    law: Zipf<f64>,
    n: f64,
}

impl Distribution<f64> for Ranks {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.law.sample(rng).min(self.n)
    }
}

/// One of several distributions, chosen by weight.
#[derive(Clone, Debug)]
struct Choice<D> {
    pick: WeightedAliasIndex<f64>,
    branches: Box<[D]>,
}

impl<D> Choice<D> {
    /// `weights` are valid for the branches, or none at all for equal ones.
    fn new(weights: &[f64], branches: Box<[D]>) -> Choice<D> {
        let weights = if weights.is_empty() {
            vec![1.0; branches.len()]
        } else {
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        };
        Choice {
            pick: WeightedAliasIndex::new(weights).expect(VALIDATED),
            branches,
        }
    }
}

impl<D: Distribution<f64>> Distribution<f64> for Choice<D> {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.branches[self.pick.sample(rng)].sample(rng)
    }
}
