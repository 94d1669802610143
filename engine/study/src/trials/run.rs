//! Trials on all cores.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::plan::Plan;
use super::table::{Measured, Trials};
use crate::parallel::each;

/// Follows trials from whatever thread they run on.
pub trait Watch: Sync {
    /// So many runs, of all variants together, have ended out of those that are planned so far.
    fn ran(&self, _done: u64, _planned: u64) {}

    /// Whether to begin no more.
    fn stops(&self) -> bool {
        false
    }
}

impl Watch for () {}

/// Runs what a plan says. `trial` makes trial k of a variant; `None` if it had to end early, as when
/// its watch stops it.
///
/// # Errors
/// That of the first trial, by trial and then by variant, that fails; those behind it do not begin
/// any more.
pub fn run<T: Measured, E: Send>(
    plan: &Plan,
    watch: &dyn Watch,
    trial: impl Fn(usize, u32) -> Result<Option<T>, E> + Sync,
) -> Result<Trials<T>, E> {
    let mut trials = Trials::new(plan.variants());
    let mut round = Some(plan.first_round());
    while let Some(until) = round {
        let rows = rows(trials.trials()..until, &trials, watch, &trial)?;
        let stopped = rows.iter().any(Option::is_none);
        trials.extend(rows);
        round = match stopped {
            true => None,
            false => plan.next_round(&trials),
        };
    }
    Ok(trials)
}

/// The next trials of every variant.
fn rows<T: Measured, E: Send>(
    numbers: std::ops::Range<u32>,
    before: &Trials<T>,
    watch: &dyn Watch,
    trial: &(impl Fn(usize, u32) -> Result<Option<T>, E> + Sync),
) -> Result<Vec<Option<T>>, E> {
    let variants = before.variants();
    let first = before.trials() as usize * variants;
    let planned = numbers.end as usize * variants;
    let done = AtomicU64::new(first as u64);
    // Those in front of a failure still run, so that which one is told does not depend on threads.
    let failed = AtomicUsize::new(usize::MAX);
    let results = each((first..planned).collect(), |index| {
        if watch.stops() || failed.load(Ordering::Relaxed) < index {
            return Ok(Ok(None));
        }
        let result = trial(index % variants, (index / variants) as u32);
        if result.is_err() {
            failed.fetch_min(index, Ordering::Relaxed);
        }
        watch.ran(done.fetch_add(1, Ordering::Relaxed) + 1, planned as u64);
        Ok::<_, std::convert::Infallible>(result)
    });
    let Ok(results) = results;
    results.into_iter().collect()
}
