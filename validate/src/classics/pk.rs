//! `pk`: Pollaczek and Khinchine's formula.

use kendall_study::queueing::{At, Figure};

use super::comparison::Comparison;
use super::setting::{Setting, known, poisson_queue};
use crate::ValidateError;
use crate::outcome::Report;
use crate::queueing::by_simulation::law;
use crate::theory::Dist;
use crate::theory::mg1::Mg1;

const LOADS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

/// Laws of services with mean 1, from the least variable to the most.
fn services() -> [(&'static str, Dist); 5] {
    // Balanced means, squared coefficient of variation 4 (Tijms, A First Course in Stochastic
    // Models, 2003, appendix B).
    let p = (1.0 + 0.6_f64.sqrt()) / 2.0;
    // Squared coefficient of variation 2: exp(sigma^2) - 1.
    let variance = 3.0_f64.ln();
    [
        ("deterministic", Dist::Det { value: 1.0 }),
        ("Erlang-4", Dist::Erlang { k: 4, mean: 1.0 }),
        ("exponential", Dist::Exp { mean: 1.0 }),
        (
            "lognormal, C2 = 2",
            Dist::Lognormal {
                mu: -variance / 2.0,
                sigma: variance.sqrt(),
            },
        ),
        (
            "hyperexponential, C2 = 4",
            Dist::Hyperexp {
                p: vec![p, 1.0 - p],
                rates: vec![2.0 * p, 2.0 * (1.0 - p)],
            },
        ),
    ]
}

/// Mean wait and sojourn of M/G/1 with five laws of services.
///
/// # Errors
/// Whatever ends the engine.
pub fn pk() -> Result<Report, ValidateError> {
    let mut comparison = Comparison::new("M/G/1, first come, first served; mean service 1");
    for (name, service) in services() {
        for rho in LOADS {
            comparison.run(&setting(name, &service, rho)?)?;
        }
    }
    comparison.table().note(
        "E_W = lam E[S^2] / (2 (1 - rho)): the mean wait grows with the variance of services, C2 \
         being its ratio to the squared mean",
    );
    Ok(comparison.close(Vec::new()))
}

fn setting(name: &str, service: &Dist, rho: f64) -> Result<Setting, ValidateError> {
    let wait = Mg1 {
        lam: rho,
        service: service.clone(),
    }
    .wait_mean();
    let here = At::station(0);
    let figures = vec![
        known("E_W", Figure::Waiting(here), wait),
        known("E_T", Figure::Sojourn(here), wait + service.mean()),
    ];
    let network = poisson_queue(rho, law(service), 1);
    let setting = Setting::new(format!("{name}, rho {rho}"), network, rho, figures)?;
    Ok(setting.by_recursion())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_the_moments_that_they_are_named_after() {
        for ((name, service), expected) in services().iter().zip([0.0, 0.25, 1.0, 2.0, 4.0]) {
            assert!((service.mean() - 1.0).abs() < 1e-12, "{name}");
            assert!((service.variance() - expected).abs() < 1e-12, "{name}");
        }
    }
}
