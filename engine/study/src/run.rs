//! One run of a resolved scenario over a trace.

use kendall_kernel::{Dur, TimeError};
use kendall_llm::{Control, EngineError, Progress, Recorder, RunStats, Trace, fleet};

use crate::scenario::{Resolved, ScenarioError};
use crate::summary::{SummaryOptions, SummaryRecorder, WarmUp};

/// What a run leaves behind beside its records.
#[derive(Debug)]
pub struct Outcome {
    /// Latencies and counts of the requests.
    pub requests: SummaryRecorder,
    /// Totals of the instances.
    pub stats: RunStats,
    /// Whether `watch` ended the run early.
    pub stopped: bool,
}

/// Runs a resolved scenario over a trace; every record goes to `recorder` too.
///
/// # Errors
/// A warm-up that is not a time; whatever ends the engine.
pub fn run<R: Recorder>(
    resolved: &Resolved,
    trace: &Trace,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<Outcome, RunError> {
    let warm_up = warm_up(resolved).map_err(|source| ScenarioError::NotATime {
        field: "workload.warm_up_s",
        source,
    })?;
    let options = SummaryOptions {
        slo: resolved.scenario.slo,
        warm_up,
    };
    let mut both = (SummaryRecorder::new(options), recorder);
    let mut stopped = false;
    let mut watch = |progress| {
        let control = watch(progress);
        stopped |= control == Control::Stop;
        control
    };
    let stats = fleet::run(trace, &resolved.fleet, &mut both, &mut watch)?;
    Ok(Outcome {
        requests: both.0,
        stats,
        stopped,
    })
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

fn warm_up(resolved: &Resolved) -> Result<WarmUp, TimeError> {
    let workload = &resolved.scenario.workload;
    Ok(match (workload.warm_up_requests, workload.warm_up_s) {
        (Some(requests), _) => WarmUp::Requests(requests),
        (None, Some(seconds)) => WarmUp::Seconds(Dur::from_secs_f64(seconds)?),
        (None, None) => WarmUp::None,
    })
}
