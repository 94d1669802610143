//! How a workload is generated, as a user writes it.

mod arrivals;
mod from_trace;
mod tenant;

use kendall_kernel::sampler::Law;
use serde::{Deserialize, Serialize};

pub use self::arrivals::{Arrivals, DiurnalSpec, MmppState, SpikeSpec};
pub use self::from_trace::{FromTraceSpec, TraceColumns};
pub use self::tenant::TenantSpec;

/// A generated workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GenerateSpec {
    /// Number of requests, the turns of sessions counted one by one.
    pub requests: u64,
    /// When requests (or sessions) arrive.
    pub arrivals: Arrivals,
    /// How the rate goes up and down with the time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diurnal: Option<DiurnalSpec>,
    /// Stretches of time with other rates; where several are on, their factors multiply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spikes: Vec<SpikeSpec>,
    /// What arrival times are multiples of, in seconds, 0.001 for whole milliseconds; they are
    /// rounded down. 0: nanoseconds.
    pub arrival_resolution_s: f64,
    /// New prompt tokens of a request; shared prefixes and earlier turns come on top.
    pub prompt_tokens: Law,
    /// Output tokens.
    pub output_tokens: Law,
    /// Correlation, from -1 to 1, of the normal variables behind the new prompt tokens and the
    /// output tokens of a request (a Gaussian copula: the laws of both stay what they are). Spearman's
    /// rank correlation of continuous laws is 6/pi asin(r/2) of it (Kruskal, "Ordinal Measures of
    /// Association", JASA 53, 1958). 0: independent.
    #[serde(skip_serializing_if = "is_default")]
    pub length_correlation: f64,
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
    /// A trace that lengths or gaps are drawn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_trace: Option<FromTraceSpec>,
    /// Priority of the requests, lower is more urgent.
    #[serde(skip_serializing_if = "is_default")]
    pub priority: i32,
    /// Who sends the requests, each in a way of its own; nobody in particular if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TenantSpec>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl GenerateSpec {
    /// The traces that it draws from, each with the full name of its section: its own, then those of
    /// the tenants.
    pub fn traces_mut(&mut self) -> impl Iterator<Item = (String, &mut FromTraceSpec)> {
        let own = self.from_trace.as_mut();
        let own = own.map(|it| ("workload.generate.from_trace".to_owned(), it));
        let tenants = self.tenants.iter_mut().enumerate();
        own.into_iter().chain(tenants.filter_map(|(index, tenant)| {
            let key = format!("workload.generate.tenants.{index}.from_trace");
            Some((key, tenant.from_trace.as_mut()?))
        }))
    }
}

impl Default for GenerateSpec {
    fn default() -> GenerateSpec {
        GenerateSpec {
            requests: 1000,
            arrivals: Arrivals::Poisson { rate_per_s: 5.0 },
            diurnal: None,
            spikes: Vec::new(),
            arrival_resolution_s: 0.0,
            prompt_tokens: Law::Lognormal {
                mu: 6.9,
                sigma: 0.7,
            },
            output_tokens: Law::Lognormal {
                mu: 5.3,
                sigma: 0.8,
            },
            length_correlation: 0.0,
            max_prompt_tokens: 100_000,
            max_output_tokens: 8_192,
            prefix: None,
            sessions: None,
            from_trace: None,
            priority: 0,
            tenants: Vec::new(),
        }
    }
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
