//! What an instance shares with others.

use kendall_kernel::Time;

use crate::record::{RequestRecord, Status};
use crate::request::{RequestId, RequestTable};
use crate::rows::Rows;

/// What an instance works on but does not own.
pub(crate) struct World<'a> {
    pub(crate) rows: Rows<'a>,
    pub(crate) requests: RequestTable,
}

impl World<'_> {
    /// The request's record, as it leaves now.
    pub(crate) fn record(
        &self,
        id: RequestId,
        status: Status,
        finish: Option<Time>,
    ) -> RequestRecord {
        self.requests[id].record(&self.rows, status, finish)
    }

    /// Forgets a request whose record has been told.
    pub(crate) fn leave(&mut self, id: RequestId) {
        self.rows.leave(self.requests[id].at);
        self.requests.remove(id);
    }
}
