//! How many tokens requests produce.

use kendall_kernel::{Law, Purpose, Rng, Sampler, Streams};

use super::config::TickError;

/// Output lengths in the order in which requests are created.
pub trait Lengths {
    /// The next length, in tokens, at least 1; `None` if there are no more.
    fn next_length(&mut self) -> Option<u32>;
}

/// A normal law, rounded down, at least 1 token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutputLength {
    /// Mean before rounding, in tokens.
    pub mean_tokens: f64,
    /// Standard deviation before rounding, in tokens; 0 for a constant.
    pub sd_tokens: f64,
}

impl OutputLength {
    /// Largest mean and standard deviation.
    pub const MOST_TOKENS: f64 = 1e8;

    /// Checks both parameters.
    ///
    /// # Errors
    /// One that is negative, above 10^8 or no number.
    pub fn validate(self) -> Result<(), TickError> {
        let must = "from 0 to 1e8";
        for (field, value) in [
            ("mean_tokens", self.mean_tokens),
            ("sd_tokens", self.sd_tokens),
        ] {
            if !(0.0..=Self::MOST_TOKENS).contains(&value) {
                return Err(TickError::OutOfRange { field, value, must });
            }
        }
        Ok(())
    }

    /// Lengths drawn from the stream for output lengths.
    ///
    /// # Errors
    /// A parameter out of its range.
    pub fn draw(self, streams: &Streams) -> Result<NormalLengths, TickError> {
        self.validate()?;
        let law = Law::Normal {
            mean: self.mean_tokens,
            sd: self.sd_tokens,
        };
        Ok(NormalLengths {
            sampler: law.sampler()?,
            rng: streams.stream(0, Purpose::OutputTokens),
        })
    }
}

/// Lengths as they are drawn.
#[derive(Clone, Debug)]
pub struct NormalLengths {
    sampler: Sampler,
    rng: Rng,
}

impl Lengths for NormalLengths {
    #[inline]
    fn next_length(&mut self) -> Option<u32> {
        // A cast rounds down, and ends at the largest integer.
        Some(self.sampler.sample(&mut self.rng).max(1.0) as u32)
    }
}

/// Lengths one after another from a list.
#[derive(Clone, Debug)]
pub struct GivenLengths<'a> {
    left: std::slice::Iter<'a, u32>,
}

impl<'a> GivenLengths<'a> {
    /// From the beginning of the list; a length of 0 counts as 1.
    #[must_use]
    pub fn new(lengths: &'a [u32]) -> GivenLengths<'a> {
        GivenLengths {
            left: lengths.iter(),
        }
    }
}

impl Lengths for GivenLengths<'_> {
    #[inline]
    fn next_length(&mut self) -> Option<u32> {
        self.left.next().map(|&length| length.max(1))
    }
}
