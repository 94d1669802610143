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
    let mut ledger = Ledger::default();
    let mut looks = 0;
    let mut watch = |progress: Progress| {
        looks += 1;
        assert!(looks < PATIENCE, "no end in sight at {progress:?}");
        Control::Continue
    };
    let stats = fleet::run(trace, config, &mut ledger, &mut watch)?;
    assert!(stats.end <= config.until);
    Ok((ledger, stats))
}
