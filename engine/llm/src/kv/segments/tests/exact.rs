//! What becomes of segments, in single situations.

use super::*;

const BLOCK_SIZE: u32 = 4;

/// Computes row `row` as far as `blocks` full blocks, after what is found of the first `limit`.
fn compute(segments: &mut Segments, trace: &Trace, row: usize, limit: u32, blocks: u32) -> Table {
    let sequence = Sequence::of(trace, row);
    let (mut table, mut found) = (Table::default(), Found::default());
    segments.find(&sequence, limit, &mut found);
    segments.adopt(&mut table, &found);
    let missing = blocks - found.blocks();
    segments.take_ahead(missing);
    table.catch_up(blocks);
    segments.register(&mut table, &sequence, blocks);
    table
}

fn found_of(segments: &mut Segments, trace: &Trace, row: usize) -> (u32, u32) {
    let mut found = Found::default();
    segments.find(&Sequence::of(trace, row), 100, &mut found);
    (found.blocks(), found.unreferenced())
}

#[test]
fn a_prompt_and_its_output_are_a_segment_per_piece() {
    let trace = trace_of(&[vec![(1, 0, 10), (2, 0, 30)]]);
    let mut segments = Segments::new(100, BLOCK_SIZE);
    let mut table = compute(&mut segments, &trace, 0, 0, 3);
    for full in 4..20 {
        segments.take_ahead(1);
        table.catch_up(full);
        segments.register(&mut table, &Sequence::of(&trace, 0), full);
    }
    assert_eq!(segments.store.len(), 3);
    assert_eq!(found_of(&mut segments, &trace, 0), (19, 0));
    segments.release(&mut table);
    assert_eq!((segments.free(), segments.store.len()), (100, 3));
    assert_eq!(found_of(&mut segments, &trace, 0), (19, 19));
}

#[test]
fn parts_join_again_when_they_are_released_together() {
    let trace = trace_of(&[vec![(1, 0, 160)]]);
    let mut segments = Segments::new(100, BLOCK_SIZE);
    let mut whole = compute(&mut segments, &trace, 0, 0, 40);
    let sequence = Sequence::of(&trace, 0);
    let mut parts: Vec<Table> = [30, 7, 20, 8].map(|_| Table::default()).into();
    for (table, blocks) in parts.iter_mut().zip([30, 7, 20, 8]) {
        let mut found = Found::default();
        segments.find(&sequence, blocks, &mut found);
        segments.adopt(table, &found);
    }
    assert_eq!(segments.store.len(), 5);
    for table in &mut parts {
        segments.release(table);
    }
    assert_eq!(segments.store.len(), 5, "the first table still holds all");
    segments.release(&mut whole);
    assert_eq!((segments.store.len(), segments.free()), (1, 100));
    assert_eq!(found_of(&mut segments, &trace, 0), (40, 40));
}

#[test]
fn a_segment_is_evicted_from_its_far_end() {
    let trace = trace_of(&[vec![(1, 0, 40)], vec![(2, 0, 20)]]);
    let mut segments = Segments::new(15, BLOCK_SIZE);
    let mut first = compute(&mut segments, &trace, 0, 0, 10);
    let mut second = compute(&mut segments, &trace, 1, 0, 5);
    segments.release(&mut first);
    segments.release(&mut second);
    segments.take_ahead(4);
    assert_eq!(found_of(&mut segments, &trace, 0), (6, 6));
    segments.take_ahead(8);
    assert_eq!(found_of(&mut segments, &trace, 0), (0, 0));
    assert_eq!(found_of(&mut segments, &trace, 1), (3, 3));
}

#[test]
fn an_equal_content_takes_the_place_of_the_evicted_one() {
    let trace = trace_of(&[vec![(1, 0, 40)], vec![(1, 0, 40)]]);
    let mut segments = Segments::new(24, BLOCK_SIZE);
    let mut early = compute(&mut segments, &trace, 0, 0, 10);
    let mut late = compute(&mut segments, &trace, 1, 0, 9);
    assert_eq!(segments.store.len(), 2);
    segments.release(&mut early);
    assert_eq!(found_of(&mut segments, &trace, 1), (10, 10));
    // Five blank blocks, then the far end of the early segment.
    segments.take_ahead(5 + 7);
    assert_eq!(found_of(&mut segments, &trace, 1), (9, 3));
    segments.release(&mut late);
    assert_eq!(found_of(&mut segments, &trace, 1), (9, 9));
}

#[test]
fn a_lookup_is_current_until_something_concerns_it() {
    let rows = [
        vec![(1, 0, 40)],
        vec![(1, 0, 16), (2, 0, 24)],
        vec![(3, 0, 40)],
    ];
    let trace = trace_of(&rows);
    let mut segments = Segments::new(40, BLOCK_SIZE);
    let mut first = compute(&mut segments, &trace, 0, 0, 10);
    let mut other = compute(&mut segments, &trace, 2, 0, 10);
    let mut found = Found::default();
    let sequence = Sequence::of(&trace, 1);
    let current = |segments: &Segments, found: &Found| segments.version() == found.version();
    segments.find(&sequence, 9, &mut found);
    assert_eq!((found.blocks(), found.unreferenced()), (4, 0));
    segments.release(&mut other);
    segments.take_ahead(25);
    assert!(current(&segments, &found), "others were evicted");
    segments.release(&mut first);
    assert!(!current(&segments, &found), "its blocks lost their holder");

    segments.find(&sequence, 9, &mut found);
    assert_eq!((found.blocks(), found.unreferenced()), (4, 4));
    let mut third = Table::default();
    segments.adopt(&mut third, &found);
    assert!(!current(&segments, &found), "its blocks have a holder");

    let mut second = compute(&mut segments, &trace, 1, 0, 0);
    segments.find(&sequence, 9, &mut found);
    segments.take_ahead(5);
    second.catch_up(5);
    segments.register(&mut second, &sequence, 4);
    assert!(
        current(&segments, &found),
        "there are copies of what it found"
    );
    segments.register(&mut second, &sequence, 5);
    assert!(!current(&segments, &found), "what it missed is there");
}
