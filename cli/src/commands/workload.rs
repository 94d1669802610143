//! Where a run's requests come from.

use std::fs;
use std::path::Path;

use kendall_io::trace::{self, LoadedTrace, ReadOptions, TraceStream};
use kendall_llm::{Content, Control, Progress, Recorder, Trace};
use kendall_study::scenario::{OnBadRecord, Streaming, WorkloadSection};
use kendall_study::workload::{GenerateSpec, Generator, Scaled, generate, scale_rate};
use kendall_study::{Outcome, Resolved, RunError, Scenario};

use super::drawn::{self, Drawn};
use crate::args::{OnBadRecordArg, ReadArgs};
use crate::failure::Failure;
use crate::origin::Origin;

/// The trace that is replayed when none is given.
const SAMPLE: &[u8] = include_bytes!("../../../traces/mooncake/sample.jsonl");

/// Its name.
const SAMPLE_NAME: &str = "the built-in sample";

/// Generated requests of which a run makes more as it goes, rather than before it.
const MANY_REQUESTS: u64 = 1_000_000;

/// Bytes of a trace file of which a run reads more as it goes.
const MANY_BYTES: u64 = 512 << 20;

/// A run's requests.
pub(crate) enum Workload {
    /// All of them, in memory.
    Whole(Box<Trace>, About),
    /// Made while the run goes on.
    Generated(Box<Scaled<Generator>>, About),
    /// Read while the run goes on.
    Read(Box<Scaled<TraceStream<'static>>>),
}

/// What is known about them when all have been made or read.
pub(crate) struct About {
    /// For people: a file's name and format, or what was generated.
    pub(crate) description: String,
    /// Digest of the trace's bytes; `None` if it was generated.
    pub(crate) sha256: Option<String>,
    pub(crate) skipped_records: u64,
}

impl Workload {
    /// Number of requests, if it is known.
    pub(crate) fn requests(&self) -> Option<u64> {
        match self {
            Workload::Whole(trace, _) => Some(trace.len() as u64),
            Workload::Generated(source, _) => Some(source.get_ref().requests()),
            Workload::Read(_) => None,
        }
    }

    /// Whether requests come while the run goes on.
    pub(crate) fn is_streamed(&self) -> bool {
        !matches!(self, Workload::Whole(..))
    }

    /// Digest of the trace, if it is known before the run.
    pub(crate) fn sha256(&self) -> Option<String> {
        match self {
            Workload::Whole(_, about) => about.sha256.clone(),
            Workload::Generated(..) | Workload::Read(_) => None,
        }
    }

    /// Runs a resolved scenario over the requests.
    pub(crate) fn run<R: Recorder>(
        &mut self,
        resolved: &Resolved,
        recorder: &mut R,
        watch: &mut dyn FnMut(Progress) -> Control,
    ) -> Result<Outcome, RunError> {
        match self {
            Workload::Whole(trace, _) => kendall_study::run(resolved, trace, recorder, watch),
            Workload::Generated(source, _) => {
                kendall_study::run_streamed(resolved, source.as_mut(), recorder, watch)
            }
            Workload::Read(source) => {
                kendall_study::run_streamed(resolved, source.as_mut(), recorder, watch)
            }
        }
    }

    /// What is known after a run that took all requests, or why it could not.
    pub(crate) fn ended(self, origin: &Origin<'_>) -> Result<About, Failure> {
        match self {
            Workload::Whole(_, about) => Ok(about),
            Workload::Generated(source, about) => {
                let ended = source.ended()?.ended();
                ended.map_err(|error| origin.generate_failure(error))?;
                Ok(about)
            }
            Workload::Read(source) => {
                let source = source.ended()?;
                let format = source.format();
                let end = source.finish()?;
                Ok(About {
                    description: described(&end.name, format, end.rows),
                    sha256: Some(end.sha256),
                    skipped_records: end.skipped_records,
                })
            }
        }
    }
}

impl About {
    fn generated(requests: u64, seed: u64, drawn: &Drawn) -> About {
        let tenants = match drawn.spec.tenants.len() {
            0 => String::new(),
            1 => " of 1 tenant".to_owned(),
            tenants => format!(" of {tenants} tenants"),
        };
        let mut description = format!("{requests} generated requests{tenants}, seed {seed}");
        if !drawn.descriptions.is_empty() {
            let traces = drawn.descriptions.join(", ");
            description.push_str(&format!(", drawn from {traces}"));
        }
        About {
            description,
            sha256: None,
            skipped_records: drawn.skipped_records,
        }
    }
}

pub(super) fn described(name: &str, format: &str, requests: u64) -> String {
    format!("{name} ({format}, {requests} requests)")
}

/// Lays the command line's reading options over a scenario's.
pub(crate) fn override_section(section: &mut WorkloadSection, args: &ReadArgs) {
    if args.format.is_some() {
        section.format.clone_from(&args.format);
    }
    section.columns.extend(args.columns.iter().cloned());
    section.sort |= args.sort;
    match args.on_bad_record {
        Some(OnBadRecordArg::Fail) => section.on_bad_record = OnBadRecord::Fail,
        Some(OnBadRecordArg::Skip) => section.on_bad_record = OnBadRecord::Skip,
        None => {}
    }
    section.limit = args.limit.or(section.limit);
}

/// Reads a trace as the options say.
pub(crate) fn read(path: &Path, section: &WorkloadSection) -> Result<LoadedTrace, Failure> {
    Ok(trace::read(path, &options(section))?)
}

/// Reads a scenario's trace, or the built-in sample, as a whole and at its own rate.
pub(crate) fn read_whole(section: &WorkloadSection) -> Result<LoadedTrace, Failure> {
    match &section.trace {
        Some(path) => read(Path::new(path), section),
        None => Ok(trace::read_bytes(SAMPLE_NAME, SAMPLE, &options(section))?),
    }
}

/// Reads, generates or takes the built-in sample, and scales its rate; or makes ready to do so.
pub(crate) fn load(scenario: &Scenario, origin: &Origin<'_>) -> Result<Workload, Failure> {
    let section = &scenario.workload;
    if section.limit == Some(0) {
        return Err(Failure::usage(
            "`workload.limit` is 0, must be at least 1",
            "leave it out to take every request",
        ));
    }
    match (&section.trace, &section.generate) {
        (Some(path), _) => from_file(Path::new(path), section),
        (None, Some(spec)) => from_laws(spec, scenario, origin),
        (None, None) if section.stream == Streaming::Always => {
            let sample = TraceStream::of_bytes(SAMPLE_NAME, SAMPLE, &options(section))?;
            Ok(streamed(sample, section))
        }
        (None, None) => {
            let sample = trace::read_bytes(SAMPLE_NAME, SAMPLE, &options(section))?;
            whole(sample, section)
        }
    }
}

fn from_laws(
    spec: &GenerateSpec,
    scenario: &Scenario,
    origin: &Origin<'_>,
) -> Result<Workload, Failure> {
    let (section, seed) = (&scenario.workload, scenario.seed);
    let failure = |error| origin.generate_failure(error);
    let drawn = drawn::read(spec, section, origin)?;
    let spec = &drawn.spec;
    let requests = spec.requests.min(section.limit.unwrap_or(u64::MAX));
    let streams = match section.stream {
        Streaming::Auto => requests > MANY_REQUESTS,
        Streaming::Always => true,
        Streaming::Never => false,
    };
    if streams {
        let source = Generator::new(spec, seed).map_err(failure)?;
        let source = source.limited(requests);
        let about = About::generated(source.requests(), seed, &drawn);
        let source = Scaled::new(source, section.rate_scale);
        return Ok(Workload::Generated(Box::new(source), about));
    }
    let mut trace = generate(spec, seed).map_err(failure)?;
    limit(&mut trace, section.limit);
    let about = About::generated(trace.len() as u64, seed, &drawn);
    scale_rate(&mut trace, section.rate_scale)?;
    Ok(Workload::Whole(Box::new(trace), about))
}

fn from_file(path: &Path, section: &WorkloadSection) -> Result<Workload, Failure> {
    let is_large = || fs::metadata(path).is_ok_and(|file| file.len() > MANY_BYTES);
    let streams = match section.stream {
        Streaming::Auto => !section.sort && is_large(),
        Streaming::Always => true,
        Streaming::Never => false,
    };
    if streams {
        let source = TraceStream::open(path, &options(section))?;
        return Ok(streamed(source, section));
    }
    whole(read(path, section)?, section)
}

fn streamed(source: TraceStream<'static>, section: &WorkloadSection) -> Workload {
    Workload::Read(Box::new(Scaled::new(source, section.rate_scale)))
}

fn whole(loaded: LoadedTrace, section: &WorkloadSection) -> Result<Workload, Failure> {
    let about = About {
        description: described(&loaded.name, loaded.format, loaded.trace.len() as u64),
        sha256: Some(loaded.sha256),
        skipped_records: loaded.skipped_records,
    };
    let mut trace = loaded.trace;
    scale_rate(&mut trace, section.rate_scale)?;
    Ok(Workload::Whole(Box::new(trace), about))
}

fn options(section: &WorkloadSection) -> ReadOptions {
    ReadOptions {
        format: section.format.clone(),
        columns: section.columns.clone().into_iter().collect(),
        sort: section.sort,
        on_bad_record: match section.on_bad_record {
            OnBadRecord::Fail => trace::OnBadRecord::Fail,
            OnBadRecord::Skip => trace::OnBadRecord::Skip,
        },
        limit: section.limit,
    }
}

/// Keeps the first requests only.
fn limit(trace: &mut Trace, limit: Option<u64>) {
    let Some(rows) = limit.map(|limit| limit.min(trace.len() as u64) as usize) else {
        return;
    };
    trace.arrival.truncate(rows);
    trace.prompt_tokens.truncate(rows);
    trace.output_tokens.truncate(rows);
    trace.priority.truncate(rows);
    trace.class.truncate(rows);
    trace.session.truncate(rows);
    trace.abort.truncate(rows);
    if let Content::Hashed { ids, offsets, .. } = &mut trace.content {
        offsets.truncate(rows + 1);
        ids.truncate(offsets.last().map_or(0, |&end| end as usize));
    }
}
