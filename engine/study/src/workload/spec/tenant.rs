//! Several senders of requests in one workload.

use kendall_kernel::sampler::Law;
use serde::{Deserialize, Serialize};

use super::{
    Arrivals, DiurnalSpec, FromTraceSpec, GenerateSpec, PrefixSpec, SessionSpec, SpikeSpec,
};

/// A sender of requests. What is not given is taken from the workload that it is part of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantSpec {
    /// Its name, unlike that of every other; its random streams go by it.
    pub name: String,
    /// When its requests (or sessions) arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Arrivals>,
    /// How its rate goes up and down with the time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diurnal: Option<DiurnalSpec>,
    /// Stretches of time with other rates; an empty list is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spikes: Option<Vec<SpikeSpec>>,
    /// New prompt tokens of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<Law>,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Law>,
    /// Correlation of the two, from -1 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_correlation: Option<f64>,
    /// Longest prompt, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_prompt_tokens: Option<u32>,
    /// Longest output, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// Prefixes that its requests share with each other, not with those of other tenants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<PrefixSpec>,
    /// Conversations of several turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionSpec>,
    /// A trace that its lengths or gaps are drawn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_trace: Option<FromTraceSpec>,
    /// Priority of its requests, lower is more urgent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
}

impl TenantSpec {
    /// The workload of this tenant alone: its settings laid over those that all share. Its own laws
    /// of lengths stand in place of a shared trace's lengths, and its own trace's in place of shared
    /// laws and their correlation.
    #[must_use]
    pub fn over(&self, shared: &GenerateSpec) -> GenerateSpec {
        let default = GenerateSpec::default();
        let mut spec = GenerateSpec {
            tenants: Vec::new(),
            ..shared.clone()
        };
        let has_laws = self.prompt_tokens.is_some() || self.output_tokens.is_some();
        if let Some(from_trace) = &mut spec.from_trace {
            from_trace.lengths &= !has_laws;
        }
        if self.from_trace.as_ref().is_some_and(|it| it.lengths) {
            spec.prompt_tokens = default.prompt_tokens;
            spec.output_tokens = default.output_tokens;
            spec.length_correlation = default.length_correlation;
        }
        lay(&mut spec.arrivals, &self.arrivals);
        lay(&mut spec.spikes, &self.spikes);
        lay(&mut spec.prompt_tokens, &self.prompt_tokens);
        lay(&mut spec.output_tokens, &self.output_tokens);
        lay(&mut spec.length_correlation, &self.length_correlation);
        lay(&mut spec.max_prompt_tokens, &self.max_prompt_tokens);
        lay(&mut spec.max_output_tokens, &self.max_output_tokens);
        lay(&mut spec.priority, &self.priority);
        spec.diurnal = self.diurnal.or(spec.diurnal);
        spec.prefix = self.prefix.clone().or(spec.prefix);
        spec.sessions = self.sessions.clone().or(spec.sessions);
        spec.from_trace = self.from_trace.clone().or(spec.from_trace);
        spec
    }
}

fn lay<T: Clone>(setting: &mut T, own: &Option<T>) {
    if let Some(own) = own {
        setting.clone_from(own);
    }
}
