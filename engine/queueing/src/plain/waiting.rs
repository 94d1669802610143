//! A waiting line of numbered customers.

use std::ops::Range;

/// Customers in a ring, each in the place that its number tells.
///
/// Which of them wait, from which number to which, is the user's to know: so nothing is decided
/// when one comes or goes.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// As many as a power of two.
    places: Vec<Arrived>,
}

/// A customer in line. Times in ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) at: u64,
    pub(super) size: u64,
}

/// The places of a line, none of which moves meanwhile.
pub(super) struct Places<'a>(&'a mut [Arrived]);

impl Waiting {
    pub(super) fn new() -> Waiting {
        let places = vec![Arrived::default()];
        Waiting { places }
    }

    /// Sees that all customers from the first that waits to number `last` have places of their own.
    /// O(customers waiting) where there are too few, O(1) per customer over a run.
    pub(super) fn make_room(&mut self, waiting: Range<u64>, last: u64) {
        let wanted = (last - waiting.start) as usize + 1;
        if wanted <= self.places.len() {
            return;
        }
        let places = vec![Arrived::default(); wanted.next_power_of_two()];
        let mut wider = Waiting { places };
        for number in waiting {
            wider.places().put(number, self.get(number));
        }
        *self = wider;
    }

    pub(super) fn get(&self, number: u64) -> Arrived {
        self.places[place(number, self.places.len())]
    }

    pub(super) fn places(&mut self) -> Places<'_> {
        Places(&mut self.places)
    }
}

impl Places<'_> {
    #[inline(always)]
    pub(super) fn get(&self, number: u64) -> Arrived {
        self.0[place(number, self.0.len())]
    }

    #[inline(always)]
    pub(super) fn put(&mut self, number: u64, customer: Arrived) {
        self.0[place(number, self.0.len())] = customer;
    }
}

#[inline(always)]
fn place(number: u64, places: usize) -> usize {
    number as usize & (places - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Some come, some go.
        #[test]
        fn it_is_a_queue(steps in prop::collection::vec((0..9_u64, 0..9_u64), 0..40)) {
            let (mut line, mut queue) = (Waiting::new(), VecDeque::new());
            let (mut first, mut next) = (0, 0);
            for (coming, going) in steps {
                line.make_room(first..next, next + coming);
                for _ in 0..coming {
                    let customer = Arrived { at: next, size: 2 * next };
                    line.places().put(next, customer);
                    queue.push_back(customer);
                    next += 1;
                }
                // Where nobody waits yet, there is room to write.
                line.places().put(next, Arrived::default());
                for _ in 0..going.min(next - first) {
                    prop_assert_eq!(Some(line.get(first)), queue.pop_front());
                    first += 1;
                }
            }
        }
    }
}
