//! Instances behind a router, driven by one event loop.
//!
//! Order at one nanosecond: outputs of ending steps by instance, then arrivals by row, then
//! withdrawals by row, then scheduling by instance. An arrival never starts a step itself, so
//! simultaneous arrivals share one. Withdrawals from an instance whose step is in flight take
//! effect when the step has ended.

mod arrivals;
mod event_loop;
mod samples;

use kendall_cost::CostModel;
use kendall_kernel::{Dur, QuaternaryHeap, Time, TournamentTree};
use serde::{Deserialize, Serialize};

use self::event_loop::Fleet;
use crate::config::SchedulerConfig;
use crate::error::EngineError;
use crate::record::Recorder;
use crate::router::RouterKind;
use crate::rows::Rows;
use crate::stats::RunStats;
use crate::trace::{Source, Trace};

/// Which event set drives the run; results do not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventSetKind {
    /// A tournament tree with one slot per instance.
    #[default]
    Tournament,
    /// A 4-ary heap.
    Heap,
}

/// A fleet of equal instances.
#[derive(Clone, Debug)]
pub struct FleetConfig {
    /// Number of instances.
    pub instances: u16,
    /// Who sends requests where.
    pub router: RouterKind,
    /// Every instance's scheduler and cache.
    pub scheduler: SchedulerConfig,
    /// Every instance's step time.
    pub cost: CostModel,
    /// Which event set drives the run.
    pub event_set: EventSetKind,
    /// Requests still present after this time are unfinished; [`Time::MAX`] for no end.
    pub until: Time,
    /// Never take the shortcut through the running list; for tests.
    pub in_order_only: bool,
    /// Take steps together between which nothing is decided; results do not depend on it.
    pub merge_steps: bool,
    /// Time between samples, for a recorder that listens to them; `None` (or zero) for none.
    pub sample_interval: Option<Dur>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Requests that have arrived.
    pub arrived: u64,
    /// Simulated time.
    pub now: Time,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// End the run here; what is present is recorded as unfinished.
    Stop,
}

/// Runs a trace through a fleet. `watch` is called now and then and may end the run early.
///
/// # Errors
/// Too many requests or instances; time beyond 2^64 ns; a queue that nothing can ever move.
pub fn run<R: Recorder>(
    trace: &Trace,
    config: &FleetConfig,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<RunStats, EngineError> {
    run_rows(Rows::whole(trace), config, recorder, watch)
}

/// Runs a workload of any length through a fleet: memory follows the requests in the system. The
/// same requests give the same results as in one trace. When `watch` ends the run, requests that
/// the source has not given yet are not recorded.
///
/// # Errors
/// As [`run`]; see [`Source`] for those of the source itself.
pub fn run_streamed<R: Recorder>(
    source: &mut dyn Source,
    config: &FleetConfig,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<RunStats, EngineError> {
    run_rows(Rows::streamed(source), config, recorder, watch)
}

fn run_rows<R: Recorder>(
    rows: Rows<'_>,
    config: &FleetConfig,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<RunStats, EngineError> {
    match config.event_set {
        EventSetKind::Tournament => {
            let events = TournamentTree::new(&[u32::from(config.instances), 1, 1]);
            Fleet::new(rows, config, recorder, events).run(watch)
        }
        EventSetKind::Heap => Fleet::new(rows, config, recorder, QuaternaryHeap::new()).run(watch),
    }
}
