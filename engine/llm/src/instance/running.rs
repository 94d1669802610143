//! The running list of an instance: requests that hold KV blocks, in order of admission.

use kendall_kernel::Time;

use crate::kv::Table;
use crate::request::RequestId;

/// Position of a request in the running list's storage; says nothing about its order.
pub(crate) type Slot = u32;

/// No slot: the end of the list.
pub(crate) const NO_SLOT: Slot = Slot::MAX;

/// A request that holds KV blocks.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) request: RequestId,
    /// Rises with every admission: sorting by it gives the order of the list.
    pub(crate) order: u64,
    pub(crate) next: Slot,
    pub(crate) previous: Slot,
    /// Whether it decodes: then the decode set knows its length.
    pub(crate) decoding: bool,
    /// Tokens whose KV is computed, while not decoding.
    pub(crate) computed: u32,
    /// Tokens to be computed before it decodes, while not decoding.
    pub(crate) goal: u32,
    /// Tokens in the batch that it was last part of, if the running list was walked for it.
    pub(crate) scheduled: u32,
    /// Number of that batch.
    pub(crate) scheduled_in: u64,
    /// Whether it decodes but gets no token in the step that just ended.
    pub(crate) passed_over: bool,
    /// When it produced its latest token, if that was not in its instance's latest step.
    pub(crate) latest_token: Option<Time>,
    /// Its KV blocks.
    pub(crate) table: Table,
}

/// Running requests: storage by slot and a doubly linked list in order of admission.
#[derive(Debug, Default)]
pub(crate) struct RunningList {
    slots: Vec<Running>,
    vacant: Vec<Slot>,
    head: Option<Slot>,
    tail: Option<Slot>,
    len: u32,
    admissions: u64,
}

impl RunningList {
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn head(&self) -> Option<Slot> {
        self.head
    }

    pub(crate) fn tail(&self) -> Option<Slot> {
        self.tail
    }

    pub(crate) fn next(&self, slot: Slot) -> Option<Slot> {
        let next = self.slots[slot as usize].next;
        (next != NO_SLOT).then_some(next)
    }

    /// Slots in order of admission.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        std::iter::successors(self.head, |&slot| self.next(slot))
    }

    /// Appends a request; its table is empty but keeps the room of an earlier tenant.
    pub(crate) fn push(&mut self, request: RequestId) -> Slot {
        let previous = self.tail.unwrap_or(NO_SLOT);
        let order = self.admissions;
        self.admissions += 1;
        let slot = match self.vacant.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(Running::vacant());
                (self.slots.len() - 1) as Slot
            }
        };
        let table = std::mem::take(&mut self.slots[slot as usize].table);
        self.slots[slot as usize] = Running {
            request,
            order,
            previous,
            table,
            ..Running::vacant()
        };
        match self.tail {
            Some(tail) => self.slots[tail as usize].next = slot,
            None => self.head = Some(slot),
        }
        self.tail = Some(slot);
        self.len += 1;
        slot
    }

    /// Takes a request out; its table must have been released.
    pub(crate) fn remove(&mut self, slot: Slot) {
        let Running {
            next,
            previous,
            ref table,
            ..
        } = self.slots[slot as usize];
        debug_assert!(
            table.held() == 0,
            "blocks are released before their holder leaves"
        );
        match previous {
            NO_SLOT => self.head = (next != NO_SLOT).then_some(next),
            previous => self.slots[previous as usize].next = next,
        }
        match next {
            NO_SLOT => self.tail = (previous != NO_SLOT).then_some(previous),
            next => self.slots[next as usize].previous = previous,
        }
        self.vacant.push(slot);
        self.len -= 1;
    }
}

impl Running {
    fn vacant() -> Running {
        Running {
            request: 0,
            order: 0,
            next: NO_SLOT,
            previous: NO_SLOT,
            decoding: false,
            computed: 0,
            goal: 0,
            scheduled: 0,
            scheduled_in: 0,
            passed_over: false,
            latest_token: None,
            table: Table::default(),
        }
    }
}

impl std::ops::Index<Slot> for RunningList {
    type Output = Running;
    fn index(&self, slot: Slot) -> &Running {
        &self.slots[slot as usize]
    }
}

impl std::ops::IndexMut<Slot> for RunningList {
    fn index_mut(&mut self, slot: Slot) -> &mut Running {
        &mut self.slots[slot as usize]
    }
}
