//! Serving systems at any rate.

use kendall_llm::fleet::{self, FleetConfig};
use kendall_llm::{Control, Recorder, RequestRecord, Trace};

use super::{LoadError, UnderLoad};
use crate::trials::Watch;
use crate::workload::scale_rate;

/// A serving system and requests, one trace for each replication.
#[derive(Clone, Debug)]
pub struct ServingLoad {
    fleet: FleetConfig,
    traces: Vec<Trace>,
    rate_per_s: f64,
}

impl ServingLoad {
    /// A fleet and its requests. Replications beyond the traces begin with the first again.
    ///
    /// # Errors
    /// Requests that arrive at one instant, or none.
    pub fn new(fleet: FleetConfig, traces: Vec<Trace>) -> Result<ServingLoad, LoadError> {
        let (mut gaps, mut span_s) = (0, 0.0);
        for trace in &traces {
            if let (Some(&first), Some(&last)) = (trace.arrival.first(), trace.arrival.last()) {
                gaps += trace.len() as u64 - 1;
                span_s += (last - first).as_secs_f64();
            }
        }
        if span_s == 0.0 {
            let requests = traces.iter().map(|trace| trace.len() as u64).sum();
            return Err(LoadError::NoRate { requests });
        }
        Ok(ServingLoad {
            fleet,
            traces,
            rate_per_s: gaps as f64 / span_s,
        })
    }

    /// Arrivals per second of the traces as they are: one less than their requests, over the time
    /// from the first to the last.
    #[must_use]
    pub fn rate_per_s(&self) -> f64 {
        self.rate_per_s
    }
}

impl UnderLoad for ServingLoad {
    fn requests(
        &self,
        rate_per_s: f64,
        replication: u32,
        watch: &dyn Watch,
    ) -> Result<Vec<RequestRecord>, LoadError> {
        let mut trace = self.traces[replication as usize % self.traces.len()].clone();
        scale_rate(&mut trace, rate_per_s / self.rate_per_s)?;
        let mut records = Records(Vec::with_capacity(trace.len()));
        let mut stopped = false;
        fleet::run(&trace, &self.fleet, &mut records, &mut |_| {
            stopped = watch.stops();
            match stopped {
                true => Control::Stop,
                false => Control::Continue,
            }
        })?;
        if stopped {
            return Err(LoadError::Stopped);
        }
        let mut records = records.0;
        records.sort_unstable_by_key(|record| record.request_id);
        Ok(records)
    }
}

/// Keeps every record.
struct Records(Vec<RequestRecord>);

impl Recorder for Records {
    fn request(&mut self, record: &RequestRecord) {
        self.0.push(*record);
    }
}
