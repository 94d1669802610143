//! Who listens to a run. What nobody listens to is not computed.

/// How a customer's stay at a station ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Its service was completed.
    Served,
    /// It found no room.
    Lost,
    /// It chose not to join.
    Balked,
    /// It gave up waiting.
    Reneged,
}

impl Outcome {
    /// Every outcome, in the order of its discriminant.
    pub const ALL: [Outcome; 4] = [
        Outcome::Served,
        Outcome::Lost,
        Outcome::Balked,
        Outcome::Reneged,
    ];

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Served => "served",
            Outcome::Lost => "lost",
            Outcome::Balked => "balked",
            Outcome::Reneged => "reneged",
        }
    }
}

/// A customer's stay at a station, as it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Number of the customer in order of appearance in the network.
    pub customer: u64,
    /// Its class here.
    pub class: u16,
    /// Position of the station.
    pub station: usize,
    /// When it came, in ns.
    pub arrived_ns: u64,
    /// When its service began, in ns; `None` if it never did.
    pub started_ns: Option<u64>,
    /// When it left, in ns.
    pub left_ns: u64,
    /// The work that it brought, in ns of a server of speed 1; 0 if it did not join.
    pub size_ns: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// Listens to a run. Chosen at compile time; several compose as tuples.
pub trait Observer {
    /// Whether it wants to know of changes of the number present.
    const LEVELS: bool = false;

    /// A stay at a station ends.
    #[inline]
    fn stay(&mut self, _stay: &Stay) {}

    /// The number of customers at a station changes by 1 or -1; `now_ns` may be that of the last
    /// change.
    #[inline]
    fn level(&mut self, _now_ns: u64, _station: usize, _change: i64) {}

    /// A customer leaves the network after service that it had entered at `born_ns`.
    #[inline]
    fn exit(&mut self, _now_ns: u64, _born_ns: u64) {}
}

/// Nobody listens.
impl Observer for () {}

impl<A: Observer, B: Observer> Observer for (A, B) {
    const LEVELS: bool = A::LEVELS || B::LEVELS;

    #[inline]
    fn stay(&mut self, stay: &Stay) {
        self.0.stay(stay);
        self.1.stay(stay);
    }

    #[inline]
    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        self.0.level(now_ns, station, change);
        self.1.level(now_ns, station, change);
    }

    #[inline]
    fn exit(&mut self, now_ns: u64, born_ns: u64) {
        self.0.exit(now_ns, born_ns);
        self.1.exit(now_ns, born_ns);
    }
}

impl<O: Observer> Observer for Option<O> {
    const LEVELS: bool = O::LEVELS;

    #[inline]
    fn stay(&mut self, stay: &Stay) {
        if let Some(observer) = self {
            observer.stay(stay);
        }
    }

    #[inline]
    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        if let Some(observer) = self {
            observer.level(now_ns, station, change);
        }
    }

    #[inline]
    fn exit(&mut self, now_ns: u64, born_ns: u64) {
        if let Some(observer) = self {
            observer.exit(now_ns, born_ns);
        }
    }
}

impl<O: Observer> Observer for &mut O {
    const LEVELS: bool = O::LEVELS;

    #[inline]
    fn stay(&mut self, stay: &Stay) {
        (**self).stay(stay);
    }

    #[inline]
    fn level(&mut self, now_ns: u64, station: usize, change: i64) {
        (**self).level(now_ns, station, change);
    }

    #[inline]
    fn exit(&mut self, now_ns: u64, born_ns: u64) {
        (**self).exit(now_ns, born_ns);
    }
}
