//! `--iterations` and `--samples` of scenarios that have no keys for them.

use kendall_io::records::Granularity;
use kendall_kernel::Dur;

use crate::args::{IterationsArg, RunOptions};
use crate::failure::Failure;
use crate::output;

/// Files over time that are wanted beside `requests.parquet`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Series {
    /// Rows of `iterations.parquet`, which is not written unless asked for.
    pub(super) iterations: Option<Granularity>,
    /// Time between rows of `samples.parquet`; positive.
    pub(super) samples: Option<Dur>,
}

impl Series {
    /// What the options ask for; warns if it has no place to go to.
    pub(super) fn of(options: &RunOptions) -> Result<Series, Failure> {
        let series = Series {
            iterations: match options.iterations {
                None | Some(IterationsArg::Off) => None,
                Some(IterationsArg::Steps) => Some(Granularity::Steps),
                Some(IterationsArg::Runs) => Some(Granularity::Runs),
            },
            samples: options.samples.map(interval).transpose()?,
        };
        let wanted = [
            (series.iterations.is_some(), "--iterations"),
            (series.samples.is_some(), "--samples"),
        ];
        for (_, option) in wanted.iter().filter(|(wanted, _)| *wanted) {
            if options.output.is_none() {
                output::note(&format!(
                    "warning: {option} needs a directory to write to (-o DIR)"
                ));
            }
        }
        Ok(series)
    }
}

fn interval(seconds: f64) -> Result<Dur, Failure> {
    const HINT: &str = "give a time from one sample to the next, for example 10s or 500ms";
    match Dur::from_secs_f64(seconds) {
        Ok(Dur::ZERO) => Err(Failure::usage(
            format!("--samples is {seconds} s, must be at least a nanosecond (1e-9)"),
            HINT,
        )),
        Ok(interval) => Ok(interval),
        Err(error) => Err(Failure::usage(format!("--samples: {error}"), HINT)),
    }
}
