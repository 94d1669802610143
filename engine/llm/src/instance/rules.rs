//! The rules of a scheduler: its configuration, with what its profile fixes.

use crate::config::{Profile, SchedulerConfig};

/// The scheduler's constants, derived once from its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) profile: Profile,
    pub(super) budget: u32,
    pub(super) running_limit: u32,
    pub(super) max_model_len: u32,
    pub(super) block_size: u32,
    /// Blocks that admission leaves free while others run.
    pub(super) watermark_blocks: u32,
    pub(super) reserve_full: bool,
    pub(super) chunked: bool,
    pub(super) caching: bool,
    pub(super) cap: u32,
    pub(super) cap_adaptive: bool,
    pub(super) cap_share: u32,
    pub(super) interval: i64,
    /// Most requests that prefill at once.
    pub(super) max_prefills: u32,
    /// Whether admission keeps blocks for whole outputs.
    pub(super) reserve_sequences: bool,
    /// Whether nobody joins a batch until all of it have finished.
    pub(super) static_batches: bool,
    /// Whether a batch is padded to the longest prompt, with the finished as padding too, and its
    /// outputs are held back until all of it have finished.
    pub(super) padded: bool,
}

impl Rules {
    pub(super) fn of(config: &SchedulerConfig) -> Rules {
        let rules = Rules::as_configured(config);
        let unrestricted = Rules {
            cap: 0,
            interval: 1,
            ..rules
        };
        let whole_requests = Rules {
            chunked: false,
            caching: false,
            watermark_blocks: 0,
            reserve_sequences: true,
            ..unrestricted
        };
        match config.profile {
            Profile::Vllm | Profile::InferenceLab => rules,
            Profile::Sarathi => Rules {
                chunked: true,
                ..unrestricted
            },
            Profile::Orca => whole_requests,
            Profile::Static | Profile::RequestLevel => Rules {
                max_prefills: u32::MAX,
                static_batches: true,
                padded: config.profile == Profile::RequestLevel,
                ..whole_requests
            },
        }
    }

    fn as_configured(config: &SchedulerConfig) -> Rules {
        let vllm = config.profile != Profile::InferenceLab;
        let watermark = config.watermark * f64::from(config.num_gpu_blocks);
        Rules {
            profile: config.profile,
            budget: config.token_budget(),
            running_limit: config.running_limit(),
            max_model_len: if vllm { config.max_model_len } else { u32::MAX },
            block_size: config.block_size,
            watermark_blocks: if vllm { watermark.floor() as u32 } else { 0 },
            reserve_full: vllm && config.scheduler_reserve_full_isl,
            chunked: config.enable_chunked_prefill || !vllm,
            caching: config.enable_prefix_caching,
            cap: if config.enable_chunked_prefill || vllm {
                config.long_prefill_token_threshold
            } else {
                0
            },
            cap_adaptive: config.long_prefill_token_threshold_adaptive,
            cap_share: config.max_num_batched_tokens,
            interval: i64::from(config.prefill_schedule_interval),
            max_prefills: config.max_num_prefills.unwrap_or(u32::MAX),
            reserve_sequences: false,
            static_batches: false,
            padded: false,
        }
    }

    /// Most prompt tokens of one request in a step when `present` requests are in the instance; 0
    /// means no cap (2.2). vLLM never caps a lone request.
    pub(super) fn prefill_cap(&self, present: u32) -> u32 {
        if self.cap == 0 || (present <= 1 && self.profile != Profile::InferenceLab) {
            return 0;
        }
        if self.cap_adaptive {
            self.cap.max(self.cap_share / present.max(1))
        } else {
            self.cap
        }
    }
}
