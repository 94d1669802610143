//! Cases and their figures: rows `case, params, metric, expected` with `params` in JSON.

use std::path::Path;

use serde_json::{Map, Value};

use super::csv;
use super::model::Model;
use super::params::Unsupported;
use super::read;
use crate::{ValidateError, files};

/// One expected number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is a figure of (`E_T`, `W_p99`, `E_N_2`, ...).
    pub metric: String,
    /// The number.
    pub expected: f64,
    /// Significant digits it is written with.
    pub digits: u32,
}

impl Figure {
    /// The largest relative error that rounding to the digits written can have caused, or 0 for a
    /// number written with fewer than seven digits, which is taken to be exact.
    #[must_use]
    pub fn rounding(&self) -> f64 {
        if self.digits < 7 || self.expected == 0.0 {
            return 0.0;
        }
        let leading = self.expected.abs().log10().floor();
        0.5 * 10_f64.powf(leading + 1.0 - f64::from(self.digits)) / self.expected.abs()
    }
}

/// A model with the figures that are known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueCase {
    /// Its name.
    pub name: String,
    /// The model, or why the case has to be skipped.
    pub model: Result<Model, Unsupported>,
    /// In the order of the file.
    pub figures: Vec<Figure>,
}

/// Reads the cases of a file, in order of their first rows. Columns may come in any order and
/// others are ignored.
///
/// # Errors
/// A file that cannot be read or is not in the format, with the line.
pub fn read_cases(path: &Path) -> Result<Vec<QueueCase>, ValidateError> {
    parse_cases(path, &files::read_text(path)?)
}

/// The columns needed.
const COLUMNS: [&str; 4] = ["case", "params", "metric", "expected"];

fn parse_cases(path: &Path, text: &str) -> Result<Vec<QueueCase>, ValidateError> {
    let fault = |line, what: String| ValidateError::Format {
        path: path.to_owned(),
        line,
        what,
    };
    let rows = csv::rows(text).map_err(|error| fault(error.line, error.what.to_owned()))?;
    let mut rows = rows.iter();
    let header = rows
        .next()
        .ok_or_else(|| fault(1, format!("no header; columns are {}", COLUMNS.join(", "))))?;
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header
            .fields
            .iter()
            .position(|field| field.trim() == column);
        *place = found.ok_or_else(|| fault(header.line, format!("no column `{column}`")))?;
    }
    let mut cases: Vec<QueueCase> = Vec::new();
    // Parameters as written, to tell apart cases that share a name.
    let mut written: Vec<String> = Vec::new();
    for row in rows {
        if row.fields.len() != header.fields.len() {
            let what = format!(
                "{} fields, the header has {}",
                row.fields.len(),
                header.fields.len()
            );
            return Err(fault(row.line, what));
        }
        let [name, params, metric, expected] = places.map(|place| row.fields[place].trim());
        let figure = figure(metric, expected).map_err(|what| fault(row.line, what.to_owned()))?;
        let known = cases
            .iter()
            .zip(&written)
            .position(|(case, text)| case.name == name && text == params);
        if let Some(index) = known {
            cases[index].figures.push(figure);
            continue;
        }
        let map: Map<String, Value> = serde_json::from_str(params)
            .map_err(|error| fault(row.line, format!("params are no JSON object: {error}")))?;
        written.push(params.to_owned());
        cases.push(QueueCase {
            name: name.to_owned(),
            model: read::model(&map),
            figures: vec![figure],
        });
    }
    Ok(cases)
}

fn figure(metric: &str, expected: &str) -> Result<Figure, &'static str> {
    if metric.is_empty() {
        return Err("metric is empty");
    }
    let number = expected
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    let number = number.ok_or("expected is not a finite number")?;
    let mantissa = expected.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa
        .chars()
        .filter(char::is_ascii_digit)
        .skip_while(|digit| *digit == '0')
        .count();
    Ok(Figure {
        metric: metric.to_owned(),
        expected: number,
        digits: digits as u32,
    })
}

#[cfg(test)]
mod tests;
