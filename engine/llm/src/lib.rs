//! An LLM serving system: requests, KV cache, batch schedulers, instances and routers.
//!
//! [`fleet::run`] takes a [`Trace`] through a fleet of instances, each of them vLLM's v1 scheduler
//! over a paged KV cache with a cost model for its step times, and tells a [`Recorder`] what
//! happened.
//!
//! Deliberately absent: files, wall clocks, threads, and tokens (a prompt is pieces of streams, a
//! decoding batch is a few sums).

pub mod config;
pub mod content;
pub mod error;
pub mod fleet;
mod instance;
pub mod kv;
pub mod record;
mod request;
pub mod router;
mod rows;
pub mod sample;
pub mod stats;
pub mod step_run;
pub mod step_times;
pub mod ticks;
pub mod token_budget;
pub mod trace;

pub use config::{ConfigError, Policy, Profile, SchedulerConfig};
pub use error::EngineError;
pub use fleet::{Control, EventSetKind, FleetConfig, Progress};
pub use instance::{Outputs, Scheduled};
pub use record::{Recorder, RequestRecord, Status, StepRecord};
pub use router::RouterKind;
pub use sample::{InstanceSample, Sample, TooManySamples};
pub use stats::{InstanceStats, RunStats};
pub use step_run::StepRun;
pub use step_times::StepTimes;
pub use trace::{Content, Piece, Source, StreamId, Trace};
