//! The rows of the workload that a run still needs.
//!
//! Requests come in stretches of rows; a stretch is dropped when the last request of it has left,
//! so that memory follows the requests in the system, however long the workload is. A trace that
//! was read whole is one borrowed stretch.

use std::collections::VecDeque;

use kendall_kernel::Time;

use crate::content::Sequence;
use crate::trace::{Content, Source, Trace};

/// Where a row is: its stretch, counted from the first of the run, and its place in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowAt {
    stretch: u32,
    index: u32,
}

/// Consecutive rows.
#[derive(Debug)]
struct Stretch<'a> {
    rows: Held<'a>,
    /// Number of its first row in the workload.
    first: u32,
    /// Rows of which no record has been told yet.
    left: u32,
}

#[derive(Debug)]
enum Held<'a> {
    Borrowed(&'a Trace),
    Owned(Box<Trace>),
}

impl Held<'_> {
    fn trace(&self) -> &Trace {
        match self {
            Held::Borrowed(trace) => trace,
            Held::Owned(trace) => trace,
        }
    }
}

/// The rows in memory, and where further ones come from.
pub(crate) struct Rows<'a> {
    source: Option<&'a mut dyn Source>,
    stretches: VecDeque<Stretch<'a>>,
    /// Stretches dropped from the front.
    dropped: u32,
    /// The next row to arrive; its stretch is the last.
    next: RowAt,
    /// Rows of all stretches so far.
    known: u64,
}

impl<'a> Rows<'a> {
    /// All of a trace.
    pub(crate) fn whole(trace: &'a Trace) -> Rows<'a> {
        let mut rows = Rows::empty(None);
        rows.append(Held::Borrowed(trace));
        rows
    }

    /// What a source gives, a stretch at a time.
    pub(crate) fn streamed(source: &'a mut dyn Source) -> Rows<'a> {
        let mut rows = Rows::empty(Some(source));
        rows.load();
        rows
    }

    fn empty(source: Option<&'a mut dyn Source>) -> Rows<'a> {
        Rows {
            source,
            stretches: VecDeque::new(),
            dropped: 0,
            next: RowAt {
                stretch: 0,
                index: 0,
            },
            known: 0,
        }
    }

    fn append(&mut self, rows: Held<'a>) {
        let len = rows.trace().len();
        self.next = RowAt {
            stretch: self.dropped + self.stretches.len() as u32,
            index: 0,
        };
        self.stretches.push_back(Stretch {
            rows,
            first: self.known as u32,
            left: len as u32,
        });
        self.known += len as u64;
    }

    /// Takes stretches from the source until there is a row to arrive.
    fn load(&mut self) {
        while self.next_in_memory().is_none()
            && let Some(trace) = self.source.as_mut().and_then(|source| source.next_rows())
        {
            self.append(Held::Owned(Box::new(trace)));
            self.drop_front();
        }
    }

    /// Takes no further rows from the source.
    pub(crate) fn stop(&mut self) {
        self.source = None;
    }

    /// Rows known so far: all there are, unless more are to come.
    pub(crate) fn known(&self) -> u64 {
        self.known
    }

    /// Whether prompts may contain outputs of other requests.
    pub(crate) fn outputs_shared(&self) -> bool {
        let shared =
            |stretch: &Stretch<'_>| matches!(stretch.rows.trace().content, Content::Pieces { .. });
        self.stretches.iter().any(shared)
    }

    fn stretch(&self, at: RowAt) -> &Stretch<'a> {
        &self.stretches[(at.stretch - self.dropped) as usize]
    }

    fn next_in_memory(&self) -> Option<Time> {
        let last = self.stretches.back()?;
        let arrival = &last.rows.trace().arrival;
        arrival.get(self.next.index as usize).copied()
    }

    /// When the next row arrives; `None` after the last.
    pub(crate) fn next_arrival(&self) -> Option<Time> {
        self.next_in_memory()
    }

    /// Takes the next row.
    pub(crate) fn take(&mut self) -> Option<RowAt> {
        self.next_in_memory()?;
        let at = self.next;
        self.next.index += 1;
        self.load();
        Some(at)
    }

    /// The stretch that holds a row, and the row's index in it.
    pub(crate) fn of(&self, at: RowAt) -> (&Trace, usize) {
        (self.stretch(at).rows.trace(), at.index as usize)
    }

    /// The row's number in the workload.
    pub(crate) fn number(&self, at: RowAt) -> u32 {
        self.stretch(at).first + at.index
    }

    /// The content of the row's request.
    pub(crate) fn sequence(&self, at: RowAt) -> Sequence<'_> {
        let (trace, index) = self.of(at);
        Sequence::new(trace, index, self.number(at))
    }

    /// Forgets a row whose record has been told.
    pub(crate) fn leave(&mut self, at: RowAt) {
        let index = (at.stretch - self.dropped) as usize;
        self.stretches[index].left -= 1;
        if self.stretches[index].left == 0 && index + 1 < self.stretches.len() {
            self.stretches[index].rows = Held::Owned(Box::default());
            self.drop_front();
        }
    }

    /// Drops what lies in front of the first row that is still needed.
    fn drop_front(&mut self) {
        while self.stretches.len() > 1 && self.stretches[0].left == 0 {
            self.stretches.pop_front();
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stretches of given lengths; row `i` arrives at `i` ns.
    struct Counted {
        lengths: Vec<usize>,
        rows: u64,
    }

    impl Source for Counted {
        fn next_rows(&mut self) -> Option<Trace> {
            let length = self.lengths.pop()?;
            let rows = self.rows..self.rows + length as u64;
            self.rows = rows.end;
            Some(Trace {
                arrival: rows.map(Time::from_ns).collect(),
                prompt_tokens: vec![1; length],
                output_tokens: vec![1; length],
                ..Trace::default()
            })
        }
    }

    #[test]
    fn stretches_go_when_their_last_row_has_left() {
        let lengths = vec![2, 0, 3, 1, 0];
        let mut source = Counted { lengths, rows: 0 };
        let mut rows = Rows::streamed(&mut source);
        let mut taken = Vec::new();
        while let Some(arrival) = rows.next_arrival() {
            let at = rows.take().unwrap();
            assert_eq!(u64::from(rows.number(at)), arrival.as_ns());
            assert_eq!(rows.of(at).0.arrival[rows.of(at).1], arrival);
            taken.push(at);
        }
        assert_eq!((taken.len(), rows.known()), (6, 6));
        for at in [taken[1], taken[2], taken[3]] {
            rows.leave(at);
        }
        assert!(rows.dropped < 2, "row 0 is still there");
        rows.leave(taken[0]);
        assert_eq!(rows.stretches.len(), 1);
        assert_eq!(rows.number(taken[5]), 5);
    }

    #[test]
    fn a_stopped_source_is_not_asked_again() {
        let lengths = vec![2, 3];
        let mut source = Counted { lengths, rows: 0 };
        let mut rows = Rows::streamed(&mut source);
        rows.stop();
        assert_eq!(std::iter::from_fn(|| rows.take()).count(), 3);
    }
}
