//! Which recordings there are.

use std::path::{Path, PathBuf};

use super::recording::{self, Entry};
use super::requests::{self, Row, Rows};
use crate::{ValidateError, files};

/// How names of flow logs end.
pub(super) const FLOW: &str = "_flow.txt";

/// What is in a folder.
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    rows: Rows,
    logs: Vec<PathBuf>,
    /// Whether figures and requests are left out, since a flow log was asked for.
    pub(super) logs_only: bool,
}

impl Found {
    /// In a folder; or a file and what it needs of the others beside it.
    pub(super) fn at(path: &Path) -> Result<Found, ValidateError> {
        let here = Path::new(".");
        let beside = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = if path.is_file() {
            beside.unwrap_or(here)
        } else {
            path
        };
        let mut summary = files::either(folder, "summary.json");
        let mut requests = files::either(folder, "requests.csv");
        let mut logs = files::entries(folder)?;
        logs.retain(|file| flow_name(file).is_some());
        let mut logs_only = false;
        if path.is_file() {
            let name = unzipped_name(path);
            if name.ends_with(".json") {
                summary = path.to_owned();
            } else if name.ends_with(".csv") {
                requests = path.to_owned();
            } else if name.ends_with(FLOW) {
                logs = vec![path.to_owned()];
                logs_only = true;
            } else {
                let (path, check) = (path.to_owned(), "ticks");
                return Err(ValidateError::NothingRecognised { path, check });
            }
        }
        let exists = |path: &PathBuf| path.exists();
        let entries = Some(summary)
            .filter(exists)
            .map(|path| recording::read(&path));
        let rows = Some(requests)
            .filter(exists)
            .map(|path| requests::read(&path));
        Ok(Found {
            entries: entries.transpose()?.unwrap_or_default(),
            rows: rows.transpose()?.unwrap_or_default(),
            logs,
            logs_only,
        })
    }

    /// Requests of a configuration.
    pub(super) fn rows_of(&self, config: &str) -> Option<&[Row]> {
        self.rows.of(config)
    }

    /// Flow log of a configuration.
    pub(super) fn log_of(&self, config: &str) -> Option<&Path> {
        let mut logs = self.logs.iter();
        let log = logs.find(|log| flow_name(log).as_deref() == Some(config));
        log.map(PathBuf::as_path)
    }

    /// Names of requests and logs without a configuration.
    pub(super) fn unconfigured(&self) -> Vec<String> {
        let unknown = |name: &str| self.entries.iter().all(|entry| entry.config != name);
        let rows = self.rows.names().filter(|_| !self.logs_only);
        let rows = rows.filter(|name| unknown(name)).map(str::to_owned);
        let logs = self.logs.iter().filter_map(|log| flow_name(log));
        let logs = logs.filter(|name| unknown(name));
        rows.chain(logs.map(|name| name + FLOW)).collect()
    }
}

fn unzipped_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".gz").unwrap_or(&name).to_owned()
}

/// The configuration that a flow log belongs to.
fn flow_name(path: &Path) -> Option<String> {
    unzipped_name(path).strip_suffix(FLOW).map(str::to_owned)
}
