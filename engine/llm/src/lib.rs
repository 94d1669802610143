//! An LLM serving system: requests, KV cache, batch schedulers, instances and routers.

pub mod record;
pub mod stats;
pub mod trace;

pub use record::{Recorder, RequestRecord, Status, StepRecord};
pub use stats::{InstanceStats, RunStats};
pub use trace::{Content, Piece, StreamId, Trace};
