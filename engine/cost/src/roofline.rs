//! Arithmetic against memory traffic.
//!
//! Per precision, a step takes the longer of its arithmetic and its memory traffic; precisions add
//! up, then collectives: `t = sum_p max(flops_p / rate_p, bytes_p / bandwidth) + coll(tokens)`,
//! optionally corrected to `alpha * t + beta`. Weights are read once per step, each sequence reads
//! its KV positions once; KV writes and activations are not charged. Formulas: inference-lab
//! (github.com/doublewordai/inference-lab, 1.0.0), attention as `4 * heads * head_dim` operations
//! per query-key pair.
//!
//! Invariant: every term is an integer coefficient times an exact sum of the batch shape, so the
//! time of a decode-only batch is a maximum of straight lines in the step number.

use kendall_kernel::FineDur;
use serde::{Deserialize, Serialize};

use crate::coefficient::Coefficient;
use crate::{BatchShape, CostError, Fabric, Growth, HardwareSpec, Line, ModelSpec, Precision};

/// Bytes of an activation in a collective (bf16).
const ACTIVATION_BYTES: f64 = 2.0;
/// Operations per parameter and token: one multiplication, one addition.
const FLOPS_PER_PARAMETER: f64 = 2.0;
/// All-reduces per layer under tensor parallelism: behind attention and behind the MLP.
const ALL_REDUCES_PER_LAYER: f64 = 2.0;

/// A model on hardware.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// The model.
    pub model: &'a ModelSpec,
    /// The hardware.
    pub hardware: &'a HardwareSpec,
    /// GPUs that share each layer.
    pub tensor_parallel: u32,
    /// Correction by measurements.
    pub correction: Correction,
}

/// `alpha * t + beta`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Correction {
    /// Factor on the whole step.
    pub alpha: f64,
    /// Overhead per step, in seconds.
    pub beta_s: f64,
}

impl Default for Correction {
    fn default() -> Correction {
        Correction {
            alpha: 1.0,
            beta_s: 0.0,
        }
    }
}

/// Arithmetic and memory traffic in one precision.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Stream {
    compute_per_token: Coefficient,
    compute_per_pair: Coefficient,
    memory_per_step: Coefficient,
    memory_per_position: Coefficient,
}

/// A roofline in fixed point.
#[derive(Clone, Debug, PartialEq)]
pub struct Roofline {
    /// One stream if weights and attention share a precision, else two.
    streams: Vec<Stream>,
    overhead: FineDur,
    collective_per_token: Coefficient,
}

impl Roofline {
    /// Rounds a deployment's coefficients to fixed point.
    ///
    /// # Errors
    /// No rate for a precision, quantities that are not positive, coefficients that fixed point
    /// cannot hold.
    pub fn new(deployment: &Deployment<'_>) -> Result<Roofline, CostError> {
        let Deployment {
            model,
            hardware,
            tensor_parallel,
            correction,
        } = *deployment;
        let gpus = f64::from(tensor_parallel);
        let alpha = positive("cost.alpha", correction.alpha)?;
        let bandwidth = positive("memory bandwidth", hardware.memory_bandwidth_bytes_per_s)? * gpus;
        let rate = |precision: Precision, purpose| {
            let rate = hardware
                .flops_per_s
                .at(precision)
                .ok_or_else(|| CostError::NoRate {
                    hardware: hardware.name.clone(),
                    precision: precision.name(),
                    purpose,
                })?;
            Ok(positive("arithmetic rate", rate)? * gpus)
        };
        let per = |quantity, amount: f64, per_s: f64| {
            Coefficient::from_secs(quantity, alpha * amount / per_s)
        };

        let weight_rate = rate(model.weight_precision, "weights")?;
        let weights = Stream {
            compute_per_token: per(
                "compute time per token",
                FLOPS_PER_PARAMETER * model.parameters as f64,
                weight_rate,
            )?,
            memory_per_step: per(
                "time to read the weights",
                model.weight_bytes() as f64,
                bandwidth,
            )?,
            ..Stream::default()
        };
        let pair_flops = 4.0
            * f64::from(model.attention_heads)
            * f64::from(model.head_dim)
            * f64::from(model.layers);
        let attention_rate = rate(model.attention_precision, "attention")?;
        let attention = Stream {
            compute_per_pair: per(
                "compute time per attention pair",
                pair_flops,
                attention_rate,
            )?,
            memory_per_position: per(
                "time to read a KV position",
                model.kv_bytes_per_token() as f64,
                bandwidth,
            )?,
            ..Stream::default()
        };
        let streams = if model.weight_precision == model.attention_precision {
            vec![Stream {
                compute_per_pair: attention.compute_per_pair,
                memory_per_position: attention.memory_per_position,
                ..weights
            }]
        } else {
            vec![weights, attention]
        };

        let collective = Collective::of(model, &hardware.fabric, tensor_parallel)?;
        let overhead_s = alpha * collective.latency_s + correction.beta_s;
        Ok(Roofline {
            streams,
            overhead: FineDur::from_secs_f64(overhead_s).map_err(|source| CostError::NotATime {
                quantity: "overhead per step",
                source,
            })?,
            collective_per_token: Coefficient::from_secs(
                "collective time per token",
                alpha * collective.per_token_s,
            )?,
        })
    }

    /// How long a batch of this shape takes; a batch without tokens runs nothing and takes no
    /// time.
    #[must_use]
    pub fn step_time(&self, shape: &BatchShape) -> FineDur {
        if shape.tokens == 0 {
            return FineDur::ZERO;
        }
        let mut units = self.fixed(shape);
        for stream in &self.streams {
            units += stream.compute(shape).max(stream.memory(shape));
        }
        FineDur::from_units(units)
    }

    /// The line that steps follow from a batch of this shape on, and for how many of `steps`
    /// steps: until arithmetic and memory traffic change places.
    #[must_use]
    pub fn line(&self, shape: &BatchShape, growth: &Growth, mut steps: u64) -> (Line, u64) {
        if shape.tokens == 0 {
            return (Line::default(), steps);
        }
        let mut sum = Line {
            first: self.fixed(shape),
            slope: 0,
        };
        for stream in &self.streams {
            let compute = Line {
                first: stream.compute(shape),
                slope: stream.compute_per_pair.times(growth.attention_pairs),
            };
            let memory = Line {
                first: stream.memory(shape),
                slope: stream.memory_per_position.times(growth.attended_tokens),
            };
            let (upper, valid) = Line::upper(compute, memory, steps);
            sum = sum + upper;
            steps = valid;
        }
        (sum, steps)
    }

    /// What depends on the number of tokens alone.
    fn fixed(&self, shape: &BatchShape) -> u128 {
        self.overhead.units() + self.collective_per_token.times(shape.tokens)
    }
}

impl Stream {
    fn compute(&self, shape: &BatchShape) -> u128 {
        self.compute_per_token.times(shape.tokens)
            + self.compute_per_pair.times(shape.attention_pairs)
    }

    fn memory(&self, shape: &BatchShape) -> u128 {
        self.memory_per_step.times(1) + self.memory_per_position.times(shape.attended_tokens)
    }
}

/// All collectives of a step: a latency and a time per token.
struct Collective {
    latency_s: f64,
    per_token_s: f64,
}

impl Collective {
    /// Two all-reduces per layer over the tensor-parallel group. Inside a node a ring sends
    /// `2 (g-1)/g` of the data, in-network reduction all of it once; a group over several nodes
    /// reduces hierarchically: reduce-scatter and all-gather inside, all-reduce between.
    fn of(model: &ModelSpec, fabric: &Fabric, group: u32) -> Result<Collective, CostError> {
        if group <= 1 {
            return Ok(Collective {
                latency_s: 0.0,
                per_token_s: 0.0,
            });
        }
        let ring = |members: f64| 2.0 * (members - 1.0) / members;
        let up = fabric.scale_up;
        let up_bandwidth = positive("scale-up bandwidth", up.bandwidth_bytes_per_s)?;
        let (latency_s, per_byte_s) = if group <= fabric.gpus_per_node {
            let share = if up.in_network_reduction {
                1.0
            } else {
                ring(f64::from(group))
            };
            (up.latency_s, share / up_bandwidth)
        } else {
            let out = fabric.scale_out;
            let out_bandwidth = positive("scale-out bandwidth", out.bandwidth_bytes_per_s)?;
            let local = f64::from(fabric.gpus_per_node);
            let nodes = f64::from(group.div_ceil(fabric.gpus_per_node));
            (
                2.0 * up.latency_s + out.latency_s,
                2.0 * (local - 1.0) / local / up_bandwidth + ring(nodes) / local / out_bandwidth,
            )
        };
        let count = ALL_REDUCES_PER_LAYER * f64::from(model.layers);
        Ok(Collective {
            latency_s: count * latency_s,
            per_token_s: count * f64::from(model.hidden_size) * ACTIVATION_BYTES * per_byte_s,
        })
    }
}

fn positive(quantity: &'static str, value: f64) -> Result<f64, CostError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(CostError::NotPositive { quantity, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rates, ScaleOut, ScaleUp};

    fn h100() -> HardwareSpec {
        HardwareSpec {
            name: "H100".into(),
            memory_bytes: 80_000_000_000,
            memory_bandwidth_bytes_per_s: 3.35e12,
            flops_per_s: Rates {
                fp8: Some(1.979e15),
                bf16: Some(9.895e14),
                ..Rates::default()
            },
            fabric: Fabric {
                gpus_per_node: 8,
                scale_up: ScaleUp {
                    bandwidth_bytes_per_s: 4.5e11,
                    latency_s: 5e-6,
                    in_network_reduction: true,
                },
                scale_out: ScaleOut {
                    bandwidth_bytes_per_s: 5e10,
                    latency_s: 2e-5,
                },
            },
            sources: Vec::new(),
        }
    }

    fn llama_70b() -> ModelSpec {
        ModelSpec {
            name: "Llama 3 70B".into(),
            parameters: 70_000_000_000,
            hidden_size: 8192,
            layers: 80,
            attention_heads: 64,
            kv_heads: 8,
            head_dim: 128,
            max_model_len: 8192,
            weight_precision: Precision::Bf16,
            kv_precision: Precision::Bf16,
            attention_precision: Precision::Bf16,
            sources: Vec::new(),
        }
    }

    fn roofline(tensor_parallel: u32, correction: Correction) -> Roofline {
        let (model, hardware) = (llama_70b(), h100());
        let deployment = Deployment {
            model: &model,
            hardware: &hardware,
            tensor_parallel,
            correction,
        };
        Roofline::new(&deployment).unwrap()
    }

    #[test]
    fn the_first_step_of_a_recorded_run_is_met() {
        // inference-lab, 4 x H100: one chunk of 2,579 tokens took 0.254291063798 - 0.145041 s.
        let mut shape = BatchShape::default();
        shape.add_chunk(0, 2579);
        let time = roofline(4, Correction::default())
            .step_time(&shape)
            .as_secs_f64();
        assert!((time - 0.109_250_063_798).abs() < 1e-11, "{time}");
    }

    #[test]
    fn the_correction_scales_and_shifts() {
        let mut shape = BatchShape::default();
        shape.add_decodes(7, 9000);
        let plain = roofline(4, Correction::default())
            .step_time(&shape)
            .as_secs_f64();
        let corrected = roofline(
            4,
            Correction {
                alpha: 1.35,
                beta_s: 0.0025,
            },
        );
        let time = corrected.step_time(&shape).as_secs_f64();
        assert!((time - (1.35 * plain + 0.0025)).abs() < 1e-12);
    }

    #[test]
    fn blocks_follow_from_memory() {
        assert_eq!(llama_70b().kv_blocks(&h100(), 4, 0.9, 16), Ok(28_228));
        assert!(matches!(
            llama_70b().kv_blocks(&h100(), 1, 0.9, 16),
            Err(CostError::DoesNotFit { .. })
        ));
    }

    #[test]
    fn groups_beyond_a_node_pay_for_the_network() {
        let mut shape = BatchShape::default();
        shape.add_decodes(1, 10);
        let inside = roofline(8, Correction::default());
        let across = roofline(16, Correction::default());
        assert!(across.collective_per_token > inside.collective_per_token);
        assert!(across.overhead > inside.overhead);
    }

    #[test]
    fn a_missing_rate_is_named() {
        let mut model = llama_70b();
        model.weight_precision = Precision::Fp4;
        let hardware = h100();
        let correction = Correction::default();
        let deployment = Deployment {
            model: &model,
            hardware: &hardware,
            tensor_parallel: 8,
            correction,
        };
        let error = Roofline::new(&deployment).unwrap_err();
        assert_eq!(
            error.to_string(),
            "H100 has no fp4 rate, needed for the weights"
        );
    }
}
