//! Coefficients in fixed point: units of 2^-32 ns in 64 bits.

use kendall_kernel::FineDur;

use crate::CostError;

/// Time per token, pair, position or step, in units of 2^-32 ns; at most 4.29 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coefficient(u64);

impl Coefficient {
    /// Rounds `seconds` to the nearest unit; `quantity` names it in errors.
    ///
    /// # Errors
    /// Not a time, above 4.29 s, or positive but below half a unit.
    pub fn from_secs(quantity: &'static str, seconds: f64) -> Result<Coefficient, CostError> {
        let fine = FineDur::from_secs_f64(seconds)
            .map_err(|source| CostError::NotATime { quantity, source })?;
        if fine == FineDur::ZERO && seconds > 0.0 {
            return Err(CostError::RoundsToNothing { quantity, seconds });
        }
        u64::try_from(fine.units())
            .map(Coefficient)
            .map_err(|_| CostError::TooLarge { quantity, seconds })
    }

    /// The coefficient times `count`, in units of 2^-32 ns; cannot overflow.
    #[must_use]
    pub fn times(self, count: u64) -> u128 {
        u128::from(self.0) * u128::from(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_and_oversized_coefficients_are_named() {
        let error = Coefficient::from_secs("time per attention pair", 1e-20).unwrap_err();
        assert!(matches!(error, CostError::RoundsToNothing { .. }));
        assert!(
            error
                .to_string()
                .starts_with("time per attention pair is 1e-20 s")
        );
        assert!(matches!(
            Coefficient::from_secs("c", 5.0),
            Err(CostError::TooLarge { .. })
        ));
        assert!(matches!(
            Coefficient::from_secs("c", -1.0),
            Err(CostError::NotATime { .. })
        ));
        assert_eq!(Coefficient::from_secs("c", 0.0), Ok(Coefficient(0)));
    }
}
