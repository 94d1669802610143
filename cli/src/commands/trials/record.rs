//! Files of trials: `trials.parquet` and `summary.json`.

use kendall_io::records::{OutputDir, OutputError, TrialSink, TrialVariants};
use kendall_study::trials::{Measured, Metric, Trials};

use super::super::{metadata_without_trace, take_back};
use crate::output;

/// What the file of trials says about them.
pub(crate) struct Recorded<'a> {
    pub(crate) config_toml: &'a str,
    pub(crate) seed: u64,
    pub(crate) variants: TrialVariants,
    pub(crate) metrics: &'a [Metric],
}

impl Recorded<'_> {
    /// The file with the rows of all trials that took place, by variant and then by trial.
    fn sink<T: Measured>(
        &self,
        dir: &OutputDir,
        trials: &Trials<T>,
        seed_of: impl Fn(usize, u32) -> u64,
    ) -> Result<TrialSink, OutputError> {
        let meta = metadata_without_trace(self.config_toml.to_owned(), self.seed);
        let mut sink = dir.trials(&meta, &self.variants, self.metrics)?;
        for variant in 0..trials.variants() {
            for (trial, row) in trials.of(variant) {
                let metrics = 0..self.metrics.len();
                let values: Vec<_> = metrics.map(|metric| row.metric(metric)).collect();
                sink.trial(variant, trial, seed_of(variant, trial), &values);
            }
        }
        Ok(sink)
    }
}

/// Writes all trials, and the summary last. If one file cannot be written, it and `others` that are
/// complete get partial names again.
pub(crate) fn record<T: Measured>(
    dir: &OutputDir,
    recorded: &Recorded<'_>,
    trials: &Trials<T>,
    seed_of: impl Fn(usize, u32) -> u64,
    json: &str,
    others: &[&str],
) -> Result<(), OutputError> {
    let finish = || {
        recorded.sink(dir, trials, seed_of)?.finish()?;
        dir.write_summary(json)
    };
    finish().inspect_err(|_| take_back(dir.path(), &[others, &["trials"]].concat()))
}

/// Writes the trials that took place under a partial name, and says so.
pub(crate) fn record_partial<T: Measured>(
    dir: &OutputDir,
    recorded: &Recorded<'_>,
    trials: &Trials<T>,
    seed_of: impl Fn(usize, u32) -> u64,
) -> Result<(), OutputError> {
    let path = recorded.sink(dir, trials, seed_of)?.abandon()?;
    output::note(&format!("partial results: {}", path.display()));
    Ok(())
}
