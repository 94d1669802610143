//! The files of a run.

use std::path::{Path, PathBuf};

use kendall_io::config;
use kendall_io::records::{
    Codec, FileMetadata, Granularity, IterationSink, OutputDir, OutputError, RequestSink, RowOrder,
    SampleSink,
};
use kendall_study::Resolved;
use kendall_study::scenario::{CodecName, Iterations};

use super::super::workload::{About, Workload};
use super::super::{TABLES, take_back};
use crate::failure::Failure;

/// The codec of that name, if this build has it.
fn codec(name: CodecName) -> Result<Codec, Failure> {
    match name {
        CodecName::Lz4 => Ok(Codec::Lz4),
        #[cfg(feature = "zstd")]
        CodecName::Zstd => Ok(Codec::Zstd),
        #[cfg(not(feature = "zstd"))]
        CodecName::Zstd => Err(Failure::usage(
            "`output.codec` is zstd, which this build does not have",
            "build with --features zstd, or use lz4",
        )),
    }
}

/// The files of a run while they are being written.
pub(super) struct Files {
    dir: OutputDir,
    pub(super) requests: RequestSink,
    pub(super) iterations: Option<IterationSink>,
    pub(super) samples: Option<SampleSink>,
    /// Whether the trace is read to its end, and its digest known, only after the run.
    digest_is_missing: bool,
}

impl Files {
    pub(super) fn open(
        path: &Path,
        resolved: &Resolved,
        workload: &Workload,
        force: bool,
    ) -> Result<Files, Failure> {
        let codec = codec(resolved.scenario.output.codec)?;
        let dir = OutputDir::prepare(path, force)?.with_codec(codec);
        let metadata = FileMetadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_toml: config::to_toml(&resolved.scenario),
            seed: resolved.scenario.seed,
            trace_sha256: workload.sha256(),
            // In the order of the trace, records wait for the oldest request.
            row_order: match workload.is_streamed() {
                true => RowOrder::Completion,
                false => RowOrder::Trace,
            },
        };
        let granularity = match resolved.scenario.output.iterations {
            Iterations::Off => None,
            Iterations::Steps => Some(Granularity::Steps),
            Iterations::Runs => Some(Granularity::Runs),
        };
        let iterations = granularity.map(|granularity| dir.iterations(&metadata, granularity));
        let interval = resolved.fleet.sample_interval;
        let samples = interval.map(|interval| dir.samples(&metadata, interval));
        Ok(Files {
            requests: dir.requests(&metadata)?,
            iterations: iterations.transpose()?,
            samples: samples.transpose()?,
            digest_is_missing: metadata.trace_sha256.is_none(),
            dir,
        })
    }

    /// Whether writing has failed; closing the files says why.
    pub(super) fn failed(&self) -> bool {
        let iterations = self.iterations.as_ref();
        self.requests.failed() || iterations.is_some_and(IterationSink::failed)
    }

    /// Gives every file its final name, the summary last. If one cannot be written, none of the
    /// others keeps a name that looks like that of a finished run.
    pub(super) fn finish(mut self, summary: &str, about: &About) -> Result<(), OutputError> {
        if let (true, Some(digest)) = (self.digest_is_missing, &about.sha256) {
            self.requests.add_trace_sha256(digest);
            if let Some(iterations) = &mut self.iterations {
                iterations.add_trace_sha256(digest);
            }
            if let Some(samples) = &mut self.samples {
                samples.add_trace_sha256(digest);
            }
        }
        let Files {
            dir,
            requests,
            iterations,
            samples,
            ..
        } = self;
        // A sink that is dropped leaves its file under the partial name.
        let finish = || {
            iterations.map(IterationSink::finish).transpose()?;
            samples.map(SampleSink::finish).transpose()?;
            requests.finish()?;
            dir.write_summary(summary)
        };
        finish().inspect_err(|_| take_back(dir.path(), &TABLES))
    }

    /// Closes the files of an interrupted run under their partial names, which are returned.
    pub(super) fn abandon(self) -> Result<Vec<PathBuf>, OutputError> {
        let mut partial = vec![self.requests.abandon()?];
        if let Some(iterations) = self.iterations {
            partial.push(iterations.abandon()?);
        }
        if let Some(samples) = self.samples {
            partial.push(samples.abandon()?);
        }
        Ok(partial)
    }
}
