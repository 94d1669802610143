//! The error of a mean over one long run of dependent observations.

mod batches;
mod independence;
mod total;

#[cfg(test)]
pub(super) mod tests;

pub use batches::{Batches, Checked};
pub use independence::Independence;
pub use total::Total;

use super::estimate::Estimate;
use super::level::Level;

/// Observations of a stationary series, gathered in at most 2k batches of equally many.
///
/// An observation is a pair (sum, count): a waiting time and 1, the waiting times of a station in a
/// step and how many there were, the integral of a queue length and the nanoseconds it covers. What
/// is estimated is the ratio of the sums, which for counts of 1 is the mean.
///
/// Batches start with one observation each. Whenever there are 2k of them, neighbours are merged
/// and later batches hold twice as many; so there are always between k and 2k - 1 complete ones as
/// soon as there were k observations, their size grows with the run, and neither has to be known
/// beforehand (Law, Simulation Modeling and Analysis, 5th edition, section 9.5.3; merging in pairs is
/// from Fishman, "Grouping Observations in Digital Simulation", Management Science 24, 1978).
///
/// The interval takes the batches to be independent. [`Batches::independence`] tests that, and
/// [`checked`](BatchMeans::checked) merges further until the test passes.
///
/// Sums are integers (`u128`, exact) or `f64`; see [`Total`].
///
/// # Memory usage
/// 2k batches of 32 bytes, 4 KiB with the default of k = 64, whatever the length of the run.
///
/// ```
/// use kendall_kernel::stats::{BatchMeans, Level};
///
/// let mut wait_ns = BatchMeans::<u128>::new();
/// for customer in 0..100_000_u128 {
///     wait_ns.push(customer * 7_919 % 1_000, 1);
/// }
/// let mean = wait_ns.estimate(Level::P95).expect("there are observations");
/// assert_eq!(mean.value, 499.5);
/// assert_eq!(mean.observations, 100_000);
/// assert!((64..128).contains(&mean.groups));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BatchMeans<S = u128> {
    /// Half of the greatest number of batches.
    k: usize,
    /// Complete ones, in order.
    complete: Vec<Batch<S>>,
    /// Observations per complete batch.
    size: u64,
    /// The one being filled, with less than `size` observations.
    open: Batch<S>,
    in_open: u64,
}

/// Sum and count of some observations.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Batch<S> {
    sum: S,
    count: u64,
}

impl<S: Total> Batch<S> {
    const EMPTY: Batch<S> = Batch {
        sum: S::ZERO,
        count: 0,
    };

    fn plus(self, other: Batch<S>) -> Batch<S> {
        let count = self.count.checked_add(other.count);
        Batch {
            sum: self.sum.plus(other.sum),
            count: count.expect("a count of 2^64 in a batch"),
        }
    }
}

impl<S: Total> BatchMeans<S> {
    /// The default k: 64 to 127 batches.
    pub const DEFAULT_K: usize = 64;
    /// The least k.
    pub const LEAST_K: usize = 32;

    /// No observations yet, [`DEFAULT_K`](BatchMeans::DEFAULT_K).
    #[must_use]
    pub fn new() -> BatchMeans<S> {
        BatchMeans::with_k(BatchMeans::<S>::DEFAULT_K)
    }

    /// No observations yet; between `k` and 2 `k` - 1 batches.
    ///
    /// # Panics
    /// If `k` is below [`LEAST_K`](BatchMeans::LEAST_K), where intervals become wide, or above
    /// 2^20.
    #[must_use]
    pub fn with_k(k: usize) -> BatchMeans<S> {
        let range = BatchMeans::<S>::LEAST_K..=1 << 20;
        assert!(range.contains(&k), "k is {k}, must be from 32 to 2^20");
        BatchMeans {
            k,
            complete: Vec::with_capacity(2 * k),
            size: 1,
            open: Batch::EMPTY,
            in_open: 0,
        }
    }

    /// Adds the next observation: a `sum` over a `count` of whatever is averaged. O(1) amortized.
    ///
    /// # Panics
    /// If the sum is not finite, or a batch's sum or count overflows.
    #[inline]
    pub fn push(&mut self, sum: S, count: u64) {
        sum.assert_finite();
        self.open = self.open.plus(Batch { sum, count });
        self.in_open += 1;
        if self.in_open == self.size {
            self.close();
        }
    }

    /// How many observations were pushed.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.complete.len() as u64 * self.size + self.in_open
    }

    /// The complete batches.
    #[must_use]
    pub fn batches(&self) -> Batches {
        let pair = |batch: &Batch<S>| (batch.sum.to_f64(), batch.count as f64);
        let all = self.complete.iter().fold(self.open, |all, b| all.plus(*b));
        Batches {
            pairs: self.complete.iter().map(pair).collect(),
            size: self.size,
            all: pair(&all),
            observations: all.count,
        }
    }

    /// The ratio over all observations with the interval that the complete batches give; `None` if
    /// the counts add up to 0. See [`Batches::estimate`].
    #[must_use]
    pub fn estimate(&self, level: Level) -> Option<Estimate> {
        self.batches().estimate(level)
    }

    /// The same with neighbouring batches merged until they look independent. See
    /// [`Batches::checked`].
    #[must_use]
    pub fn checked(&self, level: Level) -> Option<Checked> {
        self.batches().checked(level)
    }

    #[cold]
    fn close(&mut self) {
        self.complete.push(self.open);
        self.open = Batch::EMPTY;
        self.in_open = 0;
        if self.complete.len() == 2 * self.k {
            for i in 0..self.k {
                self.complete[i] = self.complete[2 * i].plus(self.complete[2 * i + 1]);
            }
            self.complete.truncate(self.k);
            self.size *= 2;
        }
    }
}

impl<S: Total> Default for BatchMeans<S> {
    fn default() -> BatchMeans<S> {
        BatchMeans::new()
    }
}
