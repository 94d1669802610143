//! Quantiles by bisection, and the two distribution functions most of them are made of.

use super::numeric::{roots, special};

/// The quantile at `level` of a law on [0, infinity) from its distribution function; `scale` is a
/// first guess of its size.
pub fn of(level: f64, scale: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    roots::quantile(level, scale, cdf)
}

/// P(sum of `phases` exponentials of rate 1 <= x); 1 for no phases.
#[must_use]
pub fn erlang_cdf(phases: u32, x: f64) -> f64 {
    special::poisson_at_least(phases, x)
}

/// P(N <= n) for N Poisson with the given mean.
#[must_use]
pub fn poisson_cdf(n: u32, mean: f64) -> f64 {
    special::poisson_at_most(n, mean)
}
