//! Intervals between order statistics of independent values, without any assumption on their law.

use super::assert_share;
use crate::stats::distribution::beta::binomial_tails;
use crate::stats::histogram::{Histogram, nearest_rank};
use crate::stats::level::Level;

/// Places in the sorted order of independent values, counted from 1, that enclose a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranks {
    /// Number of values.
    pub count: u64,
    /// The place of the quantile itself: nearest rank, as in
    /// [`Histogram::quantile`](crate::Histogram::quantile).
    pub at: u64,
    /// The place of the lower end; `None` if the values are too few for one.
    pub low: Option<u64>,
    /// The place of the upper end; `None` if the values are too few for one.
    pub high: Option<u64>,
    /// The probability that the quantile lies within the ends: exact for a continuous law, a lower
    /// bound for others. A missing end counts as infinite, so that it is at least the level.
    pub coverage: f64,
}

/// A quantile of independent values between order statistics.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankInterval<T> {
    /// The value at the nearest rank.
    pub value: T,
    /// The lower end; `None` if the values are too few for one.
    pub low: Option<T>,
    /// The upper end; `None` if the values are too few for one.
    pub high: Option<T>,
    /// Where these stood.
    pub ranks: Ranks,
}

/// The places that enclose the quantile `q` of `count` independent values with at least
/// probability `level`; `None` if there are no values.
///
/// The number of values not above the quantile is binomial, so places l < u enclose it with the
/// probability that this number is at least l and below u. Each end leaves at most half of what
/// the level leaves (David and Nagaraja, Order Statistics, 3rd edition, 2003, section 7.1).
///
/// An upper end exists from n values on where q^n is at most that half: 368 for the 99 % quantile
/// at a level of 95 %, 3,688 for the 99.9 % quantile.
///
/// O(sqrt(count) log(count)).
///
/// # Panics
/// If `q` does not lie between 0 and 1.
#[must_use]
pub fn order_ranks(count: u64, q: f64, level: Level) -> Option<Ranks> {
    assert_share(q);
    if count == 0 {
        return None;
    }
    let below = |k: u64| match k {
        0 => (0.0, 1.0),
        k => binomial_tails(count, q, k - 1),
    };
    // The last l with a probability of fewer than l that the tail allows.
    let low = last(count, |l| below(l).0 <= level.tail());
    // The first u with a probability of u or more that it allows.
    let high = last(count, |u| below(u).1 > level.tail()) + 1;
    let beyond_low = below(low).0;
    let beyond_high = if high > count { 0.0 } else { below(high).1 };
    Some(Ranks {
        count,
        at: nearest_rank(q, count),
        low: (low >= 1).then_some(low),
        high: (high <= count).then_some(high),
        coverage: 1.0 - beyond_low - beyond_high,
    })
}

/// The last of 0..=end for which `holds`, which it does up to some point, 0 included.
fn last(end: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, end + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

impl RankInterval<f64> {
    /// The quantile `q` of independent values given in ascending order; `None` if there are none.
    /// See [`order_ranks`].
    ///
    /// # Panics
    /// If `q` does not lie between 0 and 1, or the values are not in order.
    #[must_use]
    pub fn of_sorted(sorted: &[f64], q: f64, level: Level) -> Option<RankInterval<f64>> {
        assert!(sorted.is_sorted(), "values are not in ascending order");
        let ranks = order_ranks(sorted.len() as u64, q, level)?;
        let place = |rank: u64| sorted[rank as usize - 1];
        Some(RankInterval {
            value: place(ranks.at),
            low: ranks.low.map(place),
            high: ranks.high.map(place),
            ranks,
        })
    }
}

impl RankInterval<u64> {
    /// The quantile `q` of independent values in a histogram; `None` if there are none. See
    /// [`order_ranks`].
    ///
    /// The ends are the outer edges of their buckets, so that the resolution of the histogram
    /// widens the interval and never takes from its coverage.
    ///
    /// # Panics
    /// If `q` does not lie between 0 and 1.
    #[must_use]
    pub fn of_histogram(histogram: &Histogram, q: f64, level: Level) -> Option<RankInterval<u64>> {
        let ranks = order_ranks(histogram.count(), q, level)?;
        Some(RankInterval {
            value: histogram.quantile(q)?,
            low: ranks.low.map(|rank| histogram.bounds_at(rank).0),
            high: ranks.high.map(|rank| histogram.bounds_at(rank).1),
            ranks,
        })
    }
}
