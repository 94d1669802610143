//! Replaying a recording and comparing every step of it.

use std::fmt::Debug;

use kendall_llm::{Control, Outputs, Recorder, RequestRecord, Scheduled, Status, fleet};

use super::Options;
use super::golden::{Golden, Note, Step};
use super::merged::{MergedComparison, compare_records};

/// Runs the engine on a recording's requests; tells how many steps agree, or the first difference.
pub(super) fn replay(golden: &Golden, options: Options) -> Result<usize, String> {
    let trace = golden.trace();
    let config = golden.fleet(options).map_err(|error| error.to_string())?;
    let mut comparison = Comparison::new(golden);
    let mut watch = |_| Control::Continue;
    let outcome = fleet::run(&trace, &config, &mut comparison, &mut watch);
    comparison.conclude()?;
    outcome.map_err(|error| error.to_string())?;
    if options.merge_steps {
        let mut merged = MergedComparison::new(golden);
        let outcome = fleet::run(&trace, &config, &mut merged, &mut watch);
        merged
            .conclude()
            .map_err(|difference| format!("steps merged: {difference}"))?;
        outcome.map_err(|error| error.to_string())?;
    }
    Ok(golden.steps.len())
}

/// Compares as the run goes and keeps the first difference.
struct Comparison<'a> {
    golden: &'a Golden,
    /// Recorded id by row.
    ids: Vec<u32>,
    /// Steps seen so far.
    step: usize,
    arrived: Vec<u32>,
    withdrawn: Vec<u32>,
    /// Arrivals and aborts that no step took up, with the recording's.
    notes: Vec<&'a Note>,
    records: Vec<Option<RequestRecord>>,
    difference: Option<String>,
}

impl<'a> Comparison<'a> {
    fn new(golden: &'a Golden) -> Comparison<'a> {
        Comparison {
            golden,
            ids: golden.requests.iter().map(|request| request.id).collect(),
            records: vec![None; golden.requests.len()],
            step: 0,
            arrived: Vec::new(),
            withdrawn: Vec::new(),
            notes: golden.notes.iter().rev().collect(),
            difference: None,
        }
    }

    fn ids(&self, rows: &[u32]) -> Vec<u32> {
        rows.iter().map(|&row| self.ids[row as usize]).collect()
    }

    fn pairs<T: Clone>(&self, rows: &[(u32, T)]) -> Vec<(u32, T)> {
        rows.iter()
            .map(|(row, value)| (self.ids[*row as usize], value.clone()))
            .collect()
    }

    fn expect<T: PartialEq + Debug>(&mut self, what: &str, ours: &T, theirs: &T) {
        if self.difference.is_none() && ours != theirs {
            let step = self.step;
            self.difference = Some(format!(
                "step {step}: {what}: got {ours:?}, recorded {theirs:?}"
            ));
        }
    }

    /// Arrivals and aborts in front of a step; the recording notes apart what came while nothing
    /// was left to schedule.
    fn compare_changes(&mut self, step: &Step) {
        let mut arrived = std::mem::take(&mut self.arrived);
        let mut withdrawn = std::mem::take(&mut self.withdrawn);
        while let Some(note) = self.notes.pop_if(|note| note.t <= step.t) {
            let rest = arrived.split_off(note.adm.len().min(arrived.len()));
            self.expect("arrivals without a step", &arrived, &note.adm);
            arrived = rest;
            let rest = withdrawn.split_off(note.abort.len().min(withdrawn.len()));
            self.expect("aborts without a step", &withdrawn, &note.abort);
            withdrawn = rest;
        }
        self.expect("arrivals", &arrived, &step.adm);
        self.expect("aborts", &withdrawn, &step.abort);
    }

    fn compare_step(&mut self, step: &Step, ours: &Scheduled) {
        self.expect("time", &ours.start_ns, &step.t);
        self.expect("number", &(self.step as u64), &step.i);
        self.compare_changes(step);
        let scheduled = self.pairs(&ours.tokens);
        self.expect("scheduled tokens", &scheduled, &step.s);
        let total: u64 = ours
            .tokens
            .iter()
            .map(|&(_, tokens)| u64::from(tokens))
            .sum();
        self.expect("total tokens", &total, &step.tok);
        self.expect("admitted", &self.ids(&ours.admitted), &step.new);
        self.expect("resumed", &self.ids(&ours.resumed), &step.res);
        self.expect("preempted", &self.ids(&ours.preempted), &step.pre);
        self.expect("prefix hits", &self.pairs(&ours.hits), &step.hit);
        self.expect("free blocks", &ours.free_blocks, &step.free);
        self.expect("running", &(ours.running.len() as u32), &step.nrun);
        self.expect("waiting", &(ours.waiting.len() as u32), &step.nwait);
        if self.golden.config.record_blocks {
            self.expect("running list", &self.ids(&ours.running), &step.run);
            self.expect("waiting queue", &self.ids(&ours.waiting), &step.wait);
            self.expect("block ids", &self.pairs(&ours.blocks), &step.blk);
        }
    }

    /// The first difference, now that the run is over.
    fn conclude(mut self) -> Result<(), String> {
        self.expect("steps", &self.step.clone(), &self.golden.steps.len());
        if let Some(difference) = self.difference {
            return Err(difference);
        }
        compare_records(self.golden, &self.records)
    }
}

impl Recorder for Comparison<'_> {
    const DETAIL: bool = true;

    fn arrived(&mut self, row: u32) {
        self.arrived.push(self.ids[row as usize]);
    }

    fn withdrawn(&mut self, row: u32) {
        self.withdrawn.push(self.ids[row as usize]);
    }

    fn scheduled(&mut self, ours: &Scheduled) {
        match self.golden.steps.get(self.step) {
            Some(step) => self.compare_step(step, ours),
            None => self.expect("steps", &(self.step + 1), &self.golden.steps.len()),
        }
    }

    fn outputs(&mut self, ours: &Outputs) {
        if let Some(step) = self.golden.steps.get(self.step) {
            self.expect("finished", &self.ids(&ours.finished), &step.fin);
            if let Some(free) = step.free2 {
                self.expect("free blocks at the end", &ours.free_blocks, &free);
            }
        }
        self.step += 1;
    }

    fn request(&mut self, record: &RequestRecord) {
        if record.status != Status::Unfinished {
            self.records[record.request_id as usize] = Some(*record);
        }
    }
}
