//! How much of a run belongs to its beginning.

use super::moments::sum;

/// How many observations at the beginning of a series to leave out.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Truncation {
    /// How many to leave out.
    pub delete: usize,
    /// The statistic that was minimized: the squared standard error of the mean of what is left,
    /// were its batches independent, in the squared unit of the series.
    pub statistic: f64,
    /// Whether the minimum lies before the middle. Otherwise the series is still changing where
    /// it should have settled, and the run is too short to tell.
    pub conclusive: bool,
}

/// Observations per batch in MSER-5.
pub const MSER_BATCH: usize = 5;

/// MSER-5: deletes so much that the mean of the rest has the least standard error; `None` for
/// fewer than 20 observations.
///
/// With m means z_1, ..., z_m of 5 observations each the statistic of deleting d of them is
/// sum over j > d of (z_j - mean)^2 / (m - d)^2, minimized over d up to the middle (White, "An
/// Effective Truncation Heuristic for Bias Reduction in Simulation Output", Simulation 69, 1997;
/// in batches: White, Cobb and Spratt, "A Comparison of Five Steady-State Truncation Heuristics
/// for Simulation", WSC 2000). Of equal minima the first. Up to 4 observations at the end
/// that fill no batch are not looked at. O(length).
///
/// Several replications are better averaged first, see [`ensemble_mean`].
///
/// ```
/// use kendall_kernel::stats::{mser5, without_first};
///
/// let series: Vec<f64> = (0..200)
///     .map(|i| if i < 30 { 100.0 - f64::from(i) } else { f64::from(i % 5) })
///     .collect();
/// let warm_up = mser5(&series).expect("there are 20 observations");
/// assert!(warm_up.conclusive);
/// assert_eq!(warm_up.delete, 30);
/// assert_eq!(without_first(&series, warm_up.delete).len(), 170);
/// ```
///
/// # Panics
/// If an observation is not finite.
#[must_use]
pub fn mser5(series: &[f64]) -> Option<Truncation> {
    assert!(
        series.iter().all(|value| value.is_finite()),
        "an observation is not finite"
    );
    let mean = |batch: &[f64]| sum(batch.iter().copied()) / MSER_BATCH as f64;
    let means: Vec<f64> = series.chunks_exact(MSER_BATCH).map(mean).collect();
    let m = means.len();
    if m < 4 {
        return None;
    }
    let middle = m / 2;
    let mut best = (0, f64::INFINITY);
    // From the end, by the recurrence of Welford ("Note on a Method for Calculating Corrected Sums
    // of Squares and Products", Technometrics 4, 1962).
    let (mut tail_mean, mut squares) = (0.0, 0.0);
    for (d, z) in means.iter().enumerate().rev() {
        let kept = (m - d) as f64;
        let deviation = z - tail_mean;
        tail_mean += deviation / kept;
        squares += deviation * (z - tail_mean);
        let statistic = squares / (kept * kept);
        if d <= middle && statistic <= best.1 {
            best = (d, statistic);
        }
    }
    Some(Truncation {
        delete: best.0 * MSER_BATCH,
        statistic: best.1,
        conclusive: best.0 < middle,
    })
}

/// The series without its first `count` observations, empty if there are no more.
#[must_use]
pub fn without_first<T>(series: &[T], count: usize) -> &[T] {
    &series[count.min(series.len())..]
}

/// Leaves out the first observations of a stream, for instance in front of
/// [`BatchMeans`](super::BatchMeans).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    left: u64,
}

impl Deletion {
    /// Leaves out `count` observations.
    #[must_use]
    pub const fn of(count: u64) -> Deletion {
        Deletion { left: count }
    }

    /// Whether the next observation counts. To be asked once for each.
    #[inline]
    pub fn keeps(&mut self) -> bool {
        if self.left == 0 {
            return true;
        }
        self.left -= 1;
        false
    }

    /// How many are still to be left out.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }
}

/// The average over replications of the first observation, the second, and so on, as far as all
/// replications go (the first step of Welch's procedure; Law, Simulation Modeling and Analysis, 5th
/// edition, section 9.5.1).
#[must_use]
pub fn ensemble_mean(replications: &[&[f64]]) -> Vec<f64> {
    let length = replications.iter().map(|series| series.len()).min();
    let mean =
        |i: usize| sum(replications.iter().map(|series| series[i])) / replications.len() as f64;
    (0..length.unwrap_or(0)).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, O(length^2).
    fn naive(series: &[f64]) -> Vec<f64> {
        let means: Vec<f64> = series
            .chunks_exact(5)
            .map(|batch| batch.iter().sum::<f64>() / 5.0)
            .collect();
        let statistic = |d: usize| {
            let kept = &means[d..];
            let n = kept.len() as f64;
            let mean = kept.iter().sum::<f64>() / n;
            kept.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / (n * n)
        };
        (0..=means.len() / 2).map(statistic).collect()
    }

    proptest! {
        #[test]
        fn the_recurrence_is_the_definition(
            series in prop::collection::vec(-100.0..100.0_f64, 20..200),
        ) {
            let found = mser5(&series).unwrap();
            let statistics = naive(&series);
            let least = statistics.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert!((found.statistic - least).abs() <= 1e-10 * (1.0 + least));
            let there = statistics[found.delete / 5];
            prop_assert!((there - least).abs() <= 1e-10 * (1.0 + least));
        }

        #[test]
        fn shift_and_scale_do_not_matter(
            series in prop::collection::vec(-100..100_i32, 20..100),
        ) {
            let at = |shift: f64, scale: f64| {
                let moved: Vec<f64> = series.iter().map(|&x| f64::from(x) * scale + shift).collect();
                naive(&moved)[mser5(&moved).unwrap().delete / 5] / (scale * scale)
            };
            prop_assert!((at(0.0, 1.0) - at(500.0, 4.0)).abs() <= 1e-10 * (1.0 + at(0.0, 1.0)));
        }
    }

    #[test]
    fn a_stretch_that_is_apart_is_deleted() {
        let mut series = vec![1000.0; 40];
        series.extend((0..160).map(|i| f64::from(i % 3)));
        let found = mser5(&series).unwrap();
        assert_eq!((found.delete, found.conclusive), (40, true));
    }

    #[test]
    fn a_trend_is_not_conclusive() {
        let series: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(!mser5(&series).unwrap().conclusive);
    }

    #[test]
    fn too_little_has_no_answer() {
        assert_eq!(mser5(&[1.0; 19]), None);
        let constant = mser5(&[1.0; 23]).unwrap();
        assert_eq!((constant.delete, constant.statistic), (0, 0.0));
    }

    #[test]
    fn deletion_keeps_the_rest() {
        let mut deletion = Deletion::of(2);
        let kept: Vec<u32> = (0..5).filter(|_| deletion.keeps()).collect();
        assert_eq!(kept, without_first(&[0, 1, 2, 3, 4], 2));
        assert_eq!(deletion.left(), 0);
        assert!(without_first(&[1, 2], 3).is_empty());
    }

    #[test]
    fn the_ensemble_is_as_long_as_its_shortest() {
        assert_eq!(ensemble_mean(&[&[1.0, 2.0, 9.0], &[3.0, 6.0]]), [2.0, 4.0]);
        assert!(ensemble_mean(&[]).is_empty());
    }
}
