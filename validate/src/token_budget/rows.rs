//! Comma-separated values with a header, by the names of the columns.

use std::path::{Path, PathBuf};

use kendall_kernel::{FineDur, FineTime};

use crate::queueing::csv;
use crate::{ValidateError, files};

/// The rows of a file.
pub(super) struct Rows {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<csv::Row>,
}

/// A row, with the names of its fields.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    rows: &'a Rows,
    row: &'a csv::Row,
}

impl Rows {
    pub(super) fn read(path: &Path) -> Result<Rows, ValidateError> {
        let fault = |line, what: String| ValidateError::Format {
            path: path.to_owned(),
            line,
            what,
        };
        let text = files::read_text(path)?;
        let mut rows =
            csv::rows(&text).map_err(|error| fault(error.line, error.what.to_owned()))?;
        if rows.is_empty() {
            return Err(fault(1, "no header".to_owned()));
        }
        let header = rows.remove(0).fields;
        if let Some(row) = rows.iter().find(|row| row.fields.len() != header.len()) {
            let (fields, names) = (row.fields.len(), header.len());
            let what = format!("{fields} fields, the header has {names}");
            return Err(fault(row.line, what));
        }
        Ok(Rows {
            path: path.to_owned(),
            header: header.iter().map(|name| name.trim().to_owned()).collect(),
            rows,
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|row| Row { rows: self, row })
    }
}

impl<'a> Row<'a> {
    fn fault(self, what: String) -> ValidateError {
        ValidateError::Format {
            path: self.rows.path.clone(),
            line: self.row.line,
            what,
        }
    }

    /// The text of a column.
    pub(super) fn text(self, name: &str) -> Result<&'a str, ValidateError> {
        let place = self.rows.header.iter().position(|own| own == name);
        let place = place.ok_or_else(|| self.fault(format!("no column `{name}`")))?;
        Ok(self.row.fields[place].trim())
    }

    /// Whether there is such a column.
    pub(super) fn has(self, name: &str) -> bool {
        self.rows.header.iter().any(|own| own == name)
    }

    /// The number in a column; `None` for an empty field.
    pub(super) fn optional(self, name: &str) -> Result<Option<f64>, ValidateError> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number
            .map(Some)
            .ok_or_else(|| self.fault(format!("`{name}` is `{text}`, not a finite number")))
    }

    /// The number in a column.
    pub(super) fn number(self, name: &str) -> Result<f64, ValidateError> {
        let number = self.optional(name)?;
        number.ok_or_else(|| self.fault(format!("`{name}` is empty")))
    }

    /// The time in a column, in seconds.
    pub(super) fn time(self, name: &str) -> Result<FineTime, ValidateError> {
        let seconds = self.number(name)?;
        let after = FineDur::from_secs_f64(seconds).map_err(|e| self.fault(e.to_string()))?;
        let time = FineTime::ZERO.checked_add(after);
        time.ok_or_else(|| self.fault(format!("`{name}` is {seconds}, beyond all time")))
    }

    /// The whole number in a column, also if it is written as `298.0`.
    pub(super) fn count(self, name: &str) -> Result<u32, ValidateError> {
        let number = self.number(name)?;
        if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
            return Ok(number as u32);
        }
        Err(self.fault(format!(
            "`{name}` is {number}, not a whole number below 2^32"
        )))
    }
}
