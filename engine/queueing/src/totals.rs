//! What is counted of a station and of the network: whole numbers, nothing rounded.

/// A number that goes up and down, integrated over time as a sum of the times of its changes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level {
    value: u64,
    /// Wraps; see [`Level::integral`].
    area: u128,
}

impl Level {
    #[inline(always)]
    pub(crate) fn more(&mut self, now: u64) {
        self.value += 1;
        self.area = self.area.wrapping_sub(u128::from(now));
    }

    #[inline(always)]
    pub(crate) fn less(&mut self, now: u64) {
        self.value -= 1;
        self.area = self.area.wrapping_add(u128::from(now));
    }

    pub(crate) fn value(self) -> u64 {
        self.value
    }

    /// The value times nanoseconds, up to `now`.
    pub(crate) fn integral(self, now: u64) -> u128 {
        let still = u128::from(self.value) * u128::from(now);
        self.area.wrapping_add(still)
    }
}

/// Counts and times of one class at one station, since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Customers that came, whether they stayed or not; those that were there from the start too.
    pub arrivals: u64,
    /// Customers whose service was completed.
    pub served: u64,
    /// Of those, customers whose service did not begin at once.
    pub waited: u64,
    /// Customers that found no room.
    pub lost: u64,
    /// Customers that chose not to join.
    pub balked: u64,
    /// Customers that gave up waiting.
    pub reneged: u64,
    /// Time from arrival to the begin of service, in ns, over customers served.
    pub waiting_ns: u128,
    /// Time from arrival to departure, in ns, over customers served.
    pub sojourn_ns: u128,
    /// Time from arrival to giving up, in ns, over customers that did.
    pub reneged_ns: u128,
    /// Customers present, integrated over time: customers times ns.
    pub present_ns: u128,
    /// Customers present.
    pub present: u64,
}

impl Totals {
    /// While customers come and go, `present_ns` holds the sum of departure times minus the sum of
    /// arrival times and wraps; [`Totals::up_to`] makes an integral of it.
    #[inline(always)]
    pub(crate) fn enter(&mut self, now: u64) {
        self.present_ns = self.present_ns.wrapping_sub(u128::from(now));
    }

    #[inline(always)]
    pub(crate) fn leave(&mut self, now: u64) {
        self.present_ns = self.present_ns.wrapping_add(u128::from(now));
    }

    /// The totals with the number present and its integral up to `now`.
    pub(crate) fn up_to(self, now: u64) -> Totals {
        let ended = self.served + self.lost + self.balked + self.reneged;
        let present = self.arrivals - ended;
        let still = u128::from(present) * u128::from(now);
        Totals {
            present,
            present_ns: self.present_ns.wrapping_add(still),
            ..self
        }
    }
}

impl Totals {
    /// What was counted since `earlier` totals of the same run, and what is present now.
    #[must_use]
    pub fn since(&self, earlier: &Totals) -> Totals {
        Totals {
            arrivals: self.arrivals - earlier.arrivals,
            served: self.served - earlier.served,
            waited: self.waited - earlier.waited,
            lost: self.lost - earlier.lost,
            balked: self.balked - earlier.balked,
            reneged: self.reneged - earlier.reneged,
            waiting_ns: self.waiting_ns - earlier.waiting_ns,
            sojourn_ns: self.sojourn_ns - earlier.sojourn_ns,
            reneged_ns: self.reneged_ns - earlier.reneged_ns,
            present_ns: self.present_ns - earlier.present_ns,
            present: self.present,
        }
    }

    /// Adds the counts of another stretch of time.
    pub fn add(&mut self, other: &Totals) {
        self.arrivals += other.arrivals;
        self.served += other.served;
        self.waited += other.waited;
        self.lost += other.lost;
        self.balked += other.balked;
        self.reneged += other.reneged;
        self.waiting_ns += other.waiting_ns;
        self.sojourn_ns += other.sojourn_ns;
        self.reneged_ns += other.reneged_ns;
        self.present_ns += other.present_ns;
        self.present += other.present;
    }
}

/// Counts and times of a station since the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StationTotals {
    /// By class.
    pub classes: Vec<Totals>,
    /// Busy servers, integrated over time: servers times ns. A shared server is busy while
    /// anybody is present; one that is down or blocked after service: blocked ones count.
    pub busy_ns: u128,
    /// Servers that hold a served customer because it finds no room, integrated over time.
    pub blocked_ns: u128,
}

impl StationTotals {
    /// Over all classes.
    #[must_use]
    pub fn all(&self) -> Totals {
        let mut sum = Totals::default();
        self.classes.iter().for_each(|class| sum.add(class));
        sum
    }

    fn since(&self, earlier: &StationTotals) -> StationTotals {
        let classes = self.classes.iter().zip(&earlier.classes);
        StationTotals {
            classes: classes.map(|(now, earlier)| now.since(earlier)).collect(),
            busy_ns: self.busy_ns - earlier.busy_ns,
            blocked_ns: self.blocked_ns - earlier.blocked_ns,
        }
    }

    fn add(&mut self, other: &StationTotals) {
        let classes = self.classes.iter_mut().zip(&other.classes);
        classes.for_each(|(into, from)| into.add(from));
        self.busy_ns += other.busy_ns;
        self.blocked_ns += other.blocked_ns;
    }
}

/// Counts and times of a whole network since the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkTotals {
    /// Simulated time, in ns.
    pub now_ns: u64,
    /// Events so far: arrivals from outside and events of stations.
    pub events: u64,
    /// Customers by which the length of a run is measured: see
    /// [`Simulation::progress`](crate::Simulation::progress).
    pub progress: u64,
    /// Customers that came from outside or were there from the start.
    pub entered: u64,
    /// Customers that left, served or not.
    pub left: u64,
    /// Of those, customers that left after service.
    pub completed: u64,
    /// Time in the network, in ns, over customers that completed.
    pub sojourn_ns: u128,
    /// Customers present, integrated over time: customers times ns.
    pub present_ns: u128,
    /// Customers present.
    pub present: u64,
    /// By station.
    pub stations: Vec<StationTotals>,
}

impl NetworkTotals {
    /// What was counted since `earlier` totals of the same run; `now_ns` is the time since then.
    #[must_use]
    pub fn since(&self, earlier: &NetworkTotals) -> NetworkTotals {
        let stations = self.stations.iter().zip(&earlier.stations);
        NetworkTotals {
            now_ns: self.now_ns - earlier.now_ns,
            events: self.events - earlier.events,
            progress: self.progress - earlier.progress,
            entered: self.entered - earlier.entered,
            left: self.left - earlier.left,
            completed: self.completed - earlier.completed,
            sojourn_ns: self.sojourn_ns - earlier.sojourn_ns,
            present_ns: self.present_ns - earlier.present_ns,
            present: self.present,
            stations: stations.map(|(now, earlier)| now.since(earlier)).collect(),
        }
    }

    /// Adds the counts of another stretch of time of the same network.
    pub fn add(&mut self, other: &NetworkTotals) {
        self.now_ns += other.now_ns;
        self.events += other.events;
        self.progress += other.progress;
        self.entered += other.entered;
        self.left += other.left;
        self.completed += other.completed;
        self.sojourn_ns += other.sojourn_ns;
        self.present_ns += other.present_ns;
        self.present += other.present;
        let stations = self.stations.iter_mut().zip(&other.stations);
        stations.for_each(|(into, from)| into.add(from));
    }
}
