//! What trials measured, and estimates of it.

use kendall_kernel::stats::{Estimate, Level, PairedDifferences, Replications};

/// What one trial came to.
pub trait Measured: Send {
    /// A metric by its position; `None` where the trial has none. Finite.
    fn metric(&self, metric: usize) -> Option<f64>;
}

impl Measured for Vec<Option<f64>> {
    fn metric(&self, metric: usize) -> Option<f64> {
        self.get(metric).copied().flatten()
    }
}

/// The trials of every variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Trials<T> {
    variants: usize,
    /// By trial, then by variant; `None` for those that a [`Watch`](super::Watch) prevented.
    rows: Vec<Option<T>>,
}

/// How a variant differs from another under common random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The mean of the variant minus the other, pair by pair, with the interval of Student's paired t.
    pub mean: Estimate,
    /// It over the absolute mean of the other; `None` if that is 0.
    pub relative: Option<f64>,
    /// Correlation within pairs; `None` where either does not vary.
    pub correlation: Option<f64>,
    /// The share of the variance of the difference that common random numbers saved; negative if they
    /// did harm, `None` for one pair or if nothing varies.
    pub variance_reduction: Option<f64>,
}

impl<T> Trials<T> {
    pub(super) fn new(variants: usize) -> Trials<T> {
        Trials {
            variants,
            rows: Vec::new(),
        }
    }

    pub(super) fn extend(&mut self, rows: Vec<Option<T>>) {
        self.rows.extend(rows);
    }

    /// How many variants.
    #[must_use]
    pub fn variants(&self) -> usize {
        self.variants
    }

    /// Trials of each variant, those included that a watch prevented.
    #[must_use]
    pub fn trials(&self) -> u32 {
        (self.rows.len() / self.variants) as u32
    }

    /// Whether all of them took place.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(Option::is_some)
    }

    /// A trial, if it took place.
    ///
    /// # Panics
    /// If there is no such variant or trial.
    #[must_use]
    pub fn get(&self, variant: usize, trial: u32) -> Option<&T> {
        assert!(variant < self.variants, "variant {variant}");
        self.rows[trial as usize * self.variants + variant].as_ref()
    }

    /// The trials of a variant that took place, by their number.
    pub fn of(&self, variant: usize) -> impl Iterator<Item = (u32, &T)> {
        let numbered = (0..self.trials()).map(move |trial| (trial, self.get(variant, trial)));
        numbered.filter_map(|(trial, row)| Some((trial, row?)))
    }
}

impl<T: Measured> Trials<T> {
    /// The mean of a metric over the trials of a variant that have it; `None` without any. `groups`
    /// says how many. O(trials).
    #[must_use]
    pub fn estimate(&self, variant: usize, metric: usize, level: Level) -> Option<Estimate> {
        estimate(
            self.of(variant).filter_map(|(_, row)| row.metric(metric)),
            level,
        )
    }

    /// How a metric of a variant differs from that of another, over the trials that have it in
    /// both; `None` without any. O(trials).
    #[must_use]
    pub fn difference(
        &self,
        variant: usize,
        other: usize,
        metric: usize,
        level: Level,
    ) -> Option<Difference> {
        let value = |variant, trial| self.get(variant, trial).and_then(|row| row.metric(metric));
        let mut pairs = PairedDifferences::new();
        let mut others = Replications::new();
        for trial in 0..self.trials() {
            if let (Some(first), Some(second)) = (value(variant, trial), value(other, trial)) {
                pairs.push([first, second]);
                others.push(second, 1);
            }
        }
        let mean = pairs.estimate(level)?;
        let base = others.mean().map_or(0.0, f64::abs);
        Some(Difference {
            mean,
            relative: (base > 0.0).then(|| mean.value / base),
            correlation: pairs.correlation(),
            variance_reduction: pairs.variance_reduction(),
        })
    }
}

/// The mean of one value per trial, with the interval of Student; `None` without a value, without an
/// error for one.
///
/// # Panics
/// If a value is not finite.
#[must_use]
pub fn estimate(values: impl IntoIterator<Item = f64>, level: Level) -> Option<Estimate> {
    let mut replications = Replications::new();
    values
        .into_iter()
        .for_each(|value| replications.push(value, 1));
    replications.estimate(level)
}
