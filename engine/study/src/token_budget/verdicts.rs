//! How likely the rule is to call a rate unstable.

use kendall_kernel::Level;

use super::setting::Setting;
use super::stability::Growth;
use super::sweeps::rates;
use super::trials::TrialsError;

/// The rule's verdicts on one arrival rate under several seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdicts {
    /// The rate.
    pub rate_per_s: f64,
    /// Seeds under which it is called unstable.
    pub unstable: u32,
    /// Seeds.
    pub seeds: u32,
}

/// How often the rule is asked, and of what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleRuns {
    /// The longest window of arrivals, in seconds; positive.
    pub longest_s: f64,
    /// Windows, evenly spaced; at least 10.
    pub windows: u32,
    /// Trials of a window; at least 1.
    pub trials: u32,
    /// Seeds; at least 1.
    pub seeds: u32,
}

impl RuleRuns {
    /// What the original does, under so many seeds.
    #[must_use]
    pub const fn published(seeds: u32) -> RuleRuns {
        RuleRuns {
            longest_s: 200.0,
            windows: 40,
            trials: 80,
            seeds,
        }
    }

    /// The first seed of the windows under seed `index` of a study that starts at `seed`: each window
    /// takes one.
    #[must_use]
    pub fn seed_of(&self, seed: u64, index: u32) -> u64 {
        seed.wrapping_add(u64::from(index).wrapping_mul(u64::from(self.windows)))
    }
}

impl Verdicts {
    /// Asks the rule about every rate under so many seeds; rates see the same random numbers.
    ///
    /// # Errors
    /// Those of [`Growth::of`].
    pub fn of(
        setting: &Setting,
        rates_per_s: &[f64],
        runs: RuleRuns,
        seed: u64,
    ) -> Result<Vec<Verdicts>, TrialsError> {
        let RuleRuns {
            longest_s,
            windows,
            trials,
            seeds,
        } = runs;
        let verdicts = |setting: &Setting| {
            let mut unstable = 0;
            for index in 0..seeds {
                let own = runs.seed_of(seed, index);
                let growth = Growth::of(setting, longest_s, windows, trials, own)?;
                unstable += u32::from(growth.rts.is_unstable());
            }
            Ok(Verdicts {
                rate_per_s: setting.load.rate_per_s,
                unstable,
                seeds,
            })
        };
        let points = rates(setting, rates_per_s, seed);
        points
            .iter()
            .map(|point| verdicts(&point.setting))
            .collect()
    }

    /// The share of seeds under which the rate is called unstable, and an interval of its
    /// probability (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    /// Journal of the American Statistical Association 22, 1927).
    #[must_use]
    pub fn probability(&self, level: Level) -> (f64, [f64; 2]) {
        let n = f64::from(self.seeds);
        let share = f64::from(self.unstable) / n;
        let z = level.critical(None);
        let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let spread = share * (1.0 - share) / n + z * z / (4.0 * n * n);
        let half = z * spread.sqrt() / (1.0 + z * z / n);
        (share, [(middle - half).max(0.0), (middle + half).min(1.0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kendall_llm::token_budget::Scheduler;

    /// Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science
    /// 16, 2001, equation (4): the interval solves |p - share| = z sqrt(p (1 - p) / n).
    #[test]
    fn ends_of_intervals_are_z_errors_away() {
        let verdicts = Verdicts {
            rate_per_s: 1.0,
            unstable: 3,
            seeds: 20,
        };
        let (share, ends) = verdicts.probability(Level::P95);
        assert_eq!(share, 0.15);
        for p in ends {
            let errors = (p - share).abs() / (p * (1.0 - p) / 20.0).sqrt();
            assert!((errors - Level::P95.critical(None)).abs() < 1e-9, "{p}");
        }
        let never = Verdicts {
            unstable: 0,
            ..verdicts
        };
        let (share, [low, high]) = never.probability(Level::P95);
        assert!(
            share == 0.0 && low.abs() < 1e-12 && high > 0.1,
            "{low} {high}"
        );
    }

    #[test]
    fn overload_is_always_unstable() {
        let setting = Setting::demo2(Scheduler::DecodePrioritizing);
        let runs = RuleRuns {
            longest_s: 40.0,
            windows: 20,
            trials: 2,
            seeds: 3,
        };
        let verdicts = Verdicts::of(&setting, &[20.0, 40.0], runs, 1).unwrap();
        for (verdict, rate_per_s) in verdicts.iter().zip([20.0, 40.0]) {
            assert_eq!((verdict.rate_per_s, verdict.unstable), (rate_per_s, 3));
        }
        assert!(Verdicts::of(&setting, &[0.0], runs, 1).is_err());
    }
}
