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
        for class in &self.classes {
            sum.arrivals += class.arrivals;
            sum.served += class.served;
            sum.waited += class.waited;
            sum.lost += class.lost;
            sum.balked += class.balked;
            sum.reneged += class.reneged;
            sum.waiting_ns += class.waiting_ns;
            sum.sojourn_ns += class.sojourn_ns;
            sum.reneged_ns += class.reneged_ns;
            sum.present_ns += class.present_ns;
            sum.present += class.present;
        }
        sum
    }
}

/// Counts and times of a whole network since the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkTotals {
    /// Simulated time, in ns.
    pub now_ns: u64,
    /// Events so far: arrivals from outside and events of stations.
    pub events: u64,
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
