//! How a workload is generated, as a user writes it.

use kendall_kernel::sampler::Law;
use serde::{Deserialize, Serialize};

/// A generated workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GenerateSpec {
    /// Number of requests, the turns of sessions counted one by one.
    pub requests: u64,
    /// When requests (or sessions) arrive.
    pub arrivals: Arrivals,
    /// What arrival times are multiples of, in seconds, 0.001 for whole milliseconds; they are
    /// rounded down. 0: nanoseconds.
    pub arrival_resolution_s: f64,
    /// New prompt tokens of a request; shared prefixes and earlier turns come on top.
    pub prompt_tokens: Law,
    /// Output tokens.
    pub output_tokens: Law,
    /// Longest prompt, in tokens; longer ones are cut, and a session that reaches it ends.
    pub max_prompt_tokens: u32,
    /// Longest output, in tokens.
    pub max_output_tokens: u32,
    /// Prefixes that requests share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<PrefixSpec>,
    /// Conversations of several turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionSpec>,
}

impl Default for GenerateSpec {
    fn default() -> GenerateSpec {
        GenerateSpec {
            requests: 1000,
            arrivals: Arrivals::Poisson { rate_per_s: 5.0 },
            arrival_resolution_s: 0.0,
            prompt_tokens: Law::Lognormal {
                mu: 6.9,
                sigma: 0.7,
            },
            output_tokens: Law::Lognormal {
                mu: 5.3,
                sigma: 0.8,
            },
            max_prompt_tokens: 100_000,
            max_output_tokens: 8_192,
            prefix: None,
            sessions: None,
        }
    }
}

/// An arrival process. The first arrival comes one gap after time 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "process", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Arrivals {
    /// Independent exponential gaps.
    Poisson {
        /// Mean arrivals per second.
        rate_per_s: f64,
    },
    /// Equal gaps.
    Constant {
        /// Arrivals per second.
        rate_per_s: f64,
    },
    /// Independent gaps of any law, in seconds.
    Renewal {
        /// Law of the gap in seconds.
        gap_s: Law,
    },
    /// Groups of simultaneous arrivals, the groups a Poisson process.
    Batch {
        /// Mean groups per second.
        rate_per_s: f64,
        /// Requests of a group, at least 1.
        size: Law,
    },
    /// Everything at time 0.
    AtOnce {},
}

/// Prefixes that requests share, such as system prompts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixSpec {
    /// Number of distinct prefixes.
    pub groups: u32,
    /// Exponent of their popularity (Zipf); 0: all alike.
    #[serde(default)]
    pub zipf: f64,
    /// Tokens of a prefix, drawn once for each; 0 is none, and each has to be shorter than
    /// `max_prompt_tokens`.
    pub tokens: Law,
}

/// Conversations: every turn repeats what was said before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// Turns of a session, at least 1.
    pub turns: Law,
    /// From a turn's arrival to the next turn's, in seconds.
    pub think_s: Law,
}
