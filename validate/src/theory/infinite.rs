//! Unlimited servers with arrivals whose rate depends on time: the number present is Poisson (Eick,
//! Massey and Whitt, The physics of the Mt/G/inf queue, Operations Research 41, 1993, theorem 1).

use super::Dist;
use super::numeric::quadrature::{even_panels, geometric_panels, integrate};

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
