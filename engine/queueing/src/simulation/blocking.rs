//! Servers that keep a served customer until the next station has room.

use super::Simulation;
use crate::error::RunError;
use crate::observe::Observer;

/// A served customer whom a server keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    at: usize,
    server: usize,
    id: u32,
    /// Class as which it goes on.
    class: u16,
}

impl Simulation {
    /// Whether a customer served at `at` must stay there until `to` has room.
    pub(super) fn must_hold(&self, at: usize, to: usize, class: u16) -> bool {
        let next = &self.stations[to];
        // Whoever returns to the same station makes room by leaving it.
        let queue = !self.held[to].is_empty() || !next.has_room(class);
        next.blocks_when_full() && at != to && queue
    }

    pub(super) fn hold(&mut self, at: usize, server: usize, id: u32, to: usize, class: u16) {
        let (station, mut moment) = self.moment(at);
        station.block(server, &mut moment);
        let held = Held {
            at,
            server,
            id,
            class,
        };
        self.held[to].push_back(held);
        if self.is_stuck(at) && self.is_stuck(to) {
            self.check_deadlock();
        }
    }

    /// Lets held customers in, first held first, as long as a station has room; each makes room
    /// where it was.
    pub(super) fn admit_held<O: Observer>(&mut self, at: usize, observer: &mut O) {
        let mut with_room = vec![at];
        while let Some(to) = with_room.pop() {
            while let Some(&first) = self.held[to].front() {
                if !self.stations[to].has_room(first.class) {
                    break;
                }
                self.held[to].pop_front();
                self.stations[first.at].unblock(self.now);
                self.release(first.at, first.id, first.server, observer);
                self.enter(first.id, to, first.class, observer);
                with_room.push(first.at);
            }
        }
    }

    /// Whether nobody leaves a station unless a held customer does.
    fn is_stuck(&self, station: usize) -> bool {
        let base = self.bases[station];
        let awaited = !self.held[station].is_empty();
        self.stations[station].is_stuck(awaited, |place| self.agenda.get(base + place))
    }

    /// A set of stations whose servers all hold customers for stations of the set never moves
    /// again: the largest such set is what remains when those that can move are taken out, again
    /// and again.
    fn check_deadlock(&mut self) {
        let mut stuck: Vec<bool> = (0..self.stations.len()).map(|s| self.is_stuck(s)).collect();
        loop {
            let mut changed = false;
            for (to, held) in self.held.iter().enumerate() {
                if stuck[to] {
                    continue;
                }
                for held in held {
                    changed |= std::mem::replace(&mut stuck[held.at], false);
                }
            }
            if !changed {
                break;
            }
        }
        let names = self.names.iter().zip(&stuck);
        let stations: Vec<String> = names
            .filter(|(_, stuck)| **stuck)
            .map(|(name, _)| name.clone())
            .collect();
        if !stations.is_empty() {
            let time_s = self.now as f64 / 1e9;
            self.fail(RunError::Deadlock { time_s, stations });
        }
    }

    /// With no event pending, all is well if nobody is held.
    pub(super) fn check_held(&mut self) {
        if self.held.iter().any(|held| !held.is_empty()) {
            self.check_deadlock();
        }
    }
}
