//! Which instance serves a request. A router is one file and one line in [`RouterKind`].
//!
//! Invariant: a router decides; it sees the request's arrival and the instances' loads, never an
//! output length, and changes nothing but its own state.

mod least_loaded;
mod round_robin;

use serde::{Deserialize, Serialize};

use self::least_loaded::LeastLoaded;
use self::round_robin::RoundRobin;

/// What a router sees of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Requests that hold KV blocks.
    pub running: u32,
    /// Requests queued.
    pub waiting: u32,
}

/// A routing policy.
pub(crate) trait Router {
    /// The instance for the request that arrives now; `loads` has at least one entry.
    fn route(&mut self, loads: &mut dyn ExactSizeIterator<Item = Load>) -> usize;
}

/// The routers there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouterKind {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Fewest running and waiting requests, lowest index among equals.
    LeastLoaded,
}

impl RouterKind {
    /// Every router with its name and what it does.
    pub const ALL: [(RouterKind, &'static str, &'static str); 2] = [
        (
            RouterKind::RoundRobin,
            "round-robin",
            "one instance after the other",
        ),
        (
            RouterKind::LeastLoaded,
            "least-loaded",
            "fewest running and waiting requests, lowest index among equals",
        ),
    ];

    /// A router in its initial state.
    pub(crate) fn build(self) -> Box<dyn Router> {
        match self {
            RouterKind::RoundRobin => Box::new(RoundRobin::default()),
            RouterKind::LeastLoaded => Box::new(LeastLoaded),
        }
    }
}
