//! Probing rates.

use std::sync::atomic::{AtomicU64, Ordering};

use kendall_kernel::stats::distribution::student_t;
use kendall_kernel::{Estimate, Level, Replications};

use super::sample::{BLOCKS, Metric, Sample};
use super::{CapacityError, LoadError, UnderLoad};
use crate::parallel::each;
use crate::summary::SloTargets;
use crate::trials::Watch;

/// One-sided significance below which growth counts.
const SIGNIFICANCE: f64 = 0.05;

/// How a search is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchSettings {
    /// Rate at which the search begins, per second; positive.
    pub start_per_s: f64,
    /// Independent replications of every probe; at least 1, two or more have intervals.
    pub replications: u32,
    /// Relative width to which boundaries are narrowed down, from 0.0001 to 0.5.
    pub tolerance: f64,
    /// Level of the intervals.
    pub level: Level,
    /// What requests are judged by.
    pub slo: SloTargets,
}

/// A rate that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The rate.
    pub rate_per_s: f64,
    /// By replication.
    pub samples: Vec<Sample>,
    level: Level,
}

/// A search under way.
pub struct Search<'a> {
    system: &'a dyn UnderLoad,
    settings: SearchSettings,
    /// By rate, ascending.
    probes: Vec<Probe>,
    watch: &'a dyn Watch,
    /// Runs so far.
    ran: AtomicU64,
}

impl Probe {
    /// The mean of a figure over replications, with the interval of Student.
    ///
    /// # Panics
    /// Without replications, which no search has.
    #[must_use]
    pub fn estimate(&self, figure: impl Fn(&Sample) -> f64) -> Estimate {
        estimate(self.samples.iter().map(figure), self.level)
    }

    /// Whether requests pile up: growth above half the tolerance and, with two or more
    /// replications, above zero at 5 %.
    pub(super) fn grows(&self, tolerance: f64) -> bool {
        let growth = self.estimate(|sample| sample.growth);
        let significant = growth.std_error.is_none_or(|error| {
            let df = self.samples.len() as f64 - 1.0;
            error == 0.0 || student_t::survival(growth.value / error, df) < SIGNIFICANCE
        });
        growth.value > tolerance / 2.0 && significant
    }

    /// Mean times of a metric over the replications, by tenth of the requests.
    #[must_use]
    pub fn block_means_s(&self, metric: Metric) -> [f64; BLOCKS] {
        let mut means = [0.0; BLOCKS];
        for sample in &self.samples {
            for (mean, block) in means.iter_mut().zip(sample.block_means_s[metric as usize]) {
                *mean += block / self.samples.len() as f64;
            }
        }
        means
    }
}

impl<'a> Search<'a> {
    /// A search that has not tried anything yet.
    ///
    /// # Errors
    /// Settings out of their range.
    pub fn new(
        system: &'a dyn UnderLoad,
        settings: SearchSettings,
    ) -> Result<Search<'a>, CapacityError> {
        let checks = [
            (
                "start_per_s",
                settings.start_per_s,
                settings.start_per_s > 0.0 && settings.start_per_s.is_finite(),
                "positive and finite",
            ),
            (
                "replications",
                f64::from(settings.replications),
                settings.replications > 0,
                "at least 1",
            ),
            (
                "tolerance",
                settings.tolerance,
                (1e-4..=0.5).contains(&settings.tolerance),
                "from 0.0001 to 0.5",
            ),
        ];
        if let Some(&(field, value, _, must)) = checks.iter().find(|check| !check.2) {
            return Err(CapacityError::OutOfRange { field, value, must });
        }
        Ok(Search {
            system,
            settings,
            probes: Vec::new(),
            watch: &(),
            ran: AtomicU64::new(0),
        })
    }

    /// The same with somebody who follows its runs, and may end it: [`LoadError::Stopped`].
    #[must_use]
    pub fn watched(self, watch: &'a dyn Watch) -> Search<'a> {
        Search { watch, ..self }
    }

    /// How it is done.
    #[must_use]
    pub fn settings(&self) -> &SearchSettings {
        &self.settings
    }

    /// What was tried, by rate, ascending.
    #[must_use]
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// Tries a rate, unless it has been tried.
    ///
    /// # Errors
    /// A run that fails, and requests that arrive at one instant.
    pub fn probe(&mut self, rate_per_s: f64) -> Result<&Probe, CapacityError> {
        let place = self
            .probes
            .binary_search_by(|probe| probe.rate_per_s.total_cmp(&rate_per_s));
        let place = match place {
            Ok(place) => place,
            Err(place) => {
                let probe = self.run(rate_per_s)?;
                self.probes.insert(place, probe);
                place
            }
        };
        Ok(&self.probes[place])
    }

    /// Runs a rate without keeping it as tried.
    pub(super) fn run(&self, rate_per_s: f64) -> Result<Probe, CapacityError> {
        let indices: Vec<u32> = (0..self.settings.replications).collect();
        let planned = self.ran.load(Ordering::Relaxed) + indices.len() as u64;
        let samples = each(indices, |index| {
            if self.watch.stops() {
                return Err(LoadError::Stopped);
            }
            let records = self.system.requests(rate_per_s, index, self.watch)?;
            let ran = self.ran.fetch_add(1, Ordering::Relaxed) + 1;
            self.watch.ran(ran, planned);
            let requests = records.len() as u64;
            Sample::of(&records, &self.settings.slo).ok_or(LoadError::NoRate { requests })
        })?;
        Ok(Probe {
            rate_per_s,
            samples,
            level: self.settings.level,
        })
    }
}

/// The mean of values of replications; there has to be one.
pub(super) fn estimate(values: impl Iterator<Item = f64>, level: Level) -> Estimate {
    let mut replications = Replications::new();
    for value in values {
        replications.push(value, 1);
    }
    let estimate = replications.estimate(level);
    estimate.expect("a search has replications")
}
