//! Lengths of time drawn from a law, made in blocks.

use kendall_kernel::sampler::{Inverse, Side};
use kendall_kernel::{Dur, Law, Purpose, Rng, Sampler, Streams};

use crate::error::RunError;

/// Values made at once: the kind of law is looked up once for all of them.
pub(crate) const BLOCK: usize = 64;

/// Longer times than this (73 years of nanoseconds) stand for "beyond the end of time": a run
/// that reaches one ends with an error.
pub(crate) const LONGEST_NS: u64 = 1 << 61;

/// The shortest mean gap between arrivals: of much shorter ones, nearly all round to 0 ns.
const SHORTEST_GAP_NS: f64 = 0.1;

/// A stream of lengths of time.
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    how: How,
    rng: Rng,
    /// Seconds in a time unit of the law.
    unit_s: f64,
    block: Box<[Dur; BLOCK]>,
    /// Position of the next value.
    next: usize,
}

/// How values are drawn.
#[derive(Clone, Debug)]
enum How {
    Fast(Sampler),
    /// By inversion, as one of an antithetic pair.
    Paired(Box<Inverse>, Side),
}

impl Draws {
    /// Draws times of `law`, whose unit is `unit_s` seconds, from the stream of a source for a
    /// purpose. The law must not take negative values.
    pub(crate) fn new(
        law: &Law,
        streams: Streams,
        source: u64,
        purpose: Purpose,
        unit_s: f64,
    ) -> Result<Draws, RunError> {
        let mean_ns = law.mean().map_or(f64::INFINITY, |mean| mean * unit_s * 1e9);
        if purpose == Purpose::Arrival && mean_ns < SHORTEST_GAP_NS {
            return Err(RunError::GapsTooShort { mean_ns, unit_s });
        }
        Ok(Draws {
            how: match streams.side() {
                None => How::Fast(law.sampler()?),
                Some(side) => How::Paired(Box::new(law.inverse()?), side),
            },
            rng: streams.stream(source, purpose),
            unit_s,
            block: Box::new([Dur::ZERO; BLOCK]),
            next: BLOCK,
        })
    }

    /// The next length, in nanoseconds, at most [`LONGEST_NS`].
    #[inline(always)]
    pub(crate) fn next_ns(&mut self) -> u64 {
        if self.next >= BLOCK {
            self.refill();
        }
        let value = self.block[self.next % BLOCK];
        self.next += 1;
        value.as_ns()
    }

    /// The lengths at hand, at least one.
    #[inline]
    pub(crate) fn at_hand(&mut self) -> &[Dur] {
        if self.next >= BLOCK {
            self.refill();
        }
        &self.block[self.next..]
    }

    /// Leaves out some of those at hand.
    #[inline]
    pub(crate) fn skip(&mut self, count: usize) {
        self.next += count;
    }

    #[inline(never)]
    fn refill(&mut self) {
        let mut values = [0.0; BLOCK];
        match &self.how {
            How::Fast(sampler) => sampler.fill(&mut self.rng, &mut values),
            How::Paired(inverse, side) => {
                values.fill_with(|| inverse.sample(&mut self.rng, *side));
            }
        }
        let longest = Dur::from_ns(LONGEST_NS);
        let long = |secs| Dur::from_secs_f64(secs).map_or(longest, |dur| dur.min(longest));
        Dur::round_each(&values, self.unit_s, &mut self.block, long);
        self.next = 0;
    }
}
