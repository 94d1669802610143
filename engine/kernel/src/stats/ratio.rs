//! Ratios of means, from independent pairs.

use super::moments::sum;

/// The ratio of two sums and what is left of the pairs without it.
pub(super) struct Ratio {
    /// Sum of the numerators over sum of the denominators.
    pub(super) value: f64,
    /// numerator - value * denominator of each pair; they add up to zero.
    pub(super) residuals: Vec<f64>,
    /// The mean of the denominators.
    pub(super) denominator: f64,
}

impl Ratio {
    /// `None` without pairs and where the denominators add up to zero.
    pub(super) fn new(pairs: &[(f64, f64)]) -> Option<Ratio> {
        let total = sum(pairs.iter().map(|pair| pair.1));
        if total == 0.0 {
            return None;
        }
        let value = sum(pairs.iter().map(|pair| pair.0)) / total;
        let residuals = pairs.iter().map(|(y, n)| y - value * n).collect();
        Some(Ratio {
            value,
            residuals,
            denominator: total / pairs.len() as f64,
        })
    }

    /// The standard error of the ratio of `n` pairs, `None` for fewer than two: with s^2 the sum of
    /// squared residuals over n - 1 and a the mean denominator, s / (a sqrt(n)) (the delta method;
    /// Asmussen and Glynn, Stochastic Simulation, 2007, sections III.3 and IV.4).
    pub(super) fn std_error(&self) -> Option<f64> {
        let n = self.residuals.len();
        if n < 2 {
            return None;
        }
        let squares = sum(self.residuals.iter().map(|z| z * z));
        let variance = squares / (n - 1) as f64;
        Some((variance / n as f64).sqrt() / self.denominator.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_denominators_give_the_error_of_a_mean() {
        let ratio = Ratio::new(&[(2.0, 4.0), (6.0, 4.0), (4.0, 4.0)]).unwrap();
        assert_eq!(ratio.value, 1.0);
        // The means 0.5, 1.5, 1 have variance 0.25.
        assert!((ratio.std_error().unwrap() - (0.25_f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn nothing_over_nothing_is_no_ratio() {
        assert!(Ratio::new(&[]).is_none());
        assert!(Ratio::new(&[(3.0, 0.0)]).is_none());
        assert_eq!(Ratio::new(&[(3.0, 2.0)]).unwrap().std_error(), None);
    }
}
