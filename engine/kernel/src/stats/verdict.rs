//! One verdict on many comparisons.

use super::distribution::{chi_square, normal};

/// How likely independent standard normal scores are, all together.
///
/// Their sum of squares follows the chi-square law with as many degrees of freedom. Too large a sum
/// means that values are off, or errors are stated too small; too small a sum means that errors are
/// stated too large, or scores are not independent. Either counts against the scores, so that the
/// p-value is two-sided.
///
/// ```
/// use kendall_kernel::stats::ChiSquareVerdict;
///
/// let usual = ChiSquareVerdict::of(&[0.3, -1.2, 0.8, 1.9, -0.4]).expect("there are scores");
/// assert!(usual.passes(0.01));
/// let too_good = ChiSquareVerdict::of(&[0.001; 5]).expect("there are scores");
/// assert!(!too_good.passes(0.01));
/// assert!(too_good.too_narrow());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChiSquareVerdict {
    /// The sum of squares.
    pub statistic: f64,
    /// How many scores there are.
    pub degrees_of_freedom: u64,
    /// The probability of a sum as small or smaller.
    pub lower: f64,
    /// The probability of a sum as large or larger.
    pub upper: f64,
    /// Twice the smaller of the two, at most 1.
    pub p_value: f64,
    /// The greatest absolute score.
    pub largest: f64,
}

impl ChiSquareVerdict {
    /// The verdict on independent scores, such as those of
    /// [`Estimate::z_score`](super::Estimate::z_score); `None` if there are none.
    ///
    /// # Panics
    /// If a score is not a number.
    #[must_use]
    pub fn of(z_scores: &[f64]) -> Option<ChiSquareVerdict> {
        if z_scores.is_empty() {
            return None;
        }
        assert!(z_scores.iter().all(|z| !z.is_nan()), "a score is NaN");
        // Not compensated: an infinite score shall give an infinite sum. All terms are positive.
        let statistic: f64 = z_scores.iter().map(|z| z * z).sum();
        let df = z_scores.len() as f64;
        let lower = chi_square::cdf(statistic, df);
        let upper = chi_square::survival(statistic, df);
        Some(ChiSquareVerdict {
            statistic,
            degrees_of_freedom: z_scores.len() as u64,
            lower,
            upper,
            p_value: (2.0 * lower.min(upper)).min(1.0),
            largest: z_scores.iter().fold(0.0, |most, z| z.abs().max(most)),
        })
    }

    /// Whether scores that are standard normal would be refused with probability `significance`
    /// and these are not.
    #[must_use]
    pub fn passes(&self, significance: f64) -> bool {
        self.p_value >= significance
    }

    /// Whether the scores lie closer together than usual rather than further apart.
    #[must_use]
    pub fn too_narrow(&self) -> bool {
        self.lower < self.upper
    }

    /// The probability that the greatest of as many independent standard normal scores is as far
    /// from 0 or further (Sidak's inequality, here an equation). One score that is far off may
    /// hide in a sum of many.
    #[must_use]
    pub fn p_value_of_largest(&self) -> f64 {
        let inside = (-2.0 * normal::survival(self.largest)).ln_1p();
        -(inside * self.degrees_of_freedom as f64).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_count() {
        // Two degrees of freedom: the survival function is exp(-x / 2).
        let verdict = ChiSquareVerdict::of(&[3.0, -1.0]).unwrap();
        assert_eq!(verdict.statistic, 10.0);
        assert!((verdict.p_value - 2.0 * (-5.0_f64).exp()).abs() < 1e-14);
        assert!(!verdict.too_narrow());
        let narrow = ChiSquareVerdict::of(&[0.06, -0.08]).unwrap();
        assert!((narrow.p_value - 2.0 * -(-0.005_f64).exp_m1()).abs() < 1e-14);
        assert!(narrow.too_narrow());
    }

    #[test]
    fn a_score_that_is_far_off_is_found_among_many() {
        let mut scores = [0.9; 1000];
        scores[500] = -6.0;
        let verdict = ChiSquareVerdict::of(&scores).unwrap();
        assert_eq!(verdict.largest, 6.0);
        let expected = 1000.0 * 2.0 * normal::survival(6.0);
        assert!((verdict.p_value_of_largest() / expected - 1.0).abs() < 1e-5);
    }

    #[test]
    fn impossible_scores_fail() {
        let verdict = ChiSquareVerdict::of(&[0.5, f64::INFINITY]).unwrap();
        assert_eq!((verdict.p_value, verdict.passes(1e-12)), (0.0, false));
        assert_eq!(ChiSquareVerdict::of(&[]), None);
    }
}
