//! What is to happen next, and where.

use kendall_kernel::SlotTree;

use crate::customer::Pool;

/// Up to so many places are looked through; more are kept in a tree.
const FEW: usize = 16;

/// The time of the next event of each place (a server, a source); `u64::MAX` where nothing is to
/// happen. Ties: the lowest place.
#[derive(Clone, Debug)]
pub(crate) enum Agenda {
    Few { times: [u64; FEW], places: usize },
    Many(SlotTree),
}

impl Agenda {
    pub(crate) fn new(places: usize) -> Agenda {
        if places <= FEW {
            let times = [u64::MAX; FEW];
            return Agenda::Few { times, places };
        }
        Agenda::Many(SlotTree::new(places))
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, place: usize, time: u64) {
        match self {
            Agenda::Few { times, .. } => times[place % FEW] = time,
            Agenda::Many(tree) if time == u64::MAX => drop(tree.clear(place)),
            Agenda::Many(tree) => tree.set(place, time),
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self, place: usize) -> u64 {
        match self {
            Agenda::Few { times, .. } => times[place % FEW],
            Agenda::Many(tree) => tree.get(place).unwrap_or(u64::MAX),
        }
    }

    /// The next place and its time; the time is `u64::MAX` if nothing is to happen.
    #[inline(always)]
    pub(crate) fn next(&self) -> (usize, u64) {
        match self {
            Agenda::Few { times, places } => {
                let mut next = (0, times[0]);
                let mut place = 1;
                while place < *places {
                    let time = times[place % FEW];
                    next = std::hint::select_unpredictable(time < next.1, (place, time), next);
                    place += 1;
                }
                next
            }
            Agenda::Many(tree) => tree.min().unwrap_or((0, u64::MAX)),
        }
    }
}

/// What an event may change besides its station: the time, the agenda and the customers.
pub(crate) struct Moment<'a> {
    pub(crate) now: u64,
    pub(crate) agenda: &'a mut Agenda,
    pub(crate) pool: &'a mut Pool,
    /// The first place of the station.
    pub(crate) base: usize,
}

impl Moment<'_> {
    /// Plans the next event at a place of the station.
    #[inline(always)]
    pub(crate) fn plan(&mut self, place: usize, time: u64) {
        self.agenda.set(self.base + place, time);
    }

    /// When the next event at a place of the station is planned; `u64::MAX` if none is.
    #[inline(always)]
    pub(crate) fn planned(&self, place: usize) -> u64 {
        self.agenda.get(self.base + place)
    }
}
