//! Why settings of an analysis are refused.

/// Why an analysis cannot be set up as asked.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// A confidence level that is not a probability between 0 and 1.
    #[error("the confidence level is {level}, must lie between 0 and 1, such as 0.95")]
    Level {
        /// What was given.
        level: f64,
    },
    /// A relative precision that is not positive, or is 1 and more.
    #[error("the relative precision is {relative}, must lie between 0 and 1, such as 0.01")]
    RelativePrecision {
        /// What was given.
        relative: f64,
    },
    /// Batches so few that their variance says nothing.
    #[error("at least {batches} batches are asked for, must be {least} or more")]
    TooFewBatches {
        /// What was given.
        batches: u64,
        /// The least number.
        least: u64,
    },
    /// A growth factor that does not let a run grow.
    #[error("the growth factor is {factor}, must be finite and above 1, such as 4")]
    Growth {
        /// What was given.
        factor: f64,
    },
    /// A limit of observations that allows none.
    #[error("the limit of observations is 0, must be at least 1")]
    NoObservations,
}
