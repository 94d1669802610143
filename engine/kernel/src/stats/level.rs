//! Confidence levels.

use serde::Serialize;

use super::distribution::{normal, student_t};
use super::error::StatsError;

/// The probability with which intervals shall cover the truth, between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Level(f64);

impl Level {
    /// 90 %.
    pub const P90: Level = Level(0.9);
    /// 95 %, the default.
    pub const P95: Level = Level(0.95);
    /// 99 %.
    pub const P99: Level = Level(0.99);

    /// The level `level`, such as 0.95.
    ///
    /// # Errors
    /// If it is not between 0 and 1.
    pub fn new(level: f64) -> Result<Level, StatsError> {
        if level > 0.0 && level < 1.0 {
            Ok(Level(level))
        } else {
            Err(StatsError::Level { level })
        }
    }

    /// The level of each of `intervals` intervals that shall all cover at this level (Bonferroni's
    /// inequality; Law, Simulation Modeling and Analysis, 5th edition, section 9.7).
    ///
    /// # Panics
    /// If `intervals` is 0.
    #[must_use]
    pub fn shared_by(self, intervals: u32) -> Level {
        assert!(intervals > 0, "a level shared by no intervals");
        Level(1.0 - (1.0 - self.0) / f64::from(intervals))
    }

    /// The level as a probability.
    #[must_use]
    pub const fn probability(self) -> f64 {
        self.0
    }

    /// The probability beyond each end of an interval: half of what the level leaves.
    #[must_use]
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// How many standard errors an interval reaches to each side: Student's t with that many
    /// degrees of freedom, the normal law without.
    ///
    /// # Panics
    /// If `degrees_of_freedom` is not positive and finite.
    #[must_use]
    pub fn critical(self, degrees_of_freedom: Option<f64>) -> f64 {
        match degrees_of_freedom {
            Some(df) => student_t::upper_quantile(self.tail(), df),
            None => normal::upper_quantile(self.tail()),
        }
    }
}

impl Default for Level {
    fn default() -> Level {
        Level::P95
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_between_0_and_1() {
        for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert!(Level::new(level).is_err(), "{level}");
        }
        assert_eq!(Level::new(0.95), Ok(Level::P95));
        let message = Level::new(95.0).unwrap_err().to_string();
        assert!(message.contains("such as 0.95"), "{message}");
    }

    #[test]
    fn critical_values_are_those_of_tables() {
        // Law, 5th edition, table T.1.
        assert!((Level::P90.critical(Some(9.0)) - 1.833).abs() < 5e-4);
        assert!((Level::P95.critical(Some(30.0)) - 2.042).abs() < 5e-4);
        assert!((Level::P99.critical(None) - 2.576).abs() < 5e-4);
    }

    #[test]
    fn sharing_divides_what_the_level_leaves() {
        let each = Level::P90.shared_by(10);
        assert!((each.probability() - 0.99).abs() < 1e-15);
        assert_eq!(
            Level::P90.shared_by(1).critical(None),
            Level::P90.critical(None)
        );
    }
}
