//! A histogram over all of `u64` with logarithmic buckets and integer counts.
//!
//! Each power of two is cut into 2^7 linear buckets, or as many as a [`HistogramOf`] is told, the
//! layout of HdrHistogram (Tene, hdrhistogram.org). Everything stored is an integer, so merging is
//! exact, commutative and associative.

/// Counts of `u64` values in logarithmic buckets, with exact count, sum, minimum and maximum.
///
/// The unit is the caller's, usually nanoseconds or tokens. A power of two is cut into
/// 2^`SUB_BITS` buckets, so that values below twice that many are counted exactly; above, a bucket
/// is at most 2^-`SUB_BITS` of its values wide (see
/// [`RELATIVE_RESOLUTION`](HistogramOf::RELATIVE_RESOLUTION)). [`Histogram`] and
/// [`FineHistogram`] are the two that are used.
///
/// # Memory usage
/// Nothing while empty; from the first value on 58 KiB with 7 bits, 1.7 MiB with 12, whatever
/// follows.
///
/// ```
/// use kendall_kernel::Histogram;
///
/// let mut latency = Histogram::new();
/// latency.record(1_000_000);
/// latency.record_n(20, 99);
/// assert_eq!(latency.count(), 100);
/// assert_eq!(latency.sum(), 1_001_980);
/// assert_eq!(latency.quantile(0.99), Some(20));
/// assert_eq!(latency.max(), Some(1_000_000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistogramOf<const SUB_BITS: u32> {
    /// One count per bucket; unallocated while empty.
    counts: Vec<u64>,
    count: u64,
    sum: u128,
    /// `u64::MAX` while empty.
    min: u64,
    /// 0 while empty.
    max: u64,
}

/// A histogram whose quantiles err by less than 0.4 %.
pub type Histogram = HistogramOf<7>;

/// A histogram whose quantiles err by less than 0.0123 %, for 30 times the memory.
pub type FineHistogram = HistogramOf<12>;

/// A run of neighbouring values that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The least value that falls into it.
    pub low: u64,
    /// The greatest value that falls into it.
    pub high: u64,
    /// How many were recorded.
    pub count: u64,
}

/// What must be known of many values to count them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many they are.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
    /// The least.
    pub min: u64,
    /// The greatest.
    pub max: u64,
}

impl<const SUB_BITS: u32> HistogramOf<SUB_BITS> {
    /// Buckets per power of two.
    const SUB_BUCKETS: usize = 1 << SUB_BITS;
    /// The least values have a bucket each; every further power of two adds `SUB_BUCKETS`.
    const BUCKETS: usize = (u64::BITS - SUB_BITS + 1) as usize * Self::SUB_BUCKETS;

    /// Width of a bucket relative to its least value: at most 2^-`SUB_BITS`.
    ///
    /// A quantile is the midpoint of its bucket and so errs by at most half of this.
    pub const RELATIVE_RESOLUTION: f64 = 1.0 / Self::SUB_BUCKETS as f64;

    /// An empty histogram. Does not allocate.
    #[must_use]
    pub const fn new() -> Self {
        HistogramOf {
            counts: Vec::new(),
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
        }
    }

    /// Counts one value.
    ///
    /// # Panics
    /// If the total count would exceed 2^64 - 1.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.record_n(value, 1);
    }

    /// Counts `value` as often as `count` says; nothing happens if that is 0.
    ///
    /// # Panics
    /// If the total count would exceed 2^64 - 1.
    #[inline]
    pub fn record_n(&mut self, value: u64, count: u64) {
        if count == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.allocate();
        }
        // Bounds every bucket as well, and the sum by 2^128.
        self.count = self.count.checked_add(count).expect("2^64 values recorded");
        self.counts[Self::bucket_of(value)] += count;
        self.sum += u128::from(value) * u128::from(count);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Counts `count` values of a given sum that all lie within `low` and `high`, each of them as
    /// often as `weight` says, if that is all that must be known of them: they share a bucket, and
    /// none is a new minimum or maximum. Tells whether it did.
    ///
    /// # Panics
    /// If the total count would exceed 2^64 - 1.
    #[inline]
    pub fn record_within(
        &mut self,
        low: u64,
        high: u64,
        count: u64,
        sum: u64,
        weight: u64,
    ) -> bool {
        let bucket = Self::bucket_of(low);
        if low < self.min || high > self.max || bucket != Self::bucket_of(high) {
            return false;
        }
        let total = count.checked_mul(weight);
        let total = total.expect("2^64 values recorded");
        self.count = self.count.checked_add(total).expect("2^64 values recorded");
        self.counts[bucket] += total;
        self.sum += u128::from(sum) * u128::from(weight);
        true
    }

    /// Counts many values at once, each of them as often as `weight` says, of which only their
    /// distribution is known: `below` tells how many of them are less than a bound.
    ///
    /// O(buckets from the least of them to the greatest).
    ///
    /// # Panics
    /// If the total count would exceed 2^64 - 1.
    pub fn record_spread(&mut self, spread: &Spread, weight: u64, below: impl Fn(u64) -> u64) {
        let total = spread.count.checked_mul(weight);
        let total = total.expect("2^64 values recorded");
        if total == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.allocate();
        }
        self.count = self.count.checked_add(total).expect("2^64 values recorded");
        let (first, last) = (Self::bucket_of(spread.min), Self::bucket_of(spread.max));
        let mut counted = 0;
        for bucket in first..last {
            let so_far = below(Self::bounds_of(bucket).1 + 1);
            self.counts[bucket] += (so_far - counted) * weight;
            counted = so_far;
        }
        self.counts[last] += (spread.count - counted) * weight;
        self.sum += u128::from(spread.sum) * u128::from(weight);
        self.min = self.min.min(spread.min);
        self.max = self.max.max(spread.max);
    }

    /// Adds what `other` holds, as if all its values had been recorded here.
    ///
    /// O(number of buckets).
    ///
    /// # Panics
    /// If the total count would exceed 2^64 - 1.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.allocate();
        }
        let total = self.count.checked_add(other.count);
        self.count = total.expect("2^64 values recorded");
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values were recorded.
    #[inline]
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing was recorded.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The exact sum of the values, in their unit.
    #[inline]
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The mean of the values, from the exact sum; `None` while empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The exact least value; `None` while empty.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The exact greatest value; `None` while empty.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The value of which a share of `q` is not greater; `None` while empty.
    ///
    /// Nearest rank: the value at place `max(1, ceil(q * count))` in sorted order (Hyndman and
    /// Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996,
    /// definition 1). What is returned is the midpoint of its bucket, rounded down and kept
    /// within [`min`](HistogramOf::min) and [`max`](HistogramOf::max), which `q` = 0 and 1 give
    /// exactly.
    ///
    /// `q` stands for the decimal that it was written as: `0.07` of 100 values is place 7,
    /// although the nearest double lies a little above 0.07.
    ///
    /// O(number of buckets).
    ///
    /// # Panics
    /// If `q` does not lie within 0 and 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        assert!(
            (0.0..=1.0).contains(&q),
            "quantile {q} is not within 0 and 1"
        );
        if self.count == 0 {
            return None;
        }
        Some(self.value_at(nearest_rank(q, self.count)))
    }

    /// The value at place `rank` of the sorted order, counted from 1: the midpoint of its bucket,
    /// rounded down and kept within [`min`](HistogramOf::min) and [`max`](HistogramOf::max).
    ///
    /// O(number of buckets).
    ///
    /// # Panics
    /// If there is no such place.
    #[must_use]
    pub fn value_at(&self, rank: u64) -> u64 {
        let (low, high) = self.bounds_at(rank);
        let midpoint = low + (high - low) / 2;
        midpoint.clamp(self.min, self.max)
    }

    /// The least and greatest that the value at place `rank` of the sorted order, counted from 1,
    /// can be.
    ///
    /// O(number of buckets).
    ///
    /// # Panics
    /// If there is no such place.
    pub(super) fn bounds_at(&self, rank: u64) -> (u64, u64) {
        assert!(rank >= 1 && rank <= self.count, "there is no place {rank}");
        if rank == 1 {
            return (self.min, self.min);
        }
        if rank == self.count {
            return (self.max, self.max);
        }
        let mut seen = 0;
        let bucket = self.counts.iter().position(|&count| {
            seen += count;
            seen >= rank
        });
        Self::bounds_of(bucket.expect("the counts add up to the total"))
    }

    /// The buckets that hold anything, in ascending order.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let counts = self.counts.iter().copied().enumerate();
        counts
            .filter(|&(_, count)| count > 0)
            .map(|(index, count)| {
                let (low, high) = Self::bounds_of(index);
                Bucket { low, high, count }
            })
    }

    #[cold]
    fn allocate(&mut self) {
        self.counts = vec![0; Self::BUCKETS];
    }

    /// The bucket that counts `value`.
    #[inline]
    fn bucket_of(value: u64) -> usize {
        // Values below twice `SUB_BUCKETS` keep all their places.
        let dropped_bits = (value | Self::SUB_BUCKETS as u64).ilog2() - SUB_BITS;
        dropped_bits as usize * Self::SUB_BUCKETS + (value >> dropped_bits) as usize
    }

    /// The least and greatest value that a bucket counts.
    fn bounds_of(bucket: usize) -> (u64, u64) {
        let dropped_bits = (bucket / Self::SUB_BUCKETS).saturating_sub(1);
        let kept = (bucket - dropped_bits * Self::SUB_BUCKETS) as u64;
        let low = kept << dropped_bits;
        (low, low + ((1 << dropped_bits) - 1))
    }
}

impl<const SUB_BITS: u32> Default for HistogramOf<SUB_BITS> {
    fn default() -> Self {
        HistogramOf::new()
    }
}

/// The place, counted from 1, that a share of `q` reaches among `count`.
pub(super) fn nearest_rank(q: f64, count: u64) -> u64 {
    if q == 1.0 {
        return count;
    }
    // `q` and the product are each off by half an ulp; without the slack 0.07 * 100 is place 8.
    let slack = 1.0 - 2.0 * f64::EPSILON;
    let rank = (q * count as f64 * slack).ceil() as u64;
    rank.clamp(1, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All magnitudes alike, with the small ones that tie.
    fn value() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64_u32).prop_map(|(bits, shift)| bits >> shift)
    }

    fn record_all(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    proptest! {
        #[test]
        fn a_bucket_contains_its_values_and_is_narrow(value in value()) {
            let (low, high) = Histogram::bounds_of(Histogram::bucket_of(value));
            prop_assert!(low <= value && value <= high);
            prop_assert!((high - low) as f64 <= low as f64 * Histogram::RELATIVE_RESOLUTION);
            prop_assert_eq!(Histogram::bucket_of(low), Histogram::bucket_of(high));
        }

        #[test]
        fn merging_is_recording_all(
            a in prop::collection::vec(value(), 0..50),
            b in prop::collection::vec(value(), 0..50),
        ) {
            let mut merged = record_all(&a);
            merged.merge(&record_all(&b));
            prop_assert_eq!(merged, record_all(&[b, a].concat()));
        }

        #[test]
        fn recording_in_bulk_is_recording_one_by_one(value in value(), count in 0..9_u64) {
            let mut bulk = Histogram::new();
            bulk.record_n(value, count);
            prop_assert_eq!(bulk, record_all(&vec![value; count as usize]));
        }

        #[test]
        fn values_known_by_their_distribution_are_counted_alike(
            base in value(), width in 1..2_000_u64, offsets in prop::collection::vec(0..2_000_u64, 1..40),
            weight in 1..4_u64,
        ) {
            let base = base >> 13;
            let mut values: Vec<u64> = offsets.iter().map(|offset| base + offset % width).collect();
            values.sort_unstable();
            let spread = Spread {
                count: values.len() as u64,
                sum: values.iter().sum(),
                min: values[0],
                max: *values.last().unwrap(),
            };
            let mut within = record_all(&values);
            let Spread { count, sum, min, max } = spread;
            if within.record_within(min, max, count, sum, weight) {
                let again = [values.clone(), values.repeat(weight as usize)].concat();
                prop_assert_eq!(within, record_all(&again));
            } else {
                prop_assert!(Histogram::bucket_of(min) != Histogram::bucket_of(max));
            }
            let mut bulk = Histogram::new();
            bulk.record_spread(&spread, weight, |bound| {
                values.iter().filter(|&&value| value < bound).count() as u64
            });
            prop_assert_eq!(bulk, record_all(&values.repeat(weight as usize)));
        }

        #[test]
        fn totals_are_exact(values in prop::collection::vec(value(), 1..50)) {
            let histogram = record_all(&values);
            prop_assert_eq!(histogram.count(), values.len() as u64);
            prop_assert_eq!(histogram.sum(), values.iter().map(|&v| u128::from(v)).sum::<u128>());
            prop_assert_eq!(histogram.min(), values.iter().min().copied());
            prop_assert_eq!(histogram.max(), values.iter().max().copied());
            let in_buckets: u64 = histogram.buckets().map(|bucket| bucket.count).sum();
            prop_assert_eq!(in_buckets, histogram.count());
        }

        #[test]
        fn quantiles_are_within_half_the_resolution(
            mut values in prop::collection::vec(value(), 1..200),
            per_mille in 0..=1000_usize,
        ) {
            let quantile = record_all(&values).quantile(per_mille as f64 / 1000.0).unwrap();
            values.sort_unstable();
            let rank = (per_mille * values.len()).div_ceil(1000).max(1);
            let exact = values[rank - 1];
            let error = quantile.abs_diff(exact) as f64;
            prop_assert!(error <= exact as f64 * Histogram::RELATIVE_RESOLUTION / 2.0 + 0.5);
            prop_assert!(exact >= 256 || quantile == exact);
        }
    }

    proptest! {
        #[test]
        fn a_fine_histogram_is_finer(value in value(), larger in value()) {
            let (value, larger) = (value.min(larger), value.max(larger));
            let mut histogram = FineHistogram::new();
            histogram.record_n(value, 2);
            histogram.record_n(larger, 2);
            for (rank, exact) in [(2, value), (3, larger)] {
                let error = histogram.value_at(rank).abs_diff(exact) as f64;
                prop_assert!(error <= exact as f64 / 8192.0 + 0.5);
                prop_assert!(exact >= 8192 || error == 0.0);
            }
        }
    }

    #[test]
    fn the_buckets_cover_everything_without_a_gap() {
        assert_eq!(Histogram::bucket_of(u64::MAX), Histogram::BUCKETS - 1);
        let mut next = Some(0);
        for bucket in 0..Histogram::BUCKETS {
            let (low, high) = Histogram::bounds_of(bucket);
            assert_eq!(Some(low), next);
            next = high.checked_add(1);
        }
        assert_eq!(next, None);
    }

    #[test]
    fn a_quantile_takes_the_decimal_at_its_word() {
        for count in [100, 1_000, 1_000_000, 1_000_000_000_000] {
            for percent in 1..=100 {
                let rank = nearest_rank(f64::from(percent as u32) / 100.0, count);
                assert_eq!(rank, percent * (count / 100));
            }
        }
        assert_eq!(nearest_rank(0.0, 10), 1);
        assert_eq!(nearest_rank(0.95, 10), 10);
        assert_eq!(nearest_rank(1.0, u64::MAX), u64::MAX);
    }

    #[test]
    fn nothing_recorded_has_no_statistics() {
        let mut histogram = Histogram::new();
        histogram.record_n(7, 0);
        assert_eq!(histogram, Histogram::default());
        assert_eq!(histogram.mean(), None);
        assert_eq!(histogram.quantile(0.5), None);
        assert_eq!(histogram.min().or(histogram.max()), None);
    }

    #[test]
    #[should_panic(expected = "2^64 values recorded")]
    fn the_count_never_wraps() {
        let mut histogram = Histogram::new();
        histogram.record_n(0, u64::MAX);
        histogram.record(0);
    }
}
