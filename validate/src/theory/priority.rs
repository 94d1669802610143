//! Priority classes, the first the most urgent.
//!
//! Cobham, Priority assignment in waiting line problems, Operations Research 2, 1954; Kleinrock,
//! Queueing Systems, volume 2, chapter 3.

use super::Dist;
use super::mmk::Mmk;

/// One class.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorityClass {
    /// Poisson arrival rate.
    pub lam: f64,
    /// Law of service times.
    pub service: Dist,
}

/// Load of the classes more urgent than `class`, and of those together with it.
fn loads(classes: &[PriorityClass], class: usize) -> (f64, f64) {
    let load = |classes: &[PriorityClass]| classes.iter().map(|c| c.lam * c.service.mean()).sum();
    (load(&classes[..class]), load(&classes[..=class]))
}

/// Sum of rate times `E[S^n]`.
fn flow(classes: &[PriorityClass], n: f64) -> f64 {
    classes
        .iter()
        .map(|class| class.lam * class.service.moment(n))
        .sum()
}

/// Mean wait of a class in an M/G/1 without preemption.
#[must_use]
pub fn np_wait_mean(classes: &[PriorityClass], class: usize) -> f64 {
    let (above, with) = loads(classes, class);
    flow(classes, 2.0) / (2.0 * (1.0 - above) * (1.0 - with))
}

/// `E[W^2]` of a class in an M/G/1 without preemption (Kesten and Runnenburg, Priority in waiting line
/// problems, Proc. Kon. Ned. Akad. Wet. A 60, 1957).
#[must_use]
pub fn np_wait_second(classes: &[PriorityClass], class: usize) -> f64 {
    let (above, with) = loads(classes, class);
    let (above, with) = (1.0 - above, 1.0 - with);
    let (all, third) = (flow(classes, 2.0), flow(classes, 3.0));
    let (urgent, own) = (flow(&classes[..class], 2.0), flow(&classes[..=class], 2.0));
    third / (3.0 * above.powi(2) * with)
        + all * own / (2.0 * above.powi(2) * with.powi(2))
        + all * urgent / (2.0 * above.powi(3) * with)
}

/// Mean sojourn of a class in an M/G/1 with preemptive resume.
#[must_use]
pub fn pr_sojourn_mean(classes: &[PriorityClass], class: usize) -> f64 {
    let (above, with) = loads(classes, class);
    let found = flow(&classes[..=class], 2.0) / (2.0 * (1.0 - above) * (1.0 - with));
    found + classes[class].service.mean() / (1.0 - above)
}

/// Var of the sojourn of a class in an M/G/1 with preemptive resume: the work found of its own and
/// more urgent classes and its service, both stretched by the busy periods of the more urgent.
#[must_use]
pub fn pr_sojourn_variance(classes: &[PriorityClass], class: usize) -> f64 {
    let (above, with) = loads(classes, class);
    let (above, with) = (1.0 - above, 1.0 - with);
    let own = &classes[..=class];
    let mean = flow(own, 2.0) / (2.0 * with);
    let variance = mean * mean + flow(own, 3.0) / (3.0 * with);
    let service = &classes[class].service;
    let urgent = flow(&classes[..class], 2.0);
    (variance + service.variance()) / above.powi(2)
        + (mean + service.mean()) * urgent / above.powi(3)
}

/// Mean wait of a class with arrival rates `lam` in an M/M/k without preemption, one rate for all
/// (Cobham 1954, as above; Kella and Yechiali, Waiting times in the non-preemptive priority M/M/c
/// queue, Stochastic Models 1, 1985).
#[must_use]
pub fn mmk_np_wait_mean(lam: &[f64], mu: f64, servers: u32, class: usize) -> f64 {
    let all = Mmk {
        lam: lam.iter().sum(),
        mu,
        servers,
    };
    let capacity = mu * f64::from(servers);
    let above = 1.0 - lam[..class].iter().sum::<f64>() / capacity;
    let with = 1.0 - lam[..=class].iter().sum::<f64>() / capacity;
    all.p_wait() / (capacity * above * with)
}

/// Mean number of a class in an M/M/k with preemptive resume, one rate for all: the classes down to
/// it form an M/M/k, and so do those above it.
#[must_use]
pub fn mmk_pr_number_mean(lam: &[f64], mu: f64, servers: u32, class: usize) -> f64 {
    let number = |lam: f64| {
        if lam > 0.0 {
            Mmk { lam, mu, servers }.number_mean()
        } else {
            0.0
        }
    };
    number(lam[..=class].iter().sum()) - number(lam[..class].iter().sum())
}
