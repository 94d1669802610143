//! Traces that generated workloads draw from.

use std::path::Path;
use std::sync::Arc;

use kendall_study::scenario::WorkloadSection;
use kendall_study::workload::{GenerateSpec, TraceColumns};

use super::workload;
use crate::failure::Failure;
use crate::origin::Origin;

/// A generated workload and what its traces gave it.
pub(crate) struct Drawn {
    /// Ready to be generated.
    pub(crate) spec: GenerateSpec,
    /// For people: each of the files, its format and its requests.
    pub(crate) descriptions: Vec<String>,
    pub(crate) skipped_records: u64,
}

/// Reads the traces that a workload draws from, each file once. How they are sorted and what is done
/// with bad records is as for any trace of the scenario.
pub(crate) fn read(
    spec: &GenerateSpec,
    section: &WorkloadSection,
    origin: &Origin<'_>,
) -> Result<Drawn, Failure> {
    let mut drawn = Drawn {
        spec: spec.clone(),
        descriptions: Vec::new(),
        skipped_records: 0,
    };
    let mut known: Vec<(WorkloadSection, Arc<TraceColumns>)> = Vec::new();
    for (key, from_trace) in drawn.spec.traces_mut() {
        let file = WorkloadSection {
            trace: Some(from_trace.trace.clone()),
            format: from_trace.format.clone(),
            columns: from_trace.columns.clone(),
            sort: section.sort,
            on_bad_record: section.on_bad_record,
            ..WorkloadSection::default()
        };
        if let Some((_, columns)) = known.iter().find(|(read, _)| *read == file) {
            from_trace.columns_read = Some(Arc::clone(columns));
            continue;
        }
        let loaded = workload::read(Path::new(&from_trace.trace), &file)
            .map_err(|failure| failure.at(origin.place(&[&format!("{key}.trace")])))?;
        drawn.descriptions.push(workload::described(
            &loaded.name,
            loaded.format,
            loaded.trace.len() as u64,
        ));
        drawn.skipped_records += loaded.skipped_records;
        let columns = Arc::new(TraceColumns::from(loaded.trace));
        from_trace.columns_read = Some(Arc::clone(&columns));
        known.push((file, columns));
    }
    Ok(drawn)
}
