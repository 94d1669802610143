//! `study.parquet`: one row per figure of a study.

use std::path::PathBuf;

use kendall_study::published::{Row, Study};

use super::columns::{Cell, Column, Values};
use super::table::{ColumnSpec, Encoding, Table, table};
use super::writer::TableSink;
use super::{FileMetadata, OutputDir, OutputError};

table! {
    /// The columns of `study.parquet`.
    struct Rows in "study" of |r: Row| {
        scenario: String, Dictionary, "1", "the scenario" => r.scenario.clone();
        system: String, Dictionary, "1", "what is compared: a scheduler, a way of batching, a load" => r.system.clone();
        variant: String, Dictionary, "1", "what else is set, empty for nothing" => r.variant.clone();
        value: Option<f64>, ByteStreamSplit, "kendall.varied", "value of what the study varies, as the footer's kendall.varied names it; null for nothing, such as whole prompts" => r.value;
        metric: String, Dictionary, "1", "the figure, its unit last" => r.metric.name.to_owned();
        unit: String, Dictionary, "1", "unit of the figure" => r.metric.unit.to_owned();
        mean: f64, ByteStreamSplit, "unit", "mean over trials" => r.estimate.value;
        sd: Option<f64>, ByteStreamSplit, "unit", "standard deviation between trials, null for one trial" => r.sd();
        low: Option<f64>, ByteStreamSplit, "unit", "lower end of the interval of the mean" => r.interval.map(|(low, _)| low);
        high: Option<f64>, ByteStreamSplit, "unit", "upper end of the interval of the mean" => r.interval.map(|(_, high)| high);
        trials: u64, Delta, "1", "trials" => r.estimate.groups;
        original: Option<f64>, ByteStreamSplit, "unit", "the figure of the original at the same settings" => r.original.map(|original| original.value);
        original_std_error: Option<f64>, ByteStreamSplit, "unit", "its standard error, null for a single run" => r.original.and_then(|original| original.std_error);
        score: Option<f64>, ByteStreamSplit, "1", "difference from the original over its standard error" => r.score();
    }
}

/// Writes `study.parquet`. The footer has the study as `kendall.study`, what it varies as
/// `kendall.varied` and the level of its intervals as `kendall.level`.
pub struct StudySink {
    table: TableSink<Rows>,
}

impl StudySink {
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        study: Study,
        level: f64,
    ) -> Result<Self, OutputError> {
        let level = level.to_string();
        let extra = [
            ("kendall.study", study.name()),
            ("kendall.varied", study.varied()),
            ("kendall.level", level.as_str()),
        ];
        Ok(StudySink {
            table: TableSink::create(dir, meta, &extra)?,
        })
    }

    /// Appends a row.
    pub fn push(&mut self, row: &Row) {
        self.table.push(row);
    }

    /// Writes what is buffered, closes the file, gives it its final name and returns the number
    /// of its rows.
    ///
    /// # Errors
    /// If the file could not be written (it is removed then) or renamed.
    pub fn finish(self) -> Result<u64, OutputError> {
        self.table.finish()
    }

    /// Writes what is buffered and closes the file, which keeps its partial name and is
    /// returned.
    ///
    /// # Errors
    /// If the file could not be written; it is removed then.
    pub fn abandon(self) -> Result<PathBuf, OutputError> {
        self.table.abandon()
    }
}
