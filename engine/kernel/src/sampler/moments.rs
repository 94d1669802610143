//! Mean and variance of a law.

use super::law::Law;
use super::phases;
use super::special::{harmonic, ln_gamma, mean_exp};

impl Law {
    /// The mean; `None` where it is infinite or the law is not valid.
    ///
    /// Formulas: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, 2nd
    /// edition (chapters 14 lognormal, 17 gamma, 20 Pareto, 21 Weibull); Johnson, Kemp and Kotz,
    /// Univariate Discrete Distributions, 3rd edition (chapters 5 geometric, 11 Zipf). The bounded
    /// Pareto law is integrated directly. Phase-type laws: Neuts, Matrix-Geometric Solutions in
    /// Stochastic Models, section 2.2. O(number of components), of phases to the third power.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.validate().ok()?;
        let mean = match self {
            Law::Constant { value } => *value,
            Law::Exponential { mean } | Law::Normal { mean, .. } | Law::Erlang { mean, .. } => {
                *mean
            }
            Law::Uniform { min, max } => min + (max - min) / 2.0,
            Law::Lognormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Law::Gamma { shape, scale } => shape * scale,
            Law::Weibull { shape, scale } => scale * ln_gamma(1.0 + 1.0 / shape).exp(),
            Law::Pareto { alpha, min, max } => pareto_moment(*alpha, *min, *max, 1.0)?,
            Law::Geometric { p } => 1.0 / p,
            Law::Zipf { n, s } => harmonic(*n, s - 1.0) / harmonic(*n, *s),
            Law::Hyperexponential { weights, means } => weighted_mean(weights, means),
            Law::PhaseType { initial, generator } => {
                weighted_mean(initial, &phases::mean_left(generator))
            }
            Law::Empirical { values, weights } => weighted_mean(weights, values),
            Law::Mixture { weights, laws } => weighted_mean(weights, &each_mean(laws)?),
        };
        mean.is_finite().then_some(mean)
    }

    /// The variance; `None` where it is infinite or the law is not valid. Sources as for
    /// [`mean`](Law::mean).
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let mean = self.mean()?;
        let variance = match self {
            Law::Constant { .. } => 0.0,
            Law::Exponential { .. } => mean * mean,
            Law::Uniform { min, max } => (max - min).powi(2) / 12.0,
            Law::Normal { sd, .. } => sd * sd,
            Law::Lognormal { sigma, .. } => (sigma * sigma).exp_m1() * mean * mean,
            Law::Gamma { shape, scale } => shape * scale * scale,
            Law::Weibull { shape, .. } => {
                let log_ratio = ln_gamma(1.0 + 2.0 / shape) - 2.0 * ln_gamma(1.0 + 1.0 / shape);
                log_ratio.exp_m1() * mean * mean
            }
            Law::Pareto {
                alpha, max: None, ..
            } if *alpha > 2.0 => mean * mean / (alpha * (alpha - 2.0)),
            Law::Pareto { alpha, min, max } => {
                pareto_moment(*alpha, *min, *max, 2.0)? - mean * mean
            }
            Law::Geometric { p } => (1.0 - p) / (p * p),
            Law::Zipf { n, s } => harmonic(*n, s - 2.0) / harmonic(*n, *s) - mean * mean,
            Law::Erlang { k, .. } => mean * mean / f64::from(*k),
            Law::Hyperexponential { weights, means } => {
                let seconds: Vec<f64> = means.iter().map(|mean| 2.0 * mean * mean).collect();
                weighted_mean(weights, &seconds) - mean * mean
            }
            Law::PhaseType { initial, generator } => {
                let seconds = phases::second_moment_left(generator);
                weighted_mean(initial, &seconds) - mean * mean
            }
            Law::Empirical { values, weights } => {
                let squares: Vec<f64> = values.iter().map(|x| (x - mean).powi(2)).collect();
                weighted_mean(weights, &squares)
            }
            Law::Mixture { weights, laws } => {
                // Within the laws, and between them.
                let within = laws
                    .iter()
                    .map(Law::variance)
                    .collect::<Option<Vec<f64>>>()?;
                let between = each_mean(laws)?;
                let between: Vec<f64> = between.iter().map(|m| (m - mean).powi(2)).collect();
                weighted_mean(weights, &within) + weighted_mean(weights, &between)
            }
        };
        // A difference of moments may round to below zero.
        variance.is_finite().then_some(variance.max(0.0))
    }

    /// The variance over the squared mean, C^2 in queueing formulas; `None` where either is
    /// infinite, the mean is 0 or the law is not valid.
    #[must_use]
    pub fn squared_cv(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squared_cv = self.variance()? / (mean * mean);
        squared_cv.is_finite().then_some(squared_cv)
    }
}

/// The moment of order `order` of a Pareto law, `None` where it is infinite.
///
/// With r = ln(max / min) and f(x) = (1 - exp(-x)) / x the integral of x^order over the bounded
/// density is min^order * f((alpha - order) r) / f(alpha r), without a special case where alpha
/// equals the order.
fn pareto_moment(alpha: f64, min: f64, max: Option<f64>, order: f64) -> Option<f64> {
    match max {
        None if alpha > order => Some(min.powf(order) * alpha / (alpha - order)),
        None => None,
        Some(max) => {
            let range = (max / min).ln();
            Some(min.powf(order) * mean_exp((alpha - order) * range) / mean_exp(alpha * range))
        }
    }
}

fn each_mean(laws: &[Law]) -> Option<Vec<f64>> {
    laws.iter().map(Law::mean).collect()
}

/// The mean of `values` under `weights`, equal ones if there are none.
fn weighted_mean(weights: &[f64], values: &[f64]) -> f64 {
    if weights.is_empty() {
        return values.iter().sum::<f64>() / values.len() as f64;
    }
    let products = weights.iter().zip(values).map(|(weight, x)| weight * x);
    products.sum::<f64>() / weights.iter().sum::<f64>()
}
