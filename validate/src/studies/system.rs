//! What the studies have in common: the serving system and the workloads.
//!
//! Inferred from published figures: P99 steps of 29.1, 52.9 and 148.4 ms with chunks of 16, 64 and
//! 256 tokens lie on a line of 0.5 ms per prompt token above some 20.5 ms, and steps without
//! prompts take about 20 ms plus 0.1 ms per sequence, which are the defaults of [`PhasesSpec`].
//! Without batching 0.65 requests per second are served, and TTFT under iteration-level
//! scheduling is 123 ms at 2 per second, so a request has on average about 148 prompt and 74
//! output tokens. The laws of both are unknown; here they are uniform.

use kendall_cost::PhasesSpec;
use kendall_kernel::Law;
use kendall_llm::{Policy, Profile, SchedulerConfig};

/// What the cost of a step is.
pub(super) const COST: PhasesSpec = PhasesSpec {
    prefill_token_s: 0.0005,
    decode_base_s: 0.02,
    decode_sequence_s: 0.0001,
    decode_context_token_s: 0.0,
};

/// Tokens of a KV block.
pub(super) const BLOCK_TOKENS: u32 = 16;

/// Prompt lengths with a mean of 148 tokens.
pub(super) fn prompts() -> Law {
    integers(32, 264)
}

/// Output lengths with a mean of 74 tokens.
pub(super) fn outputs() -> Law {
    integers(8, 140)
}

/// Every whole number from `least` to `most`, equally likely.
pub(super) fn integers(least: u32, most: u32) -> Law {
    Law::Empirical {
        values: (least..=most).map(f64::from).collect(),
        weights: Vec::new(),
    }
}

/// A scheduler with KV blocks in plenty.
pub(super) fn scheduler(profile: Profile, max_num_seqs: u32) -> SchedulerConfig {
    SchedulerConfig {
        profile,
        policy: Policy::Fcfs,
        max_num_seqs,
        max_num_active_seqs: None,
        max_num_batched_tokens: 8192,
        max_num_scheduled_tokens: None,
        max_model_len: 8192,
        enable_chunked_prefill: true,
        long_prefill_token_threshold: 0,
        long_prefill_token_threshold_adaptive: false,
        prefill_schedule_interval: 1,
        max_num_prefills: None,
        scheduler_reserve_full_isl: true,
        watermark: 0.0,
        block_size: BLOCK_TOKENS,
        num_gpu_blocks: 16_385,
        enable_prefix_caching: false,
    }
}

/// Iteration-level scheduling of whole prompts.
pub(super) fn whole_prompts() -> SchedulerConfig {
    scheduler(Profile::Orca, 64)
}

/// Stall-free batching with so many tokens per step.
pub(super) fn chunks(tokens: u32) -> SchedulerConfig {
    SchedulerConfig {
        max_num_batched_tokens: tokens,
        ..scheduler(Profile::Sarathi, 64)
    }
}

/// Time that a request of these lengths needs alone, in seconds: its first token comes from the
/// prefill, every other takes a decode step.
pub(super) fn lone_service_s(prompt_tokens: f64, output_tokens: f64) -> f64 {
    COST.prefill_token_s * prompt_tokens + decode_step_s(1.0) * (output_tokens - 1.0)
}

/// Time of a step in which so many sequences decode and none prefills, in seconds.
pub(super) fn decode_step_s(sequences: f64) -> f64 {
    COST.decode_base_s + COST.decode_sequence_s * sequences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_what_its_header_says() {
        assert_eq!(COST, PhasesSpec::default());
        assert_eq!(
            (prompts().mean(), outputs().mean()),
            (Some(148.0), Some(74.0))
        );
        let alone_s = lone_service_s(148.0, 74.0);
        assert!((1.0 / alone_s - 0.65).abs() < 0.005, "{alone_s}");
    }
}
