//! What is left when nothing can happen any more.

use super::outcome::{Blocked, Ending};
use super::queues::Queues;
use super::run::System;
use crate::record::Recorder;

impl<R: Recorder> System<'_, '_, R> {
    /// Requests that are left while they were decoding, with the tokens they got.
    pub(super) fn partial(&self) -> Vec<(u32, u32)> {
        let got = |(request, left): (u32, u32)| {
            let output = self.workload.output_tokens[request as usize];
            (request, output - left)
        };
        self.queues.decode.begun().map(got).collect()
    }

    /// Whether anybody is left, and why.
    pub(super) fn ending(&self) -> Ending {
        let Queues { prefill, decode } = &self.queues;
        let left = prefill.len() + decode.len() + prefill.lost() as usize;
        if left == 0 {
            return Ending::Drained;
        }
        let cause = match prefill.head() {
            _ if prefill.lost() > 0 => Blocked::LostChunks {
                requests: prefill.lost(),
            },
            _ if self.limits.decodes == 0 && !decode.is_empty() => Blocked::NoDecodeSlot,
            Some((request, tokens)) if self.limits.prompts > 0 => Blocked::HeadOfLine {
                request,
                tokens,
                max_tokens: self.limits.tokens,
            },
            _ => Blocked::NoPrefillSlot,
        };
        let left = left as u32;
        Ending::Blocked { cause, left }
    }
}
