//! Results as files: `requests.parquet`, `iterations.parquet` if wanted, and `summary.json`. A tick
//! counts as a second.

use std::path::Path;

use kendall_io::config::TicksScenario;
use kendall_io::records::{
    FileMetadata, Granularity, IterationSink, OutputDir, OutputError, RequestSink, RowOrder,
};
use kendall_kernel::{Dur, Time, TimeError};
use kendall_llm::ticks::{Levels, Listener, Request, Steps};
use kendall_llm::{Recorder, RequestRecord, Status, StepRecord};

use crate::args::IterationsArg;
use crate::commands::take_back;
use crate::failure::Failure;

/// Files of a run while they are being written.
pub(super) struct Files {
    dir: OutputDir,
    requests: RequestSink,
    iterations: Option<IterationSink>,
    /// Steps so far.
    steps: u64,
    /// The first time that is none in nanoseconds.
    fault: Option<TimeError>,
}

impl Files {
    pub(super) fn open(
        path: &Path,
        scenario: &TicksScenario,
        iterations: Option<IterationsArg>,
        force: bool,
    ) -> Result<Files, Failure> {
        let dir = OutputDir::prepare(path, force)?;
        let meta = FileMetadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_toml: scenario.to_toml(),
            seed: scenario.seed,
            trace_sha256: None,
            row_order: RowOrder::Trace,
        };
        let granularity = match iterations {
            None | Some(IterationsArg::Off) => None,
            Some(IterationsArg::Steps) => Some(Granularity::Steps),
            Some(IterationsArg::Runs) => Some(Granularity::Runs),
        };
        let iterations = granularity.map(|granularity| dir.iterations(&meta, granularity));
        Ok(Files {
            requests: dir.requests(&meta)?,
            iterations: iterations.transpose()?,
            dir,
            steps: 0,
            fault: None,
        })
    }

    /// Gives the files their final names, the summary last.
    pub(super) fn finish(self, json: &str) -> Result<(), Failure> {
        if let Some(fault) = self.fault {
            self.requests.abandon()?;
            self.iterations.map(IterationSink::abandon).transpose()?;
            return Err(Failure::usage(
                format!("a time does not fit into the files: {fault}"),
                "a tick counts as a second there; end the run earlier (--until)",
            ));
        }
        let Files {
            dir,
            requests,
            iterations,
            ..
        } = self;
        // A sink that is dropped leaves its file under the partial name.
        let finish = || -> Result<(), OutputError> {
            iterations.map(IterationSink::finish).transpose()?;
            requests.finish()?;
            dir.write_summary(json)
        };
        Ok(finish().inspect_err(|_| take_back(dir.path(), &["requests", "iterations"]))?)
    }
}

impl Listener for Files {
    fn request(&mut self, request: &Request) {
        match record(request) {
            Ok(record) => self.requests.request(&record),
            Err(fault) => self.fault = self.fault.or(Some(fault)),
        }
    }

    fn steps(&mut self, steps: &Steps) {
        let Some(sink) = &mut self.iterations else {
            return;
        };
        for (index, start) in steps.starts().enumerate() {
            match step(steps, start, self.steps, index > 0) {
                Ok(record) => sink.step(&record),
                Err(fault) => self.fault = self.fault.or(Some(fault)),
            }
            self.steps += 1;
        }
    }
}

fn time(ticks: f64) -> Result<Time, TimeError> {
    Dur::from_secs_f64(ticks).map(|since| Time::ZERO + since)
}

/// A step as iterations.parquet has it; who runs and does not decode is in prefill.
fn step(
    steps: &Steps,
    start: f64,
    iteration: u64,
    same_batch: bool,
) -> Result<StepRecord, TimeError> {
    let Levels {
        prefill_queue,
        prefilling,
        decode_queue,
        decoding,
        completed: _,
    } = steps.levels;
    Ok(StepRecord {
        instance: 0,
        iteration,
        start: time(start)?,
        end: time(start + steps.length)?,
        prefill_tokens: 0,
        decode_tokens: decoding,
        running: prefilling + decoding,
        waiting: u32::try_from(prefill_queue + decode_queue).unwrap_or(u32::MAX),
        preempted: 0,
        kv_blocks_used: 0,
        context_tokens: 0,
        same_batch,
    })
}

/// The request as requests.parquet has it. Prompts have no length in ticks.
fn record(request: &Request) -> Result<RequestRecord, TimeError> {
    let maybe = |ticks: Option<f64>| ticks.map(time).transpose();
    Ok(RequestRecord {
        request_id: request.id,
        class: 0,
        session_id: None,
        instance: request.scheduled.map(|_| 0),
        prefill_instance: None,
        arrival: time(request.added)?,
        scheduled: maybe(request.scheduled)?,
        first_token: maybe(request.first_token)?,
        finish: maybe(request.finished)?,
        prompt_tokens: 0,
        output_tokens: request.target_tokens,
        generated_tokens: request.tokens.min(request.target_tokens),
        cached_tokens: 0,
        preemptions: 0,
        status: match request.finished {
            Some(_) => Status::Finished,
            None => Status::Unfinished,
        },
    })
}
