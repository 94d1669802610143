//! Requests in the system: a slab whose slots are reused, so that memory follows the requests
//! present, not those of the trace.
//!
//! One row per request rather than columns: a row is touched as a whole and only when the request
//! changes (arrival, admission, first token, preemption, finish); what a step needs of every
//! running request lives in the instance.

use kendall_kernel::Time;

use crate::record::{RequestRecord, Status};
use crate::rows::{RowAt, Rows};
use crate::trace::Trace;

/// Slot of a request in the [`RequestTable`].
pub(crate) type RequestId = u32;

/// No request: the end of a list.
pub(crate) const NO_REQUEST: RequestId = RequestId::MAX;

/// The row of a vacant slot.
const NO_ROW: u32 = u32::MAX;

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an instance's waiting queue.
    Waiting,
    /// In an instance's running list, at this slot.
    Running(u32),
}

/// A request in the system.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Row in the workload.
    pub(crate) row: u32,
    /// Where that row is.
    pub(crate) at: RowAt,
    pub(crate) arrival: Time,
    pub(crate) prompt_tokens: u32,
    /// Prompt and output tokens at which it finishes: by length asked for or model limit.
    pub(crate) target_tokens: u32,
    /// Prompt and output tokens known so far; for a decoding request the instance knows better.
    pub(crate) known_tokens: u32,
    pub(crate) priority: i32,
    pub(crate) instance: u16,
    pub(crate) place: Place,
    /// Neighbours in the waiting queue.
    pub(crate) next: RequestId,
    pub(crate) previous: RequestId,
    pub(crate) scheduled: Option<Time>,
    pub(crate) first_token: Option<Time>,
    /// When it produced its latest token, if it was preempted since.
    pub(crate) latest_token: Option<Time>,
    pub(crate) cached_tokens: u32,
    pub(crate) preemptions: u16,
}

impl Request {
    /// Output tokens produced, as of `known_tokens`.
    pub(crate) fn generated_tokens(&self) -> u32 {
        self.known_tokens - self.prompt_tokens
    }

    /// Its record, ending now.
    pub(crate) fn record(
        &self,
        rows: &Rows<'_>,
        status: Status,
        finish: Option<Time>,
    ) -> RequestRecord {
        RequestRecord {
            instance: Some(self.instance),
            scheduled: self.scheduled,
            first_token: self.first_token,
            finish,
            generated_tokens: self.generated_tokens(),
            cached_tokens: self.cached_tokens,
            preemptions: self.preemptions,
            ..outside_record(rows, self.at, status)
        }
    }
}

/// The record of a request that no instance served.
pub(crate) fn outside_record(rows: &Rows<'_>, at: RowAt, status: Status) -> RequestRecord {
    let request_id = u64::from(rows.number(at));
    let (trace, at) = rows.of(at);
    let session = trace
        .session
        .get(at)
        .copied()
        .filter(|&session| session != Trace::NO_SESSION);
    RequestRecord {
        request_id,
        class: trace.class.get(at).copied().unwrap_or(0),
        session_id: session,
        instance: None,
        prefill_instance: None,
        arrival: trace.arrival[at],
        scheduled: None,
        first_token: None,
        finish: None,
        prompt_tokens: trace.prompt_tokens[at],
        output_tokens: trace.output_tokens[at],
        generated_tokens: 0,
        cached_tokens: 0,
        preemptions: 0,
        status,
    }
}

/// The requests in the system.
#[derive(Debug, Default)]
pub(crate) struct RequestTable {
    rows: Vec<Request>,
    vacant: Vec<RequestId>,
}

impl RequestTable {
    pub(crate) fn insert(&mut self, request: Request) -> RequestId {
        match self.vacant.pop() {
            Some(id) => {
                self.rows[id as usize] = request;
                id
            }
            None => {
                self.rows.push(request);
                (self.rows.len() - 1) as RequestId
            }
        }
    }

    pub(crate) fn remove(&mut self, id: RequestId) {
        self.rows[id as usize].row = NO_ROW;
        self.vacant.push(id);
    }

    /// Whether the slot still holds the request of this row.
    pub(crate) fn is_present(&self, id: RequestId, row: u32) -> bool {
        self.rows[id as usize].row == row
    }

    /// Requests present.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() - self.vacant.len()
    }
}

impl std::ops::Index<RequestId> for RequestTable {
    type Output = Request;
    fn index(&self, id: RequestId) -> &Request {
        &self.rows[id as usize]
    }
}

impl std::ops::IndexMut<RequestId> for RequestTable {
    fn index_mut(&mut self, id: RequestId) -> &mut Request {
        &mut self.rows[id as usize]
    }
}
