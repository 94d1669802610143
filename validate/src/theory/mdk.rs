//! M/D/k: the number present a service time later is what was waiting plus the arrivals since.
//!
//! Crommelin, Delay probability formulae when the holding times are constant, Post Office
//! Electrical Engineers Journal 25, 1932; Franx, A simple solution for the M/D/c waiting time
//! distribution, Operations Research Letters 29, 2001.

use super::numeric::complex::Complex;
use super::numeric::roots::quantile;
use super::numeric::special::{poisson, poisson_at_most};

/// A stable M/D/k.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mdk {
    /// Arrival rate.
    pub lam: f64,
    /// Service time.
    pub service: f64,
    /// Number of servers; `lam * service` is below it.
    pub servers: u32,
}

impl Mdk {
    /// Arrivals per service time.
    fn load(&self) -> f64 {
        self.lam * self.service
    }

    /// Roots other than 1, on or within the unit circle, of z^k = exp(load (z - 1)): fixed points of
    /// z = w exp(load (z - 1) / k) for the k-th roots w of 1, found by Newton's method.
    fn roots(&self) -> Vec<Complex> {
        let servers = f64::from(self.servers);
        let rate = self.load() / servers;
        let root = |index: u32| {
            let w = Complex::polar(1.0, 2.0 * std::f64::consts::PI * f64::from(index) / servers);
            let mut z = Complex::real(0.0);
            for _ in 0..100 {
                z = w * (z - Complex::ONE).scale(rate).exp();
            }
            for _ in 0..8 {
                let image = w * (z - Complex::ONE).scale(rate).exp();
                z = z - (z - image) / (Complex::ONE - image.scale(rate));
            }
            z
        };
        (1..self.servers).map(root).collect()
    }

    /// Mean number waiting.
    #[must_use]
    pub fn waiting_mean(&self) -> f64 {
        let (load, servers) = (self.load(), f64::from(self.servers));
        let roots: f64 = self
            .roots()
            .iter()
            .map(|z| (Complex::ONE / (Complex::ONE - *z)).re)
            .sum();
        roots - (servers * (servers - 1.0) - load * load) / (2.0 * (servers - load))
    }

    /// Mean wait.
    #[must_use]
    pub fn wait_mean(&self) -> f64 {
        self.waiting_mean() / self.lam
    }

    /// `E[W^2]` in order of arrival, from the second factorial moment of the number waiting: that is
    /// the number of arrivals during a wait (distributional form of Little's law; Haji and Newell, A
    /// relation between stationary queue and waiting time distributions, J. Applied Probability 8,
    /// 1971).
    #[must_use]
    pub fn wait_second(&self) -> f64 {
        let (load, servers) = (self.load(), f64::from(self.servers));
        // Two derivatives of the logarithm of the generating function at 1: of the factors with the
        // roots, and of (z - 1) / (z^k - exp(load (z - 1))) by its series.
        let roots = self.roots();
        let factors = roots.iter().map(|z| {
            let inverse = Complex::ONE / (Complex::ONE - *z);
            (inverse * inverse).re
        });
        let first = servers - load;
        let second = (servers * (servers - 1.0) - load.powi(2)) / (2.0 * first);
        let third = (servers * (servers - 1.0) * (servers - 2.0) - load.powi(3)) / (6.0 * first);
        let curvature = second * second - 2.0 * third - factors.sum::<f64>();
        (curvature + self.waiting_mean().powi(2)) / self.lam.powi(2)
    }

    /// Var of the number waiting.
    #[must_use]
    pub fn waiting_variance(&self) -> f64 {
        let mean = self.waiting_mean();
        self.lam.powi(2) * self.wait_second() + mean - mean * mean
    }

    /// Var of the number in the system: those waiting and, independent of them, the arrivals of one
    /// service time.
    #[must_use]
    pub fn number_variance(&self) -> f64 {
        self.waiting_variance() + self.load()
    }

    /// P(number waiting = j) for j = 0, ..., `largest`: coefficients of the generating function,
    /// read off a circle inside the unit circle (Abate and Whitt, Numerical inversion of probability
    /// generating functions, Operations Research Letters 12, 1992).
    #[must_use]
    pub fn waiting_law(&self, largest: usize) -> Vec<f64> {
        let (load, servers) = (self.load(), f64::from(self.servers));
        let roots = self.roots();
        let points = 2 * (largest + 1);
        let radius = (1e-13_f64).powf(1.0 / points as f64);
        let value = |z: Complex| {
            let shape = roots.iter().fold(Complex::ONE, |product, root| {
                product * ((z - *root) / (Complex::ONE - *root))
            });
            let below = z.powu(self.servers) - (z - Complex::ONE).scale(load).exp();
            (z - Complex::ONE).scale(servers - load) * shape / below
        };
        let turn = 2.0 * std::f64::consts::PI / points as f64;
        let values: Vec<Complex> = (0..points)
            .map(|index| value(Complex::polar(radius, turn * index as f64)))
            .collect();
        let coefficient = |j: usize| {
            let terms = values.iter().enumerate();
            let sum: f64 = terms
                .map(|(index, value)| {
                    (*value * Complex::polar(1.0, -turn * ((index * j) % points) as f64)).re
                })
                .sum();
            (sum / points as f64 / radius.powi(j as i32)).max(0.0)
        };
        (0..=largest).map(coefficient).collect()
    }

    /// P(wait <= x) from the law of the number waiting (Franx 2001).
    fn wait_cdf(&self, waiting_at_most: &[f64], x: f64) -> f64 {
        let rounds = (x / self.service).floor() as usize + 1;
        let left = self.lam * (rounds as f64 * self.service - x);
        let last = rounds * self.servers as usize - 1;
        let terms = (0..=last).map(|j| {
            let index = (last - j).min(waiting_at_most.len() - 1);
            waiting_at_most[index] * poisson(j as u32, left)
        });
        terms.sum()
    }

    /// Quantile of the wait in order of arrival.
    #[must_use]
    pub fn wait_quantile(&self, level: f64) -> f64 {
        // A wait beyond x means at least about k x / service waiting; so many values that the
        // quantile's neighbourhood is covered. Doubled until it is.
        let mut largest = 64 + 4 * self.servers as usize;
        loop {
            let mut at_most = self.waiting_law(largest);
            let mut sum = 0.0;
            at_most.iter_mut().for_each(|p| {
                sum += *p;
                *p = sum.min(1.0);
            });
            if sum > 1.0 - (1.0 - level) * 1e-3 || largest > 20_000 {
                return quantile(level, self.service, |x| self.wait_cdf(&at_most, x));
            }
            largest *= 2;
        }
    }

    /// P(N <= n).
    #[must_use]
    pub fn at_most(&self, n: usize) -> f64 {
        let waiting = self.waiting_law(n.max(16));
        let terms = waiting.iter().take(n + 1).enumerate();
        terms
            .map(|(j, p)| p * poisson_at_most((n - j) as u32, self.load()))
            .sum()
    }

    /// Probability that an arrival waits: it finds all servers busy.
    #[must_use]
    pub fn p_wait(&self) -> f64 {
        1.0 - self.at_most(self.servers as usize - 1)
    }

    /// P(nobody there).
    #[must_use]
    pub fn p_empty(&self) -> f64 {
        self.waiting_law(16)[0] * (-self.load()).exp()
    }
}
