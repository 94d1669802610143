//! Requests: given, or drawn from laws.

use kendall_kernel::{Dur, FineTime, Law, LawError, Purpose, Rng, Sampler, Streams, Time};

use super::error::TokenBudgetError;

/// Requests as columns, one entry each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Arrival times, not decreasing.
    pub arrival: Vec<FineTime>,
    /// Prompt lengths; at least 1.
    pub prompt_tokens: Vec<u32>,
    /// Output lengths; a request without output is done when its prompt is.
    pub output_tokens: Vec<u32>,
}

/// A law of token counts: values are cut to whole numbers, then clamped.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenLaw {
    /// What is drawn.
    pub law: Law,
    /// Least count.
    pub min: u32,
    /// Greatest count; not below `min`.
    pub max: u32,
}

impl TokenLaw {
    /// A law whose counts are at least `min`.
    #[must_use]
    pub fn new(law: Law, min: u32) -> TokenLaw {
        let max = u32::MAX;
        TokenLaw { law, min, max }
    }

    /// The same with a greatest count.
    #[must_use]
    pub fn at_most(self, max: u32) -> TokenLaw {
        TokenLaw { max, ..self }
    }
}

/// Poisson arrivals over a window, after which the system drains.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Arrivals per second; positive.
    pub rate_per_s: f64,
    /// Arrivals come up to this time, in seconds; positive.
    pub window_s: f64,
    /// Prompt lengths; at least 1.
    pub prompt_tokens: TokenLaw,
    /// Output lengths.
    pub output_tokens: TokenLaw,
}

impl Workload {
    /// Number of requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrival.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrival.is_empty()
    }

    /// Checks the columns. O(n).
    ///
    /// # Errors
    /// Columns of different lengths, arrivals that go backwards, empty prompts, more than 2^32 - 1
    /// requests.
    pub fn validate(&self) -> Result<(), TokenBudgetError> {
        let (arrivals, prompts, outputs) = (
            self.len(),
            self.prompt_tokens.len(),
            self.output_tokens.len(),
        );
        if arrivals != prompts || arrivals != outputs {
            return Err(TokenBudgetError::Columns {
                arrivals,
                prompts,
                outputs,
            });
        }
        if arrivals >= u32::MAX as usize {
            let count = arrivals as u64;
            return Err(TokenBudgetError::TooMany { count });
        }
        if let Some(row) = self.prompt_tokens.iter().position(|&tokens| tokens == 0) {
            let request = row as u32;
            return Err(TokenBudgetError::EmptyPrompt { request });
        }
        if let Some(row) = self.arrival.windows(2).position(|two| two[1] < two[0]) {
            let request = row as u32 + 1;
            return Err(TokenBudgetError::Backwards { request });
        }
        Ok(())
    }
}

impl Load {
    /// Draws the requests of a run. Arrivals, prompts and outputs come from streams of their own,
    /// so that systems compared under the same streams see the same requests, and a longer window
    /// begins as a shorter one does.
    ///
    /// # Errors
    /// Settings out of their range, laws that cannot be drawn from, and more than 2^32 - 1 requests.
    pub fn draw(&self, streams: Streams) -> Result<Workload, TokenBudgetError> {
        let end = self.window_end()?;
        let mut arrival = Vec::with_capacity(self.expected());
        let gap = Law::Exponential {
            mean: 1.0 / self.rate_per_s,
        };
        let gap = gap.sampler().map_err(law("rate_per_s"))?;
        let mut rng = streams.stream(0, Purpose::Arrival);
        let mut now = Time::ZERO;
        loop {
            let dur = Dur::from_secs_f64(gap.sample(&mut rng));
            match dur.ok().and_then(|dur| now.checked_add(dur)) {
                Some(next) if next <= end => now = next,
                _ => break,
            }
            if arrival.len() >= u32::MAX as usize - 1 {
                let count = u64::from(u32::MAX);
                return Err(TokenBudgetError::TooMany { count });
            }
            arrival.push(FineTime::from(now));
        }
        let requests = arrival.len();
        let mut prompts = streams.stream(0, Purpose::PromptTokens);
        let mut outputs = streams.stream(0, Purpose::OutputTokens);
        Ok(Workload {
            arrival,
            prompt_tokens: self
                .prompt_tokens
                .draw(&mut prompts, requests)
                .map_err(law("prompt_tokens"))?,
            output_tokens: self
                .output_tokens
                .draw(&mut outputs, requests)
                .map_err(law("output_tokens"))?,
        })
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// Settings out of their range, and laws that cannot be drawn from.
    pub fn validate(&self) -> Result<(), TokenBudgetError> {
        self.window_end()?;
        let laws = [
            ("prompt_tokens", &self.prompt_tokens),
            ("output_tokens", &self.output_tokens),
        ];
        for (field, tokens) in laws {
            tokens.law.validate().map_err(law(field))?;
        }
        Ok(())
    }

    fn window_end(&self) -> Result<Time, TokenBudgetError> {
        let positive = [("rate_per_s", self.rate_per_s), ("window_s", self.window_s)];
        for (field, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                let must = "positive and finite";
                return Err(TokenBudgetError::OutOfRange { field, value, must });
            }
        }
        // Gaps that round to nothing would let time stand still.
        if self.rate_per_s > 1e8 {
            return Err(TokenBudgetError::OutOfRange {
                field: "rate_per_s",
                value: self.rate_per_s,
                must: "at most 10^8",
            });
        }
        let (field, min) = ("prompt_tokens.min", self.prompt_tokens.min);
        if min == 0 {
            return Err(TokenBudgetError::Zero { field });
        }
        for (field, tokens) in [
            ("prompt_tokens.max", &self.prompt_tokens),
            ("output_tokens.max", &self.output_tokens),
        ] {
            if tokens.max < tokens.min {
                let value = f64::from(tokens.max);
                let must = "at least the least count";
                return Err(TokenBudgetError::OutOfRange { field, value, must });
            }
        }
        Dur::from_secs_f64(self.window_s)
            .map(|window| Time::ZERO + window)
            .map_err(|source| TokenBudgetError::NotATime {
                field: "window_s",
                source,
            })
    }

    /// Room for the requests that come on average and five standard deviations more.
    fn expected(&self) -> usize {
        let mean = self.rate_per_s * self.window_s;
        (mean + 5.0 * mean.sqrt()).min(1e7) as usize + 1
    }
}

impl TokenLaw {
    fn draw(&self, rng: &mut Rng, count: usize) -> Result<Vec<u32>, LawError> {
        let sampler = self.law.sampler()?;
        let mut tokens = Vec::with_capacity(count);
        let mut block = [0.0; BLOCK];
        while tokens.len() < count {
            let values = &mut block[..BLOCK.min(count - tokens.len())];
            fill(&sampler, rng, values);
            tokens.extend(values.iter().map(|&value| self.count(value)));
        }
        Ok(tokens)
    }

    fn count(&self, value: f64) -> u32 {
        // A cast cuts towards zero and saturates.
        (value as u32).clamp(self.min, self.max)
    }
}

/// Values drawn at once.
const BLOCK: usize = 64;

fn fill(sampler: &Sampler, rng: &mut Rng, values: &mut [f64]) {
    sampler.fill(rng, values);
}

fn law(field: &'static str) -> impl Fn(LawError) -> TokenBudgetError {
    move |source| TokenBudgetError::Law { field, source }
}
