//! Events of a queue, handled without branches.
//!
//! Whether the next to happen is an arrival or a departure, and whether anybody waits, no processor
//! can foresee, and a wrong guess costs it as much as an event does. So all events take the same
//! instructions: what does not apply is added as 0, or written where nobody reads it.

use std::hint::select_unpredictable;

use kendall_kernel::Dur;

use super::waiting::{Arrived, Waiting};
use crate::departures::Departures;
use crate::observe::{Observer, Outcome, Stay};

/// Servers, at most.
pub(super) const MOST: usize = 64;
/// Where a service is written that does not begin.
const NOBODY: usize = MOST;

/// A customer in service. Times in ns.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Serving {
    pub(super) number: u64,
    pub(super) arrived: u64,
    pub(super) started: u64,
}

/// What changes with events. Customers are numbered in the order of their arrival, in which they
/// are served.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) now: u64,
    /// When the next customer comes, in ns.
    pub(super) arrival: u64,
    /// Servers without a customer, one bit each.
    pub(super) idle: u64,
    pub(super) entered: u64,
    pub(super) started: u64,
    pub(super) left: u64,
    /// Of those that started, customers that waited.
    pub(super) waited: u64,
    /// Over customers that started.
    pub(super) waiting_ns: u128,
    /// Over customers that entered.
    pub(super) size_ns: u128,
}

impl Serving {
    #[inline(always)]
    fn stay(&self, now: u64) -> Stay {
        Stay {
            customer: self.number,
            class: 0,
            station: 0,
            arrived_ns: self.arrived,
            started_ns: Some(self.started),
            left_ns: now,
            size_ns: now - self.started,
            outcome: Outcome::Served,
        }
    }
}

/// Events of which no more can be arrivals than times are drawn.
pub(super) struct Stretch<'a> {
    pub(super) sizes: &'a [Dur],
    pub(super) gaps: &'a [Dur],
    pub(super) line: &'a mut Waiting,
    pub(super) serving: &'a mut [Serving; 2 * MOST],
    /// Leave until it ends.
    pub(super) customers: u64,
    /// The last time, in ns.
    pub(super) last: u64,
}

impl Stretch<'_> {
    /// Handles events until one of the limits. How many customers came, and when the next event is.
    #[inline(always)]
    pub(super) fn run<D: Departures, O: Observer>(
        self,
        counts: &mut Counts,
        departures: &mut D,
        observer: &mut O,
    ) -> (usize, u64) {
        let drawn = self.sizes.len().min(self.gaps.len());
        let (sizes, gaps) = (&self.sizes[..drawn], &self.gaps[..drawn]);
        let mut line = self.line.places();
        // A copy, so that it is kept in registers.
        let mut own = *counts;
        let mut came = 0;
        let next = loop {
            let (server, done) = departures.next();
            // At one instant services end before customers come.
            let leaves = done <= own.arrival;
            let now = select_unpredictable(leaves, done, own.arrival);
            if now > self.last || came >= drawn || own.left >= self.customers {
                break now;
            }
            own.now = now;
            if O::LEVELS {
                observer.level(now, 0, if leaves { -1 } else { 1 });
            }
            if leaves {
                let served = self.serving[server % MOST];
                observer.stay(&served.stay(now));
                observer.exit(now, served.arrived);
            }
            // Who waits finds an idle server only when another customer leaves.
            let starts = select_unpredictable(leaves, own.started < own.entered, own.idle != 0);

            // Either a customer joins the line, ...
            let arrives = u64::from(!leaves);
            let (size, gap) = (sizes[came].as_ns(), gaps[came].as_ns());
            line.put(own.entered, Arrived { at: now, size });
            own.entered += arrives;
            own.arrival += times(arrives, gap);
            came += usize::from(!leaves);

            // ... or a server becomes idle.
            let leaving = u64::from(leaves);
            own.left += leaving;
            own.idle |= leaving << (server % MOST);

            // Service begins for the first in line, or for nobody.
            let starting = u64::from(starts);
            let first = line.get(own.started);
            let free = own.idle.trailing_zeros() as usize;
            let written = select_unpredictable(starts, free, NOBODY);
            self.serving[written % (2 * MOST)] = Serving {
                number: own.started,
                arrived: first.at,
                started: now,
            };
            own.started += starting;
            own.idle &= !(starting << (free % MOST));
            let waiting = times(starting, now.wrapping_sub(first.at));
            own.waited += u64::from(waiting > 0);
            own.waiting_ns += u128::from(waiting);

            // Where nothing begins or ends, a server keeps its time.
            let otherwise = select_unpredictable(leaves, u64::MAX, done);
            let until = select_unpredictable(starts, now.wrapping_add(first.size), otherwise);
            departures.set(select_unpredictable(starts, free, server), until);
        };
        own.size_ns += sizes[..came]
            .iter()
            .map(|size| u128::from(size.as_ns()))
            .sum::<u128>();
        *counts = own;
        (came, next)
    }
}

/// A value once or not at all.
#[inline(always)]
fn times(count: u64, value: u64) -> u64 {
    value & count.wrapping_neg()
}
