//! `requests.parquet`: one row per request.

use std::path::PathBuf;

use kendall_kernel::{Dur, Time};
use kendall_llm::{Recorder, RequestRecord, Status};

use super::columns::{Cell, Column, Values};
use super::order::TraceOrder;
use super::table::{ColumnSpec, Encoding, TRACE_SHA256, Table, table};
use super::writer::TableSink;
use super::{FileMetadata, OutputDir, OutputError, RowOrder};

table! {
    /// The columns of `requests.parquet`.
    struct Requests in "requests" of |r: RequestRecord| {
        request_id: u64, Delta, "1", "row of the request in its trace" => r.request_id;
        class: u16, Dictionary, "1", "class given by the trace, 0 without one" => r.class;
        session_id: Option<u32>, Delta, "1", "number of the session in order of appearance" => r.session_id;
        instance: Option<u16>, Dictionary, "1", "instance that served the request" => r.instance;
        prefill_instance: Option<u16>, Dictionary, "1", "instance of its prefill where prefill and decode are apart" => r.prefill_instance;
        arrival_ns: u64, Delta, "ns", "arrival" => r.arrival.as_ns();
        scheduled_ns: Option<u64>, Delta, "ns", "start of the iteration that first scheduled the request" => r.scheduled.map(Time::as_ns);
        first_token_ns: Option<u64>, Delta, "ns", "end of the iteration that produced its first output token" => r.first_token.map(Time::as_ns);
        finish_ns: Option<u64>, Delta, "ns", "end of the iteration that produced its last output token" => r.finish.map(Time::as_ns);
        prompt_tokens: u32, Delta, "tokens", "prompt length" => r.prompt_tokens;
        output_tokens: u32, Delta, "tokens", "output length asked for" => r.output_tokens;
        generated_tokens: u32, Delta, "tokens", "output tokens produced" => r.generated_tokens;
        cached_tokens: u32, Delta, "tokens", "prompt tokens found in the prefix cache at first admission" => r.cached_tokens;
        preemptions: u16, Delta, "1", "times the request lost its KV blocks and had to start over" => r.preemptions;
        status: Status, Dictionary, "1", "finished, rejected, aborted or unfinished" => r.status;
        ttft_ns: Option<u64>, Delta, "ns", "time to first token: first_token - arrival" => r.ttft().map(Dur::as_ns);
        e2e_ns: Option<u64>, Delta, "ns", "end-to-end time: finish - arrival" => r.e2e().map(Dur::as_ns);
        tpot_ns: Option<f64>, ByteStreamSplit, "ns", "time per output token after the first: (finish - first_token) / (generated_tokens - 1)" => r.tpot_ns();
    }
}

/// Writes `requests.parquet`.
///
/// Dropped without [`RequestSink::finish`] or [`RequestSink::abandon`], it leaves a readable
/// partial file that may lack the last rows.
pub struct RequestSink {
    table: TableSink<Requests>,
    order: Option<TraceOrder>,
}

impl RequestSink {
    pub(super) fn create(dir: &OutputDir, meta: &FileMetadata) -> Result<Self, OutputError> {
        let extra = [("kendall.row_order", meta.row_order.name())];
        Ok(RequestSink {
            table: TableSink::create(dir, meta, &extra)?,
            order: (meta.row_order == RowOrder::Trace).then(TraceOrder::new),
        })
    }

    /// Whether writing has failed; records go nowhere from then on, and
    /// [`RequestSink::finish`] says why. Costs one load.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.table.failed()
    }

    /// Adds the digest of a trace that was read while the run went on: what
    /// [`FileMetadata::trace_sha256`] says of one that was known before.
    pub fn add_trace_sha256(&mut self, digest: &str) {
        self.table.add_metadata(TRACE_SHA256, digest);
    }

    /// Writes what is buffered, closes the file, gives it its final name and returns the number
    /// of its rows.
    ///
    /// # Errors
    /// If the file could not be written (it is removed then) or renamed.
    pub fn finish(mut self) -> Result<u64, OutputError> {
        self.flush();
        self.table.finish()
    }

    /// Writes what is buffered and closes the file, which keeps its partial name and is
    /// returned: for a run that was interrupted.
    ///
    /// # Errors
    /// If the file could not be written; it is removed then.
    pub fn abandon(mut self) -> Result<PathBuf, OutputError> {
        self.flush();
        self.table.abandon()
    }

    fn flush(&mut self) {
        if let Some(order) = &mut self.order {
            order.flush(|record| self.table.push(record));
        }
    }
}

impl Recorder for RequestSink {
    fn request(&mut self, record: &RequestRecord) {
        match &mut self.order {
            // What failed to be written must not pile up either.
            Some(_) if self.table.failed() => {}
            Some(order) => order.admit(record, |record| self.table.push(record)),
            None => self.table.push(record),
        }
    }

    fn failed(&self) -> bool {
        RequestSink::failed(self)
    }
}
