//! One of several laws, chosen at random.

use super::Inverse;

/// Laws, each with the probability that it is chosen.
#[derive(Clone, Debug)]
pub(super) struct Blend(Vec<(f64, Inverse)>);

impl Blend {
    /// Parts with relative weights, none at all for equal ones; those without weight are left out.
    pub(super) fn new(parts: Vec<Inverse>, weights: &[f64]) -> Blend {
        let weight = |at: usize| weights.get(at).copied().unwrap_or(1.0);
        let total: f64 = (0..parts.len()).map(weight).sum();
        let shares = parts.into_iter().enumerate();
        let shares = shares.map(|(at, part)| (weight(at) / total, part));
        Blend(shares.filter(|(share, _)| *share > 0.0).collect())
    }

    /// The least value that is not exceeded with probability `u`. It lies between the quantiles of the
    /// parts, and is found there by halving until no double is left: some sixty times, or up to a
    /// thousand if it is next to nothing beside them.
    pub(super) fn quantile(&self, u: f64) -> f64 {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let quantiles = self.0.iter().map(|(_, part)| part.quantile(u));
        let (mut low, mut high) = quantiles.fold(ends, |(low, high), q| (low.min(q), high.max(q)));
        if self.cdf(low) >= u {
            return low;
        }
        loop {
            let middle = low / 2.0 + high / 2.0;
            if middle <= low || middle >= high {
                return high;
            }
            if self.cdf(middle) < u {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /// The probability of values up to `x`.
    pub(super) fn cdf(&self, x: f64) -> f64 {
        self.0.iter().map(|(share, part)| share * part.cdf(x)).sum()
    }
}
