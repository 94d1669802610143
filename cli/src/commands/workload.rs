//! Where a run's requests come from.

use std::path::Path;

use kendall_io::trace::{self, LoadedTrace, ReadOptions};
use kendall_llm::{Content, Trace};
use kendall_study::Scenario;
use kendall_study::scenario::{OnBadRecord, WorkloadSection};
use kendall_study::workload::{generate, scale_rate};

use crate::args::{OnBadRecordArg, ReadArgs};
use crate::failure::Failure;
use crate::origin::Origin;

/// The trace that is replayed when none is given.
const SAMPLE: &[u8] = include_bytes!("../../../traces/mooncake/sample.jsonl");

/// Its name.
const SAMPLE_NAME: &str = "the built-in sample";

/// Requests, and what is known about them.
pub(crate) struct Workload {
    pub(crate) trace: Trace,
    /// For people: a file's name and format, or what was generated.
    pub(crate) description: String,
    /// Digest of the trace's bytes; `None` if it was generated.
    pub(crate) sha256: Option<String>,
    pub(crate) skipped_records: u64,
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

/// Reads, generates or takes the built-in sample, and scales its rate.
pub(crate) fn load(scenario: &Scenario, origin: &Origin<'_>) -> Result<Workload, Failure> {
    let section = &scenario.workload;
    if section.limit == Some(0) {
        return Err(Failure::usage(
            "`workload.limit` is 0, must be at least 1",
            "leave it out to take every request",
        ));
    }
    let mut workload = match (&section.trace, &section.generate) {
        (Some(path), _) => described(read(Path::new(path), section)?),
        (None, Some(spec)) => {
            let trace = generate(spec, scenario.seed);
            let mut trace = trace.map_err(|error| origin.generate_failure(error))?;
            limit(&mut trace, section.limit);
            let description = format!("{} generated requests, seed {}", trace.len(), scenario.seed);
            Workload {
                trace,
                description,
                sha256: None,
                skipped_records: 0,
            }
        }
        (None, None) => described(trace::read_bytes(SAMPLE_NAME, SAMPLE, &options(section))?),
    };
    scale_rate(&mut workload.trace, section.rate_scale)?;
    Ok(workload)
}

fn described(loaded: LoadedTrace) -> Workload {
    let description = format!(
        "{} ({}, {} requests)",
        loaded.name,
        loaded.format,
        loaded.trace.len()
    );
    Workload {
        trace: loaded.trace,
        description,
        sha256: Some(loaded.sha256),
        skipped_records: loaded.skipped_records,
    }
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
