//! Points that differ in one thing.

use kendall_llm::token_budget::Scheduler;

use super::setting::Setting;
use super::trials::{Point, TrialsError};

/// Windows of equal distance up to `longest_s`, the first one distance long. Each has a seed of its
/// own, `seed` plus its index, since the beginning of a longer window would be a shorter one.
///
/// # Errors
/// No windows, or a longest one that is not positive.
pub fn windows(
    setting: &Setting,
    longest_s: f64,
    windows: u32,
    seed: u64,
) -> Result<Vec<Point>, TrialsError> {
    positive("windows", f64::from(windows))?;
    positive("longest_s", longest_s)?;
    let point = |index: u32| {
        let mut setting = setting.clone();
        setting.load.window_s = longest_s * f64::from(index + 1) / f64::from(windows);
        let seed = seed.wrapping_add(u64::from(index));
        Point { setting, seed }
    };
    Ok((0..windows).map(point).collect())
}

/// A point for each chunk size; `None` computes prompts whole.
#[must_use]
pub fn chunk_sizes(setting: &Setting, sizes: &[Option<u32>], seed: u64) -> Vec<Point> {
    each(setting, sizes, seed, |setting, size| {
        setting.config.chunk_tokens = size;
    })
}

/// A point for each share of decodes, under the hybrid scheduler.
#[must_use]
pub fn decode_shares(setting: &Setting, shares: &[f64], seed: u64) -> Vec<Point> {
    each(setting, shares, seed, |setting, decode_share| {
        setting.config.scheduler = Scheduler::Hybrid { decode_share };
    })
}

/// A point for each arrival rate.
#[must_use]
pub fn rates(setting: &Setting, rates_per_s: &[f64], seed: u64) -> Vec<Point> {
    each(setting, rates_per_s, seed, |setting, rate_per_s| {
        setting.load.rate_per_s = rate_per_s;
    })
}

/// Points under one seed.
fn each<T: Copy>(
    setting: &Setting,
    values: &[T],
    seed: u64,
    set: impl Fn(&mut Setting, T),
) -> Vec<Point> {
    let point = |&value: &T| {
        let mut setting = setting.clone();
        set(&mut setting, value);
        Point { setting, seed }
    };
    values.iter().map(point).collect()
}

fn positive(field: &'static str, value: f64) -> Result<(), TrialsError> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    let must = "positive and finite";
    Err(TrialsError::OutOfRange { field, value, must })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_spread_evenly() {
        let setting = Setting::demo2(Scheduler::DecodePrioritizing);
        let points = windows(&setting, 200.0, 40, 7).unwrap();
        let lengths: Vec<f64> = points.iter().map(|p| p.setting.load.window_s).collect();
        assert_eq!((lengths[0], lengths[1], lengths[39]), (5.0, 10.0, 200.0));
        assert_eq!((points[0].seed, points[39].seed), (7, 46));
        for (longest_s, count) in [(0.0, 40), (-1.0, 40), (f64::NAN, 40), (200.0, 0)] {
            assert!(windows(&setting, longest_s, count, 7).is_err());
        }
    }

    #[test]
    fn a_point_differs_in_one_thing() {
        let setting = Setting::demo3(Scheduler::DecodePrioritizing);
        let sizes = chunk_sizes(&setting, &[None, Some(8)], 1);
        assert_eq!(sizes[1].setting.config.chunk_tokens, Some(8));
        let shares = decode_shares(&setting, &[0.25], 1);
        let hybrid = Scheduler::Hybrid { decode_share: 0.25 };
        assert_eq!(shares[0].setting.config.scheduler, hybrid);
        let faster = rates(&setting, &[3.0], 1);
        let mut expected = setting.clone();
        expected.load.rate_per_s = 3.0;
        assert_eq!(faster[0].setting, expected);
    }
}
