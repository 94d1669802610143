//! The instance with the fewest requests.

use super::{Load, Router};

#[derive(Debug)]
pub(super) struct LeastLoaded;

impl Router for LeastLoaded {
    fn route(&mut self, loads: &mut dyn ExactSizeIterator<Item = Load>) -> usize {
        let requests = loads.map(|load| u64::from(load.running) + u64::from(load.waiting));
        requests
            .enumerate()
            .min_by_key(|&(_, requests)| requests)
            .map_or(0, |(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_index_wins_among_equals() {
        let load = |running, waiting| Load { running, waiting };
        let loads = [load(2, 1), load(0, 2), load(2, 0), load(1, 2)];
        assert_eq!(LeastLoaded.route(&mut loads.iter().copied()), 1);
    }
}
