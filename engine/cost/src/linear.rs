//! Step time linear in the number of tokens.

use kendall_kernel::{Dur, FineDur};
use serde::{Deserialize, Serialize};

use crate::coefficient::Coefficient;
use crate::{BatchShape, CostError};

/// `c + a * max(0, tokens - b0)`, as configured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearSpec {
    /// `c`: time of any step, in seconds.
    pub c_s: f64,
    /// `a`: time per token above `b0`, in seconds.
    pub a_s: f64,
    /// `b0`: tokens that cost nothing.
    #[serde(default)]
    pub b0_tokens: u64,
}

/// `c + a * max(0, tokens - b0)` in fixed point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    base: FineDur,
    per_token: Coefficient,
    free_tokens: u64,
}

impl LinearSpec {
    /// Rounds the coefficients to fixed point.
    ///
    /// # Errors
    /// Coefficients that are not times, or that fixed point cannot hold; `c` and `a` both zero,
    /// since simulated time would stand still.
    pub fn build(&self) -> Result<Linear, CostError> {
        let not_a_time = |source| CostError::NotATime {
            quantity: "c_s",
            source,
        };
        let linear = Linear {
            base: FineDur::from_secs_f64(self.c_s).map_err(not_a_time)?,
            per_token: Coefficient::from_secs("a_s", self.a_s)?,
            free_tokens: self.b0_tokens,
        };
        if linear.base == FineDur::ZERO && linear.per_token == Coefficient::default() {
            return Err(CostError::NotPositive {
                quantity: "c_s + a_s",
                value: 0.0,
            });
        }
        Ok(linear)
    }
}

impl Linear {
    /// From whole nanoseconds, exactly.
    ///
    /// # Errors
    /// A time per token above 4.29 s.
    pub fn from_ns(c: Dur, a: Dur, b0_tokens: u64) -> Result<Linear, CostError> {
        let per_token = Coefficient::from_secs("a_s", a.as_secs_f64())?;
        Ok(Linear {
            base: c.into(),
            per_token,
            free_tokens: b0_tokens,
        })
    }

    /// How long a batch of this shape takes; a batch without tokens takes `c`.
    #[must_use]
    pub fn step_time(&self, shape: &BatchShape) -> FineDur {
        let charged = shape.tokens.saturating_sub(self.free_tokens);
        FineDur::from_units(self.base.units() + self.per_token.times(charged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_up_to_b0_are_free() {
        let linear = LinearSpec {
            c_s: 0.0455,
            a_s: 0.0003,
            b0_tokens: 64,
        }
        .build()
        .unwrap();
        let at = |tokens| {
            linear.step_time(&BatchShape {
                tokens,
                ..BatchShape::default()
            })
        };
        assert_eq!(at(0), at(64));
        assert!((at(64).as_secs_f64() - 0.0455).abs() < 1e-15);
        assert!((at(164).as_secs_f64() - 0.0755).abs() < 1e-12);
    }

    #[test]
    fn time_must_pass() {
        let spec = LinearSpec {
            c_s: 0.0,
            a_s: 0.0,
            b0_tokens: 0,
        };
        assert!(matches!(spec.build(), Err(CostError::NotPositive { .. })));
    }
}
