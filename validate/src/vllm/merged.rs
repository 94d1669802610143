//! A recording against a run whose steps are merged where nothing is decided: what such a run
//! tells of every step and request must be the same.

use kendall_kernel::Time;
use kendall_llm::{Recorder, RequestRecord, Status, StepRecord};

use super::golden::Golden;

/// Compares as the run goes and keeps the first difference.
pub(super) struct MergedComparison<'a> {
    golden: &'a Golden,
    /// Steps seen so far.
    steps: usize,
    records: Vec<Option<RequestRecord>>,
    difference: Option<String>,
}

/// What a step's record and a recording both tell: start, tokens, running, waiting, preempted and
/// used blocks.
type StepFigures = (u64, u64, u32, u32, u32, u32);

impl<'a> MergedComparison<'a> {
    pub(super) fn new(golden: &'a Golden) -> MergedComparison<'a> {
        MergedComparison {
            golden,
            steps: 0,
            records: vec![None; golden.requests.len()],
            difference: None,
        }
    }

    fn recorded(&self) -> Option<StepFigures> {
        let step = self.golden.steps.get(self.steps)?;
        let usable = self.golden.config.num_gpu_blocks - 1;
        let preempted = step.pre.len() as u32;
        Some((
            step.t,
            step.tok,
            step.nrun,
            step.nwait,
            preempted,
            usable - step.free,
        ))
    }

    /// The first difference, now that the run is over.
    pub(super) fn conclude(self) -> Result<(), String> {
        if let Some(difference) = self.difference {
            return Err(difference);
        }
        if self.steps != self.golden.steps.len() {
            let recorded = self.golden.steps.len();
            return Err(format!("steps: got {}, recorded {recorded}", self.steps));
        }
        compare_records(self.golden, &self.records)
    }
}

impl Recorder for MergedComparison<'_> {
    const STEPS: bool = true;

    fn step(&mut self, step: &StepRecord) {
        let ours = (
            step.start.as_ns(),
            u64::from(step.prefill_tokens) + u64::from(step.decode_tokens),
            step.running,
            step.waiting,
            step.preempted,
            step.kv_blocks_used,
        );
        let theirs = self.recorded();
        if self.difference.is_none() && theirs != Some(ours) {
            let number = self.steps;
            self.difference = Some(format!("step {number}: got {ours:?}, recorded {theirs:?}"));
        }
        self.steps += 1;
    }

    fn request(&mut self, record: &RequestRecord) {
        if record.status != Status::Unfinished {
            self.records[record.request_id as usize] = Some(*record);
        }
    }
}

/// Compares the records of all requests, by row, with what a recording tells of them at its end.
pub(super) fn compare_records(
    golden: &Golden,
    records: &[Option<RequestRecord>],
) -> Result<(), String> {
    let rows = golden.rows();
    for &(id, first_token, finish, cached, preemptions) in &golden.end.reqs {
        let record = rows.get(&id).and_then(|&row| records[row as usize]);
        let ours = record.map(|record| {
            let ns = |time: Option<Time>| time.map(Time::as_ns);
            let preemptions = u32::from(record.preemptions);
            let (first_token, finish) = (ns(record.first_token), ns(record.finish));
            (first_token, finish, record.cached_tokens, preemptions)
        });
        let cached = cached.unwrap_or(0); // absent if it was never admitted
        let theirs = Some((first_token, finish, cached, preemptions));
        if ours != theirs {
            return Err(format!("request {id}: got {ours:?}, recorded {theirs:?}"));
        }
    }
    Ok(())
}
