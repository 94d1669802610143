//! Functions of means, from groups of observations.

use super::estimate::{Basis, Estimate, Method};
use super::level::Level;
use super::moments::{deviations, sum};

/// A smooth function of sums, such as a ratio or a variance, from `groups` of independent or
/// nearly independent observations (replications, long batches), each reduced to its own sums;
/// `None` if without some group the function has no finite value.
///
/// With f the function of all sums and f_i that without group i, the estimate is the mean of the
/// pseudovalues n f - (n - 1) f_i, whose variance over n is that of the estimate; Student's t law
/// with n - 1 degrees of freedom (Miller, "The jackknife - a review", Biometrika 61, 1974). The
/// bias of order 1 / n that a function of means has is removed. A single group tells no error.
///
/// ```
/// use kendall_kernel::stats::{Level, jackknife};
///
/// // Three batches: sum of waiting times, customers.
/// let batches = [[10.0, 4.0], [9.0, 5.0], [16.0, 6.0]];
/// let mean = jackknife(&batches, |[sum, count]| sum / count, 15, Level::P95);
/// assert!((mean.expect("customers came").value - 35.0 / 15.0).abs() < 0.1);
/// ```
#[must_use]
pub fn jackknife<const N: usize>(
    groups: &[[f64; N]],
    function: impl Fn([f64; N]) -> f64,
    observations: u64,
    level: Level,
) -> Option<Estimate> {
    let total: [f64; N] = std::array::from_fn(|at| sum(groups.iter().map(|group| group[at])));
    let value = function(total);
    let count = groups.len() as f64;
    let basis = Basis {
        observations,
        groups: groups.len() as u64,
        method: Method::GroupJackknife,
    };
    if !value.is_finite() {
        return None;
    }
    if groups.len() < 2 {
        return Some(basis.bare(value, level));
    }
    let pseudovalue = |group: &[f64; N]| {
        let without = function(std::array::from_fn(|at| total[at] - group[at]));
        count * value - (count - 1.0) * without
    };
    let pseudovalues: Vec<f64> = groups.iter().map(pseudovalue).collect();
    if !pseudovalues.iter().all(|value| value.is_finite()) {
        return None;
    }
    let (mean, squares) = deviations(&pseudovalues);
    let std_error = (squares / (count - 1.0) / count).sqrt();
    Some(basis.estimate(mean, std_error, Some(count - 1.0), level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_error_of_a_mean() {
        let groups = [[1.0, 1.0], [2.0, 1.0], [6.0, 1.0]];
        // Without group i the mean of the two others: pseudovalues are the values.
        let mean = jackknife(&groups, |[sum, count]| sum / count, 3, Level::P95).unwrap();
        assert!((mean.value - 3.0).abs() < 1e-12);
        assert!((mean.std_error.unwrap() - (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(mean.degrees_of_freedom, Some(2.0));
    }

    #[test]
    fn equal_groups_leave_no_error_and_one_group_tells_none() {
        let ratio = |[y, n]: [f64; 2]| y / n;
        let equal = jackknife(&[[3.0, 2.0]; 5], ratio, 10, Level::P95).unwrap();
        assert_eq!((equal.value, equal.std_error), (1.5, Some(0.0)));
        let single = jackknife(&[[3.0, 2.0]], ratio, 2, Level::P95).unwrap();
        assert_eq!((single.value, single.std_error), (1.5, None));
        assert!(jackknife(&[[0.0, 0.0]; 3], ratio, 0, Level::P95).is_none());
    }
}
