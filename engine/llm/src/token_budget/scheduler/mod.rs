//! Who goes into a batch.

mod decode_prioritizing;
mod hybrid;
mod prefill_prioritizing;

use super::batch::Batch;
use super::config::{Config, Rules, decode_slots};
use super::queues::{Queues, Room};

/// Who goes first. Both queues are walked in order under every scheduler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scheduler {
    /// Decodes as long as somebody decodes. Only then prompts, a whole one each (or a whole chunk),
    /// up to the first that does not fit.
    DecodePrioritizing,
    /// Prompts as long as there are any, the last one cut to what is left of the tokens. Only then
    /// decodes.
    PrefillPrioritizing,
    /// Both at once: decodes up to their share of the sequence limit, then prompts up to the rest
    /// of it, the last one cut to what is left of the tokens. What one side does not use is not
    /// given to the other.
    Hybrid {
        /// The share of the sequence limit that is for decodes, from 0 to 1; the product is cut to
        /// a whole number.
        decode_share: f64,
    },
}

impl Scheduler {
    /// The name that configuration files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Scheduler::DecodePrioritizing => "decode_prioritizing",
            Scheduler::PrefillPrioritizing => "prefill_prioritizing",
            Scheduler::Hybrid { .. } => "hybrid",
        }
    }

    /// Whether a prompt that arrives can change the next batch of a GPU that is decoding.
    pub(super) const fn heeds_arrivals(self) -> bool {
        !matches!(self, Scheduler::DecodePrioritizing)
    }

    /// Moves requests from the queues into a batch that is empty; nobody if nobody can be served.
    #[inline]
    pub(super) fn fill(self, queues: &mut Queues, limits: &Limits, batch: &mut Batch) {
        match self {
            Scheduler::DecodePrioritizing => decode_prioritizing::fill(queues, limits, batch),
            Scheduler::PrefillPrioritizing => prefill_prioritizing::fill(queues, limits, batch),
            Scheduler::Hybrid { .. } => hybrid::fill(queues, limits, batch),
        }
    }
}

/// How much a batch holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) sequences: u32,
    pub(super) tokens: u32,
    /// Most sequences that decode.
    pub(super) decodes: u32,
    /// Most sequences whose prompts are computed.
    pub(super) prompts: u32,
}

impl Limits {
    pub(super) fn of(config: &Config) -> Limits {
        let (sequences, tokens) = (config.max_sequences, config.max_tokens);
        let (decodes, prompts) = match config.scheduler {
            Scheduler::Hybrid { decode_share } => {
                let decodes = decode_slots(decode_share, sequences);
                match config.rules {
                    Rules::Orie5580 => (decodes, sequences - decodes),
                    Rules::Corrected if sequences == 1 => (1, 1),
                    Rules::Corrected => {
                        let decodes = decodes.clamp(1, sequences - 1);
                        (decodes, sequences - decodes)
                    }
                }
            }
            _ => (sequences, sequences),
        };
        Limits {
            sequences,
            tokens,
            decodes: decodes.min(tokens),
            prompts,
        }
    }

    /// The room for prompts of a batch without decodes.
    fn prompts_alone(&self) -> Room {
        Room {
            sequences: self.prompts,
            tokens: self.tokens,
        }
    }
}
