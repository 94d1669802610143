//! Workloads drawn from a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use kendall_kernel::Time;
use kendall_llm::Trace;
use serde::{Deserialize, Serialize};

/// A trace that lengths (and gaps, see [`Arrivals::FromTrace`](super::Arrivals::FromTrace)) are
/// drawn from, so that many workloads can be made of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromTraceSpec {
    /// The trace's file.
    pub trace: String,
    /// Its format; recognised from the content by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its column names if it is a plain one: ours to theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Whether new prompt tokens and output tokens are those of a row drawn at random, in place of
    /// their laws; drawn together, they keep their correlation.
    #[serde(default = "yes")]
    pub lengths: bool,
    /// What was read. Whoever can read files puts it there before the workload is made.
    #[serde(skip)]
    pub columns_read: Option<Arc<TraceColumns>>,
}

fn yes() -> bool {
    true
}

/// What a workload may draw from a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceColumns {
    /// Arrival times, not decreasing.
    pub arrival: Vec<Time>,
    /// Prompt lengths, as many.
    pub prompt_tokens: Vec<u32>,
    /// Output lengths, as many.
    pub output_tokens: Vec<u32>,
}

impl From<Trace> for TraceColumns {
    fn from(trace: Trace) -> TraceColumns {
        TraceColumns {
            arrival: trace.arrival,
            prompt_tokens: trace.prompt_tokens,
            output_tokens: trace.output_tokens,
        }
    }
}
