//! Complete batches and what follows from them.

use super::independence::Independence;
use crate::stats::estimate::{Basis, Estimate, Method};
use crate::stats::level::Level;
use crate::stats::ratio::Ratio;

/// The complete batches of a series, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Batches {
    /// Sum and count of each.
    pub(super) pairs: Vec<(f64, f64)>,
    /// Observations in each.
    pub(super) size: u64,
    /// Sum and count of everything, with what is in no complete batch.
    pub(super) all: (f64, f64),
    /// The count of everything.
    pub(super) observations: u64,
}

/// An estimate from batches, and whether these may be taken to be independent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// The estimate.
    pub estimate: Estimate,
    /// The test of its batches; `None` if there are fewer than 8 or all are alike.
    pub independence: Option<Independence>,
    /// Observations in a batch.
    pub batch_size: u64,
}

impl Checked {
    /// Whether even the largest batches depend on each other, or are too few to tell: the interval
    /// is then likely too narrow, and the run too short.
    #[must_use]
    pub fn suspicious(&self) -> bool {
        match self.independence {
            Some(independence) => independence.suspicious(),
            // Batches that are all alike have no error, fewer have an unknown one.
            None => self.estimate.std_error != Some(0.0),
        }
    }
}

impl Batches {
    /// The fewest batches that [`checked`](Batches::checked) merges to: between the ten and thirty
    /// that Schmeiser recommends, since fewer widen intervals and more rarely narrow them ("Batch
    /// Size Effects in the Analysis of Simulation Output", Operations Research 30, 1982).
    pub const LEAST_CHECKED: usize = 16;

    /// How many complete batches there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether no batch is complete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Observations in each batch.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Sum over count of each batch, for instance as responses for control variates; not a number
    /// where a count is 0.
    pub fn means(&self) -> impl Iterator<Item = f64> + '_ {
        self.pairs.iter().map(|(sum, count)| sum / count)
    }

    /// The ratio over all observations, with Student's interval; `None` if the counts add up to 0.
    ///
    /// With k batches (Y_j, N_j), R their ratio and Z_j = Y_j - R N_j the standard error is
    /// sqrt(sum Z_j^2 / (k (k - 1))) over the mean N_j, with k - 1 degrees of freedom; for equal
    /// counts that of the mean of the batch means (Law, 5th edition, section 9.5.3).
    ///
    /// The observations after the last complete batch count in the value, not in the error, which
    /// is therefore a little larger than it had to be.
    #[must_use]
    pub fn estimate(&self, level: Level) -> Option<Estimate> {
        let (sum, count) = self.all;
        if count == 0.0 {
            return None;
        }
        let basis = Basis {
            observations: self.observations,
            groups: self.pairs.len() as u64,
            method: Method::BatchMeans,
        };
        let std_error = Ratio::new(&self.pairs).and_then(|ratio| ratio.std_error());
        Some(match std_error {
            Some(error) => {
                let df = (self.pairs.len() - 1) as f64;
                basis.estimate(sum / count, error, Some(df), level)
            }
            None => basis.bare(sum / count, level),
        })
    }

    /// How far neighbouring batches depend on each other; `None` for fewer than 8, or if all are
    /// alike.
    #[must_use]
    pub fn independence(&self) -> Option<Independence> {
        Independence::of(&Ratio::new(&self.pairs)?.residuals)
    }

    /// The same series in half as many batches, each two neighbours; a last odd one is left out.
    #[must_use]
    pub fn coarser(&self) -> Batches {
        let pairs = self.pairs.chunks_exact(2);
        Batches {
            pairs: pairs
                .map(|pair| (pair[0].0 + pair[1].0, pair[0].1 + pair[1].1))
                .collect(),
            size: 2 * self.size,
            ..*self
        }
    }

    /// The estimate from the finest batches that pass the test of independence, merging down to no
    /// fewer than [`LEAST_CHECKED`](Batches::LEAST_CHECKED) (the strategy of Fishman and Yarberry,
    /// "An Implementation of the Batch Means Method", INFORMS Journal on Computing 9, 1997, within
    /// what is kept). `None` if the counts add up to 0.
    #[must_use]
    pub fn checked(&self, level: Level) -> Option<Checked> {
        let mut batches = self.clone();
        loop {
            let independence = batches.independence();
            let passes = independence.is_none_or(|test| !test.suspicious());
            if passes || batches.len() / 2 < Batches::LEAST_CHECKED {
                return Some(Checked {
                    estimate: batches.estimate(level)?,
                    independence,
                    batch_size: batches.size,
                });
            }
            batches = batches.coarser();
        }
    }
}
