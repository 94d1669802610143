//! The waiting queue of an instance.

use std::collections::BTreeSet;

use kendall_kernel::Time;

use crate::config::Policy;
use crate::request::{NO_REQUEST, RequestId, RequestTable};

/// Requests that hold no KV blocks, in the order in which they will be admitted. Every operation
/// is O(1) first come first served, O(log n) by priority.
#[derive(Debug)]
pub(crate) enum WaitingQueue {
    /// A doubly linked list through the request table: arrivals at the back, the preempted at the
    /// front.
    Fcfs {
        head: RequestId,
        tail: RequestId,
        len: u32,
    },
    /// Ordered by (priority, arrival, row), lower first.
    Priority(BTreeSet<(i32, Time, u32, RequestId)>),
}

impl WaitingQueue {
    pub(crate) fn new(policy: Policy) -> WaitingQueue {
        match policy {
            Policy::Fcfs => WaitingQueue::Fcfs {
                head: NO_REQUEST,
                tail: NO_REQUEST,
                len: 0,
            },
            Policy::Priority => WaitingQueue::Priority(BTreeSet::new()),
        }
    }

    pub(crate) fn len(&self) -> u32 {
        match self {
            WaitingQueue::Fcfs { len, .. } => *len,
            WaitingQueue::Priority(set) => set.len() as u32,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The request to be admitted next.
    pub(crate) fn head(&self) -> Option<RequestId> {
        match self {
            WaitingQueue::Fcfs { head, .. } => (*head != NO_REQUEST).then_some(*head),
            WaitingQueue::Priority(set) => set.first().map(|entry| entry.3),
        }
    }

    /// Queues an arrival.
    pub(crate) fn push_arrival(&mut self, id: RequestId, requests: &mut RequestTable) {
        match self {
            WaitingQueue::Fcfs { head, tail, len } => {
                requests[id].previous = *tail;
                requests[id].next = NO_REQUEST;
                match *tail {
                    NO_REQUEST => *head = id,
                    tail => requests[tail].next = id,
                }
                *tail = id;
                *len += 1;
            }
            WaitingQueue::Priority(set) => {
                set.insert(key(id, requests));
            }
        }
    }

    /// Queues a preempted request: ahead of all, or where its priority puts it.
    pub(crate) fn push_preempted(&mut self, id: RequestId, requests: &mut RequestTable) {
        match self {
            WaitingQueue::Fcfs { head, tail, len } => {
                requests[id].next = *head;
                requests[id].previous = NO_REQUEST;
                match *head {
                    NO_REQUEST => *tail = id,
                    head => requests[head].previous = id,
                }
                *head = id;
                *len += 1;
            }
            WaitingQueue::Priority(set) => {
                set.insert(key(id, requests));
            }
        }
    }

    /// Takes a request out, wherever it stands.
    pub(crate) fn remove(&mut self, id: RequestId, requests: &mut RequestTable) {
        match self {
            WaitingQueue::Fcfs { head, tail, len } => {
                let (next, previous) = (requests[id].next, requests[id].previous);
                match previous {
                    NO_REQUEST => *head = next,
                    previous => requests[previous].next = next,
                }
                match next {
                    NO_REQUEST => *tail = previous,
                    next => requests[next].previous = previous,
                }
                *len -= 1;
            }
            WaitingQueue::Priority(set) => {
                set.remove(&key(id, requests));
            }
        }
    }

    /// Every request in order, for observers.
    pub(crate) fn to_vec(&self, requests: &RequestTable) -> Vec<RequestId> {
        match self {
            WaitingQueue::Fcfs { head, .. } => {
                let follow = |&id: &RequestId| Some(requests[id].next).filter(|&n| n != NO_REQUEST);
                std::iter::successors((*head != NO_REQUEST).then_some(*head), follow).collect()
            }
            WaitingQueue::Priority(set) => set.iter().map(|entry| entry.3).collect(),
        }
    }
}

fn key(id: RequestId, requests: &RequestTable) -> (i32, Time, u32, RequestId) {
    let request = &requests[id];
    (request.priority, request.arrival, request.row, id)
}
