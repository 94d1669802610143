//! Sums over stays and over time that the totals do not have: second moments, quantiles, shares
//! of time, busy periods.

use kendall_kernel::Histogram;

use crate::observe::{Observer, Outcome, Stay};

/// What to record besides the totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Squares of waiting and sojourn times, and slowdowns.
    pub moments: bool,
    /// Histograms of waiting and sojourn times.
    pub quantiles: bool,
    /// Squares of the numbers present, and shares of time by number present.
    pub levels: bool,
    /// Busy periods.
    pub busy_periods: bool,
    /// Sojourn times of customers whose size is within this share of so many ns, see
    /// [`ClassProbe::sized`].
    pub size_ns: Option<u64>,
}

impl Wanted {
    /// Whether it is enough to look at stays.
    #[must_use]
    pub fn only_stays(self) -> bool {
        !self.levels && !self.busy_periods
    }
}

/// Customers of a size count as being of a given size when they are within one part in so many.
const SIZE_PARTS: u64 = 50;

/// Numbers present up to which time is kept apart.
pub const LEVELS: usize = 64;

/// What was recorded since the last [`take`](Probes::take).
#[derive(Clone, Debug, Default)]
pub struct Probes {
    wanted: Wanted,
    classes: usize,
    /// By station.
    pub stations: Vec<StationProbe>,
    /// Time in which nobody was in the network, in ns.
    pub empty_ns: u64,
    now: u64,
    present: u64,
}

/// What was recorded at a station.
#[derive(Clone, Debug, Default)]
pub struct StationProbe {
    /// By class.
    pub classes: Vec<ClassProbe>,
    /// Square of the number present, integrated over time.
    pub squares_ns: u128,
    /// Time with so many present, in ns; what is beyond is left out.
    pub time_at_ns: Vec<u64>,
    /// Busy periods that ended: how many, the sum of their lengths in ns and of their squares.
    pub busy_periods: (u64, u128, u128),
    changed: u64,
    present: u64,
    busy_since: u64,
}

/// What was recorded of a class at a station, over customers served.
#[derive(Clone, Debug, Default)]
pub struct ClassProbe {
    /// Squares of waiting times, in ns^2.
    pub waiting_squares: u128,
    /// Squares of sojourn times, in ns^2.
    pub sojourn_squares: u128,
    /// Sojourn times over sizes; customers of size 0 are left out.
    pub slowdown: f64,
    /// Customers within the wanted size, the sum of their sojourn times and of their sizes, in ns.
    pub sized: (u64, u128, u128),
    /// Waiting times in ns.
    pub waiting: Option<Histogram>,
    /// Sojourn times in ns.
    pub sojourn: Option<Histogram>,
}

impl Probes {
    /// Probes of a network of so many stations and classes, which is empty at time 0.
    #[must_use]
    pub fn new(wanted: Wanted, stations: usize, classes: usize) -> Probes {
        let mut probes = Probes {
            wanted,
            classes,
            stations: vec![StationProbe::default(); stations],
            ..Probes::default()
        };
        probes.clear();
        probes
    }

    /// Puts the numbers present right, where they are not 0 at the start of recording.
    pub fn start_at(&mut self, now_ns: u64, present: impl Fn(usize) -> u64) {
        self.now = now_ns;
        self.present = 0;
        for (at, station) in self.stations.iter_mut().enumerate() {
            station.present = present(at);
            station.changed = now_ns;
            // A busy period that has begun is not a whole one.
            station.busy_since = u64::MAX;
            self.present += station.present;
        }
    }

    /// What was recorded, up to `now_ns`; begins anew.
    pub fn take(&mut self, now_ns: u64) -> Probes {
        if self.wanted.levels {
            for station in &mut self.stations {
                station.stay_at(now_ns);
            }
            self.pass(now_ns);
        }
        let taken = self.clone();
        self.clear();
        taken
    }

    fn clear(&mut self) {
        let histogram = self.wanted.quantiles.then(Histogram::new);
        let class = ClassProbe {
            waiting: histogram.clone(),
            sojourn: histogram,
            ..ClassProbe::default()
        };
        self.empty_ns = 0;
        for station in &mut self.stations {
            station.classes = vec![class.clone(); self.classes];
            station.squares_ns = 0;
            station.time_at_ns = vec![0; if self.wanted.levels { LEVELS } else { 0 }];
            station.busy_periods = (0, 0, 0);
        }
    }

    fn pass(&mut self, now_ns: u64) {
        if self.present == 0 {
            self.empty_ns += now_ns - self.now;
        }
        self.now = now_ns;
    }

    /// Adds what other probes of the same network recorded.
    ///
    /// # Panics
    /// If they are of another network.
    pub fn merge(&mut self, other: &Probes) {
        assert_eq!(self.stations.len(), other.stations.len(), "two networks");
        self.empty_ns += other.empty_ns;
        for (into, from) in self.stations.iter_mut().zip(&other.stations) {
            into.squares_ns += from.squares_ns;
            let times = into.time_at_ns.iter_mut().zip(&from.time_at_ns);
            times.for_each(|(into, from)| *into += from);
            into.busy_periods.0 += from.busy_periods.0;
            into.busy_periods.1 += from.busy_periods.1;
            into.busy_periods.2 += from.busy_periods.2;
            for (into, from) in into.classes.iter_mut().zip(&from.classes) {
                into.merge(from);
            }
        }
    }
}

impl ClassProbe {
    fn merge(&mut self, from: &ClassProbe) {
        self.waiting_squares += from.waiting_squares;
        self.sojourn_squares += from.sojourn_squares;
        self.slowdown += from.slowdown;
        self.sized.0 += from.sized.0;
        self.sized.1 += from.sized.1;
        self.sized.2 += from.sized.2;
        let pairs = [
            (&mut self.waiting, &from.waiting),
            (&mut self.sojourn, &from.sojourn),
        ];
        for (into, from) in pairs {
            if let (Some(into), Some(from)) = (into, from) {
                into.merge(from);
            }
        }
    }
}

impl StationProbe {
    /// The number present did not change until now.
    #[inline]
    fn stay_at(&mut self, now_ns: u64) {
        let held = now_ns - self.changed;
        self.changed = now_ns;
        let present = u128::from(self.present);
        self.squares_ns += present * present * u128::from(held);
        if let Some(time) = self.time_at_ns.get_mut(self.present as usize) {
            *time += held;
        }
    }
}

impl Observer for Probes {
    const LEVELS: bool = true;

    #[inline]
    fn stay(&mut self, stay: &Stay) {
        let (Some(started), Outcome::Served) = (stay.started_ns, stay.outcome) else {
            return;
        };
        let class = &mut self.stations[stay.station].classes[usize::from(stay.class)];
        let waited = started - stay.arrived_ns;
        let stayed = stay.left_ns - stay.arrived_ns;
        if self.wanted.moments {
            class.waiting_squares += u128::from(waited) * u128::from(waited);
            class.sojourn_squares += u128::from(stayed) * u128::from(stayed);
            if stay.size_ns > 0 {
                class.slowdown += stayed as f64 / stay.size_ns as f64;
            }
        }
        if let Some(histogram) = &mut class.waiting {
            histogram.record(waited);
        }
        if let Some(histogram) = &mut class.sojourn {
            histogram.record(stayed);
        }
        if let Some(size) = self.wanted.size_ns
            && stay.size_ns.abs_diff(size) <= size / SIZE_PARTS
        {
            class.sized.0 += 1;
            class.sized.1 += u128::from(stayed);
            class.sized.2 += u128::from(stay.size_ns);
        }
    }

    #[inline]
    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        let here = &mut self.stations[station];
        if self.wanted.levels {
            here.stay_at(now_ns);
        }
        let before = here.present;
        here.present = before.wrapping_add_signed(change);
        if self.wanted.busy_periods {
            if before == 0 {
                here.busy_since = now_ns;
            } else if here.present == 0 && here.busy_since != u64::MAX {
                let length = u128::from(now_ns - here.busy_since);
                here.busy_periods.0 += 1;
                here.busy_periods.1 += length;
                here.busy_periods.2 += length * length;
            }
        }
        if self.wanted.levels {
            self.pass(now_ns);
        }
        self.present = self.present.wrapping_add_signed(change);
    }
}
