//! Every request of every configuration, as requests.csv has them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{ValidateError, files};

/// A request. Times are in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) target_tokens: u32,
    pub(super) added: f64,
    pub(super) started: Option<f64>,
    pub(super) first_token: Option<f64>,
    pub(super) finished: Option<f64>,
    pub(super) tokens: u32,
}

/// Requests by configuration, in the order of creation.
#[derive(Default)]
pub(super) struct Rows(BTreeMap<String, Vec<Row>>);

impl Rows {
    pub(super) fn of(&self, config: &str) -> Option<&[Row]> {
        self.0.get(config).map(Vec::as_slice)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

const COLUMNS: [&str; 8] = [
    "config",
    "req",
    "target_len",
    "added_at",
    "started_at",
    "first_token_at",
    "finished_at",
    "tokens_generated_at_end",
];

/// All rows of a file; those of a configuration are numbered from 0.
pub(super) fn read(path: &Path) -> Result<Rows, ValidateError> {
    let text = files::read_text(path)?;
    let fault = |line, what: String| ValidateError::Format {
        path: path.to_owned(),
        line,
        what,
    };
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    let (_, header) = lines.next().unwrap_or((1, ""));
    let places = places(header).map_err(|what| fault(1, what))?;
    let mut rows = Rows::default();
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        let fields = places.map(|place| fields.get(place).copied().unwrap_or_default());
        let of_config = rows.0.entry(fields[0].to_owned()).or_default();
        let row = row(&fields, of_config.len()).map_err(|what| fault(line, what))?;
        of_config.push(row);
    }
    Ok(rows)
}

/// Where the columns are.
fn places(header: &str) -> Result<[usize; COLUMNS.len()], String> {
    let names: Vec<&str> = header.split(',').map(str::trim).collect();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = names.iter().position(|&name| name == column);
        *place = found.ok_or_else(|| format!("there is no column `{column}`"))?;
    }
    Ok(places)
}

fn row(fields: &[&str; COLUMNS.len()], number: usize) -> Result<Row, String> {
    let [
        _,
        req,
        target,
        added,
        started,
        first_token,
        finished,
        tokens,
    ] = *fields;
    if req != number.to_string() {
        return Err(format!(
            "`req` is {req}, must be {number}, since rows are in order"
        ));
    }
    let whole = |name: &str, text: &str| {
        let parsed = text.parse::<u32>();
        parsed.map_err(|_| format!("`{name}` is `{text}`, must be a whole number"))
    };
    let time = |name: &str, text: &str| match text {
        "" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(time) if time.is_finite() => Ok(Some(time)),
            _ => Err(format!("`{name}` is `{text}`, must be a time")),
        },
    };
    Ok(Row {
        target_tokens: whole("target_len", target)?,
        added: time("added_at", added)?.ok_or("`added_at` is missing")?,
        started: time("started_at", started)?,
        first_token: time("first_token_at", first_token)?,
        finished: time("finished_at", finished)?,
        tokens: whole("tokens_generated_at_end", tokens)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let header = "req,config,target_len,added_at,started_at,first_token_at,finished_at,\
                      tokens_generated_at_end";
        assert_eq!(places(header).unwrap(), [1, 0, 2, 3, 4, 5, 6, 7]);
        assert_eq!(
            places("config,req").unwrap_err(),
            "there is no column `target_len`"
        );
    }

    #[test]
    fn bad_rows_say_what_is_wrong() {
        let good = ["a", "3", "12", "0.0", "1.5", "2", "", "7"];
        let read = row(&good, 3).unwrap();
        assert_eq!(
            (read.started, read.finished, read.tokens),
            (Some(1.5), None, 7)
        );
        let with = |at: usize, text: &'static str| {
            let mut fields = good;
            fields[at] = text;
            row(&fields, 3).unwrap_err()
        };
        assert!(with(1, "4").contains("must be 3"));
        assert!(with(2, "-1").contains("target_len"));
        assert!(with(3, "").contains("added_at"));
        assert!(with(4, "nan").contains("started_at"));
    }
}
