//! Laws by their mean and their coefficient of variation, which is how traffic is described.

use super::error::LawError;
use super::law::Law;
use super::special::ln_gamma;

/// Bounds of a coefficient of variation: beyond them a shape cannot be told from a constant, or
/// hardly any value is not nearly 0.
const CV_RANGE: std::ops::RangeInclusive<f64> = 1e-3..=100.0;

impl Law {
    /// The gamma law with this mean (positive) and coefficient of variation (standard deviation
    /// over mean, from 0.001 to 100; 1 is exponential).
    ///
    /// # Errors
    /// Values out of their range.
    ///
    /// ```
    /// use kendall_kernel::Law;
    ///
    /// let law = Law::gamma_by_cv(3.0, 2.0)?;
    /// assert_eq!(law, Law::Gamma { shape: 0.25, scale: 12.0 });
    /// # Ok::<(), kendall_kernel::LawError>(())
    /// ```
    pub fn gamma_by_cv(mean: f64, cv: f64) -> Result<Law, LawError> {
        check_cv("gamma", cv)?;
        let shape = 1.0 / (cv * cv);
        let scale = mean / shape;
        checked(Law::Gamma { shape, scale })
    }

    /// The Weibull law with this mean (positive) and coefficient of variation (standard deviation
    /// over mean, from 0.001 to 100; 1 is exponential). The shape is solved for, to the last bits.
    ///
    /// # Errors
    /// Values out of their range.
    pub fn weibull_by_cv(mean: f64, cv: f64) -> Result<Law, LawError> {
        check_cv("weibull", cv)?;
        let shape = weibull_shape(cv);
        let scale = mean / ln_gamma(1.0 + 1.0 / shape).exp();
        checked(Law::Weibull { shape, scale })
    }
}

fn checked(law: Law) -> Result<Law, LawError> {
    law.validate()?;
    Ok(law)
}

fn check_cv(law: &'static str, cv: f64) -> Result<(), LawError> {
    if CV_RANGE.contains(&cv) {
        return Ok(());
    }
    Err(LawError::OutOfRange {
        law,
        parameter: "cv".to_owned(),
        value: cv,
        must: "from 0.001 to 100",
    })
}

/// The shape k of which ln(1 + cv^2) = ln gamma(1 + 2/k) - 2 ln gamma(1 + 1/k) (Johnson, Kotz and
/// Balakrishnan, Continuous Univariate Distributions 1, 2nd edition, chapter 21), by bisection of
/// 1/k: the right side grows with it.
fn weibull_shape(cv: f64) -> f64 {
    if cv == 1.0 {
        return 1.0;
    }
    let wanted = (cv * cv).ln_1p();
    let found = |inverse: f64| ln_gamma(1.0 + 2.0 * inverse) - 2.0 * ln_gamma(1.0 + inverse);
    // At 1/k = 16 the coefficient is above 10^4; as k grows it is about pi / (k sqrt(6)).
    let (mut low, mut high) = (0.0_f64, 16.0);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle.recip();
        }
        if found(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_asked_for() {
        for cv in [0.001, 0.1, 0.5, 0.99, 1.0, 1.5, 3.0, 10.0, 100.0] {
            for mean in [1e-6, 0.2, 3600.0] {
                for law in [Law::gamma_by_cv(mean, cv), Law::weibull_by_cv(mean, cv)] {
                    let law = law.unwrap();
                    let found = law.squared_cv().unwrap().sqrt();
                    // Logarithms of the gamma function are known to 10^-13, of which cv^2 is the
                    // difference.
                    let limit = 1e-12 + 2e-12 / cv;
                    assert!(
                        (found - cv).abs() < limit.max(1e-11 * cv),
                        "{law}: cv {found}, not {cv}"
                    );
                    assert!((law.mean().unwrap() / mean - 1.0).abs() < 1e-12, "{law}");
                }
            }
        }
    }

    #[test]
    fn a_coefficient_of_one_is_exponential() {
        assert_eq!(
            Law::weibull_by_cv(2.0, 1.0),
            Ok(Law::Weibull {
                shape: 1.0,
                scale: 2.0 / ln_gamma(2.0).exp()
            })
        );
        // sqrt(20 - 1) at shape 1/3: gamma(7) / gamma(4)^2 = 20.
        let Ok(Law::Weibull { shape, .. }) = Law::weibull_by_cv(1.0, 19.0_f64.sqrt()) else {
            panic!("no Weibull law");
        };
        assert!((shape * 3.0 - 1.0).abs() < 1e-12, "{shape}");
    }

    #[test]
    fn what_has_no_law_is_refused() {
        for cv in [0.0, -1.0, 1e-4, 101.0, f64::NAN, f64::INFINITY] {
            for law in [Law::gamma_by_cv(1.0, cv), Law::weibull_by_cv(1.0, cv)] {
                let message = law.unwrap_err().to_string();
                assert!(message.contains("must be from 0.001 to 100"), "{message}");
            }
        }
        assert!(Law::gamma_by_cv(-1.0, 2.0).is_err());
        assert!(Law::weibull_by_cv(f64::NAN, 2.0).is_err());
    }
}
