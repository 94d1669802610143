//! Number formats and the rates at which hardware computes in them.

use serde::{Deserialize, Serialize};

/// A number format of weights, KV cache or arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 4-bit floating point.
    Fp4,
    /// 8-bit floating point.
    Fp8,
    /// 16-bit, 8 bits of exponent.
    Bf16,
    /// 16-bit, 5 bits of exponent.
    Fp16,
    /// 32-bit floating point.
    Fp32,
}

impl Precision {
    /// Bits of one value.
    #[must_use]
    pub const fn bits(self) -> u64 {
        match self {
            Precision::Fp4 => 4,
            Precision::Fp8 => 8,
            Precision::Bf16 | Precision::Fp16 => 16,
            Precision::Fp32 => 32,
        }
    }

    /// Bytes of `values` values, rounded down.
    #[must_use]
    pub const fn bytes(self, values: u64) -> u64 {
        ((values as u128 * self.bits() as u128) / 8) as u64
    }

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Precision::Fp4 => "fp4",
            Precision::Fp8 => "fp8",
            Precision::Bf16 => "bf16",
            Precision::Fp16 => "fp16",
            Precision::Fp32 => "fp32",
        }
    }
}

/// Dense arithmetic rates in floating-point operations per second, by precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// In fp4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp4: Option<f64>,
    /// In fp8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp8: Option<f64>,
    /// In bf16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bf16: Option<f64>,
    /// In fp16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp16: Option<f64>,
    /// In fp32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp32: Option<f64>,
}

impl Rates {
    /// The rate at a precision, if the hardware has one.
    #[must_use]
    pub const fn at(&self, precision: Precision) -> Option<f64> {
        match precision {
            Precision::Fp4 => self.fp4,
            Precision::Fp8 => self.fp8,
            Precision::Bf16 => self.bf16,
            Precision::Fp16 => self.fp16,
            Precision::Fp32 => self.fp32,
        }
    }
}
