//! Processor sharing among classes.

use super::Dist;
use super::numeric::linear::{Matrix, solve_vector};

/// A class that shares the server.
#[derive(Clone, Debug, PartialEq)]
pub struct SharingClass {
    /// Poisson arrival rate.
    pub lam: f64,
    /// Law of service times.
    pub service: Dist,
    /// Share of the server relative to other classes.
    pub weight: f64,
}

/// Mean sojourns by class under discriminatory processor sharing with exponential service.
///
/// Fayolle, Mitrani and Iasnogorodski, Sharing a processor among many job classes, J. ACM 27, 1980:
/// a linear system. `None` for other laws, or a load of 1 or more.
#[must_use]
pub fn discriminatory_sojourn_means(classes: &[SharingClass]) -> Option<Vec<f64>> {
    let rates: Option<Vec<f64>> = classes
        .iter()
        .map(|class| class.service.exponential_rate())
        .collect();
    let rates = rates?;
    let mut matrix = Matrix::identity(classes.len());
    for (k, own) in classes.iter().enumerate() {
        for (j, other) in classes.iter().enumerate() {
            let met = other.lam * other.weight / (other.weight * rates[j] + own.weight * rates[k]);
            matrix[(k, k)] -= met;
            matrix[(k, j)] -= met;
        }
    }
    let services: Vec<f64> = rates.iter().map(|rate| 1.0 / rate).collect();
    solve_vector(&matrix, &services).filter(|means| means.iter().all(|mean| *mean > 0.0))
}

/// Mean sojourn of a class under equal sharing: its mean size over the idle share, whatever the
/// laws (Kleinrock, Queueing Systems, volume 2, section 4.4).
#[must_use]
pub fn equal_sojourn_mean(classes: &[SharingClass], class: usize) -> f64 {
    let load: f64 = classes
        .iter()
        .map(|class| class.lam * class.service.mean())
        .sum();
    classes[class].service.mean() / (1.0 - load)
}
