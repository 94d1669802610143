//! The requests of one tenant, in order.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use kendall_kernel::{Streams, Time};
use kendall_llm::Trace;

use super::blocks::Blocks;
use super::rows::{Columns, Row};
use super::sessions::{Sessions, Underway};
use super::starts::Starts;
use super::{GenerateError, Grid};
use crate::workload::GenerateSpec;

/// What makes the requests of one tenant, or of a workload without any.
#[derive(Debug)]
pub(super) struct Tenant {
    class: u16,
    priority: i32,
    with_sessions: bool,
    grid: Grid,
    starts: Starts,
    sessions: Sessions,
    /// The session that starts next, and when; no time after the last.
    next: (u32, Option<Time>),
    /// Later turns of sessions that have started, soonest first.
    turns: BinaryHeap<Reverse<Turn>>,
}

/// What the tenants of a workload share: names for blocks and sessions.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) blocks: Blocks,
    /// Sessions that have begun.
    pub(super) sessions: u32,
}

impl Tenant {
    pub(super) fn new(
        spec: &GenerateSpec,
        class: u16,
        streams: Streams,
        grid: Grid,
    ) -> Result<Tenant, GenerateError> {
        let mut starts = Starts::new(spec, &streams)?;
        let sessions = Sessions::new(spec, streams, grid)?;
        Ok(Tenant {
            class,
            priority: spec.priority,
            with_sessions: spec.sessions.is_some(),
            grid,
            next: (0, starts.next()?),
            starts,
            sessions,
            turns: BinaryHeap::new(),
        })
    }

    /// When its next request arrives; nothing if that is beyond the end of time.
    pub(super) fn next_arrival(&self) -> Option<Time> {
        let turn = self.turns.peek().map(|Reverse(turn)| turn.row.arrival);
        let start = self.next.1.map(|start| self.grid.floor(start));
        match (turn, start) {
            (Some(turn), Some(start)) => Some(turn.min(start)),
            (turn, start) => turn.or(start),
        }
    }

    /// Sessions under way.
    #[cfg(test)]
    pub(super) fn underway(&self) -> usize {
        self.turns.len()
    }

    /// Appends its next row: the next turn of a session under way, or the first of a new one. False
    /// if there is none before the end of time.
    pub(super) fn append(
        &mut self,
        names: &mut Names,
        columns: &mut Columns,
    ) -> Result<bool, GenerateError> {
        let (number, start) = self.next;
        let comes_first = |turn: &Turn| {
            start.is_none_or(|start| turn.row.place() < (self.grid.floor(start), number, 0))
        };
        if self
            .turns
            .peek()
            .is_some_and(|Reverse(turn)| comes_first(turn))
            && let Some(Reverse(Turn { row, session })) = self.turns.pop()
        {
            self.store(&row, &session.blocks, names, columns);
            self.go_on(&row, session, names, columns)?;
            return Ok(true);
        }
        let Some(start) = start else {
            return Ok(false);
        };
        let (mut row, session) = self.sessions.begin(number, start)?;
        row.label = Trace::NO_SESSION;
        if self.with_sessions {
            row.label = names.sessions;
            names.sessions += 1;
        }
        self.store(&row, &[], names, columns);
        self.next = (number + 1, self.starts.next()?);
        if let Some(session) = session {
            self.go_on(&row, session, names, columns)?;
        }
        Ok(true)
    }

    fn store(&self, row: &Row, known: &[u64], names: &mut Names, columns: &mut Columns) {
        let ids = &mut columns.ids;
        names.blocks.append(row, self.class, known, ids);
        columns.push(row, self.class, self.priority);
    }

    /// Files the turn after `row`, if there is one. The ids of `row` stand at the end of the columns'.
    fn go_on(
        &mut self,
        row: &Row,
        mut session: Box<Underway>,
        names: &Names,
        columns: &Columns,
    ) -> Result<(), GenerateError> {
        if let Some(next) = self.sessions.next_turn(row, &mut session)? {
            let full = names.blocks.full(row, &columns.ids);
            session.blocks.clear();
            session.blocks.extend_from_slice(full);
            let row = next;
            self.turns.push(Reverse(Turn { row, session }));
        }
        Ok(())
    }
}

/// A turn to come.
#[derive(Debug)]
struct Turn {
    row: Row,
    session: Box<Underway>,
}

impl Ord for Turn {
    fn cmp(&self, other: &Turn) -> Ordering {
        self.row.order(&other.row)
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Turn) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Turn {
    fn eq(&self, other: &Turn) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Turn {}
