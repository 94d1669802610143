//! Accelerators, as the catalog describes them.

use serde::{Deserialize, Serialize};

use crate::Rates;

/// One accelerator and the fabric between its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardwareSpec {
    /// Display name.
    pub name: String,
    /// Memory of one GPU, in bytes.
    pub memory_bytes: u64,
    /// Memory bandwidth of one GPU, in bytes per second.
    pub memory_bandwidth_bytes_per_s: f64,
    /// Dense arithmetic rates of one GPU, in operations per second.
    pub flops_per_s: Rates,
    /// Links between GPUs.
    pub fabric: Fabric,
    /// Where each number comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

/// Links between GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fabric {
    /// GPUs that share a scale-up domain.
    pub gpus_per_node: u32,
    /// Inside a node.
    pub scale_up: ScaleUp,
    /// Between nodes.
    pub scale_out: ScaleOut,
}

/// Links inside a node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleUp {
    /// Bandwidth per GPU and direction, in bytes per second.
    pub bandwidth_bytes_per_s: f64,
    /// Latency of one collective, in seconds.
    pub latency_s: f64,
    /// Whether the switch adds up all-reduces (NVLS), so that each GPU sends its data once.
    #[serde(default)]
    pub in_network_reduction: bool,
}

/// Links between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleOut {
    /// Bandwidth per GPU and direction, in bytes per second.
    pub bandwidth_bytes_per_s: f64,
    /// Latency of one collective, in seconds.
    pub latency_s: f64,
}
