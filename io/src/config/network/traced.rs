//! Arrivals from traces: sources that name a file.

use std::path::Path;

use super::file::{File, SourceSection};
use super::names::{Fault, Key};
use crate::trace::{self, ReadOptions};

impl File {
    /// Reads the traces that sources name, relative to `dir`.
    pub(super) fn read_traces(&mut self, dir: &Path) -> Result<(), Fault> {
        let unit_s = self.queueing.unit_s.unwrap_or(1.0);
        for (name, section) in &mut self.source.0 {
            let key = Key::new(&["source", name.as_str()]).then("trace");
            section.read_trace(dir, &key, unit_s)?;
        }
        Ok(())
    }
}

impl SourceSection {
    fn read_trace(&mut self, dir: &Path, key: &Key, unit_s: f64) -> Result<(), Fault> {
        let Some(file) = &mut self.trace else {
            return Ok(());
        };
        let path = dir.join(&*file);
        let loaded = trace::read(&path, &ReadOptions::default()).map_err(|error| Fault {
            hint: error.hint(),
            ..key.fault(format!("cannot be read: {error}"))
        })?;
        let arrivals = loaded.trace.arrival.iter();
        self.traced = Some(arrivals.map(|time| time.as_secs_f64() / unit_s).collect());
        // What is printed may be kept elsewhere.
        if let Ok(absolute) = std::path::absolute(&path) {
            *file = absolute.display().to_string();
        }
        Ok(())
    }
}
