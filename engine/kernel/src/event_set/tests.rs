//! Every set against a sorted vector.

use proptest::prelude::*;

use super::*;
use crate::time::Time;

const ENTITIES_PER_RANK: [u32; 4] = [3, 0, 5, 2];

#[derive(Debug, Clone, Copy)]
enum Op {
    Insert(EventKey),
    Cancel(u8, u32),
    Reschedule(EventKey),
    Pop,
}

fn key(horizon_ns: u64) -> impl Strategy<Value = EventKey> {
    let owner = prop_oneof![
        (0..3_u32).prop_map(|entity| (0, entity)),
        (0..5_u32).prop_map(|entity| (2, entity)),
        (0..2_u32).prop_map(|entity| (3, entity)),
    ];
    (0..=horizon_ns, owner)
        .prop_map(|(ns, (rank, entity))| EventKey::new(Time::from_ns(ns), rank, entity))
}

/// Few distinct times, so that most events tie; sometimes times near the end of the range.
fn op() -> impl Strategy<Value = Op> {
    let any_key = || prop_oneof![8 => key(3), 1 => key(u64::MAX - 1)];
    prop_oneof![
        6 => any_key().prop_map(Op::Insert),
        1 => key(0).prop_map(|key| Op::Cancel(key.rank(), key.entity())),
        1 => any_key().prop_map(Op::Reschedule),
        4 => Just(Op::Pop),
    ]
}

/// Ties, neighbours, and distances of every order of magnitude.
fn gap() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => Just(0_u64),
        2 => 0..4_u64,
        3 => (0..64_u32, any::<u64>()).prop_map(|(bits, noise)| noise >> bits),
    ]
}

/// Few distinct keys, some of them too large to share an integer with any number of a slot.
fn slot_key() -> impl Strategy<Value = u64> {
    prop_oneof![
        60 => 0..4_u64,
        1 => (0..7_u32, 0..3_u64).prop_map(|(bits, below)| (u64::MAX >> bits) - 1 - below),
    ]
}

fn sorted_insert(model: &mut Vec<EventKey>, key: EventKey) {
    let at = model.partition_point(|&held| held < key);
    model.insert(at, key);
}

fn take(model: &mut Vec<EventKey>, rank: u8, entity: u32) -> Option<EventKey> {
    let at = model
        .iter()
        .position(|held| (held.rank(), held.entity()) == (rank, entity))?;
    Some(model.remove(at))
}

fn pop_front(model: &mut Vec<EventKey>) -> Option<EventKey> {
    (!model.is_empty()).then(|| model.remove(0))
}

proptest! {
    #[test]
    fn the_tournament_tree_is_a_sorted_vector(ops in prop::collection::vec(op(), 0..200)) {
        let mut tree = TournamentTree::new(&ENTITIES_PER_RANK);
        let mut model = Vec::new();
        for op in ops {
            match op {
                Op::Insert(key) => {
                    if tree.scheduled(key.rank(), key.entity()).is_none() {
                        tree.insert(key);
                        sorted_insert(&mut model, key);
                    }
                }
                Op::Cancel(rank, entity) => {
                    prop_assert_eq!(tree.cancel(rank, entity), take(&mut model, rank, entity));
                }
                Op::Reschedule(key) => {
                    tree.reschedule(key);
                    take(&mut model, key.rank(), key.entity());
                    sorted_insert(&mut model, key);
                }
                Op::Pop => prop_assert_eq!(tree.pop(), pop_front(&mut model)),
            }
            prop_assert_eq!(tree.len(), model.len());
            prop_assert_eq!(tree.peek(), model.first().copied());
        }
        prop_assert_eq!(std::iter::from_fn(|| tree.pop()).collect::<Vec<_>>(), model);
        prop_assert!(tree.is_empty());
    }

    #[test]
    fn the_heap_is_a_sorted_vector(ops in prop::collection::vec(op(), 0..400)) {
        let mut heap = QuaternaryHeap::with_capacity(8);
        let mut model = Vec::new();
        for op in ops {
            match op {
                Op::Insert(key) | Op::Reschedule(key) => {
                    heap.insert(key);
                    sorted_insert(&mut model, key);
                }
                Op::Cancel(..) | Op::Pop => prop_assert_eq!(heap.pop(), pop_front(&mut model)),
            }
            prop_assert_eq!(heap.len(), model.len());
            prop_assert_eq!(heap.peek(), model.first().copied());
        }
        prop_assert_eq!(std::iter::from_fn(|| heap.pop()).collect::<Vec<_>>(), model);
        prop_assert!(heap.is_empty());
    }

    #[test]
    fn the_wheel_is_a_sorted_vector(ops in prop::collection::vec(op(), 0..400)) {
        let mut wheel = TimingWheel::new();
        let mut model = Vec::new();
        for op in ops {
            match op {
                Op::Insert(key) | Op::Reschedule(key) => {
                    wheel.insert(key);
                    sorted_insert(&mut model, key);
                }
                Op::Cancel(..) | Op::Pop => prop_assert_eq!(wheel.pop(), pop_front(&mut model)),
            }
            prop_assert_eq!(wheel.len(), model.len());
            prop_assert_eq!(wheel.peek(), model.first().copied());
        }
        prop_assert_eq!(std::iter::from_fn(|| wheel.pop()).collect::<Vec<_>>(), model);
        prop_assert!(wheel.is_empty());
    }

    /// As a model uses it: events lie ahead of the last popped one, in clusters and far away, and
    /// some tie with it.
    #[test]
    fn the_wheel_is_a_sorted_vector_as_time_goes_on(
        ops in prop::collection::vec((0..4_u8, gap(), 0..3_u8, 0..4_u32), 0..1500),
    ) {
        let mut wheel = TimingWheel::new();
        let mut model = Vec::new();
        let mut now = 0_u64;
        for (op, gap, rank, entity) in ops {
            if op == 0 {
                let popped = wheel.pop();
                prop_assert_eq!(popped, pop_front(&mut model));
                now = popped.map_or(now, |key| key.time().as_ns());
            } else {
                let time = now.saturating_add(gap).min(u64::MAX - 1);
                let key = EventKey::new(Time::from_ns(time), rank, entity);
                wheel.insert(key);
                sorted_insert(&mut model, key);
            }
            prop_assert_eq!(wheel.len(), model.len());
            prop_assert_eq!(wheel.peek(), model.first().copied());
        }
        prop_assert_eq!(std::iter::from_fn(|| wheel.pop()).collect::<Vec<_>>(), model);
    }

    #[test]
    fn the_slot_tree_is_a_scan(
        slots in 1..40_usize,
        ops in prop::collection::vec(
            (0..40_usize, prop::option::of(slot_key()), any::<bool>()),
            0..200,
        ),
    ) {
        let mut tree = SlotTree::new(slots);
        let mut model = vec![None; slots];
        for (slot, key, foreseen) in ops {
            let slot = slot % slots;
            match key {
                _ if !foreseen => tree.put(slot, key.unwrap_or(u64::MAX)),
                Some(key) => tree.set(slot, key),
                None => prop_assert_eq!(tree.clear(slot), model[slot]),
            }
            model[slot] = key;
            let least = model.iter().copied().enumerate();
            let least = least.filter_map(|(slot, key)| Some((slot, key?)));
            let by_key_then_slot = |&(slot, key): &(usize, u64)| (key, slot);
            prop_assert_eq!(tree.min(), least.clone().min_by_key(by_key_then_slot));
            let others = least.filter(|&(other, _)| other != slot);
            prop_assert_eq!(tree.min_without(slot), others.min_by_key(by_key_then_slot));
            prop_assert_eq!(tree.occupied(), model.iter().flatten().count());
            prop_assert_eq!(tree.get(slot), key);
        }
    }
}

#[test]
fn a_set_without_entities_is_empty() {
    assert_eq!(TournamentTree::new(&[]).pop(), None);
    assert_eq!(TournamentTree::new(&[0, 0]).peek(), None);
    assert_eq!(SlotTree::new(0).min(), None);
    assert_eq!(QuaternaryHeap::new().pop(), None);
    assert_eq!(TimingWheel::new().pop(), None);
}

/// A cluster of thousands at one instant, one of thousands around it, and the rest far away.
#[test]
fn wheel_and_heap_agree_on_clusters() {
    let (mut wheel, mut heap) = (TimingWheel::new(), QuaternaryHeap::new());
    let centre = 1_u64 << 40;
    for entity in 0..5000_u32 {
        let noise = u64::from(entity).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for ns in [centre, centre + (noise >> 54), noise >> 1] {
            let key = EventKey::new(Time::from_ns(ns), (noise >> 40) as u8, entity);
            wheel.insert(key);
            heap.insert(key);
        }
    }
    for holds in 0..100_000_u64 {
        let key = wheel.pop();
        assert_eq!(key, heap.pop());
        let Some(key) = key else { break };
        if holds < 50_000 {
            let later = key.time().as_ns() + holds % 3;
            let again = EventKey::new(Time::from_ns(later), key.rank(), key.entity());
            wheel.insert(again);
            heap.insert(again);
        }
    }
    assert!(wheel.is_empty() && heap.is_empty());
}

#[test]
fn all_256_ranks_can_be_used() {
    let mut tree = TournamentTree::new(&[1; 256]);
    tree.insert(EventKey::new(Time::ZERO, 255, 0));
    assert_eq!(tree.pop().map(EventKey::rank), Some(255));
}

#[test]
#[should_panic(expected = "the entity has an event pending already")]
fn an_entity_has_one_pending_event() {
    let mut tree = TournamentTree::new(&[1]);
    tree.insert(EventKey::new(Time::from_ns(1), 0, 0));
    tree.insert(EventKey::new(Time::from_ns(2), 0, 0));
}

#[test]
#[should_panic(expected = "entity 1 of 1 in rank 0")]
fn an_entity_of_another_rank_is_refused() {
    TournamentTree::new(&[1, 1]).insert(EventKey::new(Time::ZERO, 0, 1));
}

#[test]
#[should_panic(expected = "that time means never")]
fn the_tree_refuses_never() {
    TournamentTree::new(&[1]).insert(EventKey::new(Time::MAX, 0, 0));
}

#[test]
#[should_panic(expected = "that time means never")]
fn the_heap_refuses_never() {
    QuaternaryHeap::new().insert(EventKey::new(Time::MAX, 0, 0));
}

/// Up to the last key that shares an integer with its slot, and from the first that does not.
#[test]
fn slots_and_large_keys_do_not_mix() {
    for slots in [1, 2, 5, 64] {
        let shared = u64::MAX >> usize::next_power_of_two(slots).ilog2();
        for key in [shared - 1, shared.min(u64::MAX - 1), u64::MAX - 1] {
            let mut tree = SlotTree::new(slots);
            tree.set(slots - 1, key);
            assert_eq!(tree.min(), Some((slots - 1, key)), "{slots} slots");
            tree.set(0, key);
            assert_eq!(tree.min(), Some((0, key)), "{slots} slots");
            assert_eq!(tree.clear(0), Some(key), "{slots} slots");
            assert_eq!(tree.get(slots - 1).is_some(), slots > 1);
            assert_eq!(tree.occupied(), slots.min(2) - 1);
        }
    }
}

#[test]
#[should_panic(expected = "that time means never")]
fn the_wheel_refuses_never() {
    TimingWheel::new().insert(EventKey::new(Time::MAX, 0, 0));
}

#[test]
#[should_panic(expected = "reserved for empty slots")]
fn a_slot_refuses_the_mark_of_emptiness() {
    SlotTree::new(1).set(0, u64::MAX);
}

#[test]
fn a_hastened_event_comes_earlier_in_both_sets() {
    let (mut tree, mut heap) = (TournamentTree::new(&[50]), QuaternaryHeap::new());
    let key = |ns: u64, entity| EventKey::new(Time::from_ns(ns), 0, entity);
    for entity in 0..50 {
        let pending = key(1_000 + u64::from(entity * 37 % 50), entity);
        tree.insert(pending);
        heap.insert(pending);
    }
    for entity in (0..50).step_by(3) {
        let from = key(1_000 + u64::from(entity * 37 % 50), entity);
        let to = key(u64::from(entity * 11 % 50) * 30, entity);
        if to < from {
            tree.hasten(from, to);
            heap.hasten(from, to);
        }
    }
    for _ in 0..=50 {
        assert_eq!(tree.pop(), heap.pop());
    }
    assert!(tree.is_empty() && heap.is_empty());
}
