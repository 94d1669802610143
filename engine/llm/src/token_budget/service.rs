//! How long a batch takes.

use kendall_kernel::{FineDur, Law, Purpose, Rng, Sampler, Streams};
use serde::{Deserialize, Serialize};

use super::error::TokenBudgetError;

/// The law of service times around their formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceLaw {
    /// The formula's value.
    #[default]
    Deterministic,
    /// Exponential with the formula's value as its mean, drawn for every batch.
    Exponential,
}

/// Service time of a batch: `c + a max(0, b - b0)` milliseconds for b tokens, nothing for none.
///
/// b are the prompt tokens of a batch, or its decoding sequences; a batch with both takes the
/// longer of the two times, not their sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service {
    /// Fixed part, in milliseconds; not negative.
    pub c_ms: f64,
    /// Per token beyond `b0`, in milliseconds; not negative.
    pub a_ms: f64,
    /// Tokens that cost nothing beyond the fixed part.
    pub b0_tokens: u32,
    /// The law around it.
    pub law: ServiceLaw,
}

/// A cost in milliseconds must be a time below 2^31 s, so that no batch overflows.
const MAX_COST_MS: f64 = 2_147_483_648e3;

impl Service {
    pub(super) fn check(&self) -> Result<(), TokenBudgetError> {
        for (field, value) in [("c_ms", self.c_ms), ("a_ms", self.a_ms)] {
            if !(0.0..=MAX_COST_MS).contains(&value) {
                let must = "from 0 to 2^31 s";
                return Err(TokenBudgetError::OutOfRange { field, value, must });
            }
        }
        Ok(())
    }
}

/// Service times on the fine clock.
#[derive(Debug)]
pub(super) struct Clock {
    fixed: u128,
    per_token: u128,
    free: u32,
    noise: Option<Noise>,
}

/// Unit exponential factors, from a stream of their own.
#[derive(Debug)]
struct Noise {
    unit: Sampler,
    rng: Rng,
}

impl Clock {
    /// Coefficients are rounded to 2^-32 ns once, here.
    pub(super) fn new(service: &Service, streams: Streams) -> Result<Clock, TokenBudgetError> {
        let units = |field, ms: f64| {
            FineDur::from_secs_f64(ms / 1e3)
                .map(FineDur::units)
                .map_err(|source| TokenBudgetError::NotATime { field, source })
        };
        let noise = match service.law {
            ServiceLaw::Deterministic => None,
            ServiceLaw::Exponential => Some(Noise {
                unit: Law::Exponential { mean: 1.0 }.sampler().map_err(|source| {
                    TokenBudgetError::Law {
                        field: "service",
                        source,
                    }
                })?,
                rng: streams.stream(0, Purpose::Service),
            }),
        };
        Ok(Clock {
            fixed: units("c_ms", service.c_ms)?,
            per_token: units("a_ms", service.a_ms)?,
            free: service.b0_tokens,
            noise,
        })
    }

    /// Whether equal batches take equal times.
    pub(super) fn is_deterministic(&self) -> bool {
        self.noise.is_none()
    }

    /// The time of a batch of prompt tokens and decoding sequences.
    #[inline]
    pub(super) fn time(
        &mut self,
        prompt_tokens: u32,
        sequences: u32,
    ) -> Result<FineDur, TokenBudgetError> {
        if self.noise.is_none() {
            // The formula grows with tokens, so the longer time is that of more.
            return Ok(FineDur::from_units(self.mean(prompt_tokens.max(sequences))));
        }
        let prefill = self.draw(prompt_tokens)?;
        Ok(prefill.max(self.draw(sequences)?))
    }

    fn mean(&self, tokens: u32) -> u128 {
        if tokens == 0 {
            return 0;
        }
        self.fixed + self.per_token * u128::from(tokens.saturating_sub(self.free))
    }

    fn draw(&mut self, tokens: u32) -> Result<FineDur, TokenBudgetError> {
        let mean = FineDur::from_units(self.mean(tokens));
        let Some(noise) = self.noise.as_mut().filter(|_| tokens > 0) else {
            return Ok(mean);
        };
        let factor = noise.unit.sample(&mut noise.rng);
        FineDur::from_secs_f64(mean.as_secs_f64() * factor)
            .map_err(|_| TokenBudgetError::TimeOverflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(c_ms: f64, a_ms: f64, b0_tokens: u32) -> Clock {
        let service = Service {
            c_ms,
            a_ms,
            b0_tokens,
            law: ServiceLaw::Deterministic,
        };
        Clock::new(&service, Streams::new(0)).unwrap()
    }

    #[test]
    fn a_batch_takes_the_longer_of_both_times() {
        let mut clock = clock(45.5, 0.3, 64);
        let ns = |prompt, sequences, clock: &mut Clock| {
            clock.time(prompt, sequences).unwrap().units() >> 32
        };
        assert_eq!(ns(0, 0, &mut clock), 0);
        assert_eq!(ns(0, 1, &mut clock), 45_500_000);
        assert_eq!(ns(64, 10, &mut clock), 45_500_000);
        assert_eq!(ns(65, 10, &mut clock), 45_800_000);
        assert_eq!(ns(65, 164, &mut clock), 75_500_000);
    }

    /// The mean of n draws is within five standard errors, which for an exponential law are
    /// the mean over the root of n.
    #[test]
    fn exponential_times_have_the_mean_of_the_formula() {
        let service = Service {
            c_ms: 10.0,
            a_ms: 0.5,
            b0_tokens: 0,
            law: ServiceLaw::Exponential,
        };
        let mut clock = Clock::new(&service, Streams::new(5)).unwrap();
        assert!(!clock.is_deterministic());
        let n = 20_000;
        let times = (0..n).map(|_| clock.time(20, 0).unwrap().as_secs_f64());
        let mean = times.sum::<f64>() / f64::from(n);
        assert!((mean - 0.02).abs() < 5.0 * 0.02 / f64::from(n).sqrt());
        // The maximum of two independent ones of mean m has mean 1.5 m and variance 1.25 m^2.
        let both = (0..n).map(|_| clock.time(20, 20).unwrap().as_secs_f64());
        let mean = both.sum::<f64>() / f64::from(n);
        assert!((mean - 0.03).abs() < 5.0 * 0.02 * (1.25 / f64::from(n)).sqrt());
    }

    #[test]
    fn costs_are_times() {
        for c_ms in [-1.0, f64::NAN, f64::INFINITY] {
            let service = Service {
                c_ms,
                a_ms: 0.0,
                b0_tokens: 0,
                law: ServiceLaw::Deterministic,
            };
            assert!(matches!(
                service.check(),
                Err(TokenBudgetError::OutOfRange { field: "c_ms", .. })
            ));
        }
    }
}
