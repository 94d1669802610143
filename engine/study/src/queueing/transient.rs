//! Networks at a given time after their start.

use kendall_kernel::Streams;
use kendall_kernel::stats::{Estimate, Replications};
use kendall_queueing::{RunError, Simulation, Until};

use super::plan::Plan;

/// Replications that are made one after the other.
const CHUNK: u64 = 256;

/// The number present at a station at a given time, over independent replications.
#[derive(Clone, Debug)]
pub struct AtTime {
    /// The mean number.
    pub present: Estimate,
    /// The share of replications in which nobody was there.
    pub empty: Estimate,
}

/// Runs so many replications of the plan's network, without a warm-up, up to `time` (in the
/// network's unit) and looks at a station; `None` without replications.
///
/// # Errors
/// A description at fault, or a run that cannot go on.
pub fn at_time(
    plan: &Plan,
    time: f64,
    station: usize,
    replications: u64,
) -> Result<Option<AtTime>, RunError> {
    let time_ns = (time * plan.unit_s * 1e9).round() as u64;
    let chunks: Vec<u64> = (0..replications.div_ceil(CHUNK)).collect();
    let counts = crate::parallel::each(chunks, |chunk| {
        let indices = chunk * CHUNK..replications.min((chunk + 1) * CHUNK);
        let run = |index| present(plan, time_ns, station, index);
        indices.map(run).collect::<Result<Vec<u64>, _>>()
    })?;
    let (mut present, mut empty) = (Replications::default(), Replications::default());
    for count in counts.into_iter().flatten() {
        present.push(count as f64, 1);
        empty.push(f64::from(u8::from(count == 0)), 1);
    }
    let estimates = (present.estimate(plan.level), empty.estimate(plan.level));
    Ok(match estimates {
        (Some(present), Some(empty)) => Some(AtTime { present, empty }),
        _ => None,
    })
}

fn present(plan: &Plan, time_ns: u64, station: usize, index: u64) -> Result<u64, RunError> {
    let streams = Streams::new(plan.seed).replication(index);
    let mut simulation = Simulation::new(&plan.network, streams, plan.unit_s)?;
    let customers = u64::MAX;
    simulation.run(Until { customers, time_ns }, &mut ())?;
    Ok(simulation.present_at(station))
}
