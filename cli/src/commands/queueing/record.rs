//! Results as files: `customers.parquet` and `summary.json`.

use std::path::Path;

use kendall_io::records::{FileMetadata, OutputDir, OutputError, RowOrder};
use kendall_kernel::Streams;
use kendall_kernel::sampler::Side;
use kendall_queueing::{Simulation, Until};
use kendall_study::queueing::Plan;

use super::{CUSTOMERS, SLICE, Settings};
use crate::commands::{Ending, take_back};
use crate::failure::Failure;
use crate::progress::Bar;
use crate::{interrupt, output};

/// Where results go.
pub(super) struct Output<'a> {
    pub(super) path: &'a Path,
    pub(super) force: bool,
    /// The network as a scenario.
    pub(super) config_toml: String,
}

impl Output<'_> {
    /// Makes sure that results can be written, before a run that may be long.
    pub(super) fn prepare(&self) -> Result<OutputDir, OutputError> {
        OutputDir::prepare(self.path, self.force)
    }

    /// Follows the first replication once more from its start, warm-up included, and writes a row
    /// per stay; then the summary.
    pub(super) fn record(
        &self,
        dir: &OutputDir,
        plan: &Plan,
        settings: &Settings,
        json: &str,
    ) -> Result<Ending, Failure> {
        interrupt::listen();
        let meta = FileMetadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_toml: self.config_toml.clone(),
            seed: plan.seed,
            trace_sha256: None,
            row_order: RowOrder::Completion,
        };
        let mut sink = dir.customers(&meta, &plan.network)?;
        let mut streams = Streams::new(plan.seed).replication(0);
        if plan.antithetic {
            streams = streams.antithetic(Side::Plain);
        }
        let mut simulation = Simulation::new(&plan.network, streams, plan.unit_s)?;
        let own = settings.customers.unwrap_or(CUSTOMERS) / u64::from(plan.replications);
        let customers = match settings.until {
            Some(_) => u64::MAX,
            None => own.max(1) + plan.warm_up,
        };
        let time_ns = settings
            .until
            .map_or(u64::MAX, |time| (time * plan.unit_s * 1e9).round() as u64);
        let mut bar = Bar::of_customers(customers, settings.quiet || settings.until.is_some());
        while simulation.progress() < customers && !sink.failed() {
            let before = simulation.progress();
            let slice = customers.min(before.saturating_add(SLICE));
            let until = Until {
                customers: slice,
                time_ns,
            };
            if let Err(error) = simulation.run(until, &mut sink) {
                sink.abandon()?;
                return Err(error.into());
            }
            bar.at(simulation.progress());
            if interrupt::requested() {
                let partial = sink.abandon()?;
                output::note(&format!("partial results: {}", partial.display()));
                return Ok(Ending::Interrupted);
            }
            if simulation.progress() < slice {
                break;
            }
        }
        sink.finish()?;
        dir.write_summary(json)
            .inspect_err(|_| take_back(dir.path(), &["customers"]))?;
        Ok(Ending::Fine)
    }
}
