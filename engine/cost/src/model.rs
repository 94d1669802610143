//! Dense models with grouped-query attention, as the catalog describes them.

use serde::{Deserialize, Serialize};

use crate::{CostError, HardwareSpec, Precision};

/// A dense transformer with grouped-query attention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Display name.
    pub name: String,
    /// All parameters.
    pub parameters: u64,
    /// Width of the residual stream.
    pub hidden_size: u32,
    /// Transformer layers.
    pub layers: u32,
    /// Query heads per layer.
    pub attention_heads: u32,
    /// Key and value heads per layer.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Longest sequence, prompt and output together, in tokens.
    pub max_model_len: u32,
    /// Precision of the weights and of the arithmetic on them.
    pub weight_precision: Precision,
    /// Precision of the KV cache.
    pub kv_precision: Precision,
    /// Precision of the attention arithmetic.
    pub attention_precision: Precision,
    /// Where each number comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

impl ModelSpec {
    /// Bytes of all weights.
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        self.weight_precision.bytes(self.parameters)
    }

    /// KV cache bytes of one token over all layers.
    #[must_use]
    pub fn kv_bytes_per_token(&self) -> u64 {
        let values =
            2 * u64::from(self.kv_heads) * u64::from(self.head_dim) * u64::from(self.layers);
        self.kv_precision.bytes(values)
    }

    /// KV blocks that fit beside the weights on `gpus` GPUs when `utilisation` of the memory may
    /// be used: `floor((memory * gpus * utilisation - weights) / (kv bytes * block_size))`.
    ///
    /// # Errors
    /// If not even one block fits.
    pub fn kv_blocks(
        &self,
        hardware: &HardwareSpec,
        gpus: u32,
        utilisation: f64,
        block_size: u32,
    ) -> Result<u64, CostError> {
        let memory = hardware.memory_bytes as f64 * f64::from(gpus) * utilisation;
        let weights = self.weight_bytes() as f64;
        let block_bytes = self.kv_bytes_per_token() as f64 * f64::from(block_size);
        let blocks = ((memory - weights) / block_bytes).floor();
        if blocks >= 1.0 {
            return Ok(blocks as u64);
        }
        Err(CostError::DoesNotFit {
            model: self.name.clone(),
            hardware: hardware.name.clone(),
            gpus,
            weights_gb: weights / 1e9,
            memory_gb: memory / 1e9,
            utilisation,
        })
    }
}
