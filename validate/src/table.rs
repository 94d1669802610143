//! What a check measured, as a table of numbers.

use serde::Serialize;

/// A mean over independent replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Standard error of the mean; 0 for what has no randomness.
    pub standard_error: f64,
}

impl Estimate {
    /// From one value per replication. O(n).
    ///
    /// # Panics
    /// Without values.
    #[must_use]
    pub fn of(values: &[f64]) -> Estimate {
        assert!(!values.is_empty(), "an estimate needs replications");
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let standard_error = if values.len() > 1 {
            (squares / (n - 1.0) / n).sqrt()
        } else {
            0.0
        };
        Estimate {
            mean,
            standard_error,
        }
    }

    /// The same in a unit that is `factor` times smaller.
    #[must_use]
    pub fn times(self, factor: f64) -> Estimate {
        Estimate {
            mean: self.mean * factor,
            standard_error: self.standard_error * factor,
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// What it shows.
    pub name: &'static str,
    /// In which unit; empty for a plain number.
    pub unit: &'static str,
}

/// An entry of a table, in its column's unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Measured, with its standard error.
    Estimate(Estimate),
    /// Computed, or measured without randomness.
    Number(f64),
    /// Counted over all replications.
    Count(u64),
    /// A word.
    Text(String),
    /// Not applicable.
    Absent,
}

impl From<Estimate> for Cell {
    fn from(estimate: Estimate) -> Cell {
        Cell::Estimate(estimate)
    }
}

/// What a check measured: a row per setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What is measured, and over how many replications of what length.
    pub title: String,
    /// The columns, row names aside.
    pub columns: Vec<Column>,
    /// A name and a cell per column.
    pub rows: Vec<(String, Vec<Cell>)>,
    /// What has to be known to read it.
    pub notes: Vec<String>,
}

impl Table {
    /// Without rows yet; columns are (name, unit).
    #[must_use]
    pub fn new(title: impl Into<String>, columns: &[(&'static str, &'static str)]) -> Table {
        Table {
            title: title.into(),
            columns: columns
                .iter()
                .map(|&(name, unit)| Column { name, unit })
                .collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Appends a row.
    ///
    /// # Panics
    /// Unless there is a cell per column.
    pub fn row(&mut self, name: impl Into<String>, cells: impl Into<Vec<Cell>>) {
        let cells = cells.into();
        assert_eq!(cells.len(), self.columns.len(), "a cell per column");
        self.rows.push((name.into(), cells));
    }

    /// Appends a note.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_is_that_of_the_mean() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0, 6.0]);
        // Variance 14/3 of the values, a quarter of that for the mean.
        assert_eq!(estimate.mean, 3.0);
        assert!((estimate.standard_error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-15);
        assert_eq!(estimate.times(1e3).mean, 3000.0);
        assert_eq!(Estimate::of(&[7.0]).standard_error, 0.0);
    }

    #[test]
    #[should_panic(expected = "a cell per column")]
    fn a_row_fills_its_columns() {
        Table::new("x", &[("TTFT", "ms")]).row("first", []);
    }
}
