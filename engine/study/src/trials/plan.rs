//! How many trials there are to be.

use kendall_kernel::stats::{Decision, Estimate, Level, Precision, StatsError};

use super::table::{Measured, Trials};

/// Why there can be no trials.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// No trials were asked for.
    #[error("0 trials, must be at least 1; two or more have an interval")]
    NoTrials,
    /// Nothing to run.
    #[error("0 variants, must be at least 1")]
    NoVariants,
    /// A width that no interval can have.
    #[error("a half width of {width}, must be positive and finite")]
    Width {
        /// What was given.
        width: f64,
    },
    /// A share that is none.
    #[error(transparent)]
    Share(#[from] StatsError),
}

/// How narrow an interval is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// Half of it, relative to the absolute value of the mean; between 0 and 1.
    Relative(f64),
    /// Half of it, in the unit of the metric; positive and finite.
    Absolute(f64),
}

/// A metric whose intervals are to be narrow, in every variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Position of the metric.
    pub metric: usize,
    /// How narrow.
    pub width: Width,
}

/// How many trials there are to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    variants: usize,
    most: u32,
    sequential: Option<Sequential>,
}

/// A rule for when there are enough trials.
#[derive(Clone, Debug, PartialEq)]
struct Sequential {
    level: Level,
    targets: Vec<Target>,
}

/// What an absolute width is relative to in the eyes of the kernel's rule.
const SHARE_OF_ABSOLUTE: f64 = 0.5;

impl Plan {
    /// Trials before intervals are believed: with fewer, a standard deviation that is small by
    /// chance ends a run too often (Law, Simulation Modeling and Analysis, 5th edition, section
    /// 9.4.1).
    pub const LEAST: u32 = 10;

    /// Rounds grow to at most this many times the trials before.
    pub const GROWTH: f64 = 2.0;

    /// So many trials of each variant.
    ///
    /// # Errors
    /// No variants, or no trials.
    pub fn fixed(variants: usize, trials: u32) -> Result<Plan, PlanError> {
        match (variants, trials) {
            (0, _) => Err(PlanError::NoVariants),
            (_, 0) => Err(PlanError::NoTrials),
            _ => Ok(Plan {
                variants,
                most: trials,
                sequential: None,
            }),
        }
    }

    /// As many trials of each variant as it takes until the intervals of every target are narrow in
    /// all variants: [`Plan::LEAST`] at first, then rounds as long as widths suggest, up to
    /// `most` trials.
    ///
    /// A metric that no trial so far of a variant has asks for no more of them.
    ///
    /// Intervals are looked at only between rounds, but still the run tends to end where they
    /// happen to be narrow, so that they cover the truth a little less often than their level says.
    /// The loss shrinks as the trials that are needed grow.
    ///
    /// # Errors
    /// No variants or trials, and widths out of range.
    pub fn until_precise(
        variants: usize,
        most: u32,
        level: Level,
        targets: Vec<Target>,
    ) -> Result<Plan, PlanError> {
        targets.iter().try_for_each(|target| {
            target.rule()?;
            Ok::<_, PlanError>(())
        })?;
        Ok(Plan {
            sequential: Some(Sequential { level, targets }),
            ..Plan::fixed(variants, most)?
        })
    }

    /// How many variants.
    #[must_use]
    pub fn variants(&self) -> usize {
        self.variants
    }

    /// The most trials there may be of each variant.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.most
    }

    /// Trials of each variant in the first round.
    pub(super) fn first_round(&self) -> u32 {
        match self.sequential {
            None => self.most,
            Some(_) => self.most.min(Plan::LEAST),
        }
    }

    /// Trials of each variant after the next round; `None` if these are enough, or all there may be.
    pub(super) fn next_round<T: Measured>(&self, trials: &Trials<T>) -> Option<u32> {
        let sequential = self.sequential.as_ref()?;
        let have = trials.trials();
        let wanted = |variant| {
            let targets = sequential.targets.iter();
            targets.filter_map(move |target| target.more(trials, variant, sequential.level))
        };
        let more = (0..self.variants).flat_map(wanted).max()?;
        let next = u64::from(have).saturating_add(more);
        let next = u32::try_from(next).unwrap_or(u32::MAX).min(self.most);
        (next > have).then_some(next)
    }
}

impl Target {
    /// Whether the interval of a variant is narrow enough.
    #[must_use]
    pub fn is_met<T: Measured>(&self, trials: &Trials<T>, variant: usize, level: Level) -> bool {
        let estimate = trials.estimate(variant, self.metric, level);
        let half_width = estimate.and_then(|estimate| Some((estimate.half_width?, estimate.value)));
        half_width.is_some_and(|(half_width, mean)| match self.width {
            Width::Relative(share) => half_width <= share * mean.abs(),
            Width::Absolute(width) => half_width <= width,
        })
    }

    /// How many more trials a variant is likely to need; `None` for none.
    fn more<T: Measured>(&self, trials: &Trials<T>, variant: usize, level: Level) -> Option<u64> {
        // What none of the first trials has, others are not likely to have.
        let estimate = trials.estimate(variant, self.metric, level)?;
        let doubled = Some(u64::from(trials.trials()).max(1));
        let rule = self.rule();
        let Ok(rule) = rule.and_then(|rule| Ok(rule.growing_by(Plan::GROWTH)?)) else {
            return doubled;
        };
        match rule.decide(&self.seen_by_rule(estimate)) {
            Decision::Stop => None,
            Decision::More { observations } => Some(observations),
            Decision::LimitReached => doubled,
        }
    }

    /// The kernel's rule, which knows relative widths only.
    fn rule(&self) -> Result<Precision, PlanError> {
        match self.width {
            Width::Relative(share) => Ok(Precision::new(share)?),
            Width::Absolute(width) if width > 0.0 && width.is_finite() => {
                Ok(Precision::new(SHARE_OF_ABSOLUTE)?)
            }
            Width::Absolute(width) => Err(PlanError::Width { width }),
        }
    }

    /// The estimate, with a value of which the rule's share is the absolute width.
    fn seen_by_rule(&self, mut estimate: Estimate) -> Estimate {
        if let Width::Absolute(width) = self.width {
            estimate.value = width / SHARE_OF_ABSOLUTE;
        }
        estimate
    }
}
