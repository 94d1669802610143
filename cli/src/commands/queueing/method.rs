//! Where the beginning of a run ends, and what its intervals rest on.

use kendall_kernel::stats::{Estimate, Precision};
use kendall_study::queueing::{
    Experiment, Figure, Intervals, Pilots, Plan, WarmUpRule, detect_warm_up,
};

use super::figures::Row;
use super::{CUSTOMERS, Settings};
use crate::failure::Failure;

/// Lets a plan have the intervals and the warm-up that are asked for; with what pilot runs told of
/// the latter, if there were any.
pub(super) fn choose(
    plan: Plan,
    rows: &[Row],
    settings: &Settings,
) -> Result<(Plan, Option<Pilots>), Failure> {
    let mut plan = plan;
    if settings.intervals == Intervals::Regenerative {
        let figures: Vec<Figure> = rows.iter().map(|row| row.figure).collect();
        plan = plan.in_cycles(&figures)?;
    }
    check(settings)?;
    let pilots = match settings.warm_up {
        WarmUpRule::Load => None,
        WarmUpRule::Customers(customers) => {
            plan.warm_up = customers;
            None
        }
        WarmUpRule::Mser5 => {
            let all = settings.customers.unwrap_or(CUSTOMERS);
            let own = all / u64::from(plan.replications);
            let first = rows.first().map(|row| row.figure);
            let pilots = first.map(|figure| detect_warm_up(&plan, figure, own));
            pilots.transpose()?
        }
    };
    if let Some(pilots) = pilots {
        plan.warm_up = pilots.warm_up;
    }
    Ok((plan, pilots))
}

/// Refuses what does not go together.
fn check(settings: &Settings) -> Result<(), Failure> {
    let to_time = settings.until.is_some();
    if to_time && settings.warm_up == WarmUpRule::Mser5 {
        return Err(Failure::usage(
            "a run to a time is about its beginning, there is no warm-up to find",
            "leave out the time (until), or the warm-up",
        ));
    }
    if settings.intervals == Intervals::BatchMeans {
        return Ok(());
    }
    let warms_up = !matches!(
        settings.warm_up,
        WarmUpRule::Load | WarmUpRule::Customers(0)
    );
    let refused = [
        (
            to_time,
            "a run to a time has no regenerative intervals: its figures depend on its beginning",
            "leave out the time (until), or the intervals",
        ),
        (
            warms_up,
            "regenerative intervals have no use for a warm-up: every run begins with a cycle",
            "leave out the warm-up, or use intervals of batch means",
        ),
        (
            settings.antithetic,
            "regenerative intervals need cycles that do not depend on each other, those of \
             antithetic pairs do",
            "leave out --antithetic or --intervals",
        ),
        (
            settings.quantiles,
            "regenerative intervals are for means and shares, not for quantiles",
            "leave out --quantiles or --intervals",
        ),
    ];
    match refused.into_iter().find(|(given, ..)| *given) {
        None => Ok(()),
        Some((_, what, hint)) => Err(Failure::usage(what, hint)),
    }
}

/// A figure with the interval that was asked for.
pub(super) fn estimate(
    experiment: &Experiment,
    intervals: Intervals,
    figure: Figure,
) -> Option<Estimate> {
    match intervals {
        Intervals::BatchMeans => experiment.estimate(figure),
        Intervals::Regenerative => experiment.regenerative(figure),
    }
}

/// The precision asked for, which counts only where cycles are enough.
pub(super) fn precision(precision: Precision, intervals: Intervals) -> Result<Precision, Failure> {
    Ok(match intervals {
        Intervals::BatchMeans => precision,
        Intervals::Regenerative => precision.at_least(Intervals::LEAST_CYCLES)?,
    })
}

/// Refuses regenerative intervals of too few cycles.
pub(super) fn check_cycles(experiment: &Experiment, intervals: Intervals) -> Result<(), Failure> {
    let (cycles, _) = experiment.cycles();
    let least = Intervals::LEAST_CYCLES;
    if intervals == Intervals::BatchMeans || cycles >= least {
        return Ok(());
    }
    let customers = experiment.customers();
    Err(Failure::usage(
        format!(
            "regenerative intervals need at least {least} cycles, from one arrival at the empty \
             network to the next: there are {cycles} among {customers} customers"
        ),
        "count more customers (--customers; queueing.customers in a file), or use intervals of \
         batch means",
    ))
}
