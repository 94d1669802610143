//! Seeded random streams, one per source and purpose.
//!
//! Invariants: a stream is a function of (seed, replication, source, purpose) and of nothing else,
//! neither of the order in which streams are made nor of what others draw. Two policies compared
//! under one seed therefore see the same arrivals and sizes (common random numbers; Law,
//! Simulation Modeling and Analysis, 5th edition, section 11.2).
//!
//! Deliberately absent: entropy, thread-local generators, and streams made by jumping one
//! generator ahead, against which the authors of PCG warn. Each stream starts from 256 hashed
//! bits instead; that two of a million streams share even the 128 bits of their position has a
//! probability of about 10^-27.

use rand::SeedableRng;

use crate::sampler::Side;

/// The generator behind every stream: PCG XSL RR 128/64 (O'Neill, "PCG: A Family of Simple Fast
/// Space-Efficient Statistically Good Algorithms for Random Number Generation", HMC-CS-2014-0905).
pub type Rng = rand_pcg::Pcg64;

/// What a draw is for. Draws for different purposes come from different streams, so that a policy
/// that draws more for one of them does not shift the others.
///
/// The numbers are part of what makes runs repeatable: new purposes get new ones, none is reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Purpose {
    /// Times between arrivals.
    Arrival = 1,
    /// Prompt lengths.
    PromptTokens = 2,
    /// Output lengths.
    OutputTokens = 3,
    /// Which class a customer or request belongs to.
    Class = 4,
    /// Which session a request continues, and how many turns a session has.
    Session = 5,
    /// Which prefix a prompt shares.
    Prefix = 6,
    /// Priorities.
    Priority = 7,
    /// Times between an answer and the next request of its user.
    ThinkTime = 8,
    /// Service times.
    Service = 9,
    /// Choices of a router.
    Routing = 10,
    /// How long a customer waits before leaving.
    Patience = 11,
    /// Whether and when a request is aborted.
    Abort = 12,
    /// How many customers arrive together.
    BatchSize = 13,
    /// Phases of an arrival process that is not renewal, and candidates of one that is thinned.
    Phase = 14,
    /// Whether a customer joins a queue.
    Balking = 15,
    /// Which of the waiting customers is next, where that is random.
    Order = 16,
    /// How long a server is away for its own reasons: vacations, set-up, switching between queues.
    Vacation = 17,
    /// Times to failure of servers.
    Failure = 18,
    /// Times to repair of servers.
    Repair = 19,
}

/// The random streams of one replication.
///
/// ```
/// use kendall_kernel::{Purpose, Streams};
/// use rand::RngExt;
///
/// let streams = Streams::new(42).replication(3);
/// let mut once = streams.stream(0, Purpose::Arrival);
/// let mut again = streams.stream(0, Purpose::Arrival);
/// assert_eq!(once.random::<u64>(), again.random::<u64>());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
    side: Option<Side>,
    /// The lanes with seed and replication absorbed, which all streams have in common.
    lanes: [u64; 4],
    replication: u64,
}

impl Streams {
    /// The streams of replication 0 under `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Streams {
        Streams {
            seed,
            side: None,
            lanes: lanes(seed, 0),
            replication: 0,
        }
    }

    /// The streams of replication `replication` under the same seed.
    #[must_use]
    pub const fn replication(self, replication: u64) -> Streams {
        Streams {
            lanes: lanes(self.seed, replication),
            replication,
            ..self
        }
    }

    /// The same streams for one of an antithetic pair: times are to be drawn by inversion, from
    /// the same uniform numbers, on this side.
    #[must_use]
    pub const fn antithetic(self, side: Side) -> Streams {
        Streams {
            side: Some(side),
            ..self
        }
    }

    /// Which of an antithetic pair draws; `None` outside of pairs, where any way of drawing will
    /// do.
    #[must_use]
    pub const fn side(&self) -> Option<Side> {
        self.side
    }

    /// The streams of a part of the model that goes by a name, beside those of all other names: which
    /// parts there are, and in what order, changes none of them. O(length of the name).
    ///
    /// ```
    /// use kendall_kernel::Streams;
    ///
    /// let streams = Streams::new(42);
    /// assert_eq!(streams.named("chat"), streams.named("chat"));
    /// assert_ne!(streams.named("chat"), streams.named("batch"));
    /// ```
    #[must_use]
    pub fn named(self, name: &str) -> Streams {
        // The length first, so that zeros behind a name are no part of it.
        let mut seed = absorb(self.seed, name.len() as u64);
        for part in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            seed = absorb(seed, u64::from_le_bytes(word));
        }
        let lanes = lanes(seed, self.replication);
        Streams {
            seed,
            lanes,
            ..self
        }
    }

    /// The stream of `source` (an arrival source, a station, a router; numbered by the model) for
    /// `purpose`, at its beginning.
    #[must_use]
    pub fn stream(&self, source: u64, purpose: Purpose) -> Rng {
        let mut state = [0; 32];
        for (bytes, lane) in state.chunks_exact_mut(8).zip(self.lanes) {
            let word = absorb(absorb(lane, source), purpose as u64);
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Rng::from_seed(state)
    }
}

/// Where the four words of a state start: the first 256 bits of the fraction of pi, numbers
/// chosen by nobody.
const LANES: [u64; 4] = [
    0x243F_6A88_85A3_08D3,
    0x1319_8A2E_0370_7344,
    0xA409_3822_299F_31D0,
    0x082E_FA98_EC4E_6C89,
];

/// The increment of `SplitMix64`: 2^64 divided by the golden ratio, made odd.
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

const fn lanes(seed: u64, replication: u64) -> [u64; 4] {
    let [a, b, c, d] = LANES;
    [
        absorb(absorb(a, seed), replication),
        absorb(absorb(b, seed), replication),
        absorb(absorb(c, seed), replication),
        absorb(absorb(d, seed), replication),
    ]
}

/// Absorbs a word through one step of `SplitMix64`.
const fn absorb(state: u64, word: u64) -> u64 {
    mix((state ^ word).wrapping_add(GOLDEN_GAMMA))
}

/// The finalizer of `SplitMix64` (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014, with the constants of Stafford's variant 13 that
/// Vigna's splitmix64.c uses). A bijection.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng as _, RngExt};

    #[test]
    fn the_mixer_is_that_of_splitmix64() {
        // The first outputs of splitmix64.c from seed 0.
        assert_eq!(mix(GOLDEN_GAMMA), 0xE220_A839_7B1D_CDAF);
        assert_eq!(mix(GOLDEN_GAMMA.wrapping_mul(2)), 0x6E78_9E6A_A1B9_65F4);
    }

    /// The expected values are from an implementation of hash and generator in another language.
    #[test]
    fn streams_never_change() {
        let mut first = Streams::new(0).stream(0, Purpose::Arrival);
        let mut other = Streams::new(42).replication(7).stream(3, Purpose::Abort);
        assert_eq!(
            [first.next_u64(), first.next_u64()],
            [0x69C2_85D7_8908_3D9A, 0x7B99_09F4_5BB4_92F6]
        );
        assert_eq!(
            [other.next_u64(), other.next_u64()],
            [0xBB3C_1B00_8743_822C, 0xA14F_FC46_316F_05E0]
        );
    }

    #[test]
    fn every_part_of_the_name_counts() {
        let streams = Streams::new(1);
        let first = |streams: Streams, source, purpose| streams.stream(source, purpose).next_u64();
        let base = first(streams, 0, Purpose::Arrival);
        assert_ne!(base, first(Streams::new(2), 0, Purpose::Arrival));
        assert_ne!(base, first(streams.replication(1), 0, Purpose::Arrival));
        assert_ne!(base, first(streams, 1, Purpose::Arrival));
        assert_ne!(base, first(streams, 0, Purpose::Service));
        assert_ne!(
            first(streams, 1, Purpose::Arrival),
            first(streams.replication(1), 0, Purpose::Arrival),
            "parts must not be interchangeable"
        );
    }

    #[test]
    fn names_tell_streams_apart() {
        let streams = Streams::new(1);
        let names = ["", "a", "a\0", "b", "ab", "a longer name", "a longer name!"];
        for (index, name) in names.iter().enumerate() {
            assert_ne!(streams.named(name), streams);
            assert_ne!(streams.named(name), Streams::new(2).named(name));
            for other in &names[..index] {
                assert_ne!(
                    streams.named(name),
                    streams.named(other),
                    "{name:?}, {other:?}"
                );
            }
        }
        let copy = streams.replication(3);
        assert_eq!(copy.named("a"), streams.named("a").replication(3));
    }

    /// The first draws of neighbouring streams are as uniform and as uncorrelated as draws of one.
    #[test]
    fn first_draws_across_streams_are_uniform() {
        let (mut sum, mut lagged, mut previous) = (0.0, 0.0, 0.0);
        let (seeds, replications, sources) = (20, 50, 100);
        for seed in 0..seeds {
            for replication in 0..replications {
                let streams = Streams::new(seed).replication(replication);
                for source in 0..sources {
                    let u = streams.stream(source, Purpose::Arrival).random::<f64>() - 0.5;
                    sum += u;
                    lagged += u * previous;
                    previous = u;
                }
            }
        }
        let n = (seeds * replications * sources) as f64;
        // A uniform variable has variance 1/12, a product of two independent centred ones 1/144.
        assert!((sum / n).abs() < 5.0 * (1.0 / 12.0 / n).sqrt());
        assert!((lagged / n).abs() < 5.0 * (1.0 / 144.0 / n).sqrt());
    }
}
