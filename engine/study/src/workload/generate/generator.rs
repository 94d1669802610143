//! A generated workload, a stretch at a time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use kendall_kernel::{Streams, Time};
use kendall_llm::{Source, Trace};

use super::blocks::Blocks;
use super::rows::{Columns, Row};
use super::sessions::{Sessions, Underway};
use super::starts::Starts;
use super::{BLOCK_TOKENS, GenerateError, Grid, check_requests};
use crate::workload::GenerateSpec;

/// Rows of a stretch: enough that what is done once per stretch does not show, and few enough that
/// the requests in the system determine what is kept of them.
const STRETCH_ROWS: usize = 4096;

/// A generated workload as a [`Source`]: the rows of [`generate`](super::generate) in the same
/// order, without ever holding more than a stretch of them.
///
/// # Memory usage
/// A stretch of rows, the sessions under way, and the first block id of each prefix that has
/// appeared.
///
/// # Examples
/// ```
/// use kendall_llm::Source;
/// use kendall_study::workload::{GenerateSpec, Generator};
///
/// let spec = GenerateSpec { requests: 10_000, ..GenerateSpec::default() };
/// let mut workload = Generator::new(&spec, 42)?;
/// let mut rows = 0;
/// while let Some(stretch) = workload.next_rows() {
///     rows += stretch.len();
/// }
/// workload.ended()?;
/// assert_eq!(rows, 10_000);
/// # Ok::<(), kendall_study::workload::GenerateError>(())
/// ```
#[derive(Debug)]
pub struct Generator {
    requests: u32,
    given: u32,
    with_sessions: bool,
    grid: Grid,
    starts: Starts,
    sessions: Sessions,
    /// The session that starts next, and when; no time after the last.
    next: (u32, Option<Time>),
    /// Later turns of sessions that have started, soonest first.
    pub(super) turns: BinaryHeap<Reverse<Turn>>,
    blocks: Blocks,
    /// Most rows of a stretch.
    pub(super) stretch_rows: usize,
    error: Option<GenerateError>,
}

impl Generator {
    /// Prepares the workload that a specification and a seed describe.
    ///
    /// # Errors
    /// Settings out of their range; see [`Generator::ended`] for what shows only later.
    pub fn new(spec: &GenerateSpec, seed: u64) -> Result<Generator, GenerateError> {
        let requests = check_requests(spec.requests)?;
        let grid = Grid::new(spec.arrival_resolution_s)?;
        let streams = Streams::new(seed);
        let mut starts = Starts::new(&spec.arrivals, &streams)?;
        let sessions = Sessions::new(spec, streams, grid)?;
        Ok(Generator {
            requests,
            given: 0,
            with_sessions: spec.sessions.is_some(),
            grid,
            next: (0, starts.next()?),
            starts,
            sessions,
            turns: BinaryHeap::new(),
            blocks: Blocks::new(BLOCK_TOKENS),
            stretch_rows: STRETCH_ROWS,
            error: None,
        })
    }

    /// Ends after so many requests at most.
    #[must_use]
    pub fn limited(self, limit: u64) -> Generator {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Generator {
            requests: self.requests.min(limit),
            ..self
        }
    }

    /// Requests that it gives in all, unless it fails.
    #[must_use]
    pub fn requests(&self) -> u64 {
        u64::from(self.requests)
    }

    /// Why no more rows came, unless all were given.
    ///
    /// # Errors
    /// Laws that drew what is no time, a prefix as long as the longest prompt, and arrivals that
    /// pass 2^64 ns before there are enough.
    pub fn ended(self) -> Result<(), GenerateError> {
        self.error.map_or(Ok(()), Err)
    }

    /// All rows that are left as one stretch.
    pub(super) fn rest(mut self) -> Result<Trace, GenerateError> {
        let mut columns = Columns::new(self.with_sessions);
        while self.given < self.requests {
            self.append(&mut columns)?;
        }
        Ok(columns.into_trace(BLOCK_TOKENS))
    }

    /// Appends the next row: the next turn of a session under way, or the first of a new one.
    fn append(&mut self, columns: &mut Columns) -> Result<(), GenerateError> {
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
            self.blocks.append(&row, &session.blocks, &mut columns.ids);
            self.store(&row, columns);
            return self.go_on(&row, session, &columns.ids);
        }
        let Some(start) = start else {
            return Err(GenerateError::TooFewArrivals {
                rows: u64::from(self.given),
                requests: u64::from(self.requests),
            });
        };
        let (row, session) = self.sessions.begin(number, start)?;
        self.blocks.append(&row, &[], &mut columns.ids);
        self.store(&row, columns);
        self.next = (number + 1, self.starts.next()?);
        match session {
            Some(session) => self.go_on(&row, session, &columns.ids),
            None => Ok(()),
        }
    }

    fn store(&mut self, row: &Row, columns: &mut Columns) {
        columns.push(row);
        self.given += 1;
    }

    /// Files the turn after `row`, if there is one. The ids of `row` stand at the end of `ids`.
    fn go_on(
        &mut self,
        row: &Row,
        mut session: Box<Underway>,
        ids: &[u64],
    ) -> Result<(), GenerateError> {
        if let Some(next) = self.sessions.next_turn(row, &mut session)? {
            session.blocks.clear();
            session.blocks.extend_from_slice(self.blocks.full(row, ids));
            let row = next;
            self.turns.push(Reverse(Turn { row, session }));
        }
        Ok(())
    }
}

impl Source for Generator {
    fn next_rows(&mut self) -> Option<Trace> {
        let rows = (self.requests - self.given) as usize;
        let rows = rows.min(self.stretch_rows);
        if rows == 0 || self.error.is_some() {
            return None;
        }
        let mut columns = Columns::new(self.with_sessions);
        columns.reserve(rows);
        for _ in 0..rows {
            if let Err(error) = self.append(&mut columns) {
                self.error = Some(error);
                break;
            }
        }
        (columns.len() > 0).then(|| columns.into_trace(BLOCK_TOKENS))
    }
}

/// A turn to come.
#[derive(Debug)]
pub(super) struct Turn {
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
