//! One instance after the other.

use super::{Load, Router};

#[derive(Debug, Default)]
pub(super) struct RoundRobin {
    next: usize,
}

impl Router for RoundRobin {
    fn route(&mut self, loads: &mut dyn ExactSizeIterator<Item = Load>) -> usize {
        let chosen = self.next % loads.len();
        self.next = chosen + 1;
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_turns_whatever_the_load() {
        let loads = [
            Load {
                running: 9,
                waiting: 9,
            },
            Load {
                running: 0,
                waiting: 0,
            },
        ];
        let mut router = RoundRobin::default();
        let chosen: Vec<_> = (0..5)
            .map(|_| router.route(&mut loads.iter().copied()))
            .collect();
        assert_eq!(chosen, [0, 1, 0, 1, 0]);
    }
}
