//! What a workload asked for, as far as somebody should be warned about it.

use kendall_llm::{Content, Profile, Trace};

use crate::scenario::Resolved;

/// Facts about the requests of a run, gathered from a whole trace or from its stretches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Requests.
    pub requests: u64,
    /// Those whose prompt and output together exceed the longest sequence, which ends there.
    pub cut: u64,
    /// Whether they say what their prompts consist of.
    pub has_content: bool,
    /// Longest sequence; `None` if there is no limit to it.
    max_model_len: Option<u32>,
}

impl Demand {
    /// Of no requests yet.
    #[must_use]
    pub fn new(resolved: &Resolved) -> Demand {
        let scheduler = &resolved.fleet.scheduler;
        let has_limit = scheduler.profile != Profile::InferenceLab;
        Demand {
            requests: 0,
            cut: 0,
            has_content: false,
            max_model_len: has_limit.then_some(scheduler.max_model_len),
        }
    }

    /// Adds the requests of a trace, or of a stretch of one. O(requests).
    pub fn add(&mut self, trace: &Trace) {
        self.requests += trace.len() as u64;
        self.has_content |= trace.content != Content::Unique;
        let Some(longest) = self.max_model_len else {
            return;
        };
        let lengths = trace.prompt_tokens.iter().zip(&trace.output_tokens);
        let cut = lengths.filter(|&(&prompt, &output)| {
            prompt < longest && prompt.saturating_add(output) > longest
        });
        self.cut += cut.count() as u64;
    }
}
