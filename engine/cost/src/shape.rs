//! What a cost model sees of a batch.

use crate::Growth;

/// Sums over the sequences of a batch. With `c` resident tokens before the step and `n` tokens in
/// it, a sequence attends on average to `m = c + ceil(n / 2)` tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchShape {
    /// Number of sequences.
    pub sequences: u32,
    /// Sum of `n`.
    pub tokens: u64,
    /// Sum of `m`: KV positions read.
    pub attended_tokens: u64,
    /// Sum of `n * m`: query-key pairs.
    pub attention_pairs: u64,
    /// Those of the sequences that decode.
    pub decode_sequences: u32,
    /// Sum of `m` over those that decode.
    pub decode_context_tokens: u64,
}

impl BatchShape {
    /// Adds a chunk of `tokens` behind `resident` tokens.
    pub fn add_chunk(&mut self, resident: u32, tokens: u32) {
        let attended = u64::from(resident) + u64::from(tokens.div_ceil(2));
        self.sequences += 1;
        self.tokens += u64::from(tokens);
        self.attended_tokens += attended;
        self.attention_pairs += u64::from(tokens) * attended;
    }

    /// Adds `sequences` decoding sequences whose contexts, the new token included, sum to
    /// `context_tokens`.
    pub fn add_decodes(&mut self, sequences: u32, context_tokens: u64) {
        self.sequences += sequences;
        self.tokens += u64::from(sequences);
        self.attended_tokens += context_tokens;
        self.attention_pairs += context_tokens;
        self.decode_sequences += sequences;
        self.decode_context_tokens += context_tokens;
    }

    /// The shape after a step of a run.
    #[must_use]
    pub fn grown(&self, growth: &Growth) -> BatchShape {
        BatchShape {
            attended_tokens: self.attended_tokens + growth.attended_tokens,
            attention_pairs: self.attention_pairs + growth.attention_pairs,
            decode_context_tokens: self.decode_context_tokens + growth.decode_context_tokens,
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decode_is_a_chunk_of_one_and_counted_apart() {
        let mut one_by_one = BatchShape::default();
        for context in [10, 700, 3] {
            one_by_one.add_chunk(context - 1, 1);
        }
        let mut summed = BatchShape::default();
        summed.add_decodes(3, 713);
        let counted_apart = BatchShape {
            decode_sequences: 3,
            decode_context_tokens: 713,
            ..one_by_one
        };
        assert_eq!(summed, counted_apart);
        summed.add_chunk(0, 9);
        assert_eq!(summed.tokens - u64::from(summed.decode_sequences), 9);
    }
}
