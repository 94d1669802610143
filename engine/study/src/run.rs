//! One run of a resolved scenario over a workload.

use kendall_kernel::{Dur, TimeError};
use kendall_llm::{Control, EngineError, Progress, Recorder, RunStats, Source, Trace, fleet};

use crate::scenario::{Resolved, ScenarioError};
use crate::summary::{SummaryOptions, SummaryRecorder, WarmUp};
use crate::workload::Demand;

/// What a run leaves behind beside its records.
#[derive(Debug)]
pub struct Outcome {
    /// Latencies and counts of the requests.
    pub requests: SummaryRecorder,
    /// Totals of the instances.
    pub stats: RunStats,
    /// What the requests asked for.
    pub demand: Demand,
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
    let mut demand = Demand::new(resolved);
    demand.add(trace);
    let mut listeners = Listeners::new(resolved, recorder, watch)?;
    let stats = listeners.run(|both, watch| fleet::run(trace, &resolved.fleet, both, watch))?;
    Ok(listeners.outcome(stats, demand))
}

/// Runs a resolved scenario over a workload of any length, in memory of the requests in the
/// system; every record goes to `recorder` too. The figures are those of [`run`].
///
/// # Errors
/// As [`run`]; see [`Source`] for those of the source itself.
pub fn run_streamed<R: Recorder>(
    resolved: &Resolved,
    source: &mut dyn Source,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<Outcome, RunError> {
    let mut source = Heard {
        source,
        demand: Demand::new(resolved),
    };
    let mut listeners = Listeners::new(resolved, recorder, watch)?;
    let stats = listeners
        .run(|both, watch| fleet::run_streamed(&mut source, &resolved.fleet, both, watch))?;
    Ok(listeners.outcome(stats, source.demand))
}

/// A source, and what its requests have asked for.
struct Heard<'a> {
    source: &'a mut dyn Source,
    demand: Demand,
}

impl Source for Heard<'_> {
    fn next_rows(&mut self) -> Option<Trace> {
        let rows = self.source.next_rows()?;
        self.demand.add(&rows);
        Some(rows)
    }
}

/// Who follows a run: the summary and a caller's recorder and watch.
struct Listeners<'a, R> {
    recorders: (SummaryRecorder, &'a mut R),
    watch: &'a mut dyn FnMut(Progress) -> Control,
    stopped: bool,
}

type Watch<'a> = dyn FnMut(Progress) -> Control + 'a;

impl<'a, R: Recorder> Listeners<'a, R> {
    fn new(
        resolved: &Resolved,
        recorder: &'a mut R,
        watch: &'a mut dyn FnMut(Progress) -> Control,
    ) -> Result<Listeners<'a, R>, ScenarioError> {
        let warm_up = warm_up(resolved).map_err(|source| ScenarioError::NotATime {
            field: "workload.warm_up_s",
            source,
        })?;
        let options = SummaryOptions {
            slo: resolved.scenario.slo,
            warm_up,
        };
        Ok(Listeners {
            recorders: (SummaryRecorder::new(options), recorder),
            watch,
            stopped: false,
        })
    }

    fn run(
        &mut self,
        run: impl FnOnce(
            &mut (SummaryRecorder, &'a mut R),
            &mut Watch<'_>,
        ) -> Result<RunStats, EngineError>,
    ) -> Result<RunStats, EngineError> {
        let (watch, stopped) = (&mut self.watch, &mut self.stopped);
        let mut watch = |progress| {
            let control = watch(progress);
            *stopped |= control == Control::Stop;
            control
        };
        run(&mut self.recorders, &mut watch)
    }

    fn outcome(self, stats: RunStats, demand: Demand) -> Outcome {
        Outcome {
            requests: self.recorders.0,
            stats,
            demand,
            stopped: self.stopped,
        }
    }
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
