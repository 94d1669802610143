//! `trials.parquet`: one row per variant and trial, one column per metric.

use std::path::PathBuf;
use std::sync::Arc;

use kendall_study::trials::Metric;

use super::columns::{Cell, Column, Present, Values};
use super::table::{BUFFER_ROWS, ColumnSpec, Encoding};
use super::writer::Writer;
use super::{FileMetadata, OutputDir, OutputError};

/// What is compared: the names of the variants, and the settings that tell them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialVariants {
    /// Names by variant; different from each other.
    pub names: Vec<String>,
    /// What is varied: a name, which becomes a column, and its value by variant. Names are different
    /// from each other, from the metrics' and from `variant`, `trial` and `seed`.
    pub varied: Vec<(String, Vec<String>)>,
}

type Counts = <u32 as Cell>::Column;
type Seeds = <u64 as Cell>::Column;
type Figures = <Option<f64> as Cell>::Column;

/// Writes `trials.parquet`.
///
/// Dropped without [`TrialSink::finish`] or [`TrialSink::abandon`], it leaves a readable partial file
/// that may lack the last rows.
pub struct TrialSink {
    writer: Writer,
    variants: Texts,
    varied: Vec<Texts>,
    rows: Rows,
    metrics: usize,
}

/// A text for each variant.
struct Texts {
    /// The different ones.
    list: Arc<[String]>,
    /// Which of them, by variant.
    of: Vec<u32>,
}

/// Buffers of the next rows.
struct Rows {
    variant: Vec<usize>,
    trial: Counts,
    seed: Seeds,
    metrics: Vec<Figures>,
}

impl TrialSink {
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        variants: &TrialVariants,
        metrics: &[Metric],
    ) -> Result<Self, OutputError> {
        let names = serde_json::json!(variants.names).to_string();
        let extra = [("kendall.variants", names.as_str())];
        let specs = specs(variants, metrics);
        let varied = variants.varied.iter();
        Ok(TrialSink {
            writer: Writer::create(dir, meta, &extra, "trials", &specs)?,
            variants: Texts::new(&variants.names),
            varied: varied.map(|(_, values)| Texts::new(values)).collect(),
            rows: Rows::new(metrics.len()),
            metrics: metrics.len(),
        })
    }

    /// Appends the row of a trial, with its metrics in their order.
    ///
    /// # Panics
    /// If there is no such variant, or if metrics are missing.
    pub fn trial(&mut self, variant: usize, trial: u32, seed: u64, metrics: &[Option<f64>]) {
        assert!(variant < self.variants.of.len(), "variant {variant}");
        assert_eq!(metrics.len(), self.metrics, "metrics of trial {trial}");
        let rows = &mut self.rows;
        rows.variant.push(variant);
        rows.trial.push(trial);
        rows.seed.push(seed);
        for (column, &value) in rows.metrics.iter_mut().zip(metrics) {
            column.push(value);
        }
        if rows.variant.len() == BUFFER_ROWS {
            self.send();
        }
    }

    /// Writes what is buffered, closes the file, gives it its final name and returns the number
    /// of its rows.
    ///
    /// # Errors
    /// If the file could not be written (it is removed then) or renamed.
    pub fn finish(mut self) -> Result<u64, OutputError> {
        self.send();
        self.writer.finish()
    }

    /// Writes what is buffered and closes the file, which keeps its partial name and is
    /// returned: for trials that were interrupted.
    ///
    /// # Errors
    /// If the file could not be written; it is removed then.
    pub fn abandon(mut self) -> Result<PathBuf, OutputError> {
        self.send();
        self.writer.abandon()
    }

    fn send(&mut self) {
        let full = std::mem::replace(&mut self.rows, Rows::new(self.metrics));
        let rows = full.variant.len();
        let mut columns = vec![self.variants.column(&full.variant)];
        columns.extend(self.varied.iter().map(|texts| texts.column(&full.variant)));
        columns.extend([full.trial.into_values(), full.seed.into_values()]);
        columns.extend(full.metrics.into_iter().map(Column::into_values));
        self.writer.write(rows, columns);
    }
}

impl Texts {
    fn new(texts: &[String]) -> Texts {
        let mut list: Vec<String> = Vec::new();
        let mut position = |text: &String| {
            let known = list.iter().position(|known| known == text);
            let at = known.unwrap_or_else(|| {
                list.push(text.clone());
                list.len() - 1
            });
            at as u32
        };
        let of = texts.iter().map(&mut position).collect();
        Texts {
            list: list.into(),
            of,
        }
    }

    fn column(&self, variants: &[usize]) -> Values {
        let positions = variants.iter().map(|&variant| self.of[variant]).collect();
        Values {
            present: Present::Listed(positions, Arc::clone(&self.list)),
            levels: None,
        }
    }
}

impl Rows {
    /// Trials are few mostly, so buffers grow as they must.
    fn new(metrics: usize) -> Rows {
        Rows {
            variant: Vec::new(),
            trial: Counts::with_capacity(0),
            seed: Seeds::with_capacity(0),
            metrics: (0..metrics).map(|_| Figures::with_capacity(0)).collect(),
        }
    }
}

fn specs(variants: &TrialVariants, metrics: &[Metric]) -> Vec<ColumnSpec> {
    let mut specs = vec![ColumnSpec::text("variant", "name of the variant")];
    for (key, _) in &variants.varied {
        specs.push(ColumnSpec::text(key, "its value in the variant"));
    }
    let trial = "number of the trial, from 0; equal ones of all variants see the same requests";
    specs.push(ColumnSpec::new::<u32>("trial", Encoding::Delta, "1", trial));
    let seed = "seed of the trial";
    specs.push(ColumnSpec::new::<u64>("seed", Encoding::Delta, "1", seed));
    specs.extend(metrics.iter().map(|metric| {
        let Metric {
            name,
            unit,
            description,
        } = metric;
        ColumnSpec::new::<Option<f64>>(name, Encoding::ByteStreamSplit, unit, description)
    }));
    specs
}
