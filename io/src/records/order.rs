//! Trace order restored on the fly.

use std::collections::VecDeque;

use kendall_llm::RequestRecord;

/// Records that arrived before those of older requests.
///
/// Holds one slot per id from the oldest missing one to the youngest seen: the requests in the
/// system, and those that finished behind the oldest of them.
pub(super) struct TraceOrder {
    /// Id of the oldest missing record, the front slot's.
    next: u64,
    slots: VecDeque<Option<RequestRecord>>,
}

impl TraceOrder {
    /// Waits for request 0.
    pub(super) fn new() -> TraceOrder {
        TraceOrder {
            next: 0,
            slots: VecDeque::new(),
        }
    }

    /// Takes a record and emits, in trace order, those that no older one holds back any more.
    /// Amortised O(1).
    ///
    /// # Panics
    /// If a record of this request was there before.
    pub(super) fn admit(&mut self, record: &RequestRecord, mut emit: impl FnMut(&RequestRecord)) {
        let id = record.request_id;
        let ahead = id.checked_sub(self.next);
        let slot = ahead.and_then(|ahead| usize::try_from(ahead).ok());
        let slot = slot.unwrap_or_else(|| panic!("request {id} is recorded twice"));
        if slot >= self.slots.len() {
            self.slots.resize(slot + 1, None);
        }
        let before = self.slots[slot].replace(*record);
        assert!(before.is_none(), "request {id} is recorded twice");
        while let Some(Some(record)) = self.slots.front() {
            emit(record);
            self.slots.pop_front();
            self.next += 1;
        }
    }

    /// Emits, in trace order, what still waits; requests that have no record are left out.
    pub(super) fn flush(&mut self, emit: impl FnMut(&RequestRecord)) {
        self.next += self.slots.len() as u64;
        self.slots.iter().flatten().for_each(emit);
        self.slots.clear();
    }
}
