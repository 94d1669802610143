//! Totals of a run, exact integers that merge by addition.

use kendall_kernel::{Dur, Time};

/// Totals of one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceStats {
    /// Requests the router sent here.
    pub requests: u64,
    /// Requests finished here.
    pub finished: u64,
    /// Engine steps.
    pub iterations: u64,
    /// Times a request lost its KV blocks and had to start over.
    pub preemptions: u64,
    /// Tokens scheduled as prefill, recomputation included.
    pub prefill_tokens: u64,
    /// Output tokens produced.
    pub output_tokens: u64,
    /// Prompt tokens found in the prefix cache at first admissions.
    pub hit_tokens: u64,
    /// Prompt tokens looked up at first admissions.
    pub lookup_tokens: u64,
    /// Time spent in steps.
    pub busy: Dur,
    /// Used KV blocks integrated over time, in block-nanoseconds.
    pub kv_block_ns: u128,
    /// Largest number of KV blocks used at once.
    pub kv_blocks_max: u32,
    /// KV blocks that requests can use.
    pub kv_blocks_usable: u32,
}

/// Totals of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunStats {
    /// End of the run: the last event.
    pub end: Time,
    /// Arrival of the first request.
    pub first_arrival: Time,
    /// Totals by instance.
    pub instances: Vec<InstanceStats>,
}
