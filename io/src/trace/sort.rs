//! Puts rows in order of arrival.

use kendall_llm::{Content, Trace};

/// Sorts the rows by arrival, equal ones staying in their order, and numbers the sessions in order
/// of appearance again. O(n log n), O(n) if nothing is out of order.
pub(super) fn by_arrival(trace: &mut Trace) {
    if trace.arrival.is_sorted() {
        return;
    }
    let mut order: Vec<usize> = (0..trace.len()).collect();
    order.sort_by_key(|row| trace.arrival[*row]);
    reorder(&mut trace.arrival, &order);
    reorder(&mut trace.prompt_tokens, &order);
    reorder(&mut trace.output_tokens, &order);
    reorder(&mut trace.priority, &order);
    reorder(&mut trace.class, &order);
    reorder(&mut trace.session, &order);
    reorder(&mut trace.abort, &order);
    match &mut trace.content {
        Content::Unique => {}
        Content::Hashed { ids, offsets, .. } => regroup(ids, offsets, &order),
        Content::Pieces {
            pieces,
            offsets,
            output_streams,
        } => {
            regroup(pieces, offsets, &order);
            reorder(output_streams, &order);
        }
    }
    renumber(&mut trace.session);
}

/// Empty columns stay empty.
fn reorder<T: Copy>(column: &mut Vec<T>, order: &[usize]) {
    if !column.is_empty() {
        *column = order.iter().map(|row| column[*row]).collect();
    }
}

/// Reorders groups that stand one after another.
fn regroup<T: Copy>(flat: &mut Vec<T>, offsets: &mut Vec<u64>, order: &[usize]) {
    let mut sorted = Vec::with_capacity(flat.len());
    let mut ends = Vec::with_capacity(offsets.len());
    ends.push(0);
    for &row in order {
        let group = offsets[row] as usize..offsets[row + 1] as usize;
        sorted.extend_from_slice(&flat[group]);
        ends.push(sorted.len() as u64);
    }
    *flat = sorted;
    *offsets = ends;
}

fn renumber(sessions: &mut [u32]) {
    const NONE: u32 = Trace::NO_SESSION;
    let count = sessions
        .iter()
        .filter(|session| **session != NONE)
        .max()
        .map_or(0, |last| *last as usize + 1);
    let mut numbers = vec![NONE; count];
    let mut next = 0;
    for session in sessions.iter_mut().filter(|session| **session != NONE) {
        let number = &mut numbers[*session as usize];
        if *number == NONE {
            *number = next;
            next += 1;
        }
        *session = *number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kendall_kernel::Time;

    #[test]
    fn every_column_moves_with_its_row() {
        let ns = |times: &[u64]| times.iter().map(|ns| Time::from_ns(*ns)).collect();
        let none = Trace::NO_SESSION;
        let mut trace = Trace {
            arrival: ns(&[5, 3, 5, 3]),
            prompt_tokens: vec![10, 20, 30, 40],
            output_tokens: vec![1, 2, 3, 4],
            priority: vec![-1, -2, -3, -4],
            class: vec![6, 7, 8, 9],
            session: vec![0, none, 1, 2],
            abort: vec![],
            content: Content::Hashed {
                ids: vec![1, 2, 2, 3, 3, 3],
                offsets: vec![0, 1, 3, 6, 6],
                block_tokens: 16,
            },
        };
        by_arrival(&mut trace);
        let expected = Trace {
            arrival: ns(&[3, 3, 5, 5]),
            prompt_tokens: vec![20, 40, 10, 30],
            output_tokens: vec![2, 4, 1, 3],
            priority: vec![-2, -4, -1, -3],
            class: vec![7, 9, 6, 8],
            session: vec![none, 0, 1, 2],
            abort: vec![],
            content: Content::Hashed {
                ids: vec![2, 2, 1, 3, 3, 3],
                offsets: vec![0, 2, 2, 3, 6],
                block_tokens: 16,
            },
        };
        assert_eq!(trace, expected);
    }
}
