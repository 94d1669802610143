//! Many exponential variables at once.
//!
//! `rand_distr` draws them by ziggurat (Marsaglia and Tsang, "The Ziggurat Method for Generating
//! Random Variables", Journal of Statistical Software 5(8), 2000): a word picks a layer and a
//! point in it, which in 98.9 % of cases is known at once to lie under the curve. Where that case
//! and the others share a loop, the others cost it its registers. So here the loop has the first
//! case only, and hands all others, word included, to `rand_distr`.
//!
//! Invariant: the values are those of `Exp1`, bit by bit.

use std::convert::Infallible;
use std::sync::LazyLock;

use rand::distr::Distribution;
use rand::{Rng as _, SeedableRng, TryRng};
use rand_distr::Exp1;

use crate::rng::Rng;

/// Layers of the ziggurat.
const LAYERS: usize = 256;

/// The right ends of the layers, the widest first, and the 0 on top. `rand_distr` keeps them to
/// itself, but a word whose point is at 2^-53 of a layer's width gives it away. Only the narrowest
/// layer takes a second word, which does for it unless it is very small.
static ENDS: LazyLock<[f64; LAYERS + 1]> = LazyLock::new(|| {
    std::array::from_fn(|layer| match layer {
        LAYERS => 0.0,
        _ => elsewhere(layer as u64, Rng::seed_from_u64(0)).0 * TWO_POW_53,
    })
});

const TWO_POW_53: f64 = (1_u64 << 53) as f64;
/// The exponent of doubles from 1 to 2.
const FROM_ONE: u64 = 1.0_f64.to_bits();

/// The next exponential variables of this mean.
pub(super) fn fill(mean: f64, rng: &mut Rng, values: &mut [f64]) {
    let ends = &*ENDS;
    // A copy, so that its state stays in registers.
    let mut own = rng.clone();
    for value in values {
        let word = own.next_u64();
        let layer = word as usize % LAYERS;
        // From 2^-53 to 1 - 2^-53.
        let point = f64::from_bits(word >> 12 | FROM_ONE) - (1.0 - f64::EPSILON / 2.0);
        let mut unit = point * ends[layer];
        if unit >= ends[layer + 1] {
            (unit, own) = elsewhere(word, own);
        }
        *value = mean * unit;
    }
    *rng = own;
}

/// The variable that begins with a word, and the generator thereafter.
#[cold]
#[inline(never)]
fn elsewhere(word: u64, rng: Rng) -> (f64, Rng) {
    let mut words = Resumed {
        word: Some(word),
        rng,
    };
    let unit = Exp1.sample(&mut words);
    (unit, words.rng)
}

/// A generator whose last word is yet to be used.
struct Resumed {
    word: Option<u64>,
    rng: Rng,
}

impl TryRng for Resumed {
    type Error = Infallible;

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word.take().unwrap_or_else(|| self.rng.next_u64()))
    }

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_u64() as u32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(size_of::<u64>()) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough to meet every layer about 4,000 times, and the tail 460 times.
    #[test]
    fn they_are_those_of_rand_distr() {
        let mut rng = Rng::seed_from_u64(1);
        let (mut one_by_one, mut values) = (rng.clone(), [0.0; 1000]);
        for _ in 0..1000 {
            fill(2.0, &mut rng, &mut values);
            for value in values {
                let unit: f64 = Exp1.sample(&mut one_by_one);
                assert_eq!(value.to_bits(), (2.0 * unit).to_bits());
            }
            assert_eq!(rng, one_by_one);
        }
    }

    #[test]
    fn layers_narrow_down_to_nothing() {
        assert!(ENDS.is_sorted_by(|wide, narrow| wide > narrow));
        assert!(ENDS[LAYERS - 1] > 0.0);
    }
}
