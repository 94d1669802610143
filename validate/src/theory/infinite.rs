//! Unlimited servers: the number present is Poisson, also if the arrival rate depends on time (Eick,
//! Massey and Whitt, The physics of the Mt/G/inf queue, Operations Research 41, 1993, theorem 1).

use super::Dist;
use super::numeric::quadrature::{even_panels, geometric_panels, integrate};
use super::numeric::roots::quantile;
use super::numeric::special::poisson_at_most;

/// P(N <= n) in an M/G/inf with offered load `load`.
#[must_use]
pub fn at_most(n: u32, load: f64) -> f64 {
    poisson_at_most(n, load)
}

/// Quantile of the sojourn, which is the service.
#[must_use]
pub fn sojourn_quantile(level: f64, service: &Dist) -> f64 {
    match service {
        Dist::Det { value } => *value,
        law => quantile(level, law.mean(), |x| 1.0 - law.tail(x)),
    }
}

/// Mean number present at `t` in an Mt/G/inf that is empty at time 0; `jumps` are times at which the
/// rate may jump.
#[must_use]
pub fn number_mean_at(t: f64, rate: impl Fn(f64) -> f64, jumps: &[f64], service: &Dist) -> f64 {
    if t <= 0.0 {
        return 0.0;
    }
    // In terms of the age: fine panels at young ages for short services, even ones for the rate.
    let mut ages = even_panels(0.0, t, 512);
    ages.extend(geometric_panels(t * 1e-6, t, 1.5));
    ages.extend(jumps.iter().map(|jump| t - jump));
    match service {
        Dist::Det { value } => ages.push(*value),
        Dist::Uniform { lo, hi } | Dist::BoundedPareto { lo, hi, .. } => ages.extend([*lo, *hi]),
        _ => {}
    }
    ages.retain(|age| (0.0..=t).contains(age));
    ages.sort_by(f64::total_cmp);
    ages.dedup();
    integrate(&ages, |age| rate(t - age) * service.tail(age))
}
