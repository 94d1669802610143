//! Keeps everything a run tells.

use kendall_kernel::Dur;
use kendall_llm::{
    Control, EngineError, FleetConfig, Outputs, Progress, Recorder, RequestRecord, RunStats,
    Scheduled, Source, StepRecord, Trace, fleet,
};

/// Everything a run tells, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ledger<const STEPS: bool = true, const DETAIL: bool = true> {
    pub(crate) requests: Vec<RequestRecord>,
    pub(crate) steps: Vec<StepRecord>,
    pub(crate) gaps: Vec<(Dur, u64)>,
    pub(crate) scheduled: Vec<Scheduled>,
    pub(crate) outputs: Vec<Outputs>,
    pub(crate) arrived: Vec<u32>,
}

impl<const STEPS: bool, const DETAIL: bool> Recorder for Ledger<STEPS, DETAIL> {
    const STEPS: bool = STEPS;
    const GAPS: bool = true;
    const DETAIL: bool = DETAIL;

    fn arrived(&mut self, row: u32) {
        self.arrived.push(row);
    }

    fn scheduled(&mut self, detail: &Scheduled) {
        self.scheduled.push(detail.clone());
    }

    fn outputs(&mut self, detail: &Outputs) {
        self.outputs.push(detail.clone());
    }

    fn request(&mut self, record: &RequestRecord) {
        self.requests.push(*record);
    }

    fn step(&mut self, record: &StepRecord) {
        self.steps.push(*record);
    }

    fn gaps(&mut self, gap: Dur, count: u64) {
        self.gaps.push((gap, count));
    }
}

impl<const STEPS: bool, const DETAIL: bool> Ledger<STEPS, DETAIL> {
    /// All steps, by instance.
    pub(crate) fn steps_by_instance(&self) -> Vec<StepRecord> {
        let mut steps = self.steps.clone();
        steps.sort_by_key(|step| step.instance);
        steps
    }

    /// All gaps, one by one and sorted: how they were bundled does not matter.
    pub(crate) fn sorted_gaps(&self) -> Vec<Dur> {
        let each = |&(gap, count): &(Dur, u64)| std::iter::repeat_n(gap, count as usize);
        let mut gaps: Vec<Dur> = self.gaps.iter().flat_map(each).collect();
        gaps.sort_unstable();
        gaps
    }
}

/// Looks at the run (one in 4,096 events) after which it is taken for endless.
const PATIENCE: u32 = 50;

/// Runs a case to its end, which must come.
pub(crate) fn run(trace: &Trace, config: &FleetConfig) -> Result<(Ledger, RunStats), EngineError> {
    run_with(trace, config)
}

/// The same with requests from a source.
pub(crate) fn run_streamed(
    source: &mut dyn Source,
    config: &FleetConfig,
) -> Result<(Ledger, RunStats), EngineError> {
    let mut ledger = Ledger::default();
    let stats = fleet::run_streamed(source, config, &mut ledger, &mut patiently())?;
    Ok((ledger, stats))
}

/// Watches a run, which must not be endless.
pub(crate) fn patiently() -> impl FnMut(Progress) -> Control {
    let mut looks = 0;
    move |progress| {
        looks += 1;
        assert!(looks < PATIENCE, "no end in sight at {progress:?}");
        Control::Continue
    }
}

/// The same with a ledger that may not ask for steps, or for details of batches: who asks makes
/// the engine look at every step.
pub(crate) fn run_with<const STEPS: bool, const DETAIL: bool>(
    trace: &Trace,
    config: &FleetConfig,
) -> Result<(Ledger<STEPS, DETAIL>, RunStats), EngineError> {
    let mut ledger = Ledger::default();
    let stats = fleet::run(trace, config, &mut ledger, &mut patiently())?;
    assert!(stats.end <= config.until);
    Ok((ledger, stats))
}
