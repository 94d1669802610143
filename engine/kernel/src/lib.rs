//! The ground under every Kendall model: time, events, random streams, samplers, statistics.
//!
//! # A tour
//!
//! A model is a state, a set of pending events and a loop that takes the earliest one. What
//! follows is a whole simulation of M/M/1, the queue with one server, Poisson arrivals and
//! exponential service:
//!
//! ```
//! use kendall_kernel::{
//!     Dur, EventKey, EventSet, Histogram, Law, Purpose, Streams, Time, TimeWeighted,
//!     TournamentTree,
//! };
//! use std::collections::VecDeque;
//!
//! // Class ranks order what happens at one nanosecond: departures, then arrivals.
//! const DEPARTURE: u8 = 0;
//! const ARRIVAL: u8 = 1;
//!
//! // Every draw has a purpose; each purpose of each source has a stream of its own.
//! let streams = Streams::new(42);
//! let mut arrivals = streams.stream(0, Purpose::Arrival);
//! let mut services = streams.stream(0, Purpose::Service);
//! let between = "exponential:mean=1".parse::<Law>()?.sampler()?;
//! let service = Law::Exponential { mean: 0.5 }.sampler()?;
//!
//! // One server, one source: at most one pending event each.
//! let mut events = TournamentTree::new(&[1, 1]);
//! events.insert(EventKey::new(Time::ZERO, ARRIVAL, 0));
//!
//! let mut queue = VecDeque::new();
//! let mut in_system = TimeWeighted::new(Time::ZERO, 0);
//! let mut sojourn_ns = Histogram::new();
//! let mut now = Time::ZERO;
//! while let Some(event) = events.pop() {
//!     now = event.time();
//!     if event.rank() == ARRIVAL {
//!         queue.push_back(now);
//!         // The one door from floating point to time checks and rounds.
//!         if now < Time::from_ns(10_000_000_000_000) {
//!             let gap = Dur::from_secs_f64(between.sample(&mut arrivals))?;
//!             events.insert(EventKey::new(now + gap, ARRIVAL, 0));
//!         }
//!     } else {
//!         let arrived = queue.pop_front().expect("somebody departs");
//!         sojourn_ns.record((now - arrived).as_ns());
//!     }
//!     in_system.set(now, queue.len() as u64);
//!     let idle = events.scheduled(DEPARTURE, 0).is_none();
//!     if idle && !queue.is_empty() {
//!         let work = Dur::from_secs_f64(service.sample(&mut services))?;
//!         events.insert(EventKey::new(now + work, DEPARTURE, 0));
//!     }
//! }
//!
//! // Little's law to the nanosecond: the integral of the number in the system is the sum of the
//! // times that customers spent in it.
//! assert_eq!(in_system.integral(now), sojourn_ns.sum());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The parts
//!
//! - [`time`]: [`Time`] and [`Dur`] in whole nanoseconds, [`FineTime`] for chains of steps.
//! - [`event`]: [`EventKey`], one integer that orders events by time, class rank and entity.
//! - [`event_set`]: [`TournamentTree`], [`QuaternaryHeap`] and [`TimingWheel`] behind [`EventSet`],
//!   and [`SlotTree`], the least of many integers.
//! - [`rng`]: [`Streams`], random streams by seed, replication, source and [`Purpose`].
//! - [`sampler`]: [`Law`], the description of a probability law, and [`Sampler`], what draws.
//! - [`stats`]: [`TimeWeighted`] integrals and [`Histogram`], exact and mergeable; [`Estimate`], a
//!   value with its error, from batches, replications, cycles or pairs.
//!
//! # Invariants
//!
//! Nothing here reads a wall clock, the environment, a file or entropy; the same calls give the
//! same results on every thread and in every build. Floating point appears in samplers and in
//! statistics, never as time, order or key. Samples depend on the `exp`, `ln` and `powf`
//! of the platform's mathematics library, all else is integer arithmetic.

pub mod event;
pub mod event_set;
pub mod rng;
pub mod sampler;
pub mod stats;
pub mod time;

pub use event::EventKey;
pub use event_set::{EventSet, Hasten, QuaternaryHeap, SlotTree, TimingWheel, TournamentTree};
pub use rng::{Purpose, Rng, Streams};
pub use sampler::{Law, LawError, Sampler};
pub use stats::{
    BatchMeans, Bucket, Estimate, FineHistogram, Histogram, HistogramOf, Level, Replications,
    Spread, TimeWeighted,
};
pub use time::{Dur, FineDur, FineTime, Time, TimeError};
