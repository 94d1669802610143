//! A plain simulator of shared servers in continuous time: everybody's rate is found anew whenever
//! somebody comes, leaves or catches up.

use kendall_queueing::model::Discipline;

use crate::reference::{Desk, Job};

/// Times closer than this, in ns, are the same: far more than the doubles here lose.
pub(crate) const SAME: f64 = 1e-6;

/// When each customer leaves, in ns, if each brings so much more than its size.
pub(crate) fn departures(desk: &Desk, jobs: &[Job], more: f64) -> Vec<f64> {
    let mut attained = vec![0.0; jobs.len()];
    let mut left: Vec<Option<f64>> = vec![None; jobs.len()];
    let size = |n: usize| jobs[n].size as f64 + more;
    let mut now = 0.0;
    let mut come = 0;
    loop {
        let present: Vec<usize> = (0..come).filter(|&n| left[n].is_none()).collect();
        let rates = rates(desk, jobs, &present, &attained);
        let mut step = f64::INFINITY;
        for (&n, rate) in present.iter().zip(&rates).filter(|(_, rate)| **rate > 0.0) {
            step = step.min((size(n) - attained[n]) / rate);
            for &other in present
                .iter()
                .filter(|&&other| attained[other] > attained[n] + SAME)
            {
                if desk.discipline == Discipline::LeastAttained {
                    step = step.min((attained[other] - attained[n]) / rate);
                }
            }
        }
        let arrival = jobs
            .get(come)
            .map_or(f64::INFINITY, |job| job.arrived as f64);
        let next = (now + step.max(0.0)).min(arrival);
        if next.is_infinite() {
            return left.into_iter().map(|left| left.unwrap()).collect();
        }
        for (&n, rate) in present.iter().zip(&rates) {
            attained[n] += rate * (next - now);
            if attained[n] + SAME / 10.0 >= size(n) {
                left[n] = Some(next);
            }
        }
        now = next;
        if arrival <= now {
            come += 1;
        }
    }
}

fn rates(desk: &Desk, jobs: &[Job], present: &[usize], attained: &[f64]) -> Vec<f64> {
    let weights: Vec<f64> = match &desk.discipline {
        Discipline::ProcessorSharing => vec![1.0; present.len()],
        Discipline::Discriminatory(weights) => {
            let weight = |&n: &usize| weights[usize::from(jobs[n].class)];
            present.iter().map(weight).collect()
        }
        Discipline::LeastAttained => {
            let least = present
                .iter()
                .map(|&n| attained[n])
                .fold(f64::INFINITY, f64::min);
            let served = |&n: &usize| f64::from(u8::from(attained[n] <= least + SAME));
            present.iter().map(served).collect()
        }
        other => panic!("{other:?} does not share"),
    };
    let total: f64 = weights.iter().sum();
    let share = |weight: &f64| (desk.servers as f64 * weight / total).min(1.0);
    weights.iter().map(share).collect()
}
