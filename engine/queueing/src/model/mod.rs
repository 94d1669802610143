//! Descriptions of networks: plain data, checked before anything runs.
//!
//! A model is stations, sources of customers and where customers go next. Times and rates are in
//! time units of the model's own choosing; a run says how many nanoseconds a unit has.
//!
//! # What may surprise
//! - At one instant, events of stations come in the order of the stations and before arrivals from
//!   outside. So a customer whose service ends now can still be displaced by one that comes now from
//!   a station before; it resumes later, with no work left.
//! - A server takes its next customer, goes on vacation or walks on before the customer that it has
//!   served is at its next place, even if that is the same station.
//! - A customer that chooses among stations after a service still counts where it was served.
//! - Vacations, walks and failures of idle servers never end: a run with them needs a limit.
//! - Times are rounded to nanoseconds. Time never passes if all values of a law of gaps, vacations
//!   or walks, or all services around a loop, round to 0: a time unit must be far longer than that.
//! - A customer that is never let in still counts as an arrival at the station, and leaves the
//!   network.

mod check;
mod error;
mod parts;
mod traffic;

pub use error::ModelError;
pub use traffic::{Load, StationLoad};

use kendall_kernel::Law;

/// A network of queues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Names of the customer classes; at least one. Routing and service know classes by position.
    pub classes: Vec<String>,
    /// The stations.
    pub stations: Vec<Station>,
    /// Streams of customers from outside.
    pub sources: Vec<Source>,
    /// Customers that are there from the start and never leave unless routing lets them.
    pub populations: Vec<Population>,
    /// Places that customers are sent on from, without staying.
    pub junctions: Vec<Junction>,
}

/// A place with servers.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Its name; unique.
    pub name: String,
    /// Its servers.
    pub servers: Servers,
    /// Most customers present, those in service included; `None` for no limit.
    pub capacity: Option<u64>,
    /// What becomes of a customer that finds the station full.
    pub when_full: WhenFull,
    /// Who is served.
    pub discipline: Discipline,
    /// Work that a customer brings, in time units of a server of speed 1; by class.
    pub service: Vec<Law>,
    /// How long a customer waits for its service to begin before it leaves; by class, or empty.
    pub patience: Vec<Option<Law>>,
    /// Whether a customer joins.
    pub joining: Joining,
    /// What servers do besides serving.
    pub absence: Absence,
    /// Units of the station that a customer holds, by class; empty for one each.
    pub units: Vec<u32>,
    /// Where customers go afterwards, by class.
    pub next: Vec<Route>,
}

/// The servers of a station.
#[derive(Clone, Debug, PartialEq)]
pub enum Servers {
    /// As many, all of speed 1.
    Equal(u32),
    /// One per entry, with its speed: work done per time unit. The fastest idle one is taken.
    Speeds(Vec<f64>),
    /// One for every customer.
    Infinite,
}

/// What becomes of a customer that finds a station full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// It is lost.
    #[default]
    Lose,
    /// It stays with the server that it comes from, which serves nobody meanwhile (blocking after
    /// service); from outside, or put together from the parts of a fork, it is lost.
    Block,
}

/// Who is served when more customers are present than servers.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fcfs,
    /// Last come, first served; a service that has begun is completed.
    Lcfs,
    /// Last come, first served; the newcomer displaces, and the displaced resumes.
    LcfsPreemptive,
    /// Any of the waiting, with equal chances.
    Random,
    /// All at once, each by its share of the servers' speed.
    ProcessorSharing,
    /// All at once, in proportion to a weight by class (discriminatory processor sharing).
    Discriminatory(Vec<f64>),
    /// The shortest service first; one that has begun is completed. Ties: first come.
    ShortestFirst,
    /// The shortest service first, displacing longer ones by their whole length.
    PreemptiveShortestFirst,
    /// The shortest remaining service first.
    ShortestRemaining,
    /// Those who have had the least service, together (foreground-background).
    LeastAttained,
    /// By a rank per class, lower first; a service that has begun is completed.
    Priority(Vec<u32>),
    /// By a rank per class, lower first, displacing others, which resume.
    PreemptivePriority(Vec<u32>),
    /// One server goes around the classes, one queue each.
    Polling(Polling),
}

/// How a server goes around its queues.
#[derive(Clone, Debug, PartialEq)]
pub struct Polling {
    /// When it goes on.
    pub visit: Visit,
    /// Time from one queue to the next, by the queue that is left.
    pub switchover: Vec<Law>,
}

/// When a polling server leaves a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// When the queue is empty.
    Exhaustive,
    /// When those who were there at its arrival have been served.
    Gated,
}

/// Whether a customer joins a station.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Joining {
    /// Always.
    #[default]
    Always,
    /// With probability 1 / (n + 1), n customers being present.
    Reciprocal,
    /// With the probability at position n, or the last one beyond.
    Table(Vec<f64>),
}

/// What servers do besides serving.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Absence {
    /// Nothing.
    #[default]
    None,
    /// A server that finds nobody waiting goes away for this long, again and again.
    Vacations(Law),
    /// A server that was idle needs this long before its next service.
    Setup(Law),
    /// Servers fail and are repaired; the service that was interrupted resumes.
    Breakdowns {
        /// Time from repair to failure.
        up: Law,
        /// Time to repair.
        down: Law,
        /// Whether only a busy server ages.
        while_busy: bool,
    },
}

/// A stream of customers from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Class of its customers.
    pub class: u16,
    /// Times of arrival.
    pub arrivals: Arrivals,
    /// How many come together: rounded to whole customers, so perhaps none.
    pub batch: Option<Law>,
    /// Where they go.
    pub to: Target,
}

/// When customers arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// With independent gaps of this law, the first gap from time 0.
    Renewal(Law),
    /// A Markovian arrival process. In phase i, phase j follows at rate `silent[i][j]` without and
    /// at rate `marked[i][j]` with an arrival. An MMPP has its rates on the diagonal of `marked`.
    Markovian {
        /// Rates without an arrival; the diagonal is not looked at.
        silent: Vec<Vec<f64>>,
        /// Rates with an arrival.
        marked: Vec<Vec<f64>>,
    },
    /// Poisson with a rate that varies over time.
    Varying(Rate),
    /// At given times from the start of the run, in time units, ascending.
    Given(Vec<f64>),
}

/// An arrival rate over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// mean + amplitude * sin(2 pi (t + shift) / period).
    Sinusoidal {
        /// The average rate.
        mean: f64,
        /// At most the average.
        amplitude: f64,
        /// Length of a cycle.
        period: f64,
        /// Start within the cycle.
        shift: f64,
    },
    /// Each rate for its length, in turn, again and again.
    Piecewise {
        /// Lengths of the pieces; positive.
        lengths: Vec<f64>,
        /// Their rates.
        rates: Vec<f64>,
    },
}

/// Customers that are present from the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Their class.
    pub class: u16,
    /// How many.
    pub count: u64,
    /// Where they start.
    pub station: usize,
}

/// Where a customer goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Route {
    /// Out of the network.
    #[default]
    Exit,
    /// To one place.
    To(Target, u16),
    /// To one of several, at random; what is missing to 1 leaves the network.
    Random(Vec<Branch>),
}

/// One of several places to go.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// With this probability.
    pub probability: f64,
    /// To this place.
    pub to: Target,
    /// As a customer of this class.
    pub class: u16,
}

/// A place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A station, by position.
    Station(usize),
    /// A junction, by position.
    Junction(usize),
}

/// A place that customers are sent on from.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// Its name; unique among junctions.
    pub name: String,
    /// How.
    pub kind: JunctionKind,
}

/// How a junction sends customers on.
#[derive(Clone, Debug, PartialEq)]
pub enum JunctionKind {
    /// To one of the stations, by a policy.
    Dispatch {
        /// The policy.
        policy: Policy,
        /// The stations to choose from.
        stations: Vec<usize>,
    },
    /// A part to every station at once; when all parts are done, the customer goes on.
    Fork {
        /// The stations; every one gets a part.
        stations: Vec<usize>,
        /// Where the joined customer goes, by class.
        next: Vec<Route>,
    },
}

/// How to choose among stations. Ties are broken at random, with equal chances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// In turn.
    RoundRobin,
    /// At random.
    Random,
    /// The fewest customers.
    ShortestQueue,
    /// The fewest customers among as many stations drawn at random without replacement.
    PowerOf(u32),
    /// The least unfinished work.
    LeastWork,
}

impl Station {
    /// A station of `servers` equal servers, first come first served, with room for all, whose
    /// customers leave the network.
    #[must_use]
    pub fn new(name: &str, servers: Servers, service: Vec<Law>) -> Station {
        let classes = service.len();
        Station {
            name: name.to_owned(),
            servers,
            capacity: None,
            when_full: WhenFull::default(),
            discipline: Discipline::default(),
            service,
            patience: Vec::new(),
            joining: Joining::default(),
            absence: Absence::default(),
            units: Vec::new(),
            next: vec![Route::Exit; classes],
        }
    }

    /// The number of servers; `None` if there is one for everybody.
    #[must_use]
    pub fn server_count(&self) -> Option<u32> {
        match &self.servers {
            Servers::Equal(count) => Some(*count),
            Servers::Speeds(speeds) => Some(speeds.len() as u32),
            Servers::Infinite => None,
        }
    }

    /// Work that all servers together do per time unit; infinite with a server for everybody.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match &self.servers {
            Servers::Equal(count) => f64::from(*count),
            Servers::Speeds(speeds) => speeds.iter().sum(),
            Servers::Infinite => f64::INFINITY,
        }
    }
}

impl Network {
    /// One station with Poisson arrivals or other renewal arrivals of one class.
    #[must_use]
    pub fn single(arrivals: Arrivals, station: Station) -> Network {
        Network {
            classes: vec!["customers".to_owned()],
            sources: vec![Source {
                class: 0,
                arrivals,
                batch: None,
                to: Target::Station(0),
            }],
            stations: vec![station],
            ..Network::default()
        }
    }
}
