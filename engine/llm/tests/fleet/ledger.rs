//! Keeps everything a run tells.

use kendall_kernel::Dur;
use kendall_llm::{
    Control, EngineError, FleetConfig, Outputs, Progress, Recorder, RequestRecord, RunStats,
    Scheduled, StepRecord, Trace, fleet,
};

/// Everything a run tells, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ledger {
    pub(crate) requests: Vec<RequestRecord>,
    pub(crate) steps: Vec<StepRecord>,
    pub(crate) gaps: Vec<(Dur, u64)>,
    pub(crate) scheduled: Vec<Scheduled>,
    pub(crate) outputs: Vec<Outputs>,
    pub(crate) arrived: Vec<u32>,
}

impl Recorder for Ledger {
    const STEPS: bool = true;
    const DETAIL: bool = true;

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

impl Ledger {
    /// What is left without single steps' details.
    pub(crate) fn without_detail(self) -> Ledger {
        Ledger {
            scheduled: Vec::new(),
            outputs: Vec::new(),
            ..self
        }
    }

    /// All gaps, one by one and sorted: how they were bundled does not matter.
    pub(crate) fn sorted_gaps(&self) -> Vec<Dur> {
        let each = |&(gap, count): &(Dur, u64)| std::iter::repeat_n(gap, count as usize);
        let mut gaps: Vec<Dur> = self.gaps.iter().flat_map(each).collect();
        gaps.sort_unstable();
        gaps
    }
}

/// Keeps everything but single steps' details, and so has no physical block ids.
#[derive(Debug, Default)]
struct Summary(Ledger);

impl Recorder for Summary {
    const STEPS: bool = true;

    fn arrived(&mut self, row: u32) {
        self.0.arrived(row);
    }

    fn request(&mut self, record: &RequestRecord) {
        self.0.request(record);
    }

    fn step(&mut self, record: &StepRecord) {
        self.0.step(record);
    }

    fn gaps(&mut self, gap: Dur, count: u64) {
        self.0.gaps(gap, count);
    }
}

/// Looks at the run (one in 4,096 events) after which it is taken for endless.
const PATIENCE: u32 = 50;

/// Runs a case to its end, which must come.
pub(crate) fn run(trace: &Trace, config: &FleetConfig) -> Result<(Ledger, RunStats), EngineError> {
    let mut ledger = Ledger::default();
    let stats = run_into(&mut ledger, trace, config)?;
    Ok((ledger, stats))
}

/// Runs a case without details.
pub(crate) fn run_without_detail(
    trace: &Trace,
    config: &FleetConfig,
) -> Result<(Ledger, RunStats), EngineError> {
    let mut summary = Summary::default();
    let stats = run_into(&mut summary, trace, config)?;
    Ok((summary.0, stats))
}

fn run_into<R: Recorder>(
    recorder: &mut R,
    trace: &Trace,
    config: &FleetConfig,
) -> Result<RunStats, EngineError> {
    let mut looks = 0;
    let mut watch = |progress: Progress| {
        looks += 1;
        assert!(looks < PATIENCE, "no end in sight at {progress:?}");
        Control::Continue
    };
    let stats = fleet::run(trace, config, recorder, &mut watch)?;
    assert!(stats.end <= config.until);
    Ok(stats)
}
