//! The scenarios of the simulator `kh842-sudo/ORIE5580_FinalProject` (`demo_validation.py`,
//! `demo4_demo3_b0_0.py`), at 2 requests per second over 1000 s.

use kendall_kernel::Law;
use kendall_llm::token_budget::{Config, Load, Rules, Scheduler, Service, ServiceLaw, TokenLaw};

use super::setting::Setting;

impl Setting {
    /// Prompts of 32, 128 or 512 tokens, outputs of 64 or 256, 10 ms a batch and half a millisecond
    /// a token; prompts whole.
    #[must_use]
    pub fn demo2(scheduler: Scheduler) -> Setting {
        let prompts = [(32.0, 0.6), (128.0, 0.3), (512.0, 0.1)];
        let outputs = [(64.0, 0.5), (256.0, 0.5)];
        Setting {
            config: config(scheduler, [10.0, 0.5], 0, None),
            load: load(
                TokenLaw::new(one_of(&prompts), 1),
                TokenLaw::new(one_of(&outputs), 0),
            ),
            warm_up_s: 0.0,
        }
    }

    /// Lognormal prompts in chunks of 64 tokens, geometric outputs of at most 1024, 45.5 ms a batch
    /// and 0.3 ms a token from the 65th on.
    #[must_use]
    pub fn demo3(scheduler: Scheduler) -> Setting {
        let (mu, sigma) = (3.2764, 1.5201);
        Setting {
            config: config(scheduler, [45.5, 0.3], 64, Some(64)),
            load: load(
                TokenLaw::new(Law::Lognormal { mu, sigma }, 1),
                TokenLaw::new(Law::Geometric { p: 0.0056 }, 1).at_most(1024),
            ),
            warm_up_s: 0.0,
        }
    }

    /// [`demo3`](Setting::demo3) with whole prompts and every token charged.
    #[must_use]
    pub fn demo3_unchunked(scheduler: Scheduler) -> Setting {
        let mut setting = Setting::demo3(scheduler);
        setting.config.service.b0_tokens = 0;
        setting.config.chunk_tokens = None;
        setting
    }

    /// M/M/1 with exponential services of 10 ms: prompts of one token, no output, one request a
    /// batch.
    #[must_use]
    pub fn mm1(rate_per_s: f64) -> Setting {
        let mut config = config(Scheduler::PrefillPrioritizing, [10.0, 0.0], 0, None);
        config.max_sequences = 1;
        config.service.law = ServiceLaw::Exponential;
        let load = load(
            TokenLaw::new(Law::Constant { value: 1.0 }, 1),
            TokenLaw::new(Law::Constant { value: 0.0 }, 0),
        );
        Setting {
            config,
            load: Load { rate_per_s, ..load },
            warm_up_s: 0.0,
        }
    }
}

fn config(
    scheduler: Scheduler,
    [c_ms, a_ms]: [f64; 2],
    b0_tokens: u32,
    chunk_tokens: Option<u32>,
) -> Config {
    Config {
        scheduler,
        rules: Rules::Corrected,
        gpus: 1,
        max_sequences: 1000,
        max_resident: None,
        max_tokens: 2048,
        chunk_tokens,
        service: Service {
            c_ms,
            a_ms,
            b0_tokens,
            law: ServiceLaw::Deterministic,
        },
    }
}

fn load(prompt_tokens: TokenLaw, output_tokens: TokenLaw) -> Load {
    Load {
        rate_per_s: 2.0,
        window_s: 1000.0,
        prompt_tokens,
        output_tokens,
    }
}

/// One of some values, each with its probability.
fn one_of(values: &[(f64, f64)]) -> Law {
    Law::Empirical {
        values: values.iter().map(|&(value, _)| value).collect(),
        weights: values.iter().map(|&(_, weight)| weight).collect(),
    }
}
