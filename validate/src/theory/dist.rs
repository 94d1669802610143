//! Laws of service times, interarrival times, vacations and batch sizes.

mod partial;
mod transform;

/// A law of a positive random variable, in units of time (or of customers, for batch sizes).
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Exponential.
    Exp {
        /// Mean, positive.
        mean: f64,
    },
    /// Always the same value.
    Det {
        /// The value, not negative.
        value: f64,
    },
    /// Uniform on an interval.
    Uniform {
        /// Lower end, not negative.
        lo: f64,
        /// Upper end, above `lo`.
        hi: f64,
    },
    /// Sum of `k` independent exponentials of equal mean.
    Erlang {
        /// Number of phases, from 1.
        k: u32,
        /// Mean of the sum, positive.
        mean: f64,
    },
    /// Exponential with a rate drawn at random.
    Hyperexp {
        /// Probabilities, which sum to 1.
        p: Vec<f64>,
        /// Rates, positive, as many as `p`.
        rates: Vec<f64>,
    },
    /// The exponential of a normal variable.
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm, positive.
        sigma: f64,
    },
    /// Pareto conditioned on lying in an interval.
    BoundedPareto {
        /// Exponent of the tail, positive.
        alpha: f64,
        /// Lower end, positive.
        lo: f64,
        /// Upper end, above `lo`.
        hi: f64,
    },
    /// Geometric on 1, 2, 3, ...
    Geometric {
        /// Mean, at least 1.
        mean: f64,
    },
}

impl Dist {
    /// `E[X^n]` for a whole number `n` from -1 up, infinite where it does not exist.
    ///
    /// Elementary integrals; for the geometric law only n = -1, 1, 2 and 3 are known, others are NaN.
    #[must_use]
    pub fn moment(&self, n: f64) -> f64 {
        match self {
            Dist::Exp { mean } => gamma_moment(1.0, *mean, n),
            Dist::Det { value } => value.powf(n),
            Dist::Uniform { lo, hi } => power_integral(*lo, *hi, n) / (hi - lo),
            Dist::Erlang { k, mean } => gamma_moment(f64::from(*k), mean / f64::from(*k), n),
            Dist::Hyperexp { p, rates } => {
                let parts = p.iter().zip(rates);
                parts
                    .map(|(p, rate)| p * gamma_moment(1.0, 1.0 / rate, n))
                    .sum()
            }
            Dist::Lognormal { mu, sigma } => (n * mu + n * n * sigma * sigma / 2.0).exp(),
            Dist::BoundedPareto { alpha, lo, hi } => {
                let scale = alpha * lo.powf(*alpha) / (1.0 - (lo / hi).powf(*alpha));
                scale * power_integral(*lo, *hi, n - alpha - 1.0)
            }
            Dist::Geometric { mean } => geometric_moment(*mean, n),
        }
    }

    /// `E[X]`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.moment(1.0)
    }

    /// `Var[X]`.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        if matches!(self, Dist::Det { .. }) {
            return 0.0;
        }
        self.moment(2.0) - mean * mean
    }

    /// The rate if the law is exponential (also as Erlang or hyperexponential of one phase).
    #[must_use]
    pub fn exponential_rate(&self) -> Option<f64> {
        match self {
            Dist::Exp { mean } | Dist::Erlang { k: 1, mean } => Some(1.0 / mean),
            Dist::Hyperexp { rates, .. } => {
                let first = *rates.first()?;
                rates.iter().all(|rate| *rate == first).then_some(first)
            }
            Dist::Geometric { .. }
            | Dist::Det { .. }
            | Dist::Uniform { .. }
            | Dist::Erlang { .. }
            | Dist::Lognormal { .. }
            | Dist::BoundedPareto { .. } => None,
        }
    }
}

/// `E[X^n]` of a gamma variable with integer shape: scale^n Gamma(shape + n) / Gamma(shape).
fn gamma_moment(shape: f64, scale: f64, n: f64) -> f64 {
    if shape + n <= 0.0 {
        return f64::INFINITY;
    }
    // Orders met are whole numbers; the ratio of gamma functions is then a product.
    let mut ratio = 1.0;
    if n >= 0.0 {
        for step in 0..n as u32 {
            ratio *= shape + f64::from(step);
        }
    } else {
        for step in 1..=(-n) as u32 {
            ratio /= shape - f64::from(step);
        }
    }
    scale.powf(n) * ratio
}

/// Integral of x^n from `lo` to `hi`.
fn power_integral(lo: f64, hi: f64, n: f64) -> f64 {
    let order = n + 1.0;
    if order == 0.0 {
        if lo == 0.0 {
            f64::INFINITY
        } else {
            (hi / lo).ln()
        }
    } else if lo == 0.0 && order < 0.0 {
        f64::INFINITY
    } else if lo == 0.0 {
        hi.powf(order) / order
    } else {
        // Stable where the order is close to 0.
        lo.powf(order) * (order * (hi / lo).ln()).exp_m1() / order
    }
}

fn geometric_moment(mean: f64, n: f64) -> f64 {
    let (p, q) = (1.0 / mean, 1.0 - 1.0 / mean);
    if n == 1.0 {
        mean
    } else if n == 2.0 {
        (1.0 + q) / (p * p)
    } else if n == 3.0 {
        (1.0 + 4.0 * q + q * q) / (p * p * p)
    } else if n == -1.0 {
        if q == 0.0 { 1.0 } else { -p.ln() * p / q }
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests;
