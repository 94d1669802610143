//! Results as files: `requests.parquet` and `summary.json`. A tick counts as a second.

use std::path::Path;

use kendall_io::config::TicksScenario;
use kendall_io::records::{FileMetadata, OutputDir, OutputError, RequestSink, RowOrder};
use kendall_kernel::{Dur, Time, TimeError};
use kendall_llm::ticks::{Listener, Request};
use kendall_llm::{Recorder, RequestRecord, Status};

use crate::commands::take_back;
use crate::failure::Failure;

/// Files of a run while they are being written.
pub(super) struct Files {
    dir: OutputDir,
    requests: RequestSink,
    /// The first time that is none in nanoseconds.
    fault: Option<TimeError>,
}

impl Files {
    pub(super) fn open(
        path: &Path,
        scenario: &TicksScenario,
        force: bool,
    ) -> Result<Files, Failure> {
        let dir = OutputDir::prepare(path, force)?;
        let requests = dir.requests(&FileMetadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_toml: scenario.to_toml(),
            seed: scenario.seed,
            trace_sha256: None,
            row_order: RowOrder::Trace,
        })?;
        Ok(Files {
            dir,
            requests,
            fault: None,
        })
    }

    /// Gives the files their final names, the summary last.
    pub(super) fn finish(self, json: &str) -> Result<(), Failure> {
        if let Some(fault) = self.fault {
            self.requests.abandon()?;
            return Err(Failure::usage(
                format!("requests.parquet cannot hold a time: {fault}"),
                "a tick counts as a second there; end the run earlier (--until)",
            ));
        }
        let Files { dir, requests, .. } = self;
        let finish = || -> Result<(), OutputError> {
            requests.finish()?;
            dir.write_summary(json)
        };
        Ok(finish().inspect_err(|_| take_back(dir.path(), &["requests"]))?)
    }
}

impl Listener for Files {
    fn request(&mut self, request: &Request) {
        match record(request) {
            Ok(record) => self.requests.request(&record),
            Err(fault) => self.fault = self.fault.or(Some(fault)),
        }
    }
}

/// The request as requests.parquet has it. Prompts have no length in ticks.
fn record(request: &Request) -> Result<RequestRecord, TimeError> {
    let time = |ticks: f64| Dur::from_secs_f64(ticks).map(|since| Time::ZERO + since);
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
