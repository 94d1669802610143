//! What a scheduler and its KV cache are told.

use serde::{Deserialize, Serialize};

/// Order of the waiting queue and choice of preemption victims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// First come, first served; the last admitted is preempted first.
    #[default]
    Fcfs,
    /// By (priority, arrival, id), lower first; the largest (priority, arrival) is preempted
    /// first.
    Priority,
}

/// Whose rules an instance follows where engines differ. All but inference-lab's are vLLM's with
/// some of its settings fixed and what is said here on top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// vLLM's v1 scheduler, 0.33.
    #[default]
    Vllm,
    /// The simulator inference-lab, 1.0: every block usable, no reservation, no length limit, a
    /// resumed request recomputes without emitting a token, a call that schedules nothing takes
    /// no time, prompts are always split by the budget (chunked prefill switches only the cap on
    /// long ones).
    InferenceLab,
    /// Request-level scheduling, as of static batching: a batch of whole prompts is formed when
    /// the one before has left, shorter prompts are padded to the longest, who is finished stays
    /// as padding, and all outputs are handed over together when the last is finished. KV blocks
    /// as under [`Profile::Orca`]. Yu et al., Orca: A Distributed Serving System for
    /// Transformer-Based Generative Models, OSDI 2022, section 3.
    RequestLevel,
    /// Static batching without padding: a batch of whole prompts is formed when all of the one
    /// before have left, and nobody joins it; who is finished leaves at once, with tokens handed
    /// over as they come. KV blocks as under [`Profile::Orca`].
    Static,
    /// Iteration-level scheduling: requests join and leave the batch at every step, prompts are
    /// computed whole whatever they are long, and nothing is shared between them. Admission keeps
    /// KV blocks for the whole output, so that nothing is ever preempted (Orca, section 4.2,
    /// algorithm 1; a trace's output length stands for the maximum that a request declares).
    Orca,
    /// Stall-free batching: decoding requests come first, what is left of the step's tokens goes
    /// to chunks of prompts. That is vLLM's scheduler with chunked prefill always on and no other
    /// restriction of prefill. Agrawal et al., Taming Throughput-Latency Tradeoff in LLM
    /// Inference with Sarathi-Serve, OSDI 2024, section 4, algorithm 3.
    Sarathi,
}

impl Profile {
    /// Every profile and what it stands for.
    pub const ALL: [(Profile, &'static str); 6] = [
        (Profile::Vllm, "vLLM's v1 scheduler"),
        (
            Profile::InferenceLab,
            "the simulator inference-lab, for comparison",
        ),
        (
            Profile::RequestLevel,
            "static batches of whole prompts, padded, handed over when all have finished",
        ),
        (
            Profile::Static,
            "static batches of whole prompts, unpadded, everybody leaves when finished",
        ),
        (
            Profile::Orca,
            "iteration-level: whole prompts join at any step, KV for whole outputs is kept",
        ),
        (
            Profile::Sarathi,
            "stall-free: decodes first, prompts in chunks of what is left of the step's tokens",
        ),
    ];

    /// The name that configuration files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Vllm => "vllm",
            Profile::InferenceLab => "inference-lab",
            Profile::RequestLevel => "request-level",
            Profile::Static => "static",
            Profile::Orca => "orca",
            Profile::Sarathi => "sarathi",
        }
    }

    /// Whether prompts are always computed whole, in a step that holds any number of tokens, and
    /// KV blocks are kept for whole sequences.
    #[must_use]
    pub const fn takes_whole_requests(self) -> bool {
        matches!(
            self,
            Profile::RequestLevel | Profile::Static | Profile::Orca
        )
    }

    /// Whether nobody joins a batch until all of it have finished.
    #[must_use]
    pub const fn forms_static_batches(self) -> bool {
        matches!(self, Profile::RequestLevel | Profile::Static)
    }

    /// Blocks of the pool that no request can use: vLLM's null block.
    #[must_use]
    pub const fn null_blocks(self) -> u32 {
        match self {
            Profile::InferenceLab => 0,
            _ => 1,
        }
    }
}

/// Limits and options of a batch scheduler; names and defaults are vLLM's, where it has them.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    /// Whose rules apply.
    pub profile: Profile,
    /// Order of the waiting queue.
    pub policy: Policy,
    /// Most requests running at once.
    pub max_num_seqs: u32,
    /// Most requests running at once for admission, where that is lower.
    pub max_num_active_seqs: Option<u32>,
    /// Most tokens in a step.
    pub max_num_batched_tokens: u32,
    /// Most tokens that the scheduler hands out in a step, where that is lower.
    pub max_num_scheduled_tokens: Option<u32>,
    /// Longest sequence, prompt and output together.
    pub max_model_len: u32,
    /// Whether prompts may be split to fit the step.
    pub enable_chunked_prefill: bool,
    /// Most prompt tokens of one request in a step while others are present; 0: no cap.
    pub long_prefill_token_threshold: u32,
    /// Raise the cap to an equal share of the step.
    pub long_prefill_token_threshold_adaptive: bool,
    /// Steps from one with prefill to the next; 1: no restriction.
    pub prefill_schedule_interval: u32,
    /// Most requests that prefill at once; `None`: no limit. Whoever has been admitted prefills
    /// until the step that completes its prompt, or what a preemption made it recompute, has
    /// ended. Without effect on static batches. Not one of vLLM's settings.
    pub max_num_prefills: Option<u32>,
    /// Admit only what fits as a whole, not just with its first chunk.
    pub scheduler_reserve_full_isl: bool,
    /// Share of the blocks that admission leaves free while others run.
    pub watermark: f64,
    /// Tokens of a KV block.
    pub block_size: u32,
    /// KV blocks, vLLM's null block included.
    pub num_gpu_blocks: u32,
    /// Whether finished blocks serve later requests with the same prefix.
    pub enable_prefix_caching: bool,
}

/// Why a configuration cannot run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A limit that must be positive is zero.
    #[error("`{field}` is 0, must be at least 1")]
    Zero {
        /// The setting.
        field: &'static str,
    },
    /// A value beyond what the engine supports.
    #[error("`{field}` is {value}, must be at most {limit}")]
    TooLarge {
        /// The setting.
        field: &'static str,
        /// Its value.
        value: u64,
        /// The largest supported value.
        limit: u64,
    },
    /// The watermark is not a share.
    #[error("`watermark` is {value}, must lie in 0 to 1")]
    Watermark {
        /// Its value.
        value: f64,
    },
    /// No block is left for requests.
    #[error(
        "`num_gpu_blocks` is {value}; one block is vLLM's null block, so at least 2 are needed"
    )]
    NoBlocks {
        /// Its value.
        value: u32,
    },
    /// A prompt could wait forever.
    #[error(
        "without chunked prefill a step must hold the longest sequence: `max_num_batched_tokens` \
         is {budget}, `max_model_len` is {max_model_len}"
    )]
    BudgetBelowModelLen {
        /// Tokens of a step.
        budget: u32,
        /// Longest sequence.
        max_model_len: u32,
    },
}

impl SchedulerConfig {
    /// Most requests that may be configured to run at once on an instance.
    pub const MAX_NUM_SEQS_LIMIT: u32 = 1 << 20;
    /// Largest KV block, in tokens.
    pub const BLOCK_SIZE_LIMIT: u32 = 1 << 16;
    /// Longest sequence, in tokens.
    pub const MAX_MODEL_LEN_LIMIT: u32 = 1 << 30;

    /// Tokens that a step can hand out.
    #[must_use]
    pub fn token_budget(&self) -> u32 {
        if self.profile.takes_whole_requests() {
            return u32::MAX;
        }
        self.max_num_scheduled_tokens
            .unwrap_or(self.max_num_batched_tokens)
    }

    /// Most requests that run at once.
    #[must_use]
    pub fn running_limit(&self) -> u32 {
        self.max_num_active_seqs.unwrap_or(self.max_num_seqs)
    }

    /// Checks what can be checked without a workload.
    ///
    /// # Errors
    /// The first setting that cannot work.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let positive = [
            ("max_num_seqs", self.max_num_seqs),
            ("max_num_active_seqs", self.running_limit()),
            ("max_num_batched_tokens", self.max_num_batched_tokens),
            ("max_num_scheduled_tokens", self.token_budget()),
            ("max_model_len", self.max_model_len),
            ("prefill_schedule_interval", self.prefill_schedule_interval),
            (
                "max_num_prefills",
                self.max_num_prefills.unwrap_or(u32::MAX),
            ),
            ("block_size", self.block_size),
        ];
        if let Some(&(field, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError::Zero { field });
        }
        let bounded = [
            ("max_num_seqs", self.max_num_seqs, Self::MAX_NUM_SEQS_LIMIT),
            (
                "max_num_active_seqs",
                self.running_limit(),
                Self::MAX_NUM_SEQS_LIMIT,
            ),
            ("block_size", self.block_size, Self::BLOCK_SIZE_LIMIT),
            (
                "max_model_len",
                self.max_model_len,
                Self::MAX_MODEL_LEN_LIMIT,
            ),
            (
                "max_num_batched_tokens",
                self.max_num_batched_tokens,
                Self::MAX_MODEL_LEN_LIMIT,
            ),
        ];
        if let Some(&(field, value, limit)) = bounded.iter().find(|(_, v, limit)| v > limit) {
            return Err(ConfigError::TooLarge {
                field,
                value: value.into(),
                limit: limit.into(),
            });
        }
        if !(0.0..=1.0).contains(&self.watermark) {
            return Err(ConfigError::Watermark {
                value: self.watermark,
            });
        }
        if self.num_gpu_blocks <= self.profile.null_blocks() {
            return Err(ConfigError::NoBlocks {
                value: self.num_gpu_blocks,
            });
        }
        let whole_prompts = self.profile == Profile::Vllm && !self.enable_chunked_prefill;
        if whole_prompts && self.token_budget() < self.max_model_len {
            return Err(ConfigError::BudgetBelowModelLen {
                budget: self.token_budget(),
                max_model_len: self.max_model_len,
            });
        }
        Ok(())
    }
}
