//! Birth and death processes: the stationary law is a product of ratios of rates (Kleinrock,
//! Queueing Systems, volume 1, section 3.1), and asymptotic variances are sums over it.

use super::law::NumberLaw;

/// States beyond this mean that the process is not stable, or too close to it to be summed.
const MAX_STATES: u32 = 20_000_000;

/// A process that still grows here never stops.
const GROWING: u32 = 1_000_000;

/// A birth and death process on 0, 1, ..., perhaps up to a largest state.
pub struct BirthDeath<B, D> {
    /// Rate from n to n + 1.
    pub birth: B,
    /// Rate from n to n - 1, for n from 1.
    pub death: D,
    /// The largest state, if there is one.
    pub largest: Option<u32>,
}

impl<B: Fn(u32) -> f64, D: Fn(u32) -> f64> BirthDeath<B, D> {
    /// The stationary law, cut where what is left is below 1e-18 of the whole; `None` if it does not
    /// get there.
    #[must_use]
    pub fn law(&self) -> Option<NumberLaw> {
        let mut weights = vec![0.0];
        let (mut weight, mut highest) = (0.0_f64, 0.0_f64);
        for n in 0..self.largest.unwrap_or(MAX_STATES) {
            let ratio = (self.birth)(n) / (self.death)(n + 1);
            if ratio.is_nan() || (n > GROWING && ratio >= 1.0 && self.largest.is_none()) {
                return None;
            }
            if ratio == 0.0 {
                return Some(NumberLaw::from_ln_weights(&weights));
            }
            weight += ratio.ln();
            weights.push(weight);
            highest = highest.max(weight);
            let tail = weight - (1.0 - ratio).max(0.0).ln();
            if ratio < 1.0 && tail < highest - 42.0 && self.largest.is_none() {
                return Some(NumberLaw::from_ln_weights(&weights));
            }
        }
        self.largest.map(|_| NumberLaw::from_ln_weights(&weights))
    }

    /// s^2 such that the time average of f(N) over a long time t has variance s^2 / t.
    ///
    /// Whitt, Asymptotic formulas for Markov processes with applications to simulation, Operations
    /// Research 40, 1992.
    #[must_use]
    pub fn asymptotic_variance(&self, f: impl Fn(f64) -> f64) -> Option<f64> {
        let law = self.law()?;
        let mean = law.expect(&f);
        let part = |n: usize| (f(n as f64) - mean) * law.p[n];
        // Sums of deviations over the states up to n. They cancel in total, so each is summed from
        // the end of the law that is closer: with most of the mass below it, from the top.
        let mut deviations: Vec<f64> = Vec::with_capacity(law.p.len());
        let (mut sum, mut mass, mut middle) = (0.0, 0.0, law.p.len());
        for n in 0..law.p.len() {
            sum += part(n);
            mass += law.p[n];
            deviations.push(sum);
            if mass > 0.5 && middle > n {
                middle = n;
            }
        }
        sum = 0.0;
        for n in (middle + 1..law.p.len()).rev() {
            sum -= part(n);
            deviations[n - 1] = sum;
        }
        let flows = law
            .p
            .iter()
            .enumerate()
            .map(|(n, p)| (self.birth)(n as u32) * p);
        let terms = deviations.iter().zip(flows).take(law.p.len() - 1);
        let sum: f64 = terms
            .filter(|(_, flow)| *flow > 0.0)
            .map(|(deviation, flow)| deviation * deviation / flow)
            .sum();
        Some(2.0 * sum)
    }
}
