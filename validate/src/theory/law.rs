//! Laws of numbers of customers.

/// The law of a number of customers: probabilities of 0, 1, 2, ...
#[derive(Clone, Debug, PartialEq)]
pub struct NumberLaw {
    /// Probabilities, which sum to 1 up to rounding.
    pub p: Vec<f64>,
}

impl NumberLaw {
    /// The law with these relative weights, given by their logarithms.
    pub(super) fn from_ln_weights(weights: &[f64]) -> NumberLaw {
        let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        NumberLaw::from_weights(
            weights
                .iter()
                .map(|weight| (weight - largest).exp())
                .collect(),
        )
    }

    /// The law with these relative weights.
    pub(super) fn from_weights(mut p: Vec<f64>) -> NumberLaw {
        // From the small end, so that a long tail is not lost to rounding.
        let total: f64 = p.iter().rev().sum();
        p.iter_mut().for_each(|weight| *weight /= total);
        NumberLaw { p }
    }

    /// E[f(N)].
    pub fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        let terms = self.p.iter().enumerate().rev();
        terms.map(|(n, p)| p * f(n as f64)).sum()
    }

    /// `E[N]`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.expect(|n| n)
    }

    /// `Var[N]`.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.expect(|n| (n - mean) * (n - mean))
    }

    /// E[max(N - servers, 0)].
    #[must_use]
    pub fn excess(&self, servers: u32) -> f64 {
        self.expect(|n| (n - f64::from(servers)).max(0.0))
    }

    /// P(N <= n).
    #[must_use]
    pub fn at_most(&self, n: usize) -> f64 {
        self.p.iter().take(n + 1).sum()
    }

    /// P(N = n).
    #[must_use]
    pub fn at(&self, n: usize) -> f64 {
        self.p.get(n).copied().unwrap_or(0.0)
    }
}
