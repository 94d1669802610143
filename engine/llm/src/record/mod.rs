//! What a run tells the world: one record per request and per step, and who listens.
//!
//! Invariant: recording never feeds back into the simulation. Listeners are chosen at compile
//! time; what nobody listens to is not computed.

mod compose;
mod recorder;

use kendall_kernel::{Dur, Time};

pub use self::recorder::Recorder;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// All its tokens were produced (or the model's length limit was reached).
    Finished,
    /// Refused on arrival: it could never have finished.
    Rejected,
    /// Withdrawn by its client before it finished.
    Aborted,
    /// Still in the system, or not yet arrived, when the run ended.
    Unfinished,
}

impl Status {
    /// Every status, in the order of its discriminant.
    pub const ALL: [Status; 4] = [
        Status::Finished,
        Status::Rejected,
        Status::Aborted,
        Status::Unfinished,
    ];

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Status::Finished => "finished",
            Status::Rejected => "rejected",
            Status::Aborted => "aborted",
            Status::Unfinished => "unfinished",
        }
    }
}

/// One request's life, in nanoseconds of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Row of the request in its trace.
    pub request_id: u64,
    /// Class given by the trace; 0 without one.
    pub class: u16,
    /// Session number in order of appearance.
    pub session_id: Option<u32>,
    /// Instance that served it; `None` if it was rejected or never arrived.
    pub instance: Option<u16>,
    /// Instance of its prefill, when prefill and decode are apart.
    pub prefill_instance: Option<u16>,
    /// Arrival.
    pub arrival: Time,
    /// Start of the step that first scheduled it.
    pub scheduled: Option<Time>,
    /// End of the step that produced its first token.
    pub first_token: Option<Time>,
    /// End of the step that produced its last token; `None` unless finished.
    pub finish: Option<Time>,
    /// Prompt length.
    pub prompt_tokens: u32,
    /// Output length asked for.
    pub output_tokens: u32,
    /// Output tokens produced.
    pub generated_tokens: u32,
    /// Prompt tokens found in the prefix cache at first admission.
    pub cached_tokens: u32,
    /// Times it lost its KV blocks and had to start over.
    pub preemptions: u16,
    /// How it ended.
    pub status: Status,
}

impl RequestRecord {
    /// Time to first token: from arrival.
    #[must_use]
    pub fn ttft(&self) -> Option<Dur> {
        Some(self.first_token? - self.arrival)
    }

    /// End-to-end time: from arrival to the last token.
    #[must_use]
    pub fn e2e(&self) -> Option<Dur> {
        Some(self.finish? - self.arrival)
    }

    /// Time per output token after the first, in ns; `None` for a single token.
    #[must_use]
    pub fn tpot_ns(&self) -> Option<f64> {
        let span = self.finish? - self.first_token?;
        (self.generated_tokens > 1)
            .then(|| span.as_ns() as f64 / f64::from(self.generated_tokens - 1))
    }
}

/// One engine step of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// The instance.
    pub instance: u16,
    /// Number of the step on its instance, from 0.
    pub iteration: u64,
    /// When the batch was formed.
    pub start: Time,
    /// When its outputs appeared.
    pub end: Time,
    /// Prompt (or recomputed) tokens in the batch.
    pub prefill_tokens: u32,
    /// Decoding sequences in the batch, one token each.
    pub decode_tokens: u32,
    /// Requests that hold KV blocks, after scheduling.
    pub running: u32,
    /// Requests queued, after scheduling.
    pub waiting: u32,
    /// Requests preempted while the batch was formed.
    pub preempted: u32,
    /// KV blocks referenced by running requests, after scheduling.
    pub kv_blocks_used: u32,
    /// Context lengths summed over the batch.
    pub context_tokens: u64,
    /// Whether the batch consists of the same decoding sequences as the step before.
    pub same_batch: bool,
}
