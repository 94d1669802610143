//! The least of few at hand, of many in a heap.
//!
//! The least values lie sorted in a short list, the others in a heap. While there are few, which is
//! where a station in a steady state mostly is, a value is inserted by one look along the list,
//! whose end is the only branch that cannot be foreseen; a heap has several on each way.
//!
//! Invariants: no value in the list is above one in the heap; the list is empty only if the heap is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Values in the list, at most.
const NEAR: usize = 16;

/// A set of values of which the least is taken out. Equal values must not matter.
#[derive(Clone, Debug)]
pub(super) struct Nearest<T> {
    /// The least last.
    near: Vec<T>,
    far: BinaryHeap<Reverse<T>>,
}

impl<T: Ord + Copy> Nearest<T> {
    pub(super) fn new() -> Nearest<T> {
        Nearest {
            near: Vec::with_capacity(NEAR),
            far: BinaryHeap::new(),
        }
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    #[inline(always)]
    pub(super) fn peek(&self) -> Option<&T> {
        self.near.last()
    }

    /// O(log n), and O(1) while there are few.
    #[inline(always)]
    pub(super) fn push(&mut self, value: T) {
        if self.near.len() == NEAR || !self.far.is_empty() {
            return self.push_among_many(value);
        }
        self.insert(value);
    }

    #[inline(always)]
    fn insert(&mut self, value: T) {
        let mut at = self.near.len();
        while at > 0 && self.near[at - 1] < value {
            at -= 1;
        }
        self.near.insert(at, value);
    }

    #[inline(never)]
    fn push_among_many(&mut self, value: T) {
        // The first is the largest; without a list there is no heap.
        if self.near.first().is_some_and(|largest| *largest < value) {
            return self.far.push(Reverse(value));
        }
        if self.near.len() == NEAR {
            self.far.push(Reverse(self.near.remove(0)));
        }
        self.insert(value);
    }

    /// O(log n), and O(1) while there are few.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<T> {
        let least = self.near.pop()?;
        if self.near.is_empty() && !self.far.is_empty() {
            self.refill();
        }
        Some(least)
    }

    #[inline(never)]
    fn refill(&mut self) {
        // Half of the list, so that newcomers find room.
        while self.near.len() < NEAR / 2
            && let Some(Reverse(next)) = self.far.pop()
        {
            self.near.push(next);
        }
        self.near.reverse();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Values and, where there is none, a removal; few values, so that equal ones meet.
        #[test]
        fn the_least_is_that_of_a_sorted_vector(
            steps in prop::collection::vec(prop::option::weighted(0.6, 0..100_u32), 0..400),
        ) {
            let (mut nearest, mut sorted) = (Nearest::new(), Vec::new());
            for step in steps {
                if let Some(value) = step {
                    nearest.push(value);
                    sorted.push(value);
                    sorted.sort_by(|a, b| b.cmp(a));
                } else {
                    prop_assert_eq!(nearest.pop(), sorted.pop());
                }
                prop_assert_eq!(nearest.peek(), sorted.last());
                prop_assert_eq!(nearest.len(), sorted.len());
            }
        }
    }
}
