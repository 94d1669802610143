//! Results as files: `requests.parquet`, `iterations.parquet` and `samples.parquet` if wanted, and
//! `summary.json`. A tick counts as a second.

use std::path::Path;

use kendall_io::config::TicksScenario;
use kendall_io::records::{IterationSink, OutputDir, OutputError, RequestSink, SampleSink};
use kendall_kernel::{Dur, Time, TimeError};
use kendall_llm::ticks::{self, Levels, Listener, Request, Sampling, Steps, System};
use kendall_llm::{Recorder, StepRecord, sample};

use crate::commands::series::Series;
use crate::commands::{TABLES, metadata_without_trace, take_back};
use crate::failure::Failure;

/// Files of a run while they are being written.
pub(super) struct Files {
    dir: OutputDir,
    requests: RequestSink,
    iterations: Option<IterationSink>,
    samples: Option<Sampling<SampleSink>>,
    system: System,
    /// Steps so far.
    steps: u64,
    /// The first time that is none in nanoseconds.
    fault: Option<TimeError>,
}

impl Files {
    pub(super) fn open(
        path: &Path,
        scenario: &TicksScenario,
        series: Series,
        force: bool,
    ) -> Result<Files, Failure> {
        let system = scenario.config.system;
        if let Some(interval) = series.samples {
            check_samples(interval, scenario)?;
        }
        let dir = OutputDir::prepare(path, force)?;
        let meta = metadata_without_trace(scenario.to_toml(), scenario.seed);
        let iterations = series.iterations;
        let iterations = iterations.map(|granularity| dir.iterations(&meta, granularity));
        let samples = series.samples.map(|interval| {
            let sink = dir.samples(&meta, interval)?;
            Ok::<_, OutputError>(Sampling::new(system, interval, sink))
        });
        Ok(Files {
            requests: dir.requests(&meta)?,
            iterations: iterations.transpose()?,
            samples: samples.transpose()?,
            system,
            dir,
            steps: 0,
            fault: None,
        })
    }

    /// Gives the files of a run that took so many ticks their final names, the summary last.
    pub(super) fn finish(self, duration_ticks: f64, json: &str) -> Result<(), Failure> {
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
            samples,
            ..
        } = self;
        let samples = samples.map(|samples| samples.conclude(duration_ticks));
        let samples = samples.transpose()?;
        // A sink that is dropped leaves its file under the partial name.
        let finish = || -> Result<(), OutputError> {
            iterations.map(IterationSink::finish).transpose()?;
            samples.map(SampleSink::finish).transpose()?;
            requests.finish()?;
            dir.write_summary(json)
        };
        Ok(finish().inspect_err(|_| take_back(dir.path(), &TABLES))?)
    }
}

/// Samples that are too many already when the run is to end are refused before any file is touched.
fn check_samples(interval: Dur, scenario: &TicksScenario) -> Result<(), Failure> {
    // An end beyond what files can tell is told of when it comes.
    let end = ticks::time(scenario.config.end_ticks).unwrap_or(Time::MAX);
    let instances = scenario.config.system.instances();
    Ok(sample::check_samples(interval, Time::ZERO, end, instances)?)
}

impl Listener for Files {
    fn first_token(&mut self, request: &Request) {
        self.samples.first_token(request);
    }

    fn request(&mut self, request: &Request) {
        self.samples.request(request);
        match request.record(self.system) {
            Ok(record) => self.requests.request(&record),
            Err(fault) => self.fault = self.fault.or(Some(fault)),
        }
    }

    fn steps(&mut self, steps: &Steps) {
        self.samples.steps(steps);
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
        start: ticks::time(start)?,
        end: ticks::time(start + steps.length)?,
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
