//! The first trial of the first point, request by request and over time.

use kendall_io::config::TokenBudgetScenario;
use kendall_io::records::{IterationSink, OutputDir, OutputError, SampleSink};
use kendall_kernel::Streams;
use kendall_llm::Recorder;
use kendall_study::token_budget::{Point, TrialsError};

use super::super::series::Series;
use super::super::{TABLES, metadata_without_trace, take_back};
use crate::failure::Failure;

/// Writes `requests.parquet` of the first trial of a point, and what else is wanted of it.
pub(super) fn record_first(
    dir: &OutputDir,
    scenario: &TokenBudgetScenario,
    point: &Point,
    series: Series,
) -> Result<(), Failure> {
    let metadata = metadata_without_trace(scenario.to_toml(), scenario.seed);
    let mut requests = dir.requests(&metadata)?;
    let iterations = series.iterations;
    let iterations = iterations.map(|granularity| dir.iterations(&metadata, granularity));
    let mut iterations = iterations.transpose()?;
    let samples = series
        .samples
        .map(|interval| dir.samples(&metadata, interval));
    let mut samples = samples.transpose()?;
    // With as many recorders as there are files: nobody else's batches are run one by one.
    match (&mut iterations, &mut samples) {
        (None, None) => run(point, series, &mut requests),
        (Some(iterations), None) => run(point, series, &mut (&mut requests, iterations)),
        (None, Some(samples)) => run(point, series, &mut (&mut requests, samples)),
        (Some(iterations), Some(samples)) => {
            run(point, series, &mut (&mut requests, (iterations, samples)))
        }
    }?;
    // A sink that is dropped leaves its file under the partial name.
    let finish = || -> Result<(), OutputError> {
        iterations.map(IterationSink::finish).transpose()?;
        samples.map(SampleSink::finish).transpose()?;
        requests.finish().map(|_| ())
    };
    Ok(finish().inspect_err(|_| take_back(dir.path(), &TABLES))?)
}

fn run(point: &Point, series: Series, recorder: &mut impl Recorder) -> Result<(), TrialsError> {
    let streams = Streams::new(point.seed).replication(0);
    let ran = point
        .setting
        .run_recorded(streams, series.samples, recorder);
    Ok(ran.map(|_| ())?)
}
