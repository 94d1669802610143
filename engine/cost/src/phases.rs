//! Step time as a prefill part and a decode part, one after the other.
//!
//! `prefill_token * prefill tokens`, and, if any sequence decodes, `decode_base + decode_sequence *
//! sequences + decode_context_token * context tokens`. The smallest model in which a long prompt
//! stalls those who decode, which is what iteration-level scheduling and chunked prefill are
//! about: Agrawal et al., Taming Throughput-Latency Tradeoff in LLM Inference with Sarathi-Serve,
//! OSDI 2024, section 3.
//!
//! Invariant: every term is an integer coefficient times an exact sum of the batch shape, so the
//! time of a decode-only batch is a straight line in the step number.

use kendall_kernel::FineDur;
use serde::{Deserialize, Serialize};

use crate::coefficient::Coefficient;
use crate::{BatchShape, CostError, Growth, Line};

/// The coefficients, as configured; all in seconds. The defaults are round figures of the size
/// that a model of some ten billion parameters has on one accelerator, not measurements.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhasesSpec {
    /// Time per prompt (or recomputed) token.
    pub prefill_token_s: f64,
    /// Time of the decode part, however many sequences are in it.
    pub decode_base_s: f64,
    /// Time per decoding sequence.
    pub decode_sequence_s: f64,
    /// Time per token of the decoding sequences' contexts.
    pub decode_context_token_s: f64,
}

impl Default for PhasesSpec {
    fn default() -> PhasesSpec {
        PhasesSpec {
            prefill_token_s: 0.0005,
            decode_base_s: 0.02,
            decode_sequence_s: 0.0001,
            decode_context_token_s: 0.0,
        }
    }
}

/// A prefill part and a decode part in fixed point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phases {
    prefill_token: Coefficient,
    decode_base: Coefficient,
    decode_sequence: Coefficient,
    decode_context_token: Coefficient,
}

impl PhasesSpec {
    /// Rounds the coefficients to fixed point.
    ///
    /// # Errors
    /// Coefficients that are not times, or that fixed point cannot hold; a decode part or a
    /// prefill part that takes no time, since simulated time would stand still.
    pub fn build(&self) -> Result<Phases, CostError> {
        let phases = Phases {
            prefill_token: Coefficient::from_secs("prefill_token_s", self.prefill_token_s)?,
            decode_base: Coefficient::from_secs("decode_base_s", self.decode_base_s)?,
            decode_sequence: Coefficient::from_secs("decode_sequence_s", self.decode_sequence_s)?,
            decode_context_token: Coefficient::from_secs(
                "decode_context_token_s",
                self.decode_context_token_s,
            )?,
        };
        let mut prefill = BatchShape::default();
        prefill.add_chunk(0, 1);
        let mut decode = BatchShape::default();
        decode.add_decodes(1, 1);
        let parts = [
            ("prefill_token_s", prefill),
            (
                "decode_base_s + decode_sequence_s + decode_context_token_s",
                decode,
            ),
        ];
        for (quantity, shape) in parts {
            if phases.step_time(&shape) == FineDur::ZERO {
                return Err(CostError::NotPositive {
                    quantity,
                    value: 0.0,
                });
            }
        }
        Ok(phases)
    }
}

impl Phases {
    /// How long a batch of this shape takes; a batch without tokens takes no time.
    #[must_use]
    pub fn step_time(&self, shape: &BatchShape) -> FineDur {
        let decodes = u64::from(shape.decode_sequences);
        let mut units = self.prefill_token.times(shape.tokens - decodes);
        if decodes > 0 {
            units += self.decode_base.times(1)
                + self.decode_sequence.times(decodes)
                + self.decode_context_token.times(shape.decode_context_tokens);
        }
        FineDur::from_units(units)
    }

    /// The line that steps follow from a batch of this shape on.
    #[must_use]
    pub fn line(&self, shape: &BatchShape, growth: &Growth) -> Line {
        Line {
            first: self.step_time(shape).units(),
            slope: self
                .decode_context_token
                .times(growth.decode_context_tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(prefill: &[u32], decodes: u32, context_tokens: u64) -> BatchShape {
        let mut shape = BatchShape::default();
        for &tokens in prefill {
            shape.add_chunk(0, tokens);
        }
        shape.add_decodes(decodes, context_tokens);
        shape
    }

    #[test]
    fn the_parts_add_up_and_the_base_needs_a_decode() {
        let spec = PhasesSpec {
            decode_context_token_s: 1e-6,
            ..PhasesSpec::default()
        };
        let phases = spec.build().unwrap();
        let seconds = |shape: BatchShape| phases.step_time(&shape).as_secs_f64();
        for (shape, expected) in [
            (shape(&[], 0, 0), 0.0),
            (shape(&[100, 28], 0, 0), 0.064),
            (shape(&[], 3, 700), 0.021),
            (shape(&[100, 28], 3, 700), 0.085),
        ] {
            assert!((seconds(shape) - expected).abs() < 1e-12, "{shape:?}");
        }
    }

    #[test]
    fn decode_steps_lie_on_a_straight_line() {
        let spec = PhasesSpec {
            decode_context_token_s: 1.7e-9,
            ..PhasesSpec::default()
        };
        let phases = spec.build().unwrap();
        let at = |step: u64| phases.step_time(&shape(&[], 7, 1000 + 7 * step)).units();
        let slope = at(1) - at(0);
        assert!(slope > 0);
        for step in 0..5000 {
            assert_eq!(at(step), at(0) + slope * u128::from(step));
        }
    }

    #[test]
    fn time_must_pass_in_both_parts() {
        let no_prefill = PhasesSpec {
            prefill_token_s: 0.0,
            ..PhasesSpec::default()
        };
        let no_decode = PhasesSpec {
            decode_base_s: 0.0,
            decode_sequence_s: 0.0,
            ..PhasesSpec::default()
        };
        for spec in [no_prefill, no_decode] {
            assert!(matches!(spec.build(), Err(CostError::NotPositive { .. })));
        }
    }
}
