//! The first rows by arrival, out of sessions that overlap.

use std::collections::BinaryHeap;

use kendall_kernel::Time;

/// One request. Rows are ordered by arrival, then session, then turn, which no two share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) arrival: Time,
    pub(super) session: u32,
    pub(super) turn: u32,
    pub(super) prompt_tokens: u32,
    pub(super) output_tokens: u32,
    pub(super) prefix: Prefix,
}

/// The shared prefix of a prompt; without tokens if it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix {
    pub(super) group: u32,
    pub(super) tokens: u32,
}

/// Keeps the first rows of those offered, at most a given number.
///
/// Rows have to be offered by session, then turn. Among equal arrivals the one offered last is
/// then the last, so that arrivals alone decide whether it is kept.
#[derive(Debug)]
pub(super) struct FirstRows {
    /// The last row on top.
    kept: BinaryHeap<Row>,
    wanted: u32,
}

impl FirstRows {
    pub(super) fn new(wanted: u32) -> FirstRows {
        let kept = BinaryHeap::new();
        FirstRows { kept, wanted }
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= self.wanted as usize
    }

    /// Whether a row that arrives then, offered next, would be kept. Once it would not, no later
    /// one would.
    pub(super) fn admits(&self, arrival: Time) -> bool {
        let last = self.kept.peek();
        !self.is_full() || last.is_some_and(|last| arrival < last.arrival)
    }

    /// Takes a row if it is one of the first so far. O(log n).
    pub(super) fn offer(&mut self, row: Row) -> bool {
        if !self.admits(row.arrival) {
            return false;
        }
        if self.is_full() {
            self.kept.pop();
        }
        self.kept.push(row);
        true
    }

    pub(super) fn into_sorted(self) -> Vec<Row> {
        self.kept.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(arrival: u64, session: u32, turn: u32) -> Row {
        Row {
            arrival: Time::from_ns(arrival),
            session,
            turn,
            prompt_tokens: 1,
            output_tokens: 1,
            prefix: Prefix::default(),
        }
    }

    #[test]
    fn the_first_are_kept_and_the_last_offered_loses_ties() {
        let mut rows = FirstRows::new(3);
        assert!(rows.offer(row(1, 0, 0)));
        assert!(rows.offer(row(9, 0, 1)));
        assert!(rows.offer(row(5, 1, 0)));
        assert!(rows.is_full());
        assert!(!rows.offer(row(9, 1, 1)), "the tie is lost to session 0");
        assert!(rows.offer(row(7, 2, 0)), "displaces the row at 9");
        assert!(!rows.admits(Time::from_ns(7)));
        assert_eq!(
            rows.into_sorted(),
            [row(1, 0, 0), row(5, 1, 0), row(7, 2, 0)]
        );
    }
}
