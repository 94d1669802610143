//! What a system under a token budget is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::TokenBudgetError;
use super::scheduler::Scheduler;
use super::service::Service;

/// Whether faults of the original are reproduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rules {
    /// Every request is served in the end, whatever the settings:
    /// - a chunk that was cut short by the budget is continued, not dropped;
    /// - where prompts are never split, one that exceeds the whole budget is split by it, alone or
    ///   at the head of its batch, since nothing else would ever compute it;
    /// - a share of the sequence limit that leaves one side without any slot gives it one (of a
    ///   limit of a single sequence, decodes go first).
    #[default]
    Corrected,
    /// As in the original (`kh842-sudo/ORIE5580_FinalProject`, `simulator.py`): a chunk that is cut
    /// short still counts as done, so that its request can never finish; a prompt beyond the
    /// budget blocks all behind it; a side without a slot is never served.
    #[serde(rename = "orie5580")]
    Orie5580,
}

/// A system under a token budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Who goes first.
    pub scheduler: Scheduler,
    /// Whether faults of the original are reproduced.
    pub rules: Rules,
    /// GPUs that share the queues; at least 1.
    pub gpus: u16,
    /// Most sequences in a batch; at least 1.
    pub max_sequences: u32,
    /// Most requests between the first part of their prompt and their last token, as KV memory
    /// would allow; at least 1. The others wait in order. `None`: any number, as in the original.
    pub max_resident: Option<u32>,
    /// Most tokens in a batch; at least 1.
    pub max_tokens: u32,
    /// Most tokens of one prompt in a batch, at least 1; `None`: prompts are not cut in advance.
    pub chunk_tokens: Option<u32>,
    /// How long a batch takes.
    pub service: Service,
}

/// A setting that works but does not do what one might expect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warning {
    /// The share gives one side no sequence.
    NoSlot {
        /// Which side: decode or prefill.
        side: &'static str,
        /// The share.
        decode_share: f64,
        /// The sequence limit.
        max_sequences: u32,
        /// Whether the side is given a slot all the same.
        corrected: bool,
    },
    /// Prompts are not split, and some may exceed the budget.
    LongPrompts {
        /// The longest prompt.
        prompt_tokens: u32,
        /// The budget.
        max_tokens: u32,
        /// Whether it is split all the same.
        corrected: bool,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Warning::NoSlot {
                side,
                decode_share,
                max_sequences,
                corrected,
            } => {
                write!(
                    f,
                    "a decode share of {decode_share} of {max_sequences} sequences leaves {side} no slot, "
                )?;
                f.write_str(if corrected {
                    "it gets one; raise max_sequences or change the share"
                } else {
                    "nothing will finish; raise max_sequences or change the share"
                })
            }
            Warning::LongPrompts {
                prompt_tokens,
                max_tokens,
                corrected,
            } => {
                write!(
                    f,
                    "a prompt of {prompt_tokens} tokens exceeds the budget of {max_tokens} and prompts are not split, "
                )?;
                f.write_str(if corrected {
                    "it is split by the budget; set chunk_tokens or raise max_tokens"
                } else {
                    "it will block all behind it; set chunk_tokens or raise max_tokens"
                })
            }
        }
    }
}

impl Config {
    /// Checks what can be checked without a workload.
    ///
    /// # Errors
    /// The first setting that cannot work.
    pub fn validate(&self) -> Result<(), TokenBudgetError> {
        let positive = [
            ("gpus", u32::from(self.gpus)),
            ("max_sequences", self.max_sequences),
            ("max_tokens", self.max_tokens),
            ("chunk_tokens", self.chunk_tokens.unwrap_or(1)),
            ("max_resident", self.max_resident.unwrap_or(1)),
        ];
        if let Some(&(field, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(TokenBudgetError::Zero { field });
        }
        if let Scheduler::Hybrid { decode_share } = self.scheduler
            && !(0.0..=1.0).contains(&decode_share)
        {
            return Err(TokenBudgetError::DecodeShare {
                value: decode_share,
            });
        }
        self.service.check()
    }

    /// What a user should know of the settings, given the longest prompt that may come.
    #[must_use]
    pub fn warnings(&self, longest_prompt: u32) -> Vec<Warning> {
        let corrected = self.rules == Rules::Corrected;
        let mut warnings = Vec::new();
        if let Scheduler::Hybrid { decode_share } = self.scheduler {
            let decode = decode_slots(decode_share, self.max_sequences);
            let sides = [("decode", decode), ("prefill", self.max_sequences - decode)];
            for (side, _) in sides.into_iter().filter(|&(_, slots)| slots == 0) {
                warnings.push(Warning::NoSlot {
                    side,
                    decode_share,
                    max_sequences: self.max_sequences,
                    corrected,
                });
            }
        }
        let piece = longest_prompt.min(self.chunk_tokens.unwrap_or(u32::MAX));
        if self.scheduler == Scheduler::DecodePrioritizing && piece > self.max_tokens {
            warnings.push(Warning::LongPrompts {
                prompt_tokens: longest_prompt,
                max_tokens: self.max_tokens,
                corrected,
            });
        }
        warnings
    }
}

/// Sequences of a batch that are for decodes: the product is cut to a whole number.
pub(super) fn decode_slots(decode_share: f64, max_sequences: u32) -> u32 {
    ((f64::from(max_sequences) * decode_share) as u32).min(max_sequences)
}
