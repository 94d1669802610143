//! Whether an arrival rate is too high, from how response times grow with the window of arrivals.
//!
//! The rule of `demo4_demo2.py` of the simulator `kh842-sudo/ORIE5580_FinalProject`: the series of
//! mean response times over growing windows is cut into blocks, and the rate is called unstable if
//! their means have an upward trend by the test of Mann and Kendall and the last exceeds the
//! first by more than a tenth.
//!
//! It detects transients: a system that is still filling over the windows is called unstable,
//! though its capacity may be far above. Throughput under overload tells the capacity.

use kendall_kernel::Level;
use kendall_kernel::stats::distribution::normal;

use super::figure::Figure;
use super::setting::Setting;
use super::trials::{Trials, TrialsError, sweep};

/// One-sided significance below which a trend counts.
pub const SIGNIFICANCE: f64 = 0.05;

/// Relative increase from the first to the last block above which it counts.
pub const MIN_INCREASE: f64 = 0.10;

/// Blocks that a series of windows is cut into.
const BLOCKS: usize = 10;

/// Keeps an increase from zero finite.
const EPSILON: f64 = 1e-9;

/// What a series says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Kendall's score: pairs of blocks that rise minus those that fall.
    pub score: i64,
    /// The score in standard deviations under no trend, with the correction for continuity.
    pub z: f64,
    /// One-sided probability of a greater score without a trend, by the normal law.
    pub p_value: f64,
    /// From the first to the last block.
    pub relative_increase: f64,
    /// Least squares over the blocks, per unit of the positions.
    pub slope: f64,
}

impl Trend {
    /// Cuts a series into blocks, the last of which takes what remains, and tests their means.
    /// `positions` are those of the values, such as lengths of windows.
    ///
    /// The score's variance without ties is n (n - 1) (2 n + 5) / 18 for n blocks (Mann,
    /// "Nonparametric tests against trend", Econometrica 13, 1945).
    ///
    /// `None` for fewer than two blocks or fewer values than blocks. O(values + blocks^2).
    ///
    /// # Panics
    /// If there are not as many positions as values.
    #[must_use]
    pub fn of(positions: &[f64], values: &[f64], blocks: usize) -> Option<Trend> {
        assert_eq!(positions.len(), values.len(), "a position for every value");
        if blocks < 2 || values.len() < blocks {
            return None;
        }
        let means = block_means(values, blocks);
        let score: i64 = (0..blocks)
            .flat_map(|i| (i + 1..blocks).map(move |j| (i, j)))
            .map(|(i, j)| sign(means[j] - means[i]))
            .sum();
        let n = blocks as f64;
        let sd = (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
        let z = (score - score.signum()) as f64 / sd;
        let (first, last) = (means[0], means[blocks - 1]);
        Some(Trend {
            score,
            z,
            p_value: normal::survival(z),
            relative_increase: (last - first) / (first + EPSILON),
            slope: slope(&block_means(positions, blocks), &means),
        })
    }

    /// Whether the series grows.
    #[must_use]
    pub fn is_unstable(&self) -> bool {
        self.p_value < SIGNIFICANCE && self.z > 0.0 && self.relative_increase > MIN_INCREASE
    }
}

fn block_means(values: &[f64], blocks: usize) -> Vec<f64> {
    let size = values.len() / blocks;
    let block = |index: usize| {
        let end = if index + 1 < blocks {
            (index + 1) * size
        } else {
            values.len()
        };
        let block = &values[index * size..end];
        block.iter().sum::<f64>() / block.len() as f64
    };
    (0..blocks).map(block).collect()
}

fn sign(difference: f64) -> i64 {
    i64::from(difference > 0.0) - i64::from(difference < 0.0)
}

fn slope(positions: &[f64], values: &[f64]) -> f64 {
    let n = positions.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(positions), mean(values));
    let pairs = positions.iter().zip(values);
    let (xy, xx) = pairs.fold((0.0, 0.0), |(xy, xx), (x, y)| {
        let dx = x - x_mean;
        (xy + dx * (y - y_mean), xx + dx * dx)
    });
    xy / xx
}

/// How the figures of a setting grow with the window of arrivals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Of mean times to the first token.
    pub ttft: Trend,
    /// Of mean times per token.
    pub tbt: Trend,
    /// Of mean response times, by which the setting is judged.
    pub rts: Trend,
}

impl Growth {
    /// Runs windows of arrivals of equal distance up to `longest_s` so many times each and tests
    /// the means in ten blocks; the original takes 40 windows up to 200 s and 80 trials.
    ///
    /// # Errors
    /// Fewer than ten windows, a longest one that is not positive, no trials, settings out of their
    /// range, and time beyond 2^64 ns.
    pub fn of(
        setting: &Setting,
        longest_s: f64,
        windows: u32,
        trials: u32,
        seed: u64,
    ) -> Result<Growth, TrialsError> {
        let (growth, _) = Growth::with_longest(setting, longest_s, windows, trials, seed)?;
        Ok(growth)
    }

    /// The same, with the trials of the longest window.
    ///
    /// # Errors
    /// As [`Growth::of`].
    pub fn with_longest(
        setting: &Setting,
        longest_s: f64,
        windows: u32,
        trials: u32,
        seed: u64,
    ) -> Result<(Growth, Trials), TrialsError> {
        let points = super::windows(setting, longest_s, windows, seed)?;
        let mut all = sweep(&points, trials)?;
        let lengths: Vec<f64> = points.iter().map(|p| p.setting.load.window_s).collect();
        let out_of_range = || TrialsError::OutOfRange {
            field: "windows",
            value: f64::from(windows),
            must: "at least 10",
        };
        let trend = |figure| {
            let mean = |trials: &Trials| trials.estimate(figure, Level::P95).value;
            let means: Vec<f64> = all.iter().map(mean).collect();
            Trend::of(&lengths, &means, BLOCKS).ok_or_else(out_of_range)
        };
        let growth = Growth {
            ttft: trend(Figure::MeanTtft)?,
            tbt: trend(Figure::MeanTbt)?,
            rts: trend(Figure::MeanRts)?,
        };
        let longest = all.pop().ok_or_else(out_of_range)?;
        Ok((growth, longest))
    }
}

/// The series that grows most of those that grow, by index; the first of equals.
#[must_use]
pub fn first_to_grow(trends: &[Trend]) -> Option<usize> {
    let mut most: Option<usize> = None;
    for (index, trend) in trends.iter().enumerate() {
        let grows_more = |most: usize| trend.relative_increase > trends[most].relative_increase;
        if trend.is_unstable() && most.is_none_or(grows_more) {
            most = Some(index);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(blocks: usize, step: f64) -> (Vec<f64>, Vec<f64>) {
        let positions: Vec<f64> = (0..4 * blocks).map(|i| i as f64).collect();
        let values = positions.iter().map(|x| 1.0 + step * x).collect();
        (positions, values)
    }

    #[test]
    fn a_ramp_has_the_greatest_score() {
        let (positions, values) = ramp(10, 0.01);
        let trend = Trend::of(&positions, &values, 10).unwrap();
        assert_eq!(trend.score, 45);
        // The variance of ten blocks is 125.
        assert!((trend.z - 44.0 / 125.0_f64.sqrt()).abs() < 1e-12);
        assert!((trend.slope - 0.01).abs() < 1e-12);
        let increase = 0.36 / 1.015;
        assert!((trend.relative_increase - increase).abs() < 1e-8);
        assert!(trend.is_unstable());
    }

    #[test]
    fn small_or_falling_trends_are_stable() {
        let (positions, values) = ramp(10, 0.001);
        let small = Trend::of(&positions, &values, 10).unwrap();
        assert!(small.p_value < 1e-4 && !small.is_unstable());
        let (_, falling) = ramp(10, -0.01);
        let falling = Trend::of(&positions, &falling, 10).unwrap();
        assert_eq!(falling.score, -45);
        assert!(falling.z < 0.0 && !falling.is_unstable());
        let flat = vec![2.0; 40];
        let flat = Trend::of(&positions, &flat, 10).unwrap();
        assert_eq!((flat.score, flat.z, flat.p_value), (0, 0.0, 0.5));
        assert_eq!(Trend::of(&positions[..9], &falling_values(9), 10), None);
    }

    fn falling_values(count: usize) -> Vec<f64> {
        (0..count).map(|i| -(i as f64)).collect()
    }

    /// At a rate far above capacity, 3.6 per second with decodes first, waits grow with the window,
    /// TTFT most of all. At a seventh of that, times per token have long settled.
    #[test]
    fn overload_grows_and_idleness_does_not() {
        use kendall_llm::token_budget::Scheduler;

        let mut setting = Setting::demo2(Scheduler::DecodePrioritizing);
        setting.load.rate_per_s = 20.0;
        let overload = Growth::of(&setting, 40.0, 20, 3, 1).unwrap();
        assert!(overload.rts.is_unstable() && overload.ttft.is_unstable());
        let order = [overload.ttft, overload.tbt, overload.rts];
        assert_eq!(first_to_grow(&order), Some(0), "{order:?}");
        let few = Growth::of(&setting, 40.0, 9, 3, 1);
        assert!(matches!(
            few,
            Err(TrialsError::OutOfRange {
                field: "windows",
                ..
            })
        ));
        let mut idle = Setting::demo2(Scheduler::PrefillPrioritizing);
        idle.load.rate_per_s = 0.5;
        let idle = Growth::of(&idle, 2000.0, 20, 3, 1).unwrap();
        assert!(!idle.tbt.is_unstable(), "{idle:?}");
    }

    #[test]
    fn the_fastest_of_those_that_grow_is_first() {
        let trend = |step| {
            let (positions, values) = ramp(10, step);
            Trend::of(&positions, &values, 10).unwrap()
        };
        let trends = [trend(0.01), trend(0.05), trend(0.0)];
        assert_eq!(first_to_grow(&trends), Some(1));
        assert_eq!(first_to_grow(&trends[2..]), None);
    }
}
